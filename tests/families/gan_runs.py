"""Real little runs of the GAN, some of them set up to go wrong, and what its doctor says of them."""

import math

import numpy as np
import torch

from genstudio.core.health import History, Verdict
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.training.guard import Guard
from genstudio.training.meter import Meter
from genstudio.training.previews import evaluating
from genstudio_gan.config import GanConfig
from genstudio_gan.health import gan_health
from genstudio_gan.model import GanLearner

EDGE, BATCH, STEPS, REPORT_EVERY, HELDOUT = 16, 16, 800, 10, 64
CPU = torch.device("cpu")
TINY = GanConfig(batch_size=BATCH, images=BATCH * STEPS, architecture="dcgan", width=8, latents=16)
BARE: dict[str, object] = {"augment": "none", "r1": 0.0, "r2": 0.0, "variety": 0.0}

SICK: dict[str, tuple[dict[str, object], int]] = {
    "learning rates a hundred times too high": (
        {"architecture": "resnet", "generator_rate": 0.05, "discriminator_rate": 0.05, **BARE}, 500,
    ),
    "minimax with a quick discriminator": (
        {"loss": "minimax", "discriminator_rate": 5e-3, "generator_rate": 1e-4, **BARE}, 500,
    ),
    "a generator much quicker than its discriminator": (
        {"loss": "non-saturating", "generator_rate": 1e-2, "discriminator_rate": 1e-4, **BARE}, 500,
    ),
    "hinge with momentum and high rates": (
        {"loss": "hinge", "momentum": 0.9, "generator_rate": 1e-2, "discriminator_rate": 1e-2, **BARE}, 500,
    ),
    "twenty-four pictures, nothing against overfitting": (
        {"loss": "non-saturating", "discriminator_rate": 2e-3, **BARE}, 24,
    ),
}  # fmt: skip
"""What was done to a run, and how many pictures it had."""

WELL: dict[str, tuple[dict[str, object], int]] = {
    "dcgan, non-saturating": ({"loss": "non-saturating"}, 500),
    "dcgan, relativistic": ({"loss": "relativistic"}, 500),
    "dcgan, lsgan": ({"loss": "lsgan"}, 500),
    "dcgan, hinge": ({"loss": "hinge"}, 500),
    "dcgan, wgan-gp": ({"loss": "wgan-gp", "critic_steps": 2}, 500),
    "resnet, relativistic": ({"loss": "relativistic", "architecture": "resnet"}, 500),
    "resnet, non-saturating": ({"loss": "non-saturating", "architecture": "resnet"}, 500),
    "dcgan, non-saturating, 100 pictures": ({"loss": "non-saturating"}, 100),
}


def discs(count: int, seed: int = 0) -> ImageDataset:
    """Coloured discs of all sizes in all places on a light ground."""
    draw = np.random.default_rng(seed)
    rows, columns = np.mgrid[:EDGE, :EDGE]
    pictures = np.empty((count, 3, EDGE, EDGE), dtype=np.uint8)
    for picture in pictures:
        middle, radius = draw.uniform(4, EDGE - 4, 2), draw.uniform(2, 5)
        inside = 1 / (1 + np.exp(2 * (np.hypot(rows - middle[0], columns - middle[1]) - radius)))
        colour, ground = draw.integers(0, 200, 3), draw.integers(200, 256)
        picture[:] = (ground + inside * (colour[:, None, None] - ground)).astype(np.uint8)
    return ImageDataset.in_memory(pictures)


def diagnose(changes: dict[str, object], count: int, seed: int) -> tuple[Verdict | None, History]:
    """Train a run of so many pictures; returns the first verdict of its doctor, and its figures up to the end."""
    config = TINY.replaced(changes)
    source = BatchSource(discs(count + HELDOUT), np.arange(count), batch_size=BATCH, seed=seed, device=CPU)
    heldout = np.arange(count, count + HELDOUT)
    torch.manual_seed(seed)
    gan = GanLearner(config, discs(1).spec).train()
    guard, meter, history = Guard(gan, 0, CPU), Meter(), History()
    verdict: Verdict | None = None
    for step in range(1, STEPS + 1):
        meter.add(guard.step(source.batch((step - 1) * BATCH), BATCH))
        if guard.tripped:
            return Verdict("divergence", "Not finite.", "", ""), history  # which the studio says by itself
        if step % REPORT_EVERY == 0:
            values = meter.take() | (_heldout(gan, source, heldout) if step % (5 * REPORT_EVERY) == 0 else {})
            history.add(step * BATCH, {name: value for name, value in values.items() if math.isfinite(value)})
            verdict = verdict or gan_health(config, history)
    return verdict, history


def _heldout(gan: GanLearner, source: BatchSource, indices: np.ndarray) -> dict[str, float]:
    with evaluating(gan):
        figures = gan.evaluate(source.fixed(indices, 0))
    return {f"heldout/{name}": float(values.mean()) for name, values in figures.items()}
