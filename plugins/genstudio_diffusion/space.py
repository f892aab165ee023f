"""Where noise is added and taken away: among the pixels of pictures, or elsewhere."""

from typing import Protocol

import torch
from torch import Tensor

Shape = tuple[int, int, int]
"""(C, H, W)."""


class Space(Protocol):
    """What a denoiser sees in place of pictures, and the way there and back.

    looks: at how many steps of a drawing, about, pictures of it may be shown, for `outside` may take its time.
    """

    looks: int

    @property
    def shape(self) -> Shape:
        """(C, H, W) of what stands for a picture."""

    def inside(self, images: Tensor) -> Tensor:
        """Pictures (N, ...) in [-1, 1] to what stands for them, (N, C, H, W)."""

    def outside(self, inside: Tensor) -> Tensor:
        """What is drawn, (N, C, H, W), to pictures (N, ...) in [-1, 1]."""

    def fitted(self, guess: Tensor, images: Tensor, known: Tensor) -> Tensor:
        """A guess (N, C, H, W) in which the `known` pixels of pictures, bool (N, height, width), have been put."""

    def joined(self, drawn: Tensor, images: Tensor, known: Tensor) -> Tensor:
        """Drawn pictures with the known pixels of given ones, to the bit."""


class Pixels:
    """The pictures themselves."""

    looks = 1000  # every step

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def inside(self, images: Tensor) -> Tensor:
        """The same."""
        return images

    def outside(self, inside: Tensor) -> Tensor:
        """The same, within black and white."""
        return inside.clamp(-1, 1)

    def fitted(self, guess: Tensor, images: Tensor, known: Tensor) -> Tensor:
        """Pixel by pixel."""
        return torch.where(known[:, None], images, guess)

    def joined(self, drawn: Tensor, images: Tensor, known: Tensor) -> Tensor:
        """Pixel by pixel: the guesses had the known ones put in, so that there is no seam."""
        return torch.where(known[:, None], images, drawn)
