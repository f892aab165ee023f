"""The command that finds odd pictures."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.cli.console import Answer, Console, table
from genstudio.cli.pictures import given_picture
from genstudio.cli.workspaces import project_of_run, run_name, workspace
from genstudio.generation.export import write_png
from genstudio.generation.heat import full_scale, heat
from genstudio.jobs.oddities import Oddities, Usual, find_oddities, judge_pictures
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEAT_EDGE = 256


def oddities(arguments: argparse.Namespace, console: Console) -> Answer:
    """Order a run's pictures by how odd they are, or judge given ones; with --out, write heat maps too."""
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        run = ws.project.run(run_name(arguments.target)).id
        if arguments.image:
            return _judged(ws, run, arguments, console)
        found = find_oddities(
            ws,
            run,
            checkpoint=arguments.checkpoint,
            limit=arguments.limit,
            shown=arguments.count,
            quantile=arguments.quantile,
            odd=arguments.odd,
            against=arguments.against,
            progress=console.progress,
            cancelled=lambda: False,
        )
    files = [f"{number:03d}-{Path(one.name).stem}-oddity.png" for number, one in enumerate(found.oddest, 1)]
    maps = _write_maps(arguments.out, files, [one.map for one in found.oddest])
    return Answer(_ranking(found), _document(found, maps))


def _judged(ws: Workspace, run: str, arguments: argparse.Namespace, console: Console) -> Answer:
    import numpy as np

    images = np.stack([given_picture(ws, run, image) for image in arguments.image])
    judged, usual = judge_pictures(
        ws,
        run,
        images,
        checkpoint=arguments.checkpoint,
        quantile=arguments.quantile,
        progress=console.progress,
        cancelled=lambda: False,
    )
    files = [f"{number:03d}-{Path(image).stem}-oddity.png" for number, image in enumerate(arguments.image, 1)]
    maps = _write_maps(arguments.out, files, [one.map for one in judged])
    rows = [("score", "usual pictures as odd", "", "picture")]
    rows += [
        (f"{one.score:,.1f}", f"{one.share_above:.1%}", "odd" if one.odd else "usual", image)
        for one, image in zip(judged, arguments.image, strict=True)
    ]
    pictures = [
        {"image": image, "score": one.score, "odd": one.odd, "share_above": one.share_above, "map": file}
        for one, image, file in zip(judged, arguments.image, maps, strict=True)
    ]
    return Answer(f"{table(rows)}\n{_about(usual)}", _usual(usual) | {"pictures": pictures})


def _write_maps(out: Path | None, files: list[str], maps: "list[NDArray[np.float32]]") -> list[str | None]:
    """Write heat maps on one scale; returns where, or None for each without a folder to write to."""
    import numpy as np

    if out is None or not maps:
        return [None for _ in files]
    make_folder(out)
    most = full_scale(np.stack(maps))
    for file, values in zip(files, maps, strict=True):
        times = max(1, _HEAT_EDGE // max(values.shape))
        with sentences(out / file):
            write_png(out / file, heat(values, most).repeat(times, 0).repeat(times, 1), None)
    return [str(out / file) for file in files]


def _ranking(found: Oddities) -> str:
    rows = [("score", "", "label", "picture")]
    rows += [
        (f"{one.score:,.1f}", "odd" if one.score > found.usual.threshold else "", one.label, one.name)
        for one in found.oddest
    ]
    lines = [table(rows), f"{found.above:,} of {found.looked_at:,} pictures are over the threshold."]
    if found.told is not None:
        lines.append(f"Odd pictures score higher than usual ones {found.told.area:.1%} of the time (AUC).")
    return "\n".join([*lines, _about(found.usual)])


def _about(usual: Usual) -> str:
    said = (
        f"Threshold {usual.threshold:,.1f}: {usual.quantile:.0%} of {len(usual.scores):,} held-out pictures stay below."
    )
    return f"{said}\nThe score: {usual.meaning}"


def _usual(usual: Usual) -> dict[str, Any]:
    return {
        "threshold": usual.threshold,
        "quantile": usual.quantile,
        "heldout": len(usual.scores),
        "meaning": usual.meaning,
    }


def _document(found: Oddities, maps: list[str | None]) -> dict[str, Any]:
    pictures = [
        {
            "place": one.place,
            "name": one.name,
            "label": one.label,
            "score": one.score,
            "odd": one.score > found.usual.threshold,
            "trained_on": one.seen,
            "map": file,
        }
        for one, file in zip(found.oddest, maps, strict=True)
    ]
    more: dict[str, Any] = {"looked_at": found.looked_at, "above": found.above, "pictures": pictures}
    if found.told is not None:
        more["auc"] = found.told.area
        more["roc"] = [found.told.false_alarms.tolist(), found.told.found.tolist()]
    return _usual(found.usual) | more
