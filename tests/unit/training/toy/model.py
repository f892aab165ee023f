"""The toy's model: a denoising autoencoder with batch normalisation, dropout and an average of its weights."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from genstudio.api import Batch, DataSpec, Ema, Learner, SampleRequest, Updater, warmup_cosine
from tests.unit.training.toy import ToyConfig


class ToyLearner(Learner):
    """Redraws pictures (B, C, H, W) from noisy ones."""

    def __init__(self, config: ToyConfig, spec: DataSpec) -> None:
        super().__init__()
        self.shape = (spec.channels, spec.height, spec.width)
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(spec.dimensions, config.hidden),
            nn.BatchNorm1d(config.hidden),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(config.hidden, spec.dimensions),
            nn.Tanh(),
        )
        self.ema = Ema(self.net, decay=0.99)
        schedule = warmup_cosine(config.images, config.images // 20)
        self.update = Updater(
            self.net, lr=config.learning_rate, weight_decay=0.01, clip=1.0, schedule=schedule, ema=self.ema
        )

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        noise = torch.randn(batch.images.shape, generator=batch.generator)
        redrawn = self.net(batch.images + 0.1 * noise)
        loss = (redrawn - batch.images.flatten(1)).square().mean()
        norm = self.update.step(loss, batch.images_seen)
        return {"loss": loss.detach(), "gradient": norm}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        return {"loss": (self.net(batch.images) - batch.images.flatten(1)).square().mean(1)}

    def sample(self, request: SampleRequest) -> Tensor:
        return self.reconstruct(request.noise.normal(*self.shape))

    def reconstruct(self, images: Tensor) -> Tensor:
        redrawn: Tensor = self.ema.module(images)
        return redrawn.reshape(len(images), *self.shape)
