"""The best state of a run by held-out pictures: found, saved once, found again after a crash."""

from collections.abc import Mapping

import pytest

from genstudio.core.errors import DiskFullError
from genstudio.core.events import CheckpointSaved, Outcome
from genstudio.core.settings import RunSettings
from genstudio.training.best import Best, Snapshot
from genstudio.training.checkpoint import load_learner_tensors
from genstudio.training.loop import Progress, Score
from tests.unit.training.support import BATCH, Host, Ran, assert_same_bits, make_learner, run, snapshot

EVERY_STEP = RunSettings(seed=3, preview_count=2, preview_every=BATCH)


@pytest.fixture(autouse=True)
def previews_whatever_they_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genstudio.training.loop._PREVIEW_SHARE", 1e9)


def turning_up_at(best: int, progress: Progress) -> Score:
    """A loss that falls until so many images and rises from there."""
    return lambda figures: abs(progress.images_seen - best) / BATCH if figures else None


def trained(best: int, steps: int, settings: RunSettings = EVERY_STEP, **more: object) -> Ran:
    progress = Progress()
    score = turning_up_at(best * BATCH, progress)
    return run(make_learner(), budget=steps * BATCH, progress=progress, settings=settings, score=score, **more)  # type: ignore[arg-type]


def test_that_the_best_state_is_saved_beside_the_last_though_no_save_was_due() -> None:
    ran = trained(best=5, steps=12)
    assert ran.finished.outcome is Outcome.COMPLETED
    assert ran.host.scores == {5 * BATCH: 0, 12 * BATCH: 7}
    assert [event.images_seen for event in ran.of(CheckpointSaved)] == [12 * BATCH]
    straight = trained(best=5, steps=5)
    assert_same_bits(straight.host.saved[5 * BATCH], ran.host.saved[5 * BATCH])


def test_that_a_run_that_is_best_at_its_end_saves_once_and_rates_that() -> None:
    assert trained(best=20, steps=12).host.scores == {12 * BATCH: 8}


def test_that_what_is_saved_where_pictures_were_shown_carries_its_score() -> None:
    often = EVERY_STEP.replaced({"checkpoint_seconds": 1e-9})
    scores = trained(best=3, steps=6, settings=often).host.scores
    assert {clock // BATCH: score for clock, score in scores.items()}.items() >= {3: 0, 6: 3}.items()
    assert set(scores.values()) <= {0, 1, 2, 3}


def test_that_a_run_without_a_judge_or_held_out_figures_saves_as_ever() -> None:
    assert run(make_learner(), budget=4 * BATCH, settings=EVERY_STEP).host.scores == {4 * BATCH: None}

    def not_finite(_: Mapping[str, float]) -> float:
        return float("nan")

    ran = run(make_learner(), budget=4 * BATCH, settings=EVERY_STEP, score=not_finite)
    assert ran.host.scores == {4 * BATCH: None}


def test_that_keeping_the_best_leaves_no_trace_in_training() -> None:
    plain = run(make_learner(), budget=12 * BATCH, settings=EVERY_STEP)
    assert_same_bits(plain.host.saved[12 * BATCH], trained(best=5, steps=12).host.saved[12 * BATCH])


@pytest.mark.parametrize("resumed_at", [2, 8])
def test_that_a_run_that_goes_on_finds_the_same_best(resumed_at: int) -> None:
    whole = trained(best=5, steps=12)
    first = trained(best=5, steps=resumed_at)
    begun = first.host.saved[resumed_at * BATCH]
    learner, progress = make_learner(1), Progress(resumed_at * BATCH)
    load_learner_tensors(learner, begun)
    known = [score for score in first.host.scores.values() if score is not None]
    score = turning_up_at(5 * BATCH, progress)
    second = run(
        learner,
        budget=12 * BATCH,
        progress=progress,
        settings=EVERY_STEP,
        score=score,
        best=min(known),
        host=first.host,
    )
    assert second.host.scores[5 * BATCH] == 0
    assert_same_bits(whole.host.saved[5 * BATCH], second.host.saved[5 * BATCH])
    assert_same_bits(whole.host.saved[12 * BATCH], second.host.saved[12 * BATCH])


def test_that_the_best_waits_for_room_on_a_full_disk() -> None:
    class Full(Host):
        full = True

        def keep_best(self, best: Snapshot) -> None:
            if self.full:
                self.full = False
                raise DiskFullError("The disk is full. Make some room.")
            super().keep_best(best)

    host = Full()
    assert trained(best=5, steps=12, host=host).finished.outcome is Outcome.FAILED
    assert not host.saved  # nothing is saved out of order: the best comes before what follows it


def test_that_nothing_learned_is_never_the_best_and_equals_stay_with_the_first() -> None:
    best, learner = Best(), make_learner()
    best.weigh(0.0, learner, 0, 0.0, saved=False)
    assert best.score is None
    best.weigh(2.0, learner, 10, 1.0, saved=False)
    best.weigh(2.0, learner, 20, 2.0, saved=False)
    assert best.waiting is not None and best.waiting.images_seen == 10
    assert best.score_at(20) == 2.0 and best.score_at(10) is None
    assert best.to_save_before(10) is None and best.to_save_before(20) is best.waiting
    best.weigh(1.0, learner, 30, 3.0, saved=True)
    assert best.to_save_before(40) is None
    assert best.score == 1.0


def test_that_a_held_state_is_a_copy() -> None:
    best, learner = Best(), make_learner()
    before = snapshot(learner)
    best.weigh(1.0, learner, 10, 1.0, saved=False)
    next(learner.parameters()).data.add_(1.0)
    assert best.waiting is not None
    assert_same_bits(before, best.waiting.tensors)
