"""Drawing a given picture anew: kept like every generated picture, and made again from its recipe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genstudio.core.config import parse
from genstudio.core.errors import ConfigError, DataError
from genstudio.core.recipe import Recipe
from genstudio.generation.given import Given
from genstudio.jobs.given import keep_given, read_given
from genstudio.jobs.keeping import Kept, Plain, device_of, first_recipe, keep, label_number
from genstudio.jobs.loading import load
from genstudio.jobs.prompting import prompt_of, prompted
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Looker, OnDrawing, Told, Watcher, unseen
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RestyleRequest:
    """What to draw anew, uint8 (H, W, C), how far to go from it (0 to 1), and in how many ways.

    See `GenerateRequest` for the rest.
    """

    run: str
    checkpoint: int | None
    picture: "NDArray[np.uint8]"
    strength: float
    count: int
    seed: int
    batch: int
    label: str | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)
    prompt: str | None = None


def restyle(
    ws: Workspace,
    request: RestyleRequest,
    *,
    progress: Told,
    on_samples: Kept,
    cancelled: Callable[[], bool],
    on_drawing: OnDrawing = unseen,
    out: Path | None = None,
) -> list[SampleRecord]:
    """Draw a picture anew, chunk by chunk, and keep what it started from; see `generate` for the rest.

    Raises `FamilyError` when the model cannot, `DataError` when the picture is of another size, `ConfigError` for a
    strength outside 0 to 1, and like `generate`.
    """
    from genstudio.generation.restyle import restyle as restyled

    loaded = load(ws, request.run, request.checkpoint)
    _check(loaded, request.picture, request.strength)
    kept_picture = keep_given(ws.project, _given(request.picture))
    recipe = first_recipe(
        ws, loaded, "image-to-image", request.seed, request.count, request.batch, request.label, request.options
    ).model_copy(update={"extra": {"given": kept_picture, "strength": request.strength}})
    recipe = prompted(loaded, recipe, request.prompt)
    records: list[SampleRecord] = []
    chunks = restyled(
        loaded.learner,
        request.picture,
        strength=request.strength,
        seed=recipe.seed,
        count=recipe.count,
        batch=recipe.batch,
        options=parse(loaded.family.sampling_type, recipe.options),
        label=label_number(loaded, recipe.label),
        device=device_of(loaded),
        watch=Watcher(recipe.count, progress, cancelled),
        look=Looker(on_drawing),
        text=prompt_of(loaded, recipe),
    )
    for chunk in chunks:
        recipes = [recipe.model_copy(update={"index": index}) for index in chunk.indices]
        kept = keep(ws, loaded, chunk.images, recipes, out)
        records += kept
        on_samples(kept)
    return records


def restyled_again(
    ws: Workspace, loaded: Loaded, recipe: Recipe, on_drawing: OnDrawing = unseen
) -> "NDArray[np.uint8]":
    """Make the picture of a recipe again, uint8 (H, W, C). Raises `DataError` when what it came from is gone."""
    from genstudio.generation.restyle import restyle_chunk_of

    picture, strength = read_given(ws.project, recipe.extra.get("given")).picture, recipe.extra.get("strength")
    if not isinstance(strength, float | int):
        raise DataError("The recipe inside this picture does not say how far it went from what it was drawn from.")
    _check(loaded, picture, strength)
    chunk = restyle_chunk_of(
        loaded.learner,
        picture,
        recipe,
        strength=strength,
        options=parse(loaded.family.sampling_type, recipe.options),
        label=label_number(loaded, recipe.label),
        device=device_of(loaded),
        watch=Looker(on_drawing),
        text=prompt_of(loaded, recipe),
    )
    again: NDArray[np.uint8] = chunk.images[recipe.index - chunk.indices.start]
    return again


def _given(picture: "NDArray[np.uint8]") -> Given:
    """A picture of which nothing in particular stays."""
    return Given(picture, np.zeros(picture.shape[:2], dtype=np.bool_))


def _check(loaded: Loaded, picture: "NDArray[np.uint8]", strength: float) -> None:
    spec = loaded.header.spec
    if picture.shape != (spec.height, spec.width, spec.channels):
        raise DataError(
            f"This model draws pictures of {spec.width}×{spec.height} pixels in {spec.channels} channels; "
            "the one given is different."
        )
    if not 0 <= strength <= 1:
        problem = "Choose a strength between 0 (the picture as it is) and 1 (nothing of it)."
        raise ConfigError(problem, {"strength": problem})
