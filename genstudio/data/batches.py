"""What a training step is given."""

from dataclasses import dataclass

import torch
from torch import Tensor


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
    """

    pixels: Tensor
    images: Tensor
    labels: Tensor | None
    index: Tensor
    images_seen: int
    generator: torch.Generator
    embeddings: Tensor | None = None

    def __len__(self) -> int:
        return self.index.shape[0]
