"""What every job that makes pictures shares: the recipe they begin with, and how they are kept."""

import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.config import parse
from genstudio.core.errors import ConfigError
from genstudio.core.recipe import Recipe
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences
from genstudio.store.layout import sample_file
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

Plain = str | int | float | bool | None

MOST_AT_ONCE = 4096
"""Pictures in one chunk; a recipe out of somebody else's file that says more is refused."""

Kept = Callable[[list[SampleRecord]], None]
"""Hears of the pictures of a chunk once they are committed."""


def first_recipe(
    ws: Workspace,
    loaded: Loaded,
    ability: str,
    seed: int,
    count: int,
    batch: int,
    label: str | None,
    options: Mapping[str, Plain],
) -> Recipe:
    """The recipe of the first picture of a batch. Raises `ConfigError` for what cannot be."""
    from genstudio import __version__

    chosen = parse(loaded.family.sampling_type, options)
    for name, value, most in (("seed", seed, 2**32 - 1), ("count", count, 10**6), ("batch", batch, MOST_AT_ONCE)):
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


def label_number(loaded: Loaded, label: str | None) -> int | None:
    """The number of a label. Raises `ConfigError` naming those the run knows."""
    classes = loaded.header.spec.classes
    if label is None:
        return None
    if label not in classes:
        known = ", ".join(classes) or "none: its pictures had no labels"
        raise ConfigError(f"This run knows no label “{label}”. It knows: {known}.", {"label": "Choose a known label."})
    return classes.index(label)


def device_of(loaded: Loaded) -> "torch.device":
    """Where a learner is."""
    return next(loaded.learner.parameters()).device


def keep(
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
