"""Pictures as small maps of another run's autoencoder, which stays as it is (Rombach et al. 2022, section 3)."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.api import Autoencodes, Batch, DataSpec, FamilyError, Learner
from genstudio_diffusion.latent.seams import met
from genstudio_diffusion.space import Shape

_DEEPEST = 12  # pixels; beyond that, leading drawn pixels to known ones takes long
_MOST_KEPT = 2**30  # bytes of maps that are kept; those of larger datasets are made anew at every step


class Maps:
    """The `Space` of maps. The autoencoder is no part of the learner that draws in it, nor of its checkpoints.

    Raises `FamilyError` unless the run is an autoencoder for pictures like those of `spec`.
    """

    looks = 8

    def __init__(self, autoencoder: Learner, spec: DataSpec) -> None:
        if not isinstance(autoencoder, Autoencodes):
            raise FamilyError(
                "The run chosen as autoencoder makes no maps of pictures. Choose a KL-autoencoder or a VQ-VAE."
            )
        self._model, self._maps = autoencoder.eval().requires_grad_(False), autoencoder
        self._device = torch.device("cpu")
        self.picture: Shape = (spec.channels, spec.height, spec.width)
        self.shape: Shape = autoencoder.latent_shape
        self._check()

    def inside(self, images: Tensor) -> Tensor:
        """The maps of pictures."""
        self._move(images.device)
        return self._maps.to_latents(images)

    def outside(self, inside: Tensor) -> Tensor:
        """The pictures of maps."""
        self._move(inside.device)
        return self._maps.from_latents(inside)

    def fitted(self, guess: Tensor, images: Tensor, known: Tensor) -> Tensor:
        """The guess's picture, with the known pixels, as a map again; far from all of them the guess itself.

        What the autoencoder says of a place depends on the pixels around it. Maps of pictures in which nothing, or one
        colour, stands for what is unknown would say so, and that colour would be drawn.
        """
        pasted = torch.where(known[:, None], images, self.outside(guess))
        return torch.where(self._touched(known), self.inside(pasted), guess)

    def joined(self, drawn: Tensor, images: Tensor, known: Tensor) -> Tensor:
        """Maps say nothing of single pixels: what is drawn is led to the known ones, about two places deep."""
        return met(drawn, images, known, min(2 * max(self._block), _DEEPEST))

    @property
    def _block(self) -> tuple[int, int]:
        """Height and width, in pixels, of a place."""
        _, height, width = self.picture
        _, rows, columns = self.shape
        return math.ceil(height / rows), math.ceil(width / columns)

    def _touched(self, known: Tensor) -> Tensor:
        """Places (N, 1, h, w) that known pixels (N, H, W) are in, or next to."""
        _, height, width = self.picture
        _, rows, columns = self.shape
        block = self._block
        padded = F.pad(known[:, None].float(), (0, columns * block[1] - width, 0, rows * block[0] - height))
        return F.max_pool2d(F.max_pool2d(padded, block), 3, stride=1, padding=1) > 0

    def _move(self, device: torch.device) -> None:
        if device != self._device:
            self._model.to(device)
            self._device = device

    @torch.no_grad()
    def _check(self) -> None:
        try:
            maps = self._maps.to_latents(torch.zeros(1, *self.picture))
            fits = maps.shape[1:] == self.shape and self._maps.from_latents(maps).shape[1:] == self.picture
        except RuntimeError:  # of layers that expect another number of channels
            fits = False
        if not fits:
            channels, height, width = self.picture
            raise FamilyError(
                f"The run chosen as autoencoder learned pictures of another size or colour mode than these "
                f"({width} × {height}, {channels} channels). Choose one that was trained on this dataset."
            )


class Shelf:
    """The maps of a dataset's pictures as they are and mirrored left to right, once they have been made.

    It is filled from the same batches whenever a run begins or goes on, so that its numbers are the same bits.
    """

    def __init__(self, maps: Maps, *, mirrored: bool) -> None:
        self._maps, self._mirrored = maps, mirrored
        self._kept: list[Tensor] = []

    def fill(self, count: int, batches: Iterator[Batch]) -> None:
        """Make and keep the maps of examples 0 to `count` - 1, unless they are too many."""
        sides = 2 if self._mirrored else 1
        if 4 * sides * count * math.prod(self._maps.shape) > _MOST_KEPT:
            return
        kept: list[Tensor] = []
        for batch in batches:
            kept = kept or [torch.zeros(count, *self._maps.shape, device=batch.images.device) for _ in range(sides)]
            for side, tensor in enumerate(kept):
                tensor[batch.index] = self._made(batch.images.flip(3) if side else batch.images)
        self._kept = kept

    def maps(self, batch: Batch, mirrored: Tensor | None = None) -> Tensor:
        """The maps of a batch's pictures, of some of them `mirrored`, bool (N,)."""
        turned = None if mirrored is None else mirrored[:, None, None, None]
        if turned is None:
            return self._kept[0][batch.index] if self._kept else self._made(batch.images)
        if not self._kept:
            return self._made(torch.where(turned, batch.images.flip(3), batch.images))
        plain, other = (kept[batch.index] for kept in self._kept)
        return torch.where(turned, other, plain)

    def _made(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            return self._maps.inside(images)
