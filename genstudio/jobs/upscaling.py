"""Enlarging a given picture: kept like every generated picture, and made again from its recipe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genstudio.core.config import parse
from genstudio.core.errors import DataError
from genstudio.core.recipe import Recipe
from genstudio.generation.given import Given
from genstudio.jobs.given import keep_given, read_given
from genstudio.jobs.keeping import Kept, Plain, device_of, first_recipe, keep
from genstudio.jobs.loading import load
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Looker, OnDrawing, Told, Watcher, unseen
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PIXELS = 4096 * 4096
"""Pixels of the largest picture that is made."""

_AT_ONCE = 1024 * 1024  # pixels of pictures that are made together, but always one

SMALLEST = 4
"""Pixels a side of the smallest picture that is enlarged."""


@dataclass(frozen=True, eq=False)
class UpscaleRequest:
    """What to enlarge, uint8 (h, w, C) of any size, and in how many ways. See `GenerateRequest` for the rest."""

    run: str
    checkpoint: int | None
    picture: "NDArray[np.uint8]"
    count: int
    seed: int
    batch: int
    options: Mapping[str, Plain] = field(default_factory=dict)


def upscale(
    ws: Workspace,
    request: UpscaleRequest,
    *,
    progress: Told,
    on_samples: Kept,
    cancelled: Callable[[], bool],
    on_drawing: OnDrawing = unseen,
    out: Path | None = None,
) -> list[SampleRecord]:
    """Enlarge a picture, chunk by chunk, and keep what it was made from; see `generate` for the rest.

    Raises `FamilyError` when the model cannot, `DataError` when the picture is too small, would become too large or has
    other channels than the model knows, and like `generate`.
    """
    from genstudio.generation.upscale import factor_of
    from genstudio.generation.upscale import upscale as upscaled

    loaded = load(ws, request.run, request.checkpoint)
    _check(loaded, request.picture)
    factor, (height, width, _) = factor_of(loaded.learner), request.picture.shape
    batch = min(request.batch, max(1, _AT_ONCE // (factor**2 * height * width)))
    recipe = first_recipe(ws, loaded, "upscale", request.seed, request.count, batch, None, request.options)
    given = Given(request.picture, np.zeros(request.picture.shape[:2], dtype=np.bool_))
    recipe = recipe.model_copy(update={"extra": {"given": keep_given(ws.project, given)}})
    records: list[SampleRecord] = []
    chunks = upscaled(
        loaded.learner,
        request.picture,
        seed=recipe.seed,
        count=recipe.count,
        batch=recipe.batch,
        options=parse(loaded.family.sampling_type, recipe.options),
        device=device_of(loaded),
        watch=Watcher(recipe.count, progress, cancelled),
        look=Looker(on_drawing),
    )
    for chunk in chunks:
        recipes = [recipe.model_copy(update={"index": index}) for index in chunk.indices]
        kept = keep(ws, loaded, chunk.images, recipes, out)
        records += kept
        on_samples(kept)
    return records


def upscaled_again(ws: Workspace, loaded: Loaded, recipe: Recipe) -> "NDArray[np.uint8]":
    """Make the picture of a recipe again, uint8 (H, W, C). Raises `DataError` when what it came from is gone."""
    from genstudio.generation.upscale import upscale_chunk_of

    picture = read_given(ws.project, recipe.extra.get("given")).picture
    _check(loaded, picture)
    options = parse(loaded.family.sampling_type, recipe.options)
    chunk = upscale_chunk_of(loaded.learner, picture, recipe, options=options, device=device_of(loaded))
    again: NDArray[np.uint8] = chunk.images[recipe.index - chunk.indices.start]
    return again


def _check(loaded: Loaded, picture: "NDArray[np.uint8]") -> None:
    from genstudio.generation.upscale import factor_of

    factor, (height, width, channels) = factor_of(loaded.learner), picture.shape
    if channels != loaded.header.spec.channels:
        raise DataError(
            f"This model learned pictures in {loaded.header.spec.channels} channels; the one given has {channels}."
        )
    if min(height, width) < SMALLEST:
        raise DataError(f"There is nothing to enlarge in {width} × {height} pixels. Choose a larger picture.")
    if height * width * factor**2 > MOST_PIXELS:
        raise DataError(
            f"Enlarged {factor} times, {width} × {height} pixels would be more than {MOST_PIXELS // 10**6} million. "
            "Choose a smaller picture, or cut it into parts."
        )
