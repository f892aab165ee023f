"""Resuming is exact, in the middle of an epoch, and every piece of state takes part in it."""

import pytest
import torch

from genstudio.core.control import Control
from genstudio.core.events import Preview
from genstudio.core.settings import RunSettings
from genstudio.training.checkpoint import learner_tensors, load_learner_tensors
from genstudio.training.loop import Progress
from tests.unit.training.support import BATCH, Host, assert_same_bits, make_learner, run, snapshot

WHOLE = 11 * BATCH


@pytest.mark.parametrize("steps", [1, 3, 4, 6, 10])
def test_that_a_resumed_run_ends_with_the_same_bits_as_one_that_was_never_broken_off(steps: int) -> None:
    straight = make_learner()
    run(straight, budget=WHOLE)
    begun = make_learner()
    first = run(begun, budget=steps * BATCH)
    resumed = make_learner(seed=99)
    load_learner_tensors(resumed, first.host.saved[steps * BATCH])
    torch.manual_seed(12345)
    second = run(resumed, budget=WHOLE, progress=first.progress)
    assert second.finished.images_seen == WHOLE
    assert_same_bits(snapshot(straight), snapshot(resumed))


def test_that_previews_checkpoints_and_reports_do_not_change_what_is_learned() -> None:
    quiet, busy, control = make_learner(), make_learner(), Control()
    run(quiet, budget=WHOLE, settings=RunSettings(seed=3, preview_every=10**9, checkpoint_seconds=1e9))

    def wish() -> None:
        control.preview_now()
        control.save_now()

    ran = run(busy, budget=WHOLE, control=control, host=Host(on_between=wish))
    assert len(ran.host.saved) == len(ran.of(Preview)) == 12
    assert_same_bits(snapshot(quiet), snapshot(busy))


# What the average copies anew at every step, and the count nobody reads, have no influence on what comes after.
INFLUENTIAL = [
    name
    for name in learner_tensors(make_learner())
    if "num_batches" not in name and not ("ema" in name and "running" in name)
]


@pytest.mark.parametrize("name", INFLUENTIAL)
def test_that_a_resume_which_forgets_one_piece_of_state_is_not_exact(name: str) -> None:
    straight = make_learner()
    run(straight, budget=2 * BATCH)
    forgetful, whole = make_learner(seed=99), snapshot(straight)
    load_learner_tensors(forgetful, whole | {name: learner_tensors(forgetful)[name]})
    for learner in (straight, forgetful):
        run(learner, budget=5 * BATCH, progress=Progress(2 * BATCH))
    differing = [key for key, tensor in snapshot(straight).items() if not torch.equal(tensor, snapshot(forgetful)[key])]
    assert differing


def test_that_a_resume_at_another_reading_of_the_clock_is_not_exact() -> None:
    learners = make_learner(), make_learner()
    for learner, start in zip(learners, (0, BATCH), strict=True):
        run(learner, budget=start + 3 * BATCH, progress=Progress(start))
    assert not torch.equal(*(snapshot(learner)["model/net.1.weight"] for learner in learners))
