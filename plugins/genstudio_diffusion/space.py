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

    def given(self, images: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """What stands for pictures of which only some pixels are `known`, bool (N, height, width).

        Returns it, (N, C, H, W), and where it is certain, bool (N, 1, H, W).
        """

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

    def given(self, images: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """The same."""
        return images, known[:, None]

    def joined(self, drawn: Tensor, images: Tensor, known: Tensor) -> Tensor:
        """Every guess had the known pixels put in, so that there is no seam."""
        return torch.where(known[:, None], images, drawn)
