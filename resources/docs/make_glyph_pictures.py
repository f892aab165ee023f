"""Two pictures of what a diffusion run on labelled pictures draws: every label twice, and held-out pictures drawn anew.

    .venv/bin/python resources/docs/make_glyph_pictures.py PROJECT RUN FOLDER

Writes diffusion-glyphs.png, labels in their order, and diffusion-given.png: held-out pictures, restyled ever more
strongly, then, below a bar, their upper halves with two completions each.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from genstudio.core.settings import RunSettings
from genstudio.data.dataset import ImageDataset, split
from genstudio.generation.complete import complete
from genstudio.generation.given import Given
from genstudio.generation.restyle import restyle
from genstudio.generation.sample import sample
from genstudio.jobs.given import dataset_folder
from genstudio.jobs.loading import load
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project

SCALE, GAP, GREY = 2, 1, 128
STRENGTHS, GIVEN, COMPLETED = (0.5, 0.7, 0.85), 10, 2
Picture = NDArray[np.uint8]


def by_label(loaded: Loaded, labels: int) -> Iterator[Picture]:
    """A picture of each label, and then another one."""
    options = loaded.family.sampling_type()
    for seed in (0, 1):
        for label in range(labels):
            chunks = sample(loaded.learner, seed=seed, count=1, batch=1, options=options, label=label, device="cpu")
            yield next(iter(chunks)).images[0]


def restyled(loaded: Loaded, picture: Picture, strength: float, seed: int) -> Picture:
    """A picture drawn anew."""
    learner, options = loaded.learner, loaded.family.sampling_type()
    chunks = restyle(
        learner, picture, strength=strength, seed=seed, count=1, batch=1, options=options, label=None, device="cpu"
    )
    drawn: Picture = next(iter(chunks)).images[0]
    return drawn


def completed(loaded: Loaded, given: Given) -> Picture:
    """Ways to finish a picture, (COMPLETED, H, W, C)."""
    learner, options, count = loaded.learner, loaded.family.sampling_type(), COMPLETED
    chunks = complete(learner, given, seed=0, count=count, batch=count, options=options, label=None, device="cpu")
    return next(iter(chunks)).images


def redrawn(loaded: Loaded, pictures: list[Picture]) -> tuple[list[list[Picture]], list[list[Picture]]]:
    """Rows of pictures: given and restyled; and of completions of their upper halves."""
    restyles = [[restyled(loaded, one, much, seed) for seed, one in enumerate(pictures)] for much in STRENGTHS]
    known = np.zeros(pictures[0].shape[:2], dtype=bool)
    known[: len(known) // 2] = True
    halves = [np.where(known[:, :, None], one, GREY).astype(np.uint8) for one in pictures]
    finished = [completed(loaded, Given(one, known)) for one in pictures]
    return [pictures, *restyles], [halves, *([ways[turn] for ways in finished] for turn in range(COMPLETED))]


def sheet(rows: list[list[Picture]]) -> Picture:
    """Rows of grey pictures, uint8 (H, W), with grey lines between."""
    height, width = rows[0][0].shape[:2]
    whole = np.full((len(rows) * (height + GAP) + GAP, len(rows[0]) * (width + GAP) + GAP), GREY, dtype=np.uint8)
    for y, row in enumerate(rows):
        for x, one in enumerate(row):
            top, left = GAP + y * (height + GAP), GAP + x * (width + GAP)
            whole[top : top + height, left : left + width] = one[:, :, 0]
    return whole.repeat(SCALE, 0).repeat(SCALE, 1)


def examples(loaded: Loaded, dataset: ImageDataset) -> list[Picture]:
    """Held-out pictures of some labels, in the order of their labels."""
    settings = RunSettings.model_validate(loaded.header.settings)
    _, unseen = split(len(dataset), dataset.fingerprint, settings.heldout)
    labels = dataset.labels
    if labels is None:
        raise SystemExit("These pictures have no labels.")
    firsts = [next(place for place in unseen if labels[place] == label) for label in range(len(dataset.spec.classes))]
    return [dataset.image(int(firsts[turn * len(firsts) // GIVEN])) for turn in range(GIVEN)]


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("run")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    host = PluginHost()
    host.load()
    ws = Workspace(host, Project.open(arguments.project))
    loaded = load(ws, arguments.run, device="cpu")
    dataset = ImageDataset.open(dataset_folder(ws, loaded.checkpoint.run))
    drawn = list(by_label(loaded, len(dataset.spec.classes)))
    half = len(drawn) // 4
    rows = [drawn[start : start + half] for start in range(0, len(drawn), half)]
    Image.fromarray(sheet(rows)).save(arguments.folder / "diffusion-glyphs.png", optimize=True)
    given, finished = (sheet(some) for some in redrawn(loaded, examples(loaded, dataset)))
    bar = np.full((4 * SCALE, given.shape[1]), GREY, dtype=np.uint8)
    Image.fromarray(np.concatenate([given, bar, finished])).save(
        arguments.folder / "diffusion-given.png", optimize=True
    )
    ws.project.close()


if __name__ == "__main__":
    main()
