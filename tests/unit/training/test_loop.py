"""The loop: what it says, how it heeds a person's wishes, and how it ends well."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np
from torch import Tensor

from genstudio.core.control import Control
from genstudio.core.events import (
    CheckpointSaved,
    Event,
    Metric,
    Outcome,
    Paused,
    Preview,
    Resumed,
)
from genstudio.core.settings import RunSettings
from genstudio.data.batches import Batch
from genstudio.training.learner import Learner, PreviewRequest
from genstudio.training.loop import Progress
from tests.unit.training.support import BATCH, Host, Ran, assert_same_bits, check_ending, make_learner, run, snapshot
from tests.unit.training.toy.model import ToyLearner


def test_that_a_run_trains_to_its_budget_saves_and_shows_the_end() -> None:
    ran = run(make_learner(), budget=8 * BATCH)
    check_ending(ran, Outcome.COMPLETED)
    assert ran.finished.images_seen == ran.progress.images_seen == 8 * BATCH
    assert ran.progress.seconds > 0
    assert list(ran.host.saved) == [8 * BATCH]
    previews = [event for event in ran.events if isinstance(event, Preview)]
    assert previews[0].images_seen == 0
    assert previews[-1].images_seen == 8 * BATCH
    assert all(event.images.shape == (2, 8, 8, 1) and event.images.dtype == np.uint8 for event in previews)


def test_that_every_report_has_a_reading_of_the_clock_of_its_own_and_means_of_all_steps() -> None:
    ran = run(make_learner(), budget=60 * BATCH)
    metrics = [event for event in ran.events if isinstance(event, Metric)]
    assert all(one.images_seen < other.images_seen for one, other in pairwise(metrics))
    assert all(one.seconds <= other.seconds for one, other in pairwise(metrics))
    assert metrics[0].images_seen == 0
    assert metrics[0].values.keys() == {"heldout/loss"}
    assert all({"loss", "gradient"} <= metric.values.keys() for metric in metrics[1:])
    assert all(metric.rate > 0 and metric.memory > 0 for metric in metrics[1:])
    assert metrics[-1].values["loss"] < metrics[1].values["loss"]
    assert metrics[-1].images_seen == 60 * BATCH
    assert "heldout/loss" in metrics[-1].values


def test_that_a_learner_without_previews_or_held_out_figures_is_trained_all_the_same() -> None:
    class Silent(ToyLearner):
        def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
            yield from ()

        def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
            return {}

    learner = make_learner()
    learner.__class__ = Silent
    ran = run(learner)
    check_ending(ran, Outcome.COMPLETED)
    assert not ran.of(Preview)


def test_that_stop_ends_after_the_step_and_saves() -> None:
    control = Control()

    def stop_soon(event: Event) -> None:
        if isinstance(event, Metric) and event.images_seen > 0:
            control.stop()

    ran = run(make_learner(), budget=10**9, control=control, on_event=stop_soon)
    check_ending(ran, Outcome.STOPPED)
    assert list(ran.host.saved) == [ran.finished.images_seen]


def test_that_a_run_stopped_before_its_first_step_still_saves_where_it_stands() -> None:
    control = Control()
    control.stop()
    ran = run(make_learner(), control=control)
    check_ending(ran, Outcome.STOPPED)
    assert list(ran.host.saved) == [0]


def test_that_minutes_end_a_run_and_that_it_counts_as_completed() -> None:
    ran = run(make_learner(), budget=10**9, settings=RunSettings(seed=3, minutes=0.2 / 60, preview_count=2))
    check_ending(ran, Outcome.COMPLETED)
    assert 0.2 <= ran.progress.seconds < 1


def paused_run(while_paused: Callable[[Control, Host], None]) -> Ran:
    """Pause at the first report, do something from another thread, stop."""
    control, host, waiting = Control(), Host(), threading.Event()

    def on_event(event: Event) -> None:
        if isinstance(event, Metric) and event.images_seen > 0:
            control.pause()
        if isinstance(event, Paused):
            waiting.set()

    def person() -> None:
        waiting.wait(10)
        while_paused(control, host)
        control.stop()

    thread = threading.Thread(target=person)
    thread.start()
    ran = run(make_learner(), budget=10**9, control=control, host=host, on_event=on_event)
    thread.join()
    return ran


def test_that_a_pause_stops_the_clock_and_a_resume_goes_on() -> None:
    def wait(control: Control, host: Host) -> None:
        time.sleep(0.4)
        control.resume()
        time.sleep(0.1)

    ran = paused_run(wait)
    check_ending(ran, Outcome.STOPPED)
    assert len(ran.of(Paused)) >= 1
    assert ran.progress.seconds < 0.4


def test_that_a_resume_is_announced() -> None:
    control = Control()

    def on_event(event: Event) -> None:
        if isinstance(event, Metric) and event.images_seen == BATCH:
            control.pause()
        if isinstance(event, Paused):
            control.resume()

    ran = run(make_learner(), control=control, on_event=on_event)
    check_ending(ran, Outcome.COMPLETED)
    kinds = [type(event) for event in ran.events]
    assert kinds.index(Paused) < kinds.index(Resumed)


def test_that_previews_and_saves_are_granted_while_paused() -> None:
    def wish(control: Control, host: Host) -> None:
        control.preview_now()
        control.save_now()
        deadline = time.monotonic() + 5
        while not host.saved and time.monotonic() < deadline:
            time.sleep(0.01)

    ran = paused_run(wish)
    at = next(event for event in ran.events if isinstance(event, Paused)).images_seen
    assert at in ran.host.saved
    assert [event.images_seen for event in ran.events if isinstance(event, Preview)][-1] == at
    reports = [event.images_seen for event in ran.events if isinstance(event, Metric)]
    assert len(reports) == len(set(reports))


def test_that_other_work_is_served_between_steps_and_while_paused() -> None:
    calls: list[int] = []
    host = Host(on_between=lambda: calls.append(1))
    run(make_learner(), budget=4 * BATCH, host=host)
    assert len(calls) == 5

    def count(control: Control, host: Host) -> None:
        calls.clear()
        host.on_between = lambda: calls.append(1)
        for _ in range(3):
            control.nudge()
            time.sleep(0.02)

    paused_run(count)
    assert len(calls) >= 3


def test_that_what_is_saved_in_a_pause_knows_nothing_of_the_pause() -> None:
    seconds: list[float] = []

    class Watching(Host):
        def save(self, learner: Learner, progress: Progress, score: float | None) -> CheckpointSaved:
            seconds.append(progress.seconds)
            return super().save(learner, progress, score)

    control = Control()

    def on_event(event: Event) -> None:
        if isinstance(event, Metric) and event.images_seen == BATCH:
            control.pause()
        if isinstance(event, Paused):
            threading.Timer(0.3, control.save_now).start()
        if isinstance(event, CheckpointSaved):
            control.stop()

    ran = run(make_learner(), control=control, host=Watching(), on_event=on_event)
    check_ending(ran, Outcome.STOPPED)
    assert seconds[0] < 0.25
    assert ran.progress.seconds < 0.25


def test_that_other_work_does_not_count_as_training_time() -> None:
    ran = run(make_learner(), budget=3 * BATCH, host=Host(on_between=lambda: time.sleep(0.1)))
    assert ran.progress.seconds < 0.2


def test_that_wishes_for_a_preview_and_a_checkpoint_are_granted_between_steps() -> None:
    control = Control()

    def wish(event: Event) -> None:
        if isinstance(event, Metric) and event.images_seen == BATCH:
            control.preview_now()
            control.save_now()

    settings = RunSettings(seed=3, preview_every=10**6, preview_count=2)
    ran = run(make_learner(), budget=10 * BATCH, control=control, on_event=wish, settings=settings)
    assert [event.images_seen for event in ran.events if isinstance(event, Preview)] == [0, 2 * BATCH, 10 * BATCH]
    assert list(ran.host.saved) == [BATCH, 10 * BATCH]


def test_that_checkpoints_come_by_the_clock() -> None:
    settings = RunSettings(seed=3, checkpoint_seconds=1e-6, preview_count=2)
    slow = Host(on_between=lambda: time.sleep(0.001))
    ran = run(make_learner(), budget=100 * BATCH, settings=settings, host=slow)
    assert len(ran.host.saved) >= 3
    assert [event.images_seen for event in ran.of(CheckpointSaved)] == list(ran.host.saved)


def test_that_a_run_which_goes_on_neither_saves_nor_shows_again_what_it_began_with() -> None:
    learner = make_learner()
    first = run(learner, budget=4 * BATCH)
    second = run(learner, budget=4 * BATCH, progress=first.progress)
    check_ending(second, Outcome.COMPLETED)
    assert second.host.saved == {}
    assert not second.of(Preview)
    assert not second.of(Metric)


def test_that_training_ends_in_training_mode_with_frozen_parts_as_they_were() -> None:
    learner = make_learner()
    ran = run(learner, settings=RunSettings(seed=3, preview_every=1))
    check_ending(ran, Outcome.COMPLETED)
    assert learner.training
    assert learner.net.training
    assert not learner.ema.module.training


def test_that_running_statistics_go_back_when_a_step_was_not_finite() -> None:
    learner = make_learner()
    run(learner, budget=2 * BATCH)
    before = snapshot(learner)
    honest = learner.step

    def step(batch: Batch) -> Mapping[str, Tensor]:
        batch.images.fill_(math.inf)
        return honest(batch)

    learner.step = step  # type: ignore[method-assign]
    ran = run(learner, progress=Progress(2 * BATCH))
    check_ending(ran, Outcome.DIVERGED)
    assert_same_bits(before, snapshot(learner))
