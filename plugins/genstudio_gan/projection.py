"""A given picture's place among latents, found by optimisation: a generator has no way back.

Sixty-four random latents are drawn once; the two whose pictures are nearest to the given one are moved down the slope
of the distance (Adam, `STEPS` steps), and the better one is the answer. The distance is that of pixels plus that of
the discriminator's own features, which were learned from the same pictures and know what matters in them.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.api import Updater
from genstudio_gan.networks import Discriminator, Generator

CANDIDATES, STARTS, STEPS = 64, 2, 100
_RATE = 0.1
_TYPICAL = 1e-3  # weight of staying where latents are drawn from
_AT_ONCE = 64  # pictures


def project(generator: Generator, discriminator: Discriminator, images: Tensor) -> Tensor:
    """Find latents (N, Z + K) for pictures (N, C, H, W); the same pictures always give the same latents."""
    parts = torch.split(images.detach(), _AT_ONCE)
    return torch.cat([_projected(generator, discriminator, part) for part in parts])


def _projected(generator: Generator, discriminator: Discriminator, images: Tensor) -> Tensor:
    target = _Target(discriminator, images)
    starts = _nearest(generator, target, _candidates(generator, images.device))  # (N, S, D)
    latents = nn.Parameter(starts.flatten(0, 1).clone())
    updater = Updater([("latents", latents)], lr=_RATE, betas=(0.9, 0.99), schedule=_falling)
    with torch.enable_grad():
        for step in range(STEPS):
            typical = latents[:, : generator.latents].square().mean(1)
            loss = target.distance(generator(latents), STARTS) + _TYPICAL * typical
            updater.step(loss.sum(), step)
    found = latents.detach()
    with torch.no_grad():
        best = target.distance(generator(found), STARTS).view(-1, STARTS).argmin(1)
    return found.view(len(images), STARTS, -1)[torch.arange(len(images), device=images.device), best]


def _falling(step: int) -> float:
    return 0.5 * (1 + math.cos(math.pi * step / STEPS))


def _candidates(generator: Generator, device: torch.device) -> Tensor:
    """(CANDIDATES, Z + K), always the same; labels take turns."""
    z = torch.randn(CANDIDATES, generator.latents, generator=torch.Generator().manual_seed(0)).to(device)
    if not generator.classes:
        return z
    labels = torch.arange(CANDIDATES, device=device) % generator.classes
    return torch.cat([z, F.one_hot(labels, generator.classes).to(z.dtype)], 1)


def _nearest(generator: Generator, target: "_Target", candidates: Tensor) -> Tensor:
    """The best candidates for each picture, (N, STARTS, Z + K)."""
    with torch.no_grad():
        pictures, count = generator(candidates), len(target.images)
        each = [target.distance(picture.expand(count, -1, -1, -1), 1) for picture in pictures]
    best = torch.stack(each, 1).topk(STARTS, largest=False).indices  # (N, STARTS)
    return candidates[best]


class _Target:
    """The pictures looked for, and how far others are from them."""

    def __init__(self, discriminator: Discriminator, images: Tensor) -> None:
        self.images, self._look = images, discriminator.features
        with torch.no_grad():
            self._features = self._look(images, None)
        self._scale = self._features.square().mean(1).clamp_min(1e-6)

    def distance(self, pictures: Tensor, copies: int) -> Tensor:
        """(N · copies, C, H, W) to (N · copies,): squared differences of pixels, and of features on their own scale."""
        images, features, scale = (
            part.repeat_interleave(copies, 0) for part in (self.images, self._features, self._scale)
        )
        pixels = (pictures - images).square().flatten(1).mean(1)
        return pixels + 0.1 * (self._look(pictures, None) - features).square().mean(1) / scale
