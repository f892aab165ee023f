"""Commands about latent spaces: map, walk, grid, direction."""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.cli.console import Answer, Console, table
from genstudio.cli.workspaces import project_of_run, run_name, workspace
from genstudio.core.errors import ConfigError, GenStudioError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import contact_sheet, read_film_recipe, read_image, read_recipe, write_png
from genstudio.generation.points import Point
from genstudio.generation.video import SUFFIXES, video_problem, write_film
from genstudio.jobs.given import dataset_picture, picture_of
from genstudio.jobs.scenes import SCENES, scene_points, scene_recipe
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.surveying import Survey, chosen_by_label, map_of, survey_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.generation.paths import Pace

_STOP = re.compile(r"(seed|data):(\d{1,10})")
_MAP_EDGE, _THUMB = 1600, 32
_AT_ONCE = 64


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[tuple[Workspace, LatentSpace]]:
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        run = ws.project.run(run_name(arguments.target)).id
        yield ws, LatentSpace.open(ws, run, arguments.checkpoint)


def draw_map(arguments: argparse.Namespace, console: Console) -> Answer:
    """Say where the pictures of a run lie; with --out, paint the map."""
    with _opened(arguments) as (ws, space):
        survey = _surveyed(ws, space, console, arguments.limit, space.words(arguments.prompt))
        console.say("Drawing the map.")
        found = map_of(ws, space, survey, arguments.layout)
        out = arguments.out
        if out is not None:
            _write(out, _painted(survey, found.places))
    pictures = [
        {"name": survey.names[i], "label": survey.label(i), "place": [float(x), float(y)]}
        for i, (x, y) in enumerate(found.places)
    ]
    document: dict[str, Any] = {"source": survey.source, "layout": arguments.layout, "pictures": pictures}
    text = f"{len(survey):,} pictures have a place on the map"
    return Answer(f"{text}, painted in {out}" if out else f"{text}.", document | ({"out": str(out)} if out else {}))


def walk(arguments: argparse.Namespace, console: Console) -> Answer:
    """Go past several pictures and write the way as a film."""
    out: Path = arguments.out
    problem = video_problem() if out.suffix.lower() == ".mp4" else ""
    if out.suffix.lower() not in SUFFIXES or problem:
        raise GenStudioError(problem or f"A film is written as .mp4 or .gif, not as “{out.name}”.")
    with _opened(arguments) as (ws, space):
        from genstudio.generation.paths import walk as way

        stops = _stops(ws, space, arguments, arguments.at, arguments.stops)
        pace: Pace = "resting" if arguments.rest else "even"
        points = way(stops, arguments.frames, closed=arguments.loop, pace=pace)
        frames = _drawn(space, points, console)
        how: dict[str, str | int | float | bool] = {
            "frames": arguments.frames,
            "closed": arguments.loop,
            "pace": str(pace),
            "fps": arguments.fps,
        }
        recipe = scene_recipe(ws, space, "explore-walk", stops, how)
    make_folder(out.absolute().parent)
    with sentences(out):
        write_film(out, list(frames), fps=arguments.fps, edge=arguments.size, smooth=arguments.smooth, recipe=recipe)
    named = [stop.about for stop in stops]
    return Answer(
        f"{len(frames):,} frames past {len(stops)} pictures ({', '.join(named)}) are in {out}",
        {"out": str(out), "frames": len(frames), "fps": arguments.fps, "loop": arguments.loop, "stops": named},
    )


def grid(arguments: argparse.Namespace, console: Console) -> Answer:
    """Fill a square between four corners and write it as one picture."""
    with _opened(arguments) as (ws, space):
        from genstudio.generation.paths import grid as square

        corners = _stops(ws, space, arguments, arguments.at, 4)
        if len(corners) != 4:
            raise ConfigError(f"A grid has four corners; {len(corners)} pictures were named with --at.")
        images = _drawn(space, square(corners, arguments.side), console)
        recipe = scene_recipe(ws, space, "explore-grid", corners, {"side": arguments.side})
    _write(arguments.out, contact_sheet(list(images), arguments.side), recipe)
    named = [corner.about for corner in corners]
    return Answer(
        f"{arguments.side}×{arguments.side} pictures between {', '.join(named)} are in {arguments.out}",
        {"out": str(arguments.out), "side": arguments.side, "corners": named},
    )


def direction(arguments: argparse.Namespace, console: Console) -> Answer:
    """Go from a picture towards a label, and away from it; the pictures are kept in the project."""
    import numpy as np

    from genstudio.generation.directions import direction as find
    from genstudio.generation.directions import moved
    from genstudio.jobs.exploring import keep_points

    with _opened(arguments) as (ws, space):
        base = _stops(ws, space, arguments, [arguments.at] if arguments.at else [], 1)[0]
        survey = _surveyed(ws, space, console, arguments.limit)
        found = find(survey.latents, chosen_by_label(survey, arguments.label), arguments.kind)
        amounts = [float(amount) for amount in np.linspace(-arguments.sigmas, arguments.sigmas, arguments.count)]
        points = [
            base.at(moved(base.flat, [found], [amount]), f"{base.about} → {arguments.label} {amount:+.2f}")
            for amount in amounts
        ]
        records = keep_points(ws, space, points)
        files = [str(ws.project.folder / record.file) for record in records]
        if arguments.out is not None:
            _write(arguments.out, contact_sheet([read_image(Path(file)) for file in files], len(files)))
    rows = [("SIGMAS", "PICTURE"), *((f"{amount:+.2f}", file) for amount, file in zip(amounts, files, strict=True))]
    document = {"label": arguments.label, "sigma": found.sigma, "sigmas": amounts, "samples": files}
    return Answer(table(rows), document | ({"out": str(arguments.out)} if arguments.out else {}))


def _surveyed(ws: Workspace, space: LatentSpace, console: Console, limit: int, text: str | None = None) -> Survey:
    return survey_run(ws, space, limit=limit, text=text, progress=console.progress, cancelled=lambda: False)


def _stops(
    ws: Workspace, space: LatentSpace, arguments: argparse.Namespace, named: list[str], count: int
) -> list[Point]:
    """The pictures named, or as many samples of a seed, drawn by the words of --prompt, or without it by their own.

    A grid or a walk made here names all it was made from.
    """
    text, seed = space.words(arguments.prompt), arguments.seed
    if not named:
        points = space.draw([(seed, index) for index in range(count)], text=text)
        return [_named(point, f"seed {seed} picture {index + 1}") for index, point in enumerate(points)]
    points = _scene(space, Path(named[0])) if len(named) == 1 else []
    points = points or [_stop(ws, space, name, text) for name in named]
    return points if text is None else [point.saying(text) for point in points]


def _scene(space: LatentSpace, file: Path) -> list[Point]:
    """What a grid or a walk of this run was made from; nothing for any other file."""
    readers = {".png": read_recipe, ".gif": read_film_recipe}
    reader = readers.get(file.suffix.lower())
    recipe = reader(file) if reader is not None and file.is_file() else None
    if recipe is None or recipe.ability not in SCENES or recipe.run != space.checkpoint.run:
        return []
    return scene_points(recipe)


def _stop(ws: Workspace, space: LatentSpace, name: str, text: str | None) -> Point:
    found = _STOP.fullmatch(name)
    if found and found[1] == "seed":
        number = int(found[2])
        if number >= 2**32:
            raise ConfigError("Choose a seed between 0 and 4,294,967,295.")
        return _named(space.draw([(number, 0)], text=text)[0], name)
    if found:
        return space.project(dataset_picture(ws, space.checkpoint.run, int(found[2])), about=name)
    file = Path(name)
    recipe = read_recipe(file) if file.suffix.lower() == ".png" and file.is_file() else None
    if recipe is not None and recipe.run == space.checkpoint.run:
        return space.of_sample(recipe, read_image(file), file.name)
    return space.project(picture_of(ws, space.checkpoint.run, file), about=file.name)


def _named(point: Point, about: str) -> Point:
    return point.at(point.latent, about)


def _drawn(space: LatentSpace, points: list[Point], console: Console) -> "NDArray[np.uint8]":
    import numpy as np

    images = []
    for start in range(0, len(points), _AT_ONCE):
        images.append(space.decode(points[start : start + _AT_ONCE]))
        console.progress(min(start + _AT_ONCE, len(points)), len(points))
    return np.concatenate(images)


def _painted(survey: Survey, places: "NDArray[np.float32]") -> "NDArray[np.uint8]":
    """Every picture at its place, small, on white; where they crowd, one is left of several."""
    import numpy as np

    from genstudio.generation.video import enlarged

    height, width, channels = enlarged(survey.pictures[0], _THUMB).shape
    low, high = places.min(0), places.max(0)
    spots = (places - low) / max(float((high - low).max()), 1e-6) * (_MAP_EDGE - max(height, width))
    sheet = np.full((_MAP_EDGE, _MAP_EDGE, channels), 0 if channels == 4 else 255, np.uint8)
    cells = np.round(spots / np.array([width, height])).astype(int)
    _, first = np.unique(cells, axis=0, return_index=True)
    for index in first:
        left, top = (int(side) for side in cells[index] * np.array([width, height]))
        if left + width <= _MAP_EDGE and top + height <= _MAP_EDGE:
            sheet[top : top + height, left : left + width] = enlarged(survey.pictures[index], _THUMB)
    return sheet


def _write(out: Path, image: "NDArray[np.uint8]", recipe: Recipe | None = None) -> None:
    make_folder(out.absolute().parent)
    with sentences(out):
        write_png(out, image, recipe)
