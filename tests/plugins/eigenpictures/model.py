"""A linear autoencoder: x ≈ m + W z with z = Wᵀ (x - m); at its optimum W spans the principal components."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from genstudio.api import Batch, DataSpec, Ema, Learner, SampleRequest, Updater

from .config import EigenConfig, EigenSampling


class Mixture(nn.Module):
    """W is (D, parts), m is (D,), for pictures (C, H, W) of D numbers."""

    def __init__(self, shape: tuple[int, int, int], parts: int) -> None:
        super().__init__()
        self.shape = shape
        numbers = shape[0] * shape[1] * shape[2]
        self.mixing = nn.Parameter(torch.randn(numbers, parts) * numbers**-0.5)
        self.middle = nn.Parameter(torch.zeros(numbers))

    def encode(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to (N, parts)."""
        return (images.flatten(1) - self.middle) @ self.mixing

    def decode(self, latents: Tensor) -> Tensor:
        """(N, parts) to (N, C, H, W)."""
        return (self.middle + latents @ self.mixing.T).view(-1, *self.shape)


class EigenLearner(Learner):
    """Learns the mixture; an average of its past redraws and draws."""

    spread: Tensor

    def __init__(self, config: EigenConfig, spec: DataSpec) -> None:
        super().__init__()
        self.net = Mixture((spec.channels, spec.height, spec.width), config.parts)
        self.ema = Ema(self.net, decay=0.99)
        self.register_buffer("spread", torch.ones(config.parts))
        self.update = Updater(self.net, lr=config.learning_rate, ema=self.ema)

    @property
    def averaged(self) -> Mixture:
        assert isinstance(self.ema.module, Mixture)
        return self.ema.module

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        latents = self.net.encode(batch.images)
        loss = (self.net.decode(latents) - batch.images).square().mean()
        self.update.step(loss, batch.images_seen)
        self.spread.lerp_(latents.detach().std(0), 0.05)
        return {"error": loss.detach()}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        return {"error": (self.reconstruct(batch.images) - batch.images).square().flatten(1).mean(1)}

    def sample(self, request: SampleRequest) -> Tensor:
        return self.decode(self.draw_latents(request), request)

    def reconstruct(self, images: Tensor) -> Tensor:
        return self.averaged.decode(self.encode(images)).clamp(-1, 1)

    def draw_latents(self, request: SampleRequest) -> Tensor:
        assert isinstance(request.options, EigenSampling)
        return request.noise.normal(len(self.spread)) * self.spread * request.options.spread

    def encode(self, images: Tensor) -> Tensor:
        return self.averaged.encode(images)

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        return self.averaged.decode(latents).clamp(-1, 1)
