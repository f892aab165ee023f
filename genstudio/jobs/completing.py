"""Finishing a picture of which a part is given: kept like every generated picture, and made again from its recipe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.config import parse
from genstudio.core.errors import ConfigError, DataError
from genstudio.core.recipe import Recipe
from genstudio.generation.given import Given, Mask
from genstudio.jobs.given import keep_given, read_given
from genstudio.jobs.keeping import Kept, Plain, device_of, first_recipe, keep, label_number
from genstudio.jobs.loading import load
from genstudio.jobs.prompting import prompt_of, prompted
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Looker, OnDrawing, Told, Watcher, unseen
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class CompleteRequest:
    """What to complete, and in how many ways. See `GenerateRequest` for the rest."""

    run: str
    checkpoint: int | None
    given: Given
    count: int
    seed: int
    batch: int
    label: str | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)
    prompt: str | None = None


@dataclass(frozen=True)
class Completed:
    """What came of it. `note` says in a sentence what the model did where it could not be exact, else nothing."""

    samples: list[SampleRecord]
    note: str


def complete(
    ws: Workspace,
    request: CompleteRequest,
    *,
    progress: Told,
    on_samples: Kept,
    cancelled: Callable[[], bool],
    on_drawing: OnDrawing = unseen,
    out: Path | None = None,
) -> Completed:
    """Complete a picture, chunk by chunk, and keep what it started from; see `generate` for the rest.

    Raises `FamilyError` when the model cannot, `DataError` when the picture is of another size, `ConfigError` when
    nothing is left to draw, and like `generate`.
    """
    from genstudio.generation.complete import complete as completions
    from genstudio.generation.complete import completion_note

    loaded = load(ws, request.run, request.checkpoint)
    _check(loaded, request.given)
    note = completion_note(loaded.learner, request.given.known)
    recipe = first_recipe(
        ws, loaded, "complete", request.seed, request.count, request.batch, request.label, request.options
    ).model_copy(update={"extra": {"given": keep_given(ws.project, request.given)}})
    recipe = prompted(loaded, recipe, request.prompt)
    records: list[SampleRecord] = []
    chunks = completions(
        loaded.learner,
        request.given,
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
    return Completed(records, note)


def completed_again(
    ws: Workspace, loaded: Loaded, recipe: Recipe, on_drawing: OnDrawing = unseen
) -> "NDArray[np.uint8]":
    """Make the completion of a recipe again, uint8 (H, W, C). Raises `DataError` when what it came from is gone."""
    from genstudio.generation.complete import complete_chunk_of

    given = read_given(ws.project, recipe.extra.get("given"))
    _check(loaded, given)
    chunk = complete_chunk_of(
        loaded.learner,
        given,
        recipe,
        options=parse(loaded.family.sampling_type, recipe.options),
        label=label_number(loaded, recipe.label),
        device=device_of(loaded),
        watch=Looker(on_drawing),
        text=prompt_of(loaded, recipe),
    )
    again: NDArray[np.uint8] = chunk.images[recipe.index - chunk.indices.start]
    return again


def note_of(ws: Workspace, run: str, checkpoint: int | None, known: Mask) -> str:
    """Say what a run does for a mask that it cannot treat exactly, else nothing. For the device's thread."""
    from genstudio.generation.complete import completion_note

    return completion_note(load(ws, run, checkpoint).learner, known)


def _check(loaded: Loaded, given: Given) -> None:
    spec = loaded.header.spec
    wanted = (spec.height, spec.width, spec.channels)
    if given.picture.shape != wanted or given.known.shape != wanted[:2]:
        raise DataError(
            f"This model completes pictures of {spec.width}×{spec.height} pixels in {spec.channels} channels; "
            "the one given is different."
        )
    if given.known.all():
        problem = "Every pixel is kept, so that nothing is left to draw. Keep less of the picture."
        raise ConfigError(problem, {"keep": problem})
