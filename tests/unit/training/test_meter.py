"""The meter, the clock and the guard: small parts with one duty each."""

import math
import time

import pytest
import torch

from genstudio.training.clock import Clock
from genstudio.training.guard import Guard
from genstudio.training.meter import Meter, first_not_finite, only_finite
from tests.unit.training.support import BATCH, make_learner, make_source


def test_that_it_gives_means_over_the_steps_since_it_was_last_asked() -> None:
    meter = Meter()
    for value in (1.0, 2.0, 6.0):
        meter.add({"loss": torch.tensor(value), "other": torch.tensor(2 * value, dtype=torch.float64)})
    assert meter.take() == {"loss": 3.0, "other": 6.0}
    assert meter.take() == {}
    meter.add({"loss": torch.tensor(5.0)})
    assert meter.take() == {"loss": 5.0}


def test_that_it_does_not_keep_what_a_step_computed_alive() -> None:
    meter = Meter()
    meter.add({"loss": torch.tensor(1.0, requires_grad=True) * 2})
    meter.add({"loss": torch.tensor(1.0, requires_grad=True) * 4})
    assert meter.take() == {"loss": 3.0}


def test_that_a_step_cannot_change_its_mind_about_what_it_reports() -> None:
    meter = Meter()
    meter.add({"loss": torch.tensor(1.0)})
    with pytest.raises(ValueError, match="a step reported other"):
        meter.add({"other": torch.tensor(1.0)})


def test_that_a_step_may_report_nothing() -> None:
    meter = Meter()
    meter.add({})
    assert meter.take() == {}


def test_that_figures_which_are_not_finite_are_found_and_left_out() -> None:
    values = {"a": 1.0, "b": math.nan, "c": math.inf}
    assert first_not_finite(values) == "b"
    assert only_finite(values) == {"a": 1.0}
    assert first_not_finite({"a": 1.0}) is None


def test_that_pauses_do_not_count_and_previews_count_for_the_run_but_not_for_its_steps() -> None:
    clock = Clock(100.0)
    with clock.paused(), clock.aside():
        time.sleep(0.05)
    assert 100.0 <= clock.seconds < 100.04
    assert 0 <= clock.stepping < 0.04
    with clock.aside(), clock.paused(), clock.aside():
        time.sleep(0.05)
    assert 100.0 <= clock.seconds < 100.04
    with clock.aside():
        time.sleep(0.05)
    assert 100.05 <= clock.seconds < 100.09
    assert 0 <= clock.stepping < 0.04


def test_that_a_clock_which_is_held_stands_still() -> None:
    clock = Clock()
    with clock.paused():
        readings = clock.seconds, clock.stepping
        time.sleep(0.02)
        assert (clock.seconds, clock.stepping) == readings
    assert clock.seconds - readings[0] < 0.015


def test_that_the_guard_decides_on_a_device_as_it_does_on_the_processor() -> None:
    """The way of a device that must not be waited for, walked on the processor."""
    learner, source = make_learner(), make_source()
    guard = Guard(learner, 0, torch.device("cpu"))
    guard._on_host = False
    guard.step(source.batch(0), BATCH)
    good = {name: tensor.clone() for name, tensor in learner.state_dict().items()}
    bad = source.batch(BATCH)
    bad.images.fill_(math.nan)
    guard.step(bad, BATCH)
    guard.step(source.batch(2 * BATCH), BATCH)
    assert [guard.tripped, guard.look(), guard.tripped] == [False, True, True]
    assert guard.images_seen == BATCH
    assert all(torch.equal(tensor, good[name]) for name, tensor in learner.state_dict().items())
