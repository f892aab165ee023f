"""Learning, scoring and drawing with any model of pixels in order.

p(x) = Π p(pixel | pixels before) (van den Oord et al. 2016, "Pixel recurrent neural networks", equations 1 and 2):
training minimises its exact negative logarithm, all factors of all pixels at once; drawing takes one pixel after the
other. A family brings the network; what is done with it is the same for all, and is here.

With labels or embeddings the model is p(x | what is known), and p(x) by hiding that for some pictures. A picture is
scored given what comes with it. Evaluation and drawing use the moving average of the weights.
"""

import math
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.nn.pixels_completion import completion_note
from genstudio.nn.pixels_config import PixelConfig, PixelSampling
from genstudio.nn.pixels_density import PixelDensity
from genstudio.nn.pixels_drawing import Given
from genstudio.training.learner import CompletionRequest, Learner, SampleRequest
from genstudio.training.updater import Ema, Updater, warmup_cosine

_WARM_UP_STEPS = 100


class PixelLearner(Learner):
    """A density of pictures, the average of its weights, and one updater."""

    likelihood_kind: Literal["exact"] = "exact"

    def __init__(self, density: PixelDensity, config: PixelConfig, spec: DataSpec) -> None:
        super().__init__()
        self.hidden_labels = config.hidden_labels
        self.shape = (spec.height, spec.width, spec.channels)
        self.nats_per_bit = spec.dimensions * math.log(2)
        self.density = density
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
        nats = -self.density(batch.pixels, self._told(batch)).sum((1, 2))  # (B,)
        loss = nats.mean() / self.nats_per_bit
        self.update.step(loss, batch.images_seen)
        return {"bits_per_dim": loss.detach()}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """Bits per dimension of held-out pictures."""
        return {"bits_per_dim": -self.log_likelihood(batch) / self.nats_per_bit}

    def log_likelihood(self, batch: Batch) -> Tensor:
        """Return log p(picture | what comes with it) in nats, (B,), or log p(picture) where nothing does.

        With fewer than 256 levels, of the pictures reduced to them.
        """
        return -self.surprise(batch).sum((1, 2))

    def surprise(self, batch: Batch) -> Tensor:
        """Return minus log p of every pixel given those before it, in nats, (B, H, W)."""
        density = self.averaged
        nats: Tensor = density(batch.pixels, density.vectors(batch.labels, len(batch), batch.embeddings))
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

    def _told(self, batch: Batch) -> Tensor | None:
        """What the network is told of a batch while it learns: not always all that is known.

        Where the label is hidden, the embedding is too; and by itself just as often, for drawing by label alone.
        """
        condition = self.density.condition
        if condition is None:
            return None
        labels, known = batch.labels, None
        if labels is not None:
            labels, hidden = condition.hide(labels, self.hidden_labels, batch.generator)
            known = ~hidden
        if batch.embeddings is not None:
            chance = torch.rand(len(batch), generator=batch.generator, device=batch.pixels.device)
            seen = chance >= self.hidden_labels
            known = seen if known is None else known & seen
        vectors: Tensor = condition(labels, len(batch), batch.embeddings, known)
        return vectors

    def _draw(self, request: SampleRequest, given: Given | None) -> Tensor:
        options = request.options
        assert isinstance(options, PixelSampling)
        is_told = request.labels is not None or request.embeddings is not None
        return self.averaged.draw(
            request.noise.uniform(*self.shape),
            self.averaged.vectors(request.labels, len(request), request.embeddings),
            temperature=options.temperature,
            guidance=options.guidance if is_told else 1.0,
            given=given,
            watch=request.watch,
        )
