"""What a network's numbers for a pixel mean: the probabilities of its levels, sub-pixel after sub-pixel.

`log_prob` scores whole pictures at once, for training and likelihoods. Drawing needs the probabilities of all levels
of one sub-pixel; their logarithms are laid out (levels, N), because everything that is done per pixel for N pictures
is quickest with N innermost.
"""

from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.nn.likelihoods import discretised_logistic
from genstudio.nn.pixels import Levels

_LOG_SCALES = (-7.0, 7.0)
_SMALLEST_MASS = 1e-30


class Head(ABC):
    """The probability of a pixel given `outputs` numbers from a network; the first channel comes first."""

    outputs: int

    def __init__(self, levels: Levels, channels: int) -> None:
        self.levels, self.channels = levels, channels

    @abstractmethod
    def log_prob(self, parameters: Tensor, levels: Tensor) -> Tensor:
        """Return log p of every pixel in nats, (B, H, W).

        parameters: (B, outputs, H, W) from the network. levels: int64 (B, C, H, W).
        """


class SoftmaxHead(Head):
    """A free probability for every level (van den Oord et al. 2016, section 3.2).

    The network gives level l of sub-pixel c as its number l * C + c, and computes it without seeing that sub-pixel.
    """

    def __init__(self, levels: Levels, channels: int) -> None:
        super().__init__(levels, channels)
        self.outputs = levels.count * channels

    def log_prob(self, parameters: Tensor, levels: Tensor) -> Tensor:
        """Score pictures; see `Head.log_prob`."""
        count, _, height, width = parameters.shape
        logits = parameters.float().reshape(count, self.levels.count, self.channels, height, width)
        return -F.cross_entropy(logits, levels, reduction="none").sum(1)


class MixtureHead(Head):
    """A mixture of discretised logistics whose means depend on the sub-pixels before (Salimans et al. 2017, 2.1-2.2).

    The numbers of a pixel are, for each of M components: its weight (a logit), C means, C logarithms of scales and
    C (C - 1) / 2 coefficients. Given the component, the mean of sub-pixel c is shifted by tanh(coefficient) times the
    value of every sub-pixel before it: 3 M numbers for grey, 10 M for RGB; RGBA continues the pattern with 15 M.
    """

    def __init__(self, levels: Levels, channels: int, components: int) -> None:
        super().__init__(levels, channels)
        self.components = components
        self.pairs = channels * (channels - 1) // 2
        self.outputs = components * (1 + 2 * channels + self.pairs)

    def log_prob(self, parameters: Tensor, levels: Tensor) -> Tensor:
        """Score pictures; see `Head.log_prob`."""
        weights, means, scales, coefficients = self.split(parameters.float().transpose(0, 1))
        values = self.levels.values(levels).transpose(0, 1)  # (C, B, H, W)
        total = weights.log_softmax(0)  # (M, B, H, W)
        for channel in range(self.channels):
            mean = self.mean(means, coefficients, values, channel)
            total = total + discretised_logistic(values[channel], mean, scales[channel], self.levels.count)
        return total.logsumexp(0)

    def pixel(self, parameters: Tensor) -> "MixturePixel":
        """Begin to draw a pixel of N pictures from parameters (outputs, N)."""
        return MixturePixel(self, parameters)

    def split(self, parameters: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(outputs, ...) to weights (M, ...), means and log-scales (C, M, ...), coefficients (pairs, M, ...)."""
        by_component = parameters.reshape(-1, self.components, *parameters.shape[1:])
        sizes = [1, self.channels, self.channels, self.pairs]
        weights, means, scales, coefficients = torch.split(by_component, sizes)
        return weights[0], means, scales.clamp(*_LOG_SCALES), coefficients.tanh()

    def mean(self, means: Tensor, coefficients: Tensor, values: Tensor, channel: int) -> Tensor:
        """The means (M, ...) of a sub-pixel given the values of those before."""
        first = channel * (channel - 1) // 2
        mean = means[channel]
        for before in range(channel):
            mean = mean + coefficients[first + before] * values[before]
        return mean


class MixturePixel:
    """A pixel that is being drawn from a `MixtureHead`: call `logits` and `put` in turn, once for each sub-pixel."""

    def __init__(self, head: MixtureHead, parameters: Tensor) -> None:
        weights, means, log_scales, coefficients = head.split(parameters)
        self._count, self._log_weights = head.levels.count, weights.log_softmax(0)  # (M, N)
        self._means, self._log_scales, self._coefficients = list(means.unbind()), log_scales, coefficients
        self._drawn = 0

    def logits(self) -> Tensor:
        """Return log p of every level of the next sub-pixel given those before, (levels, N)."""
        masses = self._masses(self._means[self._drawn], torch.exp(-self._log_scales[self._drawn]))
        weights = self._log_weights.softmax(0)
        return (masses * weights).sum(1).clamp(min=_SMALLEST_MASS).log()

    def put(self, values: Tensor) -> None:
        """Learn what was drawn there, (N,): it tells which components are meant, and moves the means that follow."""
        drawn = self._drawn
        mean, log_scale = self._means[drawn], self._log_scales[drawn]
        self._log_weights = self._log_weights + discretised_logistic(values, mean, log_scale, self._count)
        for after in range(drawn + 1, len(self._means)):
            pairs = after * (after - 1) // 2 + drawn
            self._means[after] = torch.addcmul(self._means[after], self._coefficients[pairs], values)
        self._drawn += 1

    def _masses(self, mean: Tensor, sharpness: Tensor) -> Tensor:
        """The probability of every level under every component, (L, M, N).

        σ(u) - σ(l) = σ(u) σ(-l) (1 - exp(l - u)), which keeps its digits however small it is.
        """
        count = self._count
        edges = torch.arange(1, 2 * count - 2, 2, device=mean.device)[:, None, None] / (count - 1) - 1  # between levels
        places = torch.addcmul(-mean * sharpness, edges, sharpness)  # (L - 1, M, N)
        below, above = places.sigmoid(), places.neg_().sigmoid_()
        masses = mean.new_empty(count, *mean.shape)
        masses[0], masses[-1] = below[0], above[-1]
        torch.mul(below[1:], above[:-1], out=masses[1:-1]).mul_(-torch.expm1(-2.0 / (count - 1) * sharpness))
        return masses
