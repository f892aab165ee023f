"""Every way the loop can end badly: divergence, faults, a full disk, previews and listeners that fail."""

import gc
import logging
import math
import threading
import weakref
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from genstudio.core.control import Control
from genstudio.core.errors import DatasetGoneError, DiskFullError, GenStudioError
from genstudio.core.events import (
    CheckpointSaved,
    Event,
    Finished,
    Metric,
    Outcome,
    Paused,
    Warned,
)
from genstudio.core.settings import RunSettings
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.training.learner import Learner, SampleRequest
from genstudio.training.loop import Progress
from tests.unit.training.support import (
    BATCH,
    Host,
    Ran,
    assert_same_bits,
    check_ending,
    make_learner,
    make_source,
    run,
)
from tests.unit.training.toy.model import ToyLearner


def failing_step(learner: ToyLearner, error: BaseException, at: int = 2 * BATCH) -> ToyLearner:
    honest = learner.step

    def step(batch: Batch) -> Mapping[str, Tensor]:
        if batch.images_seen >= at:
            raise error
        return honest(batch)

    learner.step = step  # type: ignore[method-assign]
    return learner


@pytest.mark.parametrize("at", [0, 1, 7])
def test_that_training_which_diverges_ends_at_the_last_good_step(at: int) -> None:
    good = run(make_learner(), budget=max(at, 1) * BATCH).host.saved.get(at * BATCH)
    learner = make_learner()
    honest = learner.step

    def step(batch: Batch) -> Mapping[str, Tensor]:
        if batch.images_seen >= at * BATCH:
            batch.images.fill_(math.nan)
        return honest(batch)

    learner.step = step  # type: ignore[method-assign]
    ran = run(learner, budget=100 * BATCH)
    check_ending(ran, Outcome.DIVERGED)
    assert ran.finished.images_seen == ran.progress.images_seen == at * BATCH
    assert "“loss” was no longer finite" in ran.finished.message
    assert "learning rate" in ran.finished.message
    saved = ran.host.saved[at * BATCH]
    assert all(bool(torch.isfinite(tensor).all()) for tensor in saved.values())
    if good is not None:
        assert_same_bits(good, saved)


def test_that_a_figure_which_is_not_finite_for_a_while_is_left_out_with_a_warning() -> None:
    learner = make_learner()
    honest = learner.step
    learner.step = lambda batch: {**honest(batch), "gradient": torch.tensor(math.inf)}  # type: ignore[method-assign]
    ran = run(learner)
    check_ending(ran, Outcome.COMPLETED)
    assert all("gradient" not in event.values for event in ran.events if isinstance(event, Metric))
    assert [event.text for event in ran.events if isinstance(event, Warned)] == [
        "“gradient” was not a finite number for a while; the plot leaves it out."
    ]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), "smaller batch"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"), "smaller batch"),
        (RuntimeError("CUDA error: out of memory"), "smaller batch"),
        (MemoryError(), "smaller batch"),
        (DatasetGoneError("The dataset is gone. Import it again."), "The dataset is gone. Import it again."),
        (FileNotFoundError(2, "No such file or directory"), "No such file or directory. Check that the disk"),
        (GenStudioError("A sentence."), "A sentence."),
        (ValueError("secret detail"), r"failed while training \(ValueError\)"),
        (RuntimeError("shapes do not match"), r"failed while training \(RuntimeError\)"),
        (KeyError("x"), r"failed while training \(KeyError\)"),
    ],
)
def test_that_a_failing_step_ends_the_run_with_a_sentence(error: Exception, words: str) -> None:
    ran = run(failing_step(make_learner(), error))
    check_ending(ran, Outcome.FAILED)
    assert ran.finished.images_seen == 2 * BATCH
    assert pytest.importorskip("re").search(words, ran.finished.message)
    assert ran.finished.message.endswith(".")
    assert "secret" not in ran.finished.message
    assert ran.host.saved == {}


def test_that_the_details_of_a_fault_go_to_the_log_as_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        run(failing_step(make_learner(), ValueError("secret detail")))
    assert "ValueError: secret detail" in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


def test_that_a_failure_keeps_no_tensor_alive() -> None:
    class Canary:
        pass

    found: list[weakref.ref[Canary]] = []

    def build_and_fail() -> Ran:
        learner = make_learner()
        canary = Canary()
        found.append(weakref.ref(canary))

        def step(batch: Batch) -> Mapping[str, Tensor]:
            held = canary
            raise ValueError(f"failed beside {type(held).__name__}")

        learner.step = step  # type: ignore[method-assign]
        return run(learner)

    ran = build_and_fail()
    check_ending(ran, Outcome.FAILED)
    gc.collect()
    assert found[0]() is None


def test_that_a_full_disk_ends_the_run_with_its_sentence() -> None:
    class FullHost(Host):
        def save(self, learner: Learner, progress: Progress, score: float | None) -> CheckpointSaved:
            raise DiskFullError("The disk is full. Make some room.")

    ran = run(make_learner(), host=FullHost())
    check_ending(ran, Outcome.FAILED)
    assert ran.finished.message == "The disk is full. Make some room."


def test_that_a_run_somebody_attends_waits_on_a_full_disk_and_loses_nothing() -> None:
    room, control = threading.Event(), Control(attended=True)

    class FullHost(Host):
        def save(self, learner: Learner, progress: Progress, score: float | None) -> CheckpointSaved:
            if not room.is_set():
                raise DiskFullError("The disk is full. Make some room.")
            return super().save(learner, progress, score)

    def hear(event: Event) -> None:
        if isinstance(event, Paused):
            room.set()
            control.resume()

    settings = RunSettings(seed=3, checkpoint_seconds=1e-6, preview_count=2)
    ran = run(make_learner(), host=FullHost(), control=control, settings=settings, on_event=hear)
    check_ending(ran, Outcome.COMPLETED)
    (warned,) = ran.of(Warned)
    assert isinstance(warned, Warned) and warned.text.startswith("The disk is full. Make some room. Training waits")
    (paused,) = ran.of(Paused)
    saved = ran.of(CheckpointSaved)
    assert saved[0].images_seen == paused.images_seen


def test_that_a_run_on_a_full_disk_can_be_stopped_and_says_what_could_not_be_saved() -> None:
    control = Control(attended=True)

    class FullHost(Host):
        def save(self, learner: Learner, progress: Progress, score: float | None) -> CheckpointSaved:
            raise DiskFullError("The disk is full. Make some room.")

    def hear(event: Event) -> None:
        if isinstance(event, Paused):
            control.stop()

    settings = RunSettings(seed=3, checkpoint_seconds=1e-6, preview_count=2)
    ran = run(make_learner(), host=FullHost(), control=control, settings=settings, on_event=hear)
    check_ending(ran, Outcome.FAILED)
    assert ran.finished.message == "The disk is full. Make some room."


def test_that_a_source_that_fails_ends_the_run_with_its_sentence() -> None:
    class Gone(BatchSource):
        def batch(self, images_seen: int) -> Batch:
            raise DatasetGoneError("Gone.")

    source = make_source()
    source.__class__ = Gone
    check_ending(run(make_learner(), source=source), Outcome.FAILED)


def test_that_a_failing_preview_is_a_warning_said_once_and_training_goes_on() -> None:
    class Blind(ToyLearner):
        def sample(self, request: SampleRequest) -> Tensor:
            raise ValueError("no eyes")

    learner = make_learner()
    learner.__class__ = Blind
    ran = run(learner, settings=RunSettings(seed=3, preview_every=1))
    check_ending(ran, Outcome.COMPLETED)
    warnings = [event.text for event in ran.events if isinstance(event, Warned)]
    assert len(warnings) == 1
    assert "making a preview" in warnings[0]


@pytest.mark.parametrize("method", ["sample", "evaluate"])
def test_that_too_little_memory_for_a_preview_is_a_warning_and_training_goes_on(method: str) -> None:
    class Hungry(ToyLearner):
        pass

    def ask_for_too_much(*_: object) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    setattr(Hungry, method, ask_for_too_much)
    learner = make_learner()
    learner.__class__ = Hungry
    ran = run(learner)
    check_ending(ran, Outcome.COMPLETED)
    warnings = [event.text for event in ran.events if isinstance(event, Warned)]
    assert len(warnings) == 1
    assert warnings[0].startswith("There was not enough memory for a preview.")


def test_that_a_slow_preview_gives_way_to_stop() -> None:
    control = Control()

    class Slow(ToyLearner):
        def sample(self, request: SampleRequest) -> Tensor:
            for done in range(1000):
                if done == 3:
                    control.stop()
                request.watch(done, 1000)
            raise AssertionError("nobody stopped it")

    learner = make_learner()
    learner.__class__ = Slow
    ran = run(learner, control=control)
    check_ending(ran, Outcome.STOPPED)
    assert ran.finished.images_seen == 0


def test_that_a_listener_that_fails_ends_the_run_and_is_told_so() -> None:
    def fail(event: Event) -> None:
        if isinstance(event, Metric):
            raise ValueError("the plot broke")

    check_ending(run(make_learner(), on_event=fail), Outcome.FAILED)


def test_that_a_listener_that_fails_at_the_very_end_harms_nobody() -> None:
    def fail(event: Event) -> None:
        if isinstance(event, Finished):
            raise ValueError("nobody there")

    check_ending(run(make_learner(), on_event=fail), Outcome.COMPLETED)


def test_that_an_interrupt_still_sends_the_last_word() -> None:
    events: list[Event] = []
    with pytest.raises(KeyboardInterrupt):
        run(failing_step(make_learner(), KeyboardInterrupt()), on_event=events.append)
    assert [type(event) for event in events].count(Finished) == 1
    assert isinstance(events[-1], Finished)
    assert events[-1].outcome is Outcome.FAILED
