"""A linear autoencoder: x ≈ m + W z with z = Wᵀ (x - m); at its optimum W spans the principal components."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from genstudio.api import Batch, DataSpec, Ema, Learner, SampleRequest, Updater

from .config import EigenConfig, EigenSampling


class EigenLearner(Learner):
    """W is (D, parts), m is (D,), for pictures of D numbers."""

    spread: Tensor

    def __init__(self, config: EigenConfig, spec: DataSpec) -> None:
        super().__init__()
        self.shape = (spec.channels, spec.height, spec.width)
        self.net = nn.Module()
        self.net.mixing = nn.Parameter(torch.randn(spec.dimensions, config.parts) * spec.dimensions**-0.5)
        self.net.middle = nn.Parameter(torch.zeros(spec.dimensions))
        self.ema = Ema(self.net, decay=0.99)
        self.register_buffer("spread", torch.ones(config.parts))
        self.update = Updater(self.net, lr=config.learning_rate, ema=self.ema)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        images = batch.images.flatten(1)  # (B, D)
        latents = (images - self.net.middle) @ self.net.mixing  # (B, parts)
        loss = (self.net.middle + latents @ self.net.mixing.T - images).square().mean()
        self.update.step(loss, batch.images_seen)
        self.spread.lerp_(latents.detach().std(0), 0.05)
        return {"error": loss.detach()}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        return {"error": (self.reconstruct(batch.images) - batch.images).square().flatten(1).mean(1)}

    def sample(self, request: SampleRequest) -> Tensor:
        return self.decode(self.draw_latents(request), request)

    def reconstruct(self, images: Tensor) -> Tensor:
        return self._pictures(self.encode(images))

    def draw_latents(self, request: SampleRequest) -> Tensor:
        assert isinstance(request.options, EigenSampling)
        return request.noise.normal(len(self.spread)) * self.spread * request.options.spread

    def encode(self, images: Tensor) -> Tensor:
        net = self.ema.module
        return (images.flatten(1) - net.middle) @ net.mixing

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        return self._pictures(latents)

    def _pictures(self, latents: Tensor) -> Tensor:
        net = self.ema.module
        return (net.middle + latents @ net.mixing.T).unflatten(1, self.shape).clamp(-1, 1)
