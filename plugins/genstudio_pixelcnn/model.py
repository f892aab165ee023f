"""The three networks as one family.

They are in `plain`, `gated` and `plusplus`, each with a painter beside it that draws without ever computing a number
twice. How they learn, score and draw is the same for all models of pixels in order (`genstudio.api.PixelLearner`).
"""

import math

from genstudio.api import DataSpec, PixelLearner
from genstudio.nn.pixels import Levels
from genstudio.nn.pixels_condition import Condition, Scene
from genstudio.nn.pixels_density import PixelDensity
from genstudio.nn.pixels_heads import MixtureHead, SoftmaxHead

from .config import PixelCNNConfig
from .gated import GatedPixelCNN
from .plain import PlainPixelCNN
from .plusplus import PixelCNNPlusPlus

_CONDITION = 32  # numbers that describe what is known of a picture
_SCENE = 16  # features of it at each place


def density(config: PixelCNNConfig, spec: DataSpec) -> PixelDensity:
    """Build the network that a config describes; its width is rounded up to fit the channels."""
    channels, levels, depth = spec.channels, Levels(config.levels), config.depth
    condition = Condition(len(spec.classes), _CONDITION, spec.embedding)
    scene = Scene(_CONDITION, _SCENE, spec.height, spec.width)
    features = math.ceil(config.features / (2 * channels)) * 2 * channels
    if config.variant == "pixelcnn++":
        mixture = MixtureHead(levels, channels, config.mixtures)
        plusplus = PixelCNNPlusPlus(channels, config.features, depth, mixture, scene, config.dropout)
        return PixelDensity(plusplus, mixture, condition)
    softmax, network = SoftmaxHead(levels, channels), PlainPixelCNN if config.variant == "pixelcnn" else GatedPixelCNN
    net = network(channels, features, depth, softmax.outputs, scene, config.dropout)
    return PixelDensity(net, softmax, condition)


class PixelCNNLearner(PixelLearner):
    """Any of the three networks, learning."""

    def __init__(self, config: PixelCNNConfig, spec: DataSpec) -> None:
        super().__init__(density(config, spec), config, spec)
