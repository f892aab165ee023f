"""One denoiser, many parameterisations: D(x, σ, condition) is the best guess at the clean picture.

A network F is seldom asked for the clean picture outright. What all parameterisations have in common is

    D(x, σ) = c_skip(σ) x + c_out(σ) F(c_in(σ) x, σ)                          (Karras et al. 2022, equation 7)

and, where the network weighs them, what the neighbours of a pixel pull it to (see `neighbours`). They differ in the
three coefficients alone. With x = x₀ + σ ε throughout (see `levels`):

    prediction   F is asked for                    c_skip            c_out               c_in
    noise        ε                                 1                 -σ                  1/√(1+σ²)
    clean        x₀                                0                 1                   1/√(1+σ²)
    v            √ᾱ ε - √(1-ᾱ) x₀                  1/(1+σ²)          -σ/√(1+σ²)          1/√(1+σ²)
    flow         ε - x₀                            1/(1+σ)           -σ/(1+σ)            1/(1+σ)
    edm          a mixture of unit variance        s²/(σ²+s²)        σs/√(σ²+s²)         1/√(σ²+s²)

where s is the size of the data (its root mean square), measured on the first pictures. 1/√(1+σ²) = √ᾱ shrinks x to
what Ho et al. 2020 call x_t; 1/(1+σ) to the x_t of rectified flows.

The network is told ln σ. The papers with discrete steps tell it t, which is as good as σ; but then nobody can ask about
levels between two steps, and here every sampler works with every parameterisation.
"""

import copy
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from genstudio.api import average_over_ranks
from genstudio.nn.precision import mixed
from genstudio_diffusion import neighbours
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import Prediction


class Coefficients(NamedTuple):
    """c_skip, c_out and c_in, all of one shape."""

    skip: Tensor
    out: Tensor
    inside: Tensor


def coefficients(prediction: Prediction, sigma: Tensor, size: Tensor) -> Coefficients:
    """The three coefficients at levels σ (any shape); `size` is the data's root mean square, for "edm" alone."""
    shrunk = torch.rsqrt(1 + sigma**2)
    if prediction == "noise":
        return Coefficients(torch.ones_like(sigma), -sigma, shrunk)
    if prediction == "clean":
        return Coefficients(torch.zeros_like(sigma), torch.ones_like(sigma), shrunk)
    if prediction == "v":
        return Coefficients(shrunk**2, -sigma * shrunk, shrunk)
    if prediction == "flow":
        blend = 1 / (1 + sigma)
        return Coefficients(blend, -sigma * blend, blend)
    scaled = torch.rsqrt(sigma**2 + size**2)
    return Coefficients((size * scaled) ** 2, sigma * size * scaled, scaled)


class Guess(NamedTuple):
    """What a denoiser says of noisy pictures: the clean ones, and how far the variance of a DDPM step lies on the way

    from the small to the large (both (N, C, H, W)); None where the network has not learned to say it.
    """

    clean: Tensor
    spread: Tensor | None


class Denoiser(nn.Module):
    """A network with its parameterisation.

    network: called with (N, C + P, H, W), ln σ (N,) and a `Condition`; gives (N, C, H, W), C more channels when
    `spreads`, and eight more when it weighs the `neighbours` of a pixel, on the other side of the picture too where it
    `wraps`. P is the number of channels of `Condition.picture`. low, high: the levels it is trained with; beyond them
    the network is told the nearest.
    """

    size: Tensor

    def __init__(
        self,
        network: nn.Module,
        prediction: Prediction,
        *,
        low: float,
        high: float,
        spreads: bool = False,
        neighbours: bool = False,
        wraps: bool = False,
    ) -> None:
        super().__init__()
        self.network, self.prediction, self.spreads = network, prediction, spreads
        self.neighbours, self.wraps = neighbours, wraps
        self.low, self.high = low, high
        self._mixes = True
        self.register_buffer("size", torch.tensor(0.5))

    def forward(self, x: Tensor, sigma: Tensor, condition: Condition) -> Tensor:
        """Noisy pictures (N, C, H, W) at levels (N,) to clean ones."""
        return self.guess(x, sigma, condition).clean

    def guess(self, x: Tensor, sigma: Tensor, condition: Condition) -> Guess:
        """The same, with the spread."""
        factors = self.factors(sigma)
        output, spread = self.output(x, sigma, condition)
        return Guess(factors.skip * x + factors.out * output, spread)

    def exactly(self) -> Self:
        """The same denoiser, which counts with numbers of no less than torch's usual size: for likelihoods."""
        other = copy.copy(self)
        other._mixes = False
        return other

    def factors(self, sigma: Tensor) -> Coefficients:
        """The coefficients at levels (N,), each (N, 1, 1, 1)."""
        return coefficients(self.prediction, sigma.view(-1, 1, 1, 1), self.size)

    def output(self, x: Tensor, sigma: Tensor, condition: Condition) -> tuple[Tensor, Tensor | None]:
        """What the network says of noisy pictures: F, with what neighbours pull to, and the spread in [0, 1]."""
        said = self._said(x, sigma, condition)
        channels = x.shape[1]
        output, others = said[:, :channels], said[:, channels:]
        if self.neighbours:
            level = sigma.view(-1, 1, 1, 1)
            moved = neighbours.pulled(x, level, others[:, -neighbours.COUNT :], wraps=self.wraps)
            output = output + moved / self.factors(sigma).out
        return output, (others[:, :channels] + 1) / 2 if self.spreads else None

    def _said(self, x: Tensor, sigma: Tensor, condition: Condition) -> Tensor:
        """All channels of the network's output, float32 (or what x is of)."""
        shown = self.factors(sigma).inside * x
        if condition.picture is not None:
            shown = torch.cat([shown, condition.picture], 1)
        told = sigma.clamp(self.low, self.high).log()
        if not self._mixes:
            said: Tensor = self.network(shown, told, condition)
            return said
        with mixed(x.device):
            said = self.network(shown, told, condition)
        return said.to(x.dtype)

    @torch.no_grad()
    def measure(self, images: Tensor, share: float) -> None:
        """Move the measured size of the data towards that of these pictures, by a share; all ranks alike."""
        square = images.square().mean()
        average_over_ranks([square])
        self.size.copy_(torch.lerp(self.size**2, square, share).sqrt())
