"""Pictures from trained runs: each with its recipe inside and a row in the project."""

import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.config import parse
from genstudio.core.errors import CheckpointError, ConfigError
from genstudio.core.recipe import Recipe
from genstudio.jobs.loading import load
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Told, Watcher, never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences
from genstudio.store.layout import sample_file
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from genstudio.training.learner import Watch

Plain = str | int | float | bool | None


@dataclass(frozen=True)
class GenerateRequest:
    """What to generate. `checkpoint` is its reading of images seen (None: the newest), `label` a class name."""

    run: str
    checkpoint: int | None
    count: int
    seed: int
    batch: int
    label: str | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True)
class InterpolateRequest:
    """A walk in `steps` pictures from one sample to another, each named by its seed and its index there."""

    run: str
    checkpoint: int | None
    seed_a: int
    seed_b: int
    steps: int
    label: str | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)
    index_a: int = 0
    index_b: int = 0

    @property
    def ends(self) -> dict[str, Plain]:
        """What a recipe says of the two ends."""
        return {
            "seed_a": self.seed_a,
            "seed_b": self.seed_b,
            "index_a": self.index_a,
            "index_b": self.index_b,
        }


Kept = Callable[[list[SampleRecord]], None]


def generate(
    ws: Workspace,
    request: GenerateRequest,
    *,
    progress: Told,
    on_samples: Kept,
    cancelled: Callable[[], bool],
    out: Path | None = None,
) -> list[SampleRecord]:
    """Generate pictures, chunk by chunk; those of finished chunks are kept even when it is cancelled or fails.

    `on_samples` hears of every chunk once it is committed; with `out`, copies are put there under the same file
    names. Raises `CheckpointError`, `ConfigError`, `DiskFullError` or `Cancelled`.
    """
    from genstudio.generation.sample import sample

    loaded = load(ws, request.run, request.checkpoint)
    recipe = _recipe(ws, loaded, "sample", request.seed, request.count, request.batch, request.label, request.options)
    records: list[SampleRecord] = []
    chunks = sample(
        loaded.learner,
        seed=recipe.seed,
        count=recipe.count,
        batch=recipe.batch,
        options=parse(loaded.family.sampling_type, recipe.options),
        label=_label(loaded, recipe.label),
        device=_device(loaded),
        watch=Watcher(recipe.count, progress, cancelled),
    )
    for chunk in chunks:
        recipes = [recipe.model_copy(update={"index": index}) for index in chunk.indices]
        kept = _keep(ws, loaded, chunk.images, recipes, out)
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
    recipe = _recipe(
        ws, loaded, "interpolate", request.seed_a, request.steps, request.steps, request.label, request.options
    ).model_copy(update={"extra": request.ends})
    images = _walk(loaded, recipe, Watcher(recipe.count, progress, cancelled))
    recipes = [recipe.model_copy(update={"index": index}) for index in range(len(images))]
    records = _keep(ws, loaded, images, recipes, out)
    progress(len(records), len(records))
    on_samples(records)
    return records


def make_again(ws: Workspace, recipe: Recipe) -> "NDArray[np.uint8]":
    """Make the picture of a recipe again, uint8 (H, W, C): on the same machine, the same pixels.

    Raises `CheckpointError` when its run or checkpoint is not in this project any more, or is not the same.
    """
    import numpy as np

    from genstudio.generation.sample import sample_chunk_of

    loaded = load(ws, recipe.run, recipe.images_seen)
    if loaded.checkpoint.sha256 != recipe.checkpoint:
        raise CheckpointError("This picture was made with another state of its run, which is no longer kept.")
    if recipe.ability == "interpolate":
        walk = _walk(loaded, recipe, Watcher(recipe.count, untold, never))
        return np.ascontiguousarray(walk[recipe.index])
    chunk = sample_chunk_of(
        loaded.learner,
        recipe,
        options=parse(loaded.family.sampling_type, recipe.options),
        label=_label(loaded, recipe.label),
        device=_device(loaded),
    )
    return np.ascontiguousarray(chunk.images[recipe.index - chunk.indices.start])


def _walk(loaded: Loaded, recipe: Recipe, watch: "Watch") -> "NDArray[np.uint8]":
    from genstudio.generation.interpolate import interpolate as walk

    return walk(
        loaded.learner,
        steps=recipe.count,
        **{name: int(recipe.extra.get(name) or 0) for name in ("seed_a", "seed_b", "index_a", "index_b")},
        options=parse(loaded.family.sampling_type, recipe.options),
        label=_label(loaded, recipe.label),
        device=_device(loaded),
        watch=watch,
    ).images


def _recipe(
    ws: Workspace,
    loaded: Loaded,
    ability: str,
    seed: int,
    count: int,
    batch: int,
    label: str | None,
    options: Mapping[str, Plain],
) -> Recipe:
    from genstudio import __version__

    chosen = parse(loaded.family.sampling_type, options)
    for name, value, most in (("seed", seed, 2**32 - 1), ("count", count, 10**6), ("batch", batch, 10**6)):
        if not (name != "seed") <= value <= most:
            problem = f"Choose a {name} between {int(name != 'seed')} and {most:,}."
            raise ConfigError(problem, {name: problem})
    return Recipe(
        ability=ability,
        family=loaded.family.name,
        run=loaded.checkpoint.run,
        run_name=ws.project.run(loaded.checkpoint.run).name,
        checkpoint=loaded.checkpoint.sha256,
        images_seen=loaded.checkpoint.images_seen,
        seed=seed,
        index=0,
        count=count,
        batch=batch,
        label=label,
        options=chosen.model_dump(mode="json"),
        version=__version__,
    )


def _label(loaded: Loaded, label: str | None) -> int | None:
    classes = loaded.header.spec.classes
    if label is None:
        return None
    if label not in classes:
        known = ", ".join(classes) or "none: its pictures had no labels"
        raise ConfigError(f"This run knows no label “{label}”. It knows: {known}.", {"label": "Choose a known label."})
    return classes.index(label)


def _device(loaded: Loaded) -> "torch.device":
    return next(loaded.learner.parameters()).device


def _keep(
    ws: Workspace, loaded: Loaded, images: "NDArray[np.uint8]", recipes: Sequence[Recipe], out: Path | None
) -> list[SampleRecord]:
    """Write pictures, commit their rows in one transaction, and keep the checkpoint they were made with."""
    records = [_written(ws, image, recipe) for image, recipe in zip(images, recipes, strict=True)]
    ws.project.pin_checkpoint(loaded.checkpoint.run, loaded.checkpoint.images_seen)
    ws.project.add_samples(records)
    if out is not None:
        _copy(ws, records, out)
    return records


def _written(ws: Workspace, image: "NDArray[np.uint8]", recipe: Recipe) -> SampleRecord:
    from genstudio.generation.export import write_png

    sample = f"{recipe.ability}-{recipe.seed}-{recipe.index:05d}-{secrets.token_hex(4)}"
    file = sample_file(recipe.run, sample)
    path = ws.project.path(file)
    make_folder(path.parent)
    with sentences(path):
        write_png(path, image, recipe)
    return SampleRecord(
        id=sample,
        run=recipe.run,
        file=file,
        recipe=recipe.model_dump_json(),
        created=time.time(),
        starred=False,
        width=image.shape[1],
        height=image.shape[0],
    )


def _copy(ws: Workspace, records: Iterable[SampleRecord], out: Path) -> None:
    with sentences(out):
        out.mkdir(parents=True, exist_ok=True)
        for record in records:
            source = ws.project.path(record.file)
            shutil.copyfile(source, out / source.name)
