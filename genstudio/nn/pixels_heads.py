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
        weights, means, scales, coefficients = self._split(parameters.float().transpose(0, 1))
        values = self.levels.values(levels).transpose(0, 1)  # (C, B, H, W)
        total = weights.log_softmax(0)  # (M, B, H, W)
        for channel in range(self.channels):
            mean = self._mean(means, coefficients, values, channel)
            total = total + discretised_logistic(values[channel], mean, scales[channel], self.levels.count)
        return total.logsumexp(0)

    def logits(self, parameters: Tensor, drawn: Tensor) -> Tensor:
        """Return log p of every level of the next sub-pixel, (levels, N).

        parameters: (outputs, N). drawn: the values (c, N) of the sub-pixels before it.
        """
        weights, means, scales, coefficients = self._split(parameters)
        total, channel = weights.log_softmax(0), len(drawn)  # (M, N)
        for before in range(channel):
            mean = self._mean(means, coefficients, drawn, before)
            total = total + discretised_logistic(drawn[before], mean, scales[before], self.levels.count)
        mean = self._mean(means, coefficients, drawn, channel)
        each = self._all_levels(mean, scales[channel])  # (L, M, N)
        return (each + total.log_softmax(0)).logsumexp(1)

    def _split(self, parameters: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(outputs, ...) to weights (M, ...), means and log-scales (C, M, ...), coefficients (pairs, M, ...)."""
        by_component = parameters.reshape(-1, self.components, *parameters.shape[1:])
        sizes = [1, self.channels, self.channels, self.pairs]
        weights, means, scales, coefficients = torch.split(by_component, sizes)
        return weights[0], means, scales.clamp(*_LOG_SCALES), coefficients.tanh()

    def _mean(self, means: Tensor, coefficients: Tensor, values: Tensor, channel: int) -> Tensor:
        """The means (M, ...) of a sub-pixel given the values of those before."""
        first = channel * (channel - 1) // 2
        mean = means[channel]
        for before in range(channel):
            mean = mean + coefficients[first + before] * values[before]
        return mean

    def _all_levels(self, mean: Tensor, log_scale: Tensor) -> Tensor:
        """Log-probabilities (L, M, N) of all levels, as `discretised_logistic`, with one softplus for each edge."""
        count = self.levels.count
        sharpness = torch.exp(-log_scale)
        edges = torch.arange(1, 2 * count - 2, 2, device=mean.device) / (count - 1) - 1  # (L - 1,)
        places = (edges[:, None, None] - mean) * sharpness  # (L - 1, M, N)
        above = F.softplus(places)  # minus log of the probability above an edge; below it is `above - places`
        open_side = torch.zeros_like(above[:1])
        each = torch.cat((places - above, open_side)) - torch.cat((open_side, above))
        each[1:-1] += torch.log(-torch.expm1(-2.0 / (count - 1) * sharpness))
        return each
