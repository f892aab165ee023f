"""Nothing non-finite is kept: a learner's updaters stop together, its buffers go back to the last good step."""

from collections.abc import Mapping

import torch
from torch import Tensor

from genstudio.data.batches import Batch
from genstudio.training.ema import persistent_buffers
from genstudio.training.learner import Learner


class Guard:
    """Watches the steps of one training without waiting for the device.

    The updaters keep a non-finite gradient out of the weights; the forward pass that made it may still have reached
    buffers (running statistics, codebooks), which only somebody outside the step can put back. Learners change
    buffers in place. Where two updaters take turns in a step, what the first did before the second failed stays: it
    was sound. `tripped` says whether a step was not finite, as far as anybody has looked.
    """

    def __init__(self, learner: Learner, images_seen: int, device: torch.device) -> None:
        self.blocked = torch.zeros((), dtype=torch.bool, device=device)
        for updater in learner.updaters.values():
            updater.share_guard(self.blocked)
        self._learner = learner
        self._images_seen = torch.full((), images_seen, dtype=torch.int64, device=device)
        self._buffers = persistent_buffers(learner)
        self._kept = [buffer.clone() for buffer in self._buffers]
        self._on_host = device.type == "cpu"
        self.tripped = False

    def step(self, batch: Batch, images: int) -> Mapping[str, Tensor]:
        """Take one step that counts for so many images; what a bad one did to buffers is undone."""
        if self._buffers:
            torch._foreach_copy_(self._kept, self._buffers)
        values = self._learner.step(batch)
        self._after(images)
        return values

    @torch.no_grad()
    def _after(self, images: int) -> None:
        """On a processor looking costs nothing, elsewhere the device decides by itself."""
        if not self._on_host:
            self._images_seen.add_(self.blocked.logical_not() * images)
            for buffer, kept in zip(self._buffers, self._kept, strict=True):
                buffer.copy_(torch.where(self.blocked, kept, buffer))
        elif not self.look():
            self._images_seen += images
        elif self._buffers:
            torch._foreach_copy_(self._buffers, self._kept)

    def look(self) -> bool:
        """Set and return `tripped`; waits for the device."""
        self.tripped = bool(self.blocked)
        return self.tripped

    @property
    def images_seen(self) -> int:
        """The clock after the last good step; waits for the device."""
        return int(self._images_seen)
