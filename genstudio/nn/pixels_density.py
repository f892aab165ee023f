"""An exact probability of whole pictures, as a product over pixels in reading order.

p(x) = Π p(pixel | pixels before), and within a pixel p(red) p(green | red) p(blue | red, green) (van den Oord et al.
2016, equations 1 and 2). A network computes all factors at once when the picture is known, one after the other when
it is drawn.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from genstudio.nn.pixels import Levels
from genstudio.nn.pixels_condition import Condition
from genstudio.nn.pixels_drawing import Given, Guided, Painter, Watch, draw
from genstudio.nn.pixels_heads import Head


class PixelNet(nn.Module, ABC):
    """A network whose numbers for a pixel depend on the pixels before it alone, and on a condition."""

    @abstractmethod
    def forward(self, values: Tensor, condition: Tensor | None) -> Tensor:
        """Return the head's parameters (B, outputs, H, W) of pictures (B, C, H, W) in [-1, 1].

        condition: a vector (B, D) for each picture, of whatever is known about it, or None if built without.
        """

    @abstractmethod
    def painter(self, count: int, width: int, condition: Tensor | None) -> Painter:
        """Return a painter of `count` pictures of any height; it is used in eval mode and without gradients."""


class PixelDensity(nn.Module):
    """A network, what its numbers mean, and what it is told: log-likelihoods and pictures."""

    def __init__(self, net: PixelNet, head: Head, condition: Condition | None = None) -> None:
        super().__init__()
        self.net, self.head, self.condition = net, head, condition

    @property
    def levels(self) -> Levels:
        """The levels it tells apart."""
        return self.head.levels

    def vectors(self, labels: Tensor | None, count: int, embeddings: Tensor | None = None) -> Tensor | None:
        """Return what the network is told (N, width), see `Condition`; None if it is told nothing."""
        return None if self.condition is None else self.condition(labels, count, embeddings)

    def forward(self, pixels: Tensor, condition: Tensor | None) -> Tensor:
        """Return log p of every pixel in nats, (B, H, W), for stored pixels, uint8 (B, C, H, W).

        With fewer than 256 levels, of the pictures reduced to them.
        """
        levels = self.levels.of_pixels(pixels)
        return self.head.log_prob(self.net(self.levels.values(levels), condition), levels)

    def draw(
        self,
        uniforms: Tensor,
        condition: Tensor | None,
        *,
        temperature: float = 1.0,
        guidance: float = 1.0,
        given: Given | None = None,
        watch: Watch | None = None,
    ) -> Tensor:
        """Draw pictures (N, C, H, W) in [-1, 1]; see `draw` of `pixels_drawing`.

        condition: (N, D) or None, as in `forward`. guidance: above 1, it is followed more strictly than the model
        believes in; see `Guided`.
        """
        with torch.inference_mode():
            painter = self._painter(uniforms, condition, guidance)
            drawn = draw(painter, self.levels, uniforms, temperature=temperature, given=given, watch=watch)
        return drawn.clone()  # outside, so that anybody may work on in place

    def _painter(self, uniforms: Tensor, condition: Tensor | None, guidance: float) -> Painter:
        count, _, width, _ = uniforms.shape
        free = self.vectors(None, count)
        if condition is None or free is None or guidance == 1.0:
            return self.net.painter(count, width, condition)
        both = torch.cat((condition, free))
        return Guided(self.net.painter(2 * count, width, both), guidance)
