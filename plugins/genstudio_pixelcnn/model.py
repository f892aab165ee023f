"""Learning, scoring and drawing with any of the three networks.

p(x) = Π p(pixel | pixels before) (van den Oord et al. 2016): training minimises its exact negative logarithm, all
factors of all pixels at once; drawing takes one pixel after the other. The networks are in `plain`, `gated` and
`plusplus`, each with a painter beside it that draws without ever computing a number twice.

With labels the model is p(x | label), and p(x) by hiding the label of some pictures. A picture that comes with its
label is scored by p(x | label), one without by p(x).

Evaluation and drawing use the moving average of the weights.
"""

import math
from collections.abc import Mapping
from typing import Literal

from torch import Tensor

from genstudio.api import (
    Batch,
    CompletionRequest,
    DataSpec,
    Ema,
    Learner,
    SampleRequest,
    Updater,
    warmup_cosine,
)
from genstudio.nn.pixels import Levels
from genstudio.nn.pixels_completion import completion_note
from genstudio.nn.pixels_condition import ClassCondition, Scene
from genstudio.nn.pixels_density import PixelDensity
from genstudio.nn.pixels_drawing import Given
from genstudio.nn.pixels_heads import MixtureHead, SoftmaxHead

from .config import PixelCNNConfig, PixelCNNSampling
from .gated import GatedPixelCNN
from .plain import PlainPixelCNN
from .plusplus import PixelCNNPlusPlus

_CONDITION = 32  # numbers that describe a class
_SCENE = 16  # features of it at each place
_WARM_UP_STEPS = 100


def density(config: PixelCNNConfig, spec: DataSpec) -> PixelDensity:
    """Build the network that a config describes; its width is rounded up to fit the channels."""
    channels, levels, depth = spec.channels, Levels(config.levels), config.depth
    classes = ClassCondition(len(spec.classes), _CONDITION)
    scene = Scene(_CONDITION, _SCENE, spec.height, spec.width)
    features = math.ceil(config.features / (2 * channels)) * 2 * channels
    if config.variant == "pixelcnn++":
        mixture = MixtureHead(levels, channels, config.mixtures)
        plusplus = PixelCNNPlusPlus(channels, config.features, depth, mixture, scene, config.dropout)
        return PixelDensity(plusplus, mixture, classes)
    softmax, network = SoftmaxHead(levels, channels), PlainPixelCNN if config.variant == "pixelcnn" else GatedPixelCNN
    net = network(channels, features, depth, softmax.outputs, scene, config.dropout)
    return PixelDensity(net, softmax, classes)


class PixelCNNLearner(Learner):
    """A density of pictures, the average of its weights, and one updater."""

    likelihood_kind: Literal["exact"] = "exact"

    def __init__(self, config: PixelCNNConfig, spec: DataSpec) -> None:
        super().__init__()
        self.hidden_labels = config.hidden_labels
        self.shape = (spec.height, spec.width, spec.channels)
        self.nats_per_bit = spec.dimensions * math.log(2)
        self.density = density(config, spec)
        self.average = Ema(self.density, config.averaging)
        warm_up = min(_WARM_UP_STEPS * config.batch_size, config.images // 10)
        self.update = Updater(
            self.density,
            lr=config.learning_rate,
            betas=(0.9, 0.99),
            clip=1.0,
            schedule=warmup_cosine(config.images, warm_up),
            ema=self.average,
        )

    @property
    def averaged(self) -> PixelDensity:
        """The density with averaged weights: what it is judged by and draws with."""
        assert isinstance(self.average.module, PixelDensity)
        return self.average.module

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Minimise bits per dimension of one batch."""
        labels = batch.labels
        if labels is not None and self.density.condition is not None:
            labels = self.density.condition.hide(labels, self.hidden_labels, batch.generator)
        nats = -self.density(batch.pixels, self.density.vectors(labels, len(batch))).sum((1, 2))  # (B,)
        loss = nats.mean() / self.nats_per_bit
        self.update.step(loss, batch.images_seen)
        return {"bits_per_dim": loss.detach()}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """Bits per dimension of held-out pictures."""
        return {"bits_per_dim": -self.log_likelihood(batch) / self.nats_per_bit}

    def log_likelihood(self, batch: Batch) -> Tensor:
        """Return log p(picture | its label) in nats, (B,), or log p(picture) where the batch has no labels.

        With fewer than 256 levels, of the pictures reduced to them.
        """
        return -self.surprise(batch).sum((1, 2))

    def surprise(self, batch: Batch) -> Tensor:
        """Return minus log p of every pixel given those before it, in nats, (B, H, W)."""
        nats: Tensor = self.averaged(batch.pixels, self.averaged.vectors(batch.labels, len(batch)))
        return -nats

    def sample(self, request: SampleRequest) -> Tensor:
        """Draw pictures (N, C, H, W) in [-1, 1], pixel by pixel."""
        return self._draw(request, None)

    def complete(self, request: CompletionRequest) -> Tensor:
        """Draw the unknown pixels (N, C, H, W) in [-1, 1], each from all that is before it in reading order."""
        return self._draw(request.sample, Given(request.images, request.known))

    def completion_note(self, known: Tensor) -> str:
        """Say what is done for masks that are not "everything up to here"."""
        return completion_note(known)

    def _draw(self, request: SampleRequest, given: Given | None) -> Tensor:
        options = request.options
        assert isinstance(options, PixelCNNSampling)
        return self.averaged.draw(
            request.noise.uniform(*self.shape),
            self.averaged.vectors(request.labels, len(request)),
            temperature=options.temperature,
            guidance=options.guidance if request.labels is not None else 1.0,
            given=given,
            watch=request.watch,
        )
