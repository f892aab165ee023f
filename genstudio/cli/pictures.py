"""Commands about given pictures: complete, restyle, upscale, surprise, rank."""

import argparse
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.cli.console import Answer, Console, table
from genstudio.cli.workspaces import pairs, project_of_run, run_name, workspace
from genstudio.core import words
from genstudio.generation.export import write_png
from genstudio.generation.given import Given, Mask, keep
from genstudio.generation.heat import full_scale, heat
from genstudio.jobs import completing, restyling, upscaling
from genstudio.jobs.given import dataset_picture, mask_of, picture_of, whole_picture_of
from genstudio.jobs.scoring import Ranked, rank_run, surprise_of
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.generation.surprise import Surprise

_PLACE = re.compile(r"data:(\d{1,9})")
_HEAT_EDGE = 256
_SHOWN = 8


def complete(arguments: argparse.Namespace, console: Console) -> Answer:
    """Finish a picture in several ways; the completions are kept in the project and, with --out, in a folder too."""
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        run = ws.project.run(run_name(arguments.target)).id
        picture = given_picture(ws, run, arguments.image)
        request = completing.CompleteRequest(
            run=run,
            checkpoint=arguments.checkpoint,
            given=Given(picture, _mask(ws, run, arguments, picture.shape[0], picture.shape[1])),
            count=arguments.count,
            seed=arguments.seed,
            batch=min(arguments.batch, arguments.count),
            label=arguments.label,
            options=dict(pairs(arguments.set)),
            prompt=arguments.prompt,
        )
        made = completing.complete(
            ws,
            request,
            progress=console.share,
            on_samples=lambda _: None,
            cancelled=lambda: False,
            out=arguments.out,
        )
        return _completed(ws, made, arguments.out)


def _completed(ws: Workspace, made: completing.Completed, out: Path | None) -> Answer:
    answer = _made(ws, made.samples, "Completed", out)
    return Answer(f"{answer.text}\n{made.note}".rstrip(), answer.document | {"note": made.note})


def _made(ws: Workspace, samples: list[SampleRecord], done: str, out: Path | None) -> Answer:
    files = [str(ws.project.folder / sample.file) for sample in samples]
    place = out if out is not None else Path(files[0]).parent
    document: dict[str, Any] = {"samples": files, "count": len(files)}
    if out is not None:
        document["out"] = [str(out / Path(file).name) for file in files]
    return Answer(f"{done} the picture in {len(files):,} ways in {place}", document)


def restyle(arguments: argparse.Namespace, console: Console) -> Answer:
    """Draw a picture anew in several ways; they are kept in the project and, with --out, in a folder too."""
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        run = ws.project.run(run_name(arguments.target)).id
        request = restyling.RestyleRequest(
            run=run,
            checkpoint=arguments.checkpoint,
            picture=given_picture(ws, run, arguments.image),
            strength=arguments.strength,
            count=arguments.count,
            seed=arguments.seed,
            batch=min(arguments.batch, arguments.count),
            label=arguments.label,
            options=dict(pairs(arguments.set)),
            prompt=arguments.prompt,
        )
        made = restyling.restyle(
            ws,
            request,
            progress=console.share,
            on_samples=lambda _: None,
            cancelled=lambda: False,
            out=arguments.out,
        )
        return _made(ws, made, "Restyled", arguments.out)


def upscale(arguments: argparse.Namespace, console: Console) -> Answer:
    """Enlarge pictures; they are kept in the project and, with --out, in a folder too."""
    made: list[SampleRecord] = []
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        run = ws.project.run(run_name(arguments.target)).id
        small = [_whole_picture(ws, run, image) for image in arguments.images]
        for number, picture in enumerate(small):
            request = upscaling.UpscaleRequest(
                run=run,
                checkpoint=arguments.checkpoint,
                picture=picture,
                count=arguments.count,
                seed=arguments.seed,
                batch=min(arguments.batch, arguments.count),
                options=dict(pairs(arguments.set)),
            )
            made += upscaling.upscale(
                ws,
                request,
                progress=partial(_share_of, console, number, len(small)),
                on_samples=lambda _: None,
                cancelled=lambda: False,
                out=arguments.out,
            )
        return _enlarged(ws, made, arguments.out)


def _share_of(console: Console, number: int, whole: int, done: int, total: int) -> None:
    console.share(number * total + done, whole * total)


def _enlarged(ws: Workspace, made: list[SampleRecord], out: Path | None) -> Answer:
    files = [ws.project.path(sample.file) for sample in made]
    copies = files if out is None else [out / file.name for file in files]
    rows = [("WIDTH", "HEIGHT", "FILE")]
    rows += [(str(sample.width), str(sample.height), str(file)) for sample, file in zip(made, copies, strict=True)]
    document: dict[str, Any] = {"samples": [str(file) for file in files], "count": len(files)}
    return Answer(table(rows), document | ({} if out is None else {"out": [str(file) for file in copies]}))


def surprise(arguments: argparse.Namespace, console: Console) -> Answer:
    """Say how unlikely pictures are; with --out, write a heat map of each that shows where."""
    import numpy as np

    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        run = ws.project.run(run_name(arguments.target)).id
        images = np.stack([given_picture(ws, run, image) for image in arguments.images])
        found = surprise_of(
            ws,
            run,
            images,
            checkpoint=arguments.checkpoint,
            label=arguments.label,
            progress=console.progress,
            cancelled=lambda: False,
        )
    most = full_scale(found.maps)
    maps = [] if arguments.out is None else _write_maps(found, arguments.images, most, arguments.out)
    return _surprise_answer(found, arguments.images, maps, most)


def _write_maps(found: "Surprise", images: list[str], most: float, out: Path) -> list[str]:
    files = [out / f"{number:03d}-{_stem(image)}-surprise.png" for number, image in enumerate(images, 1)]
    make_folder(out)
    for file, values in zip(files, found.maps, strict=True):
        times = max(1, _HEAT_EDGE // max(values.shape))
        with sentences(file):
            write_png(file, heat(values, most).repeat(times, 0).repeat(times, 1), None)
    return [str(file) for file in files]


def _stem(image: str) -> str:
    return image.replace(":", "-") if _PLACE.fullmatch(image) else Path(image).stem


def _surprise_answer(found: "Surprise", images: list[str], maps: list[str], most: float) -> Answer:
    rows = [("PICTURE", "BITS PER DIMENSION", "NATS")]
    pictures: list[dict[str, object]] = []
    for number, (image, bits, nats) in enumerate(zip(images, found.bits_per_dim, found.nats, strict=True)):
        rows.append((image, words.figure(float(bits)), words.figure(float(nats))))
        picture = {"image": image, "bits_per_dim": float(bits), "nats": float(nats)}
        pictures.append(picture | ({"map": maps[number]} if maps else {}))
    text = table(rows)
    if maps:
        text += f"\nHeat maps are in {Path(maps[0]).parent}; the lightest colour stands for {most:.1f} bits or more."
    return Answer(text, {"pictures": pictures, "most_bits": most})


def rank(arguments: argparse.Namespace, console: Console) -> Answer:
    """Order the pictures of a run's dataset by how likely they are."""
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        ranked = rank_run(
            ws,
            ws.project.run(run_name(arguments.target)).id,
            checkpoint=arguments.checkpoint,
            limit=arguments.limit,
            progress=console.progress,
            cancelled=lambda: False,
        )
    text = "\n\n".join(
        f"{title}\n{_ranking(some)}"
        for title, some in (
            ("Most likely", ranked[:_SHOWN]),
            ("Least likely, the least first", ranked[: -_SHOWN - 1 : -1]),
        )
    )
    return Answer(text, {"pictures": [one.__dict__ for one in ranked]})


def _ranking(ranked: list[Ranked]) -> str:
    rows = [("BITS PER DIMENSION", "PICTURE", "LABEL", "AS")]
    rows += [(words.figure(one.bits_per_dim), one.name, one.label, f"data:{one.place}") for one in ranked]
    return table(rows)


def given_picture(ws: Workspace, run: str, image: str) -> "NDArray[np.uint8]":
    """A picture file, or `data:12` for a place in the run's dataset."""
    place = _PLACE.fullmatch(image)
    return dataset_picture(ws, run, int(place[1])) if place else picture_of(ws, run, Path(image))


def _whole_picture(ws: Workspace, run: str, image: str) -> "NDArray[np.uint8]":
    """A picture file at its own size, or `data:12` for a place in the run's dataset."""
    place = _PLACE.fullmatch(image)
    return dataset_picture(ws, run, int(place[1])) if place else whole_picture_of(ws, run, Path(image))


def _mask(ws: Workspace, run: str, arguments: argparse.Namespace, height: int, width: int) -> Mask:
    if arguments.mask is not None:
        return mask_of(ws, run, arguments.mask)
    return keep(arguments.keep, height, width)
