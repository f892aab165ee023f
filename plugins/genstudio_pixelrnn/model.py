"""The two networks as one family.

The network is in `net`, its two ways through a picture in `courses`, the recurrence in `scan`; `painter` draws without
ever computing a number twice. How they learn, score and draw is the same for all models of pixels in order
(`genstudio.api.PixelLearner`).
"""

import math

from genstudio.api import DataSpec, PixelLearner
from genstudio.nn.pixels import Levels
from genstudio.nn.pixels_condition import Condition
from genstudio.nn.pixels_density import PixelDensity
from genstudio.nn.pixels_heads import SoftmaxHead

from .config import PixelRNNConfig
from .courses import Diagonals, Rows
from .net import PixelRNN

_CONDITION = 32  # numbers that describe what is known of a picture


def density(config: PixelRNNConfig, spec: DataSpec) -> PixelDensity:
    """Build the network that a config describes; its width is rounded up to fit the channels."""
    head = SoftmaxHead(Levels(config.levels), spec.channels)
    told = bool(spec.classes or spec.embedding)
    condition = Condition(len(spec.classes), _CONDITION, spec.embedding) if told else None
    net = PixelRNN(
        Rows if config.variant == "row-lstm" else Diagonals,
        spec.channels,
        math.ceil(config.features / spec.channels) * spec.channels,
        config.depth,
        head.outputs,
        _CONDITION if told else 0,
        reach=config.reach,
        skips=config.skips,
        dropout=config.dropout,
    )
    return PixelDensity(net, head, condition)


class PixelRNNLearner(PixelLearner):
    """Either network, learning."""

    def __init__(self, config: PixelRNNConfig, spec: DataSpec) -> None:
        super().__init__(density(config, spec), config, spec)
