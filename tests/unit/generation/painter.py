"""A learner that has learned nothing and draws from its noise: what generation needs, quick and exact."""

from collections.abc import Mapping

import torch
from torch import Tensor

from genstudio.core.config import SamplingConfig
from genstudio.data.batches import Batch
from genstudio.training.learner import Learner, SampleRequest


class Painter(Learner):
    """Pictures (N, 3, 4, 5) from latents (N, 2, 3); its decoding adds noise of its own, as a GAN's would."""

    def __init__(self) -> None:
        super().__init__()
        stream = torch.Generator().manual_seed(0)
        self.register_buffer("mixing", 0.3 * torch.randn(6, 60, generator=stream))
        self.dropout = torch.nn.Dropout(0.5)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {}

    def sample(self, request: SampleRequest) -> Tensor:
        return self.decode(self.draw_latents(request), request)

    def draw_latents(self, request: SampleRequest) -> Tensor:
        return request.noise.normal(2, 3)

    def encode(self, images: Tensor) -> Tensor:
        return images.flatten(1)[:, :6].view(-1, 2, 3)

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        pictures = (latents.flatten(1) @ self.get_buffer("mixing")).view(-1, 3, 4, 5)
        pictures = pictures + 0.2 * request.noise.uniform(3, 4, 5)
        if request.labels is not None:
            pictures = pictures + request.labels[:, None, None, None]
        request.watch(1, 2, pictures)
        request.watch(2, 2, pictures)
        drawn: Tensor = self.dropout(pictures)
        return drawn

    def reconstruct(self, images: Tensor) -> Tensor:
        assert not self.training
        return images


class Mute(Learner):
    """A learner without any ability."""

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {}


OPTIONS = SamplingConfig()
