"""Latent diffusion: taking noise away from small maps in place of pictures (Rombach et al. 2022).

An autoencoder that another run has learned makes a map of every picture, once, and makes pictures of what is drawn.
The denoiser sees maps alone: with two halvings a map has a sixteenth of the places of its picture, and a step costs
about as much less. What the autoencoder cannot redraw, cannot be drawn.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from genstudio.api import Batch, DataSpec, Learner
from genstudio_diffusion.latent.config import LatentConfig, LatentSampling
from genstudio_diffusion.latent.maps import Maps, Shelf
from genstudio_diffusion.model import DenoisingLearner
from genstudio_diffusion.words import Reader

_DONE = 6  # numbers that say what was done to a training picture, see `augment`; the first is for mirrored


class LatentLearner(DenoisingLearner):
    """Takes noise away from the maps of an autoencoder."""

    config: LatentConfig
    usual = LatentSampling()

    def __init__(
        self, config: LatentConfig, spec: DataSpec, autoencoder: Learner, reader: Reader | None = None
    ) -> None:
        maps = Maps(autoencoder, spec)
        super().__init__(config, len(spec.classes), maps, reader)
        self.shelf = Shelf(maps, mirrored=config.mirror > 0)

    def prepare(self, count: int, batches: Iterator[Batch]) -> None:
        """Make the maps of all pictures."""
        self.shelf.fill(count, batches)

    def completion_note(self, known: Tensor) -> str:  # noqa: ARG002 - it is the same for every mask
        """What is known is put back into the drawn picture pixel by pixel, and the rest is led to it."""
        return (
            "Latent diffusion completes a coarse map of the picture. The given pixels are put back in at the end, as "
            "they are, and what is drawn beside them is evened out to meet them; lines may still not go on exactly."
        )

    def _clean(self, batch: Batch) -> Tensor:
        return self.shelf.maps(batch)

    def _varied(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Some of the maps are those of mirrored pictures. Nothing else can be done to maps without spoiling them."""
        if not self.config.mirror:
            return self._clean(batch), None
        done = torch.zeros(len(batch), _DONE, device=batch.images.device)
        chance = torch.rand(len(batch), generator=batch.generator, device=batch.images.device)
        done[:, 0] = (chance < self.config.mirror).float()
        return self.shelf.maps(batch, done[:, 0].bool()), done
