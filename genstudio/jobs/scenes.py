"""Grids and walks as files: the recipe of the whole of one, so that what it was made from can be had back."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from genstudio.core.errors import DataError
from genstudio.core.recipe import Recipe
from genstudio.generation.points import MOST_NUMBERS, Point, packed, unpacked
from genstudio.jobs.keeping import first_recipe
from genstudio.jobs.prompting import LONGEST
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.workspace import Workspace

Scene = Literal["explore-grid", "explore-walk"]
SCENES = ("explore-grid", "explore-walk")
"""The abilities written into recipes of exported grids and walks."""

_MOST_POINTS = 64
_LONGEST_ABOUT = 100


def scene_recipe(
    ws: Workspace,
    space: LatentSpace,
    scene: Scene,
    points: Sequence[Point],
    how: Mapping[str, str | int | float | bool],
) -> Recipe | None:
    """The recipe of a grid (its corners) or a walk (its stops); `how` is what else it takes to draw it.

    None when the points are too large to be written into a picture. For the device's thread.
    """
    latents = np.stack([point.latent for point in points])
    if len(points) > _MOST_POINTS or latents.size > MOST_NUMBERS:
        return None
    labels = ",".join("" if point.label is None else str(point.label) for point in points)
    streams = ",".join(f"{seed}:{index}" for seed, index in (point.stream for point in points))
    abouts = _written([point.about[:_LONGEST_ABOUT] for point in points])
    extra = {**packed(latents), "labels": labels, "streams": streams, "abouts": abouts, **how}
    if any(point.text for point in points):
        extra["prompts"] = _written([point.text or "" for point in points])
    return first_recipe(ws, space.loaded(), scene, 0, 1, 1, None, {}).model_copy(update={"extra": extra})


def scene_points(recipe: Recipe) -> list[Point]:
    """The corners or stops that a recipe names. Raises `DataError`: it may come out of somebody else's file."""
    latents = unpacked(recipe.extra)
    try:
        labels = [None if text == "" else int(text) for text in str(recipe.extra["labels"]).split(",")]
        streams = [_stream(text) for text in str(recipe.extra["streams"]).split(",")]
        abouts = _lines(recipe.extra["abouts"])
        prompts = _lines(recipe.extra["prompts"]) if "prompts" in recipe.extra else [""] * len(abouts)
        if not len(latents) == len(labels) == len(streams) == len(abouts) == len(prompts) <= _MOST_POINTS:
            raise ValueError
        if max(map(len, prompts)) > LONGEST:
            raise ValueError
    except (KeyError, ValueError, binascii.Error):
        raise DataError("The recipe inside this file names no points of a model: it was changed.") from None
    named = zip(latents, labels, streams, abouts, prompts, strict=True)
    return [Point(latent.copy(), label, stream, about, text or None) for latent, label, stream, about, text in named]


def _written(texts: Sequence[str]) -> str:
    lines = "\n".join(text.replace("\n", " ") for text in texts)
    return base64.b64encode(lines.encode()).decode()


def _lines(written: object) -> list[str]:
    return base64.b64decode(str(written), validate=True).decode().split("\n")


def _stream(text: str) -> tuple[int, int]:
    seed, index = (int(part) for part in text.split(":"))
    if not (0 <= seed < 2**32 and 0 <= index < 2**32):
        raise ValueError
    return seed, index
