"""The command that orders pictures by how well they fit some words, and names what a picture shows."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.cli.console import Answer, Console, table
from genstudio.cli.pictures import given_picture
from genstudio.cli.workspaces import project_of_run, run_name, workspace
from genstudio.core.errors import ConfigError
from genstudio.generation.export import contact_sheet, read_image, write_png
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.matching import captions_of, match_dataset, match_pictures, match_samples
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Found = Sequence[tuple[str, float, str, NDArray[np.uint8]]]  # name, fit, caption, picture


def match(arguments: argparse.Namespace, console: Console) -> Answer:
    """Order pictures by their fit to words, or name the captions that fit a picture."""
    if (arguments.text is None) == (arguments.picture is None):
        raise ConfigError("Say some words (genstudio match RUN “red heart”), or name one picture with --picture.")
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        run = ws.project.run(run_name(arguments.target)).id
        if arguments.picture is not None:
            return _named(ws, run, arguments)
        found = _found(ws, run, arguments, console)
    sheet = None if arguments.out is None else _sheet(arguments.out, found)
    rows = [("FIT", "PICTURE", "CAPTION"), *((f"{fit:+.3f}", name, caption) for name, fit, caption, _ in found)]
    pictures = [{"picture": name, "fit": fit, "caption": caption} for name, fit, caption, _ in found]
    document: dict[str, Any] = {"text": arguments.text, "pictures": pictures}
    return Answer(table(rows), document | ({} if sheet is None else {"out": sheet}))


def _named(ws: Workspace, run: str, arguments: argparse.Namespace) -> Answer:
    picture = given_picture(ws, run, arguments.picture)
    captions = captions_of(ws, run, picture, checkpoint=arguments.checkpoint, count=arguments.count)
    rows = [("FIT", "CAPTION"), *((f"{fit:+.3f}", caption) for caption, fit in captions)]
    document = {"picture": arguments.picture, "captions": [{"caption": text, "fit": fit} for text, fit in captions]}
    return Answer(table(rows), document)


def _found(ws: Workspace, run: str, arguments: argparse.Namespace, console: Console) -> "Found":
    """The best of the files, samples or pictures of the dataset that were asked for."""
    text, count, checkpoint = arguments.text, arguments.count, arguments.checkpoint
    if arguments.files:
        pictures = [given_picture(ws, run, file) for file in arguments.files]
        places = match_pictures(
            ws, run, text, pictures, checkpoint=checkpoint, progress=console.progress, cancelled=lambda: False
        )
        return [(arguments.files[at], fit, "", pictures[at]) for at, fit in places[:count]]
    if arguments.samples is not None:
        records = ws.project.samples(ws.project.run(arguments.samples).id)
        best = match_samples(
            ws, run, text, records, checkpoint=checkpoint, progress=console.progress, cancelled=lambda: False
        )[:count]
        return [(one.file, fit, "", read_image(ws.project.path(one.file))) for one, fit in best]
    matches = match_dataset(ws, run, text, checkpoint=checkpoint, progress=console.progress, cancelled=lambda: False)[
        :count
    ]
    return [(one.name, one.fit, one.caption, dataset_picture(ws, run, one.place)) for one in matches]


def _sheet(file: Path, found: "Found") -> str:
    """Write the pictures side by side, the best first."""
    if file.suffix.lower() != ".png":
        raise ConfigError(f"The sheet is written as PNG: name it {file.stem}.png.")
    if len({picture.shape for *_, picture in found}) > 1:
        raise ConfigError("These pictures are not of one size, so that no sheet can be laid out. Leave out --out.")
    make_folder(file.parent)
    with sentences(file):
        write_png(file, contact_sheet([picture for *_, picture in found]), None)
    return str(file)
