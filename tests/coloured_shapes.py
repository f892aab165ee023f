"""Made-up pictures with captions: a colour times a shape, some combinations of which are never shown in training."""

from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genstudio.data.dataset import ImageDataset

COLOURS = {
    "red": (230, 30, 30), "green": (30, 200, 40), "blue": (40, 60, 230), "yellow": (240, 220, 30),
    "white": (250, 250, 250), "pink": (250, 130, 200), "orange": (250, 130, 20), "turquoise": (40, 220, 220),
}  # fmt: skip
SHAPES = ("disc", "ring", "square", "bar", "cross", "post", "frame")
COMBINATIONS = tuple(f"{colour} {shape}" for colour, shape in product(COLOURS, SHAPES))
UNSEEN = tuple(f"{colour} {SHAPES[place % len(SHAPES)]}" for place, colour in enumerate(COLOURS))
"""One of each colour; all colours and shapes are among those seen, with something else."""
SIZE = 16


def dataset(combinations: tuple[str, ...], each: int, seed: int) -> ImageDataset:
    """So many pictures of each combination, at random places and sizes on random dark grounds."""
    draw = np.random.default_rng(seed)
    captions = [caption for caption in combinations for _ in range(each)]
    return ImageDataset.in_memory(np.stack([_picture(caption, draw) for caption in captions]), captions=captions)


def _picture(caption: str, draw: np.random.Generator) -> NDArray[np.uint8]:
    colour, shape = caption.split()
    down, right = np.mgrid[:SIZE, :SIZE] - draw.uniform(6, 9, 2)[:, None, None]
    radius, far = draw.uniform(4, 5.5), np.maximum(np.abs(down), np.abs(right))
    figure = {
        "disc": np.hypot(down, right) < radius,
        "ring": np.abs(np.hypot(down, right) - radius) < 1.2,
        "square": far < radius * 0.85,
        "bar": (np.abs(down) < 1.6) & (np.abs(right) < radius + 1),
        "post": (np.abs(right) < 1.6) & (np.abs(down) < radius + 1),
        "frame": np.abs(far - radius * 0.9) < 1.0,
        "cross": (np.minimum(np.abs(down), np.abs(right)) < 1.2) & (far < radius + 0.5),
    }[shape]
    ground = draw.integers(0, 50, 3)[:, None, None]
    picture: NDArray[np.uint8] = np.where(figure, np.array(COLOURS[colour])[:, None, None], ground).astype(np.uint8)
    return picture


def write(folder: Path, each: int) -> Path:
    """The same as a folder of PNG files, each with its caption in a text file beside it."""
    data = dataset(COMBINATIONS, each, 0)
    assert data.captions is not None
    folder.mkdir(parents=True)
    for place, caption in enumerate(data.captions):
        file = folder / f"{caption.replace(' ', '-')}-{place}.png"
        Image.fromarray(data.image(place)).save(file)
        file.with_suffix(".txt").write_text(caption)
    return folder
