"""Pictures from trained runs: each with its recipe inside and a row in the project."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.config import parse
from genstudio.core.errors import CheckpointError, DataError
from genstudio.core.recipe import Recipe
from genstudio.jobs.completing import completed_again
from genstudio.jobs.exploring import explored_again
from genstudio.jobs.keeping import MOST_AT_ONCE, Kept, Plain, device_of, first_recipe, keep, label_number
from genstudio.jobs.likeness import LIKE, embedding_of
from genstudio.jobs.loading import load
from genstudio.jobs.prompting import PROMPT_B, prompt_of, prompted
from genstudio.jobs.restyling import restyled_again
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.space import EXPLORED
from genstudio.jobs.upscaling import upscaled_again
from genstudio.jobs.watching import Looker, OnDrawing, Told, Watcher, never, unseen, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.training.learner import Watch


_ENDS = ("seed_a", "seed_b", "index_a", "index_b")


@dataclass(frozen=True)
class GenerateRequest:
    """What to generate. `checkpoint` is its reading of images seen (None: the newest), `label` a class name.

    like: the place of a picture in the run's data, whose embedding tells what to draw; None for none. prompt: what to
    draw in words, None or empty for nothing in particular.
    """

    run: str
    checkpoint: int | None
    count: int
    seed: int
    batch: int
    label: str | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)
    like: int | None = None
    prompt: str | None = None


@dataclass(frozen=True)
class InterpolateRequest:
    """A walk in `steps` pictures from one sample to another, each named by its seed, its index there and its label.

    prompt: what to draw in words at the first; prompt_b: at the other, None for the same.
    """

    run: str
    checkpoint: int | None
    seed_a: int
    seed_b: int
    steps: int
    label: str | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)
    index_a: int = 0
    index_b: int = 0
    label_b: str | None = None
    prompt: str | None = None
    prompt_b: str | None = None

    @property
    def ends(self) -> dict[str, Plain]:
        """What a recipe says of the two ends."""
        return {
            "seed_a": self.seed_a,
            "seed_b": self.seed_b,
            "index_a": self.index_a,
            "index_b": self.index_b,
            "label_b": self.label_b,
        }


def generate(
    ws: Workspace,
    request: GenerateRequest,
    *,
    progress: Told,
    on_samples: Kept,
    cancelled: Callable[[], bool],
    on_drawing: OnDrawing = unseen,
    out: Path | None = None,
) -> list[SampleRecord]:
    """Generate pictures, chunk by chunk; those of finished chunks are kept even when it is cancelled or fails.

    `on_samples` hears of every chunk once it is committed, `on_drawing` sees it grow where the family shows that; with
    `out`, copies are put there under the same file names. Raises `CheckpointError`, `ConfigError`, `DiskFullError` or
    `Cancelled`.
    """
    from genstudio.generation.sample import sample

    loaded = load(ws, request.run, request.checkpoint)
    recipe = first_recipe(
        ws, loaded, "sample", request.seed, request.count, request.batch, request.label, request.options
    )
    if request.like is not None:
        recipe = recipe.model_copy(update={"extra": {LIKE: request.like}})
    recipe = prompted(loaded, recipe, request.prompt)
    records: list[SampleRecord] = []
    chunks = sample(
        loaded.learner,
        seed=recipe.seed,
        count=recipe.count,
        batch=recipe.batch,
        options=parse(loaded.family.sampling_type, recipe.options),
        label=label_number(loaded, recipe.label),
        device=device_of(loaded),
        watch=Watcher(recipe.count, progress, cancelled),
        look=Looker(on_drawing),
        embedding=embedding_of(ws, loaded, recipe),
        text=prompt_of(loaded, recipe),
    )
    for chunk in chunks:
        recipes = [recipe.model_copy(update={"index": index}) for index in chunk.indices]
        kept = keep(ws, loaded, chunk.images, recipes, out)
        records += kept
        on_samples(kept)
    return records


def interpolate(
    ws: Workspace,
    request: InterpolateRequest,
    *,
    progress: Told,
    on_samples: Kept,
    cancelled: Callable[[], bool],
    out: Path | None = None,
) -> list[SampleRecord]:
    """Generate a walk between two seeds; all of it or nothing is kept. Raises like `generate`."""
    loaded = load(ws, request.run, request.checkpoint)
    recipe = first_recipe(
        ws, loaded, "interpolate", request.seed_a, request.steps, request.steps, request.label, request.options
    ).model_copy(update={"extra": request.ends})
    recipe = prompted(loaded, prompted(loaded, recipe, request.prompt), request.prompt_b, PROMPT_B)
    images = _walk(loaded, recipe, Watcher(recipe.count, progress, cancelled))
    recipes = [recipe.model_copy(update={"index": index}) for index in range(len(images))]
    records = keep(ws, loaded, images, recipes, out)
    progress(len(records), len(records))
    on_samples(records)
    return records


def make_again(ws: Workspace, recipe: Recipe, *, on_drawing: OnDrawing = unseen) -> "NDArray[np.uint8]":
    """Make the picture of a recipe again, uint8 (H, W, C): on the same machine, the same pixels.

    `on_drawing` sees its chunk grow where the family shows that. Raises `CheckpointError` when its run or checkpoint is
    not in this project any more, or is not the same, and `DataError` for a recipe that nothing can have been made by.
    """
    import numpy as np

    from genstudio.generation.sample import sample_chunk_of

    _refuse_impossible(recipe)
    loaded = load(ws, recipe.run, recipe.images_seen)
    if loaded.checkpoint.sha256 != recipe.checkpoint:
        raise CheckpointError("This picture was made with another checkpoint of its run, which is no longer kept.")
    if recipe.ability == "interpolate":
        walk = _walk(loaded, recipe, Watcher(recipe.count, untold, never))
        return np.ascontiguousarray(walk[recipe.index])
    if recipe.ability == "complete":
        return completed_again(ws, loaded, recipe, on_drawing)
    if recipe.ability == "image-to-image":
        return restyled_again(ws, loaded, recipe, on_drawing)
    if recipe.ability == "upscale":
        return upscaled_again(ws, loaded, recipe)
    if recipe.ability == EXPLORED:
        return explored_again(loaded, recipe)
    chunk = sample_chunk_of(
        loaded.learner,
        recipe,
        options=parse(loaded.family.sampling_type, recipe.options),
        label=label_number(loaded, recipe.label),
        device=device_of(loaded),
        watch=Looker(on_drawing),
        embedding=embedding_of(ws, loaded, recipe),
        text=prompt_of(loaded, recipe),
    )
    return np.ascontiguousarray(chunk.images[recipe.index - chunk.indices.start])


def _refuse_impossible(recipe: Recipe) -> None:
    """A recipe may come out of a file that somebody else wrote."""
    ends = [recipe.extra.get(name) or 0 for name in _ENDS]
    if (
        recipe.index >= recipe.count
        or min(recipe.batch, recipe.count) > MOST_AT_ONCE
        or not all(isinstance(end, int) and end >= 0 for end in ends)
    ):
        raise DataError(
            "The recipe inside this picture cannot be right: it was changed. The picture cannot be made again."
        )


def _walk(loaded: Loaded, recipe: Recipe, watch: "Watch") -> "NDArray[np.uint8]":
    from genstudio.generation.interpolate import interpolate as walk

    text = prompt_of(loaded, recipe)
    return walk(
        loaded.learner,
        steps=recipe.count,
        **{name: int(recipe.extra.get(name) or 0) for name in _ENDS},
        options=parse(loaded.family.sampling_type, recipe.options),
        label=label_number(loaded, recipe.label),
        label_b=_label_b(loaded, recipe),
        device=device_of(loaded),
        watch=watch,
        text=text,
        text_b=prompt_of(loaded, recipe, PROMPT_B) or text,
    ).images


def _label_b(loaded: Loaded, recipe: Recipe) -> int | None:
    """The label of the other end. Walks made before the ends had labels of their own have one for both."""
    label = recipe.extra.get("label_b", recipe.label)
    return label_number(loaded, None if label is None else str(label))
