"""Keeping what was found in a latent space: each picture with a recipe that makes it again, bit by bit."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.config import parse
from genstudio.core.errors import DataError
from genstudio.core.recipe import Recipe
from genstudio.generation.points import Point, packed
from genstudio.jobs.keeping import device_of, first_recipe, keep
from genstudio.jobs.prompting import prompted
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.space import EXPLORED, LatentSpace, point_of
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONGEST_ABOUT = 300


def keep_points(
    ws: Workspace, space: LatentSpace, points: Sequence[Point], out: Path | None = None
) -> list[SampleRecord]:
    """Draw the pictures at points, each alone, and keep them as samples; with `out`, copies are put there.

    A recipe holds the latent itself, so that it needs neither the data nor the map it was found on. Raises
    `FamilyError` when a latent is too large for that, and like `generate`.
    """
    import numpy as np

    loaded = space.loaded()
    recipes = [_recipe(ws, loaded, point) for point in points]
    images = np.concatenate([space.decode([point]) for point in points])
    return keep(ws, loaded, images, recipes, out)


def explored_again(loaded: Loaded, recipe: Recipe) -> "NDArray[np.uint8]":
    """Draw the picture of an explored recipe again, uint8 (H, W, C). Raises `DataError` for an impossible one."""
    import numpy as np

    from genstudio.generation.latents import decode_points, draw_points

    point = point_of(loaded, recipe)
    options, device = parse(loaded.family.sampling_type, recipe.options), device_of(loaded)
    own = draw_points(loaded.learner, [(0, 0)], options=options, label=point.label, device=device)[0]
    if own.latent.shape != point.latent.shape:
        raise DataError("The recipe inside this picture belongs to another model.")
    images = decode_points(loaded.learner, [point], options=options, device=device)
    return np.ascontiguousarray(images[0])


def _recipe(ws: Workspace, loaded: Loaded, point: Point) -> Recipe:
    seed, index = point.stream
    label = None if point.label is None else loaded.header.spec.classes[point.label]
    extra = {**packed(point.latent), "stream": index, "about": point.about[:_LONGEST_ABOUT]}
    recipe = first_recipe(ws, loaded, EXPLORED, seed, 1, 1, label, {})
    return prompted(loaded, recipe.model_copy(update={"extra": extra}), point.text)
