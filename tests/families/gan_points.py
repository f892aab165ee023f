"""The game played for points in the plane, where one can count which modes were found and how many points are good."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genstudio.nn.adversarial import LOSSES, AdversarialLoss, between, slope_penalty, squared_slopes
from genstudio.training.ema import Ema
from genstudio.training.updater import Updater
from genstudio_gan.networks import mlp

LATENTS, HIDDEN, BATCH = 8, 64, 128
CLIP, CRITIC_STEPS = 0.05, 3


@dataclass(frozen=True)
class Mixture:
    """Equally likely normal distributions of the same width around `centres` (K, 2)."""

    centres: Tensor
    width: float

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(self.centres), (count,), generator=generator)
        return self.centres[chosen] + self.width * torch.randn(count, 2, generator=generator)

    def found(self, points: Tensor) -> tuple[int, float]:
        """How many modes have at least a fifth of their share of good points, and the share of good points.

        A point is good when it is within three widths of a centre.
        """
        nearest = torch.cdist(points, self.centres).min(1)
        good = nearest.indices[nearest.values <= 3 * self.width]
        fair = len(points) / len(self.centres)
        modes = int((torch.bincount(good, minlength=len(self.centres)) >= fair / 5).sum())
        return modes, len(good) / len(points)


def ring() -> Mixture:
    """Eight on a circle of radius 1."""
    angles = torch.arange(8) * torch.pi / 4
    return Mixture(torch.stack([angles.cos(), angles.sin()], 1), 0.04)


def grid() -> Mixture:
    """Twenty-five on a square."""
    places = torch.linspace(-1, 1, 5)
    return Mixture(torch.cartesian_prod(places, places), 0.04)


def play(
    name: str, mixture: Mixture, *, seed: int, steps: int, r1: float = 0.02, r2: float = 0.02
) -> tuple[int, float]:
    """Train a generator of points by the loss of this name; returns modes found and the share of good points."""
    torch.manual_seed(seed)
    loss, noise = LOSSES[name], torch.Generator().manual_seed(seed)
    generator = mlp([LATENTS, HIDDEN, HIDDEN, HIDDEN, 2])
    critic = mlp([2, HIDDEN, HIDDEN, HIDDEN, 1])
    ema = Ema(generator, decay=0.995)
    drawing = Updater(generator, lr=1e-3, betas=(0.0, 0.99), ema=ema, schedule=lambda step: 1 - 0.9 * step / steps)
    judging = Updater(critic, lr=2e-3, betas=(0.0, 0.99), schedule=lambda step: 1 - 0.9 * step / steps)
    wasserstein = name.startswith("wgan")
    for step in range(steps):
        for _ in range(CRITIC_STEPS if wasserstein else 1):
            real = mixture.draw(BATCH, noise)
            fake = generator(torch.randn(BATCH, LATENTS, generator=noise)).detach()
            judging.step(_judging(name, loss, critic, real, fake, noise, r1, r2), step)
            if name == "wgan-clip":
                _clip(critic)
        fake = generator(torch.randn(BATCH, LATENTS, generator=noise))
        with torch.no_grad():
            real_said = critic(real)[:, 0]
        drawing.step(loss.generator(critic(fake)[:, 0], real_said).mean(), step)
    with torch.no_grad():
        return mixture.found(ema.module(torch.randn(2500, LATENTS, generator=noise)))


def _judging(
    name: str,
    loss: AdversarialLoss,
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    noise: torch.Generator,
    r1: float,
    r2: float,
) -> Tensor:
    points = torch.cat([real, fake]).requires_grad_(True)
    said = critic(points)[:, 0]
    real_said, fake_said = said.chunk(2)
    value = loss.discriminator(real_said, fake_said, 0.0).mean()
    if name == "wgan-gp":
        mixed = between(real, fake, torch.rand(len(real), generator=noise))
        return value + 0.5 * slope_penalty(critic(mixed)[:, 0], mixed).mean()
    if name == "wgan-clip" or not (r1 or r2):
        return value
    at_real, at_fake = squared_slopes(said, points).chunk(2)
    return value + 0.5 * (r1 * at_real.mean() + r2 * at_fake.mean())


@torch.no_grad()
def _clip(critic: nn.Module) -> None:
    for parameter in critic.parameters():
        parameter.clamp_(-CLIP, CLIP)
