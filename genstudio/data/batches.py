"""What a training step is given."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.core.seeds import mixed_seed


@dataclass(frozen=True)
class Batch:
    """Examples of one step, on the training device.

    The tensors are views of buffers that the next step overwrites: a learner that keeps examples clones them.

    pixels: uint8 (B, C, H, W), the stored levels 0 to 255.
    images: float32 (B, C, H, W), the same in [-1, 1].
    labels: int64 (B,) class numbers (-1: this one has no label), or None for unlabelled data.
    index: int64 (B,) positions in the dataset.
    images_seen: the run's clock before this step; every schedule is a function of it.
    generator: the only source of noise in a step, already seeded from (run seed, images seen); it lives on the
        device of `images`. Dropout may use torch's global generator, which is seeded alike before every step.
    embeddings: float32 (B, D), numbers that came with each example to describe it, or None where none did.
    captions: what was written about each example, "" where nothing was, or None for data without captions.
    """

    pixels: Tensor
    images: Tensor
    labels: Tensor | None
    index: Tensor
    images_seen: int
    generator: torch.Generator
    embeddings: Tensor | None = None
    captions: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return self.index.shape[0]


def examples_of(images: NDArray[np.uint8], label: int | None, device: torch.device | str, start: int = 0) -> Batch:
    """Given pictures, uint8 (N, H, W, C), as examples that belong to no dataset, all of one label or of none."""
    pixels = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).to(device)  # (N, C, H, W)
    index = torch.arange(start, start + len(pixels), device=pixels.device)
    return Batch(
        pixels=pixels,
        images=pixels.float().sub_(127.5).div_(127.5),
        labels=None if label is None else torch.full_like(index, label),
        index=index,
        images_seen=0,
        generator=torch.Generator(pixels.device).manual_seed(mixed_seed("surprise", start)),
    )
