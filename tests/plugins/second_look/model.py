"""x ≈ gain · base(x) + shift, per channel; the base is frozen and travels in the checkpoint."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from genstudio.api import Batch, DataSpec, FamilyError, Learner, Reconstructs, Updater


class SecondLookLearner(Learner):
    """`gain` and `shift` are (C, 1, 1)."""

    def __init__(self, base: Learner, spec: DataSpec) -> None:
        super().__init__()
        if not isinstance(base, Reconstructs):
            raise FamilyError("A second look needs a model that can redraw pictures. Choose another base.")
        self.base = base
        self.gain = nn.Parameter(torch.full((spec.channels, 1, 1), 0.5))
        self.shift = nn.Parameter(torch.zeros(spec.channels, 1, 1))
        self.update = Updater([("gain", self.gain), ("shift", self.shift)], lr=0.02)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        loss = (self.reconstruct(batch.images) - batch.images).square().mean()
        self.update.step(loss, batch.images_seen)
        return {"error": loss.detach()}

    def reconstruct(self, images: Tensor) -> Tensor:
        assert isinstance(self.base, Reconstructs)
        return self.gain * self.base.reconstruct(images) + self.shift
