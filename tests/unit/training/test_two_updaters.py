"""A learner with two networks that take turns, as adversarial ones do."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from genstudio.core.events import Outcome
from genstudio.data.batches import Batch
from genstudio.training.checkpoint import learner_tensors, load_learner_tensors
from genstudio.training.learner import Learner
from genstudio.training.updater import Ema, Updater
from tests.unit.training.support import BATCH, DATASET, assert_same_bits, run, snapshot


class Adversarial(Learner):
    """A generator, its average, and a critic with a gradient penalty (which needs second derivatives)."""

    def __init__(self, seed: int, *, spoilt_at: int | None = None) -> None:
        super().__init__()
        torch.manual_seed(seed)
        size, self.spoilt_at = DATASET.spec.dimensions, spoilt_at
        self.generator = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, size), nn.Tanh())
        self.critic = nn.Sequential(nn.Linear(size, 16), nn.Tanh(), nn.Linear(16, 1))
        self.ema = Ema(self.generator)
        self.critic_update = Updater(self.critic, lr=1e-3)
        self.generator_update = Updater(self.generator, lr=1e-3, ema=self.ema)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        noise = torch.randn(len(batch), 4, generator=batch.generator)
        real = batch.images.flatten(1).clone().requires_grad_()
        scores = self.critic(real)
        (slope,) = torch.autograd.grad(scores.sum(), real, create_graph=True)
        with torch.no_grad():
            fake = self.generator(noise)
        critic_loss = (softplus(-scores) + softplus(self.critic(fake))).mean() + slope.square().sum(1).mean()
        self.critic_update.step(critic_loss, batch.images_seen)
        generator_loss = softplus(-self.critic(self.generator(noise))).mean()
        if batch.images_seen == self.spoilt_at:
            generator_loss = generator_loss * math.nan
        self.generator_update.step(generator_loss, batch.images_seen)
        return {"critic": critic_loss.detach(), "generator": generator_loss.detach()}


def test_that_both_updaters_are_kept_and_a_resume_is_exact() -> None:
    straight, begun, resumed = Adversarial(0), Adversarial(0), Adversarial(1)
    run(straight, budget=7 * BATCH)
    first = run(begun, budget=3 * BATCH)
    load_learner_tensors(resumed, first.host.saved[3 * BATCH])
    run(resumed, budget=7 * BATCH, progress=first.progress)
    assert {"optimizer/critic_update/steps", "optimizer/generator_update/steps"} <= learner_tensors(straight).keys()
    assert_same_bits(snapshot(straight), snapshot(resumed))


def test_that_when_one_of_them_fails_neither_learns_any_further() -> None:
    sound, spoilt = Adversarial(0), Adversarial(0, spoilt_at=3 * BATCH)
    run(sound, budget=3 * BATCH)
    ran = run(spoilt, budget=10 * BATCH)
    assert ran.finished.outcome is Outcome.DIVERGED
    assert ran.finished.images_seen == 3 * BATCH
    assert "“generator”" in ran.finished.message
    before, after = snapshot(sound), snapshot(spoilt)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in after.values())
    # The critic's turn came before, and was sound; everything else is as it was.
    changed = [name for name, tensor in before.items() if not torch.equal(tensor, after[name])]
    assert all("critic" in name for name in changed)
    assert int(after["optimizer/critic_update/steps"]) == 4
