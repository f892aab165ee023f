"""The copy check while a run trains: what it finds, what it costs, and that it leaves no trace."""

import time
from collections.abc import Mapping

import numpy as np
import pytest

from genstudio.core.errors import DataError
from genstudio.core.events import Event, Metric, Outcome, Warned
from genstudio.jobs.copies import Bench, make_bench
from genstudio.jobs.copy_look import NEAR_COPIES, CopyLook
from genstudio.jobs.guarding import COPYING
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord
from tests import workshop
from tests.unit.jobs.test_training import tensors_of


@pytest.fixture
def bench(ws: Workspace, dataset: DatasetRecord) -> Bench:
    return make_bench(ws, workshop.make_run(ws, dataset.id).id, untold, never)


def drawn(bench: Bench, planted: int) -> Mapping[str, np.ndarray]:
    """Sixteen pictures of which so many are training pictures."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (16 - planted, 8, 8, 1), dtype=np.uint8)
    copied = bench.dataset.memory[bench.training[:planted]].transpose(0, 2, 3, 1)
    return {"samples": np.concatenate([copied, noise])}


def unasked() -> np.ndarray:
    pytest.fail("What it shows is enough.")


@pytest.mark.parametrize("planted", [0, 4, 16])
def test_that_the_share_is_that_of_planted_copies(bench: Bench, planted: int) -> None:
    look = CopyLook(lambda: bench, 1000)
    assert look(1000, drawn(bench, planted), unasked) == {NEAR_COPIES: planted / 16}


def test_that_it_looks_when_it_can_be_afforded_and_at_the_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked = [100.0], []
    monkeypatch.setattr("genstudio.jobs.copy_look.time.perf_counter", lambda: now[0])

    def ask() -> Bench:
        now[0] += 2.0  # what it costs
        asked.append(1)
        return bench

    look, shown = CopyLook(ask, 1000), drawn(bench, 4)
    now[0] += 10
    assert look(99, shown, unasked) == {}  # nothing can be learned by heart so early
    assert look(100, shown, unasked) == {NEAR_COPIES: 0.25}
    now[0] += 50
    assert look(500, shown, unasked) == {}  # 2 of 62 seconds are more than a fiftieth
    now[0] += 40
    assert look(600, shown, unasked) == {NEAR_COPIES: 0.25}
    now[0] -= 90
    assert look(1000, shown, unasked) == {NEAR_COPIES: 0.25}
    assert len(asked) == 1


def test_that_a_run_that_draws_by_words_is_asked_for_what_it_has_read(bench: Bench) -> None:
    asked: list[int] = []

    def recall() -> np.ndarray | None:
        asked.append(1)
        return drawn(bench, 8)["samples"]

    look, shown = CopyLook(lambda: bench, 1000, by_words=True), drawn(bench, 0)
    assert look(99, shown, recall) == {} and not asked  # it costs time, and nothing is due
    assert look(1000, shown, recall) == {NEAR_COPIES: 0.5} and asked == [1]
    assert CopyLook(lambda: bench, 1000, by_words=True)(1000, shown, lambda: None) == {}


def test_that_what_cannot_be_compared_is_left_alone(bench: Bench) -> None:
    def too_few() -> Bench:
        raise DataError("too few")

    assert CopyLook(too_few, 100)(100, drawn(bench, 2), unasked) == {}
    assert CopyLook(lambda: bench, 100)(100, {"redrawn": drawn(bench, 2)["samples"]}, unasked) == {}
    assert CopyLook(lambda: bench, 100)(100, {"samples": np.zeros((2, 16, 16, 3), dtype=np.uint8)}, unasked) == {}


def test_that_a_run_reports_it_and_ends_in_the_same_bits_as_without(
    ws: Workspace, dataset: DatasetRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, plain = workshop.make_run(ws, dataset.id), workshop.make_run(ws, dataset.id)
    heard: list[Event] = []
    assert workshop.train(ws, looked.id, hear=heard.append).outcome is Outcome.COMPLETED
    assert NEAR_COPIES in ws.project.run(looked.id).figures
    assert ws.project.metrics(looked.id)[-1].values.keys() >= {NEAR_COPIES, "heldout/error"}
    monkeypatch.setattr(CopyLook, "__call__", lambda *_: {})
    workshop.train(ws, plain.id)
    assert NEAR_COPIES not in ws.project.run(plain.id).figures
    assert tensors_of(ws, looked.id, 640) == tensors_of(ws, plain.id, 640)
    assert not any(isinstance(event, Warned) for event in heard)


def test_that_a_run_that_copies_is_told_so(
    ws: Workspace, dataset: DatasetRecord, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = CopyLook.__call__
    monkeypatch.setattr(
        CopyLook, "__call__", lambda self, clock, *_: look(self, 640 if clock > 100 else 0, drawn(bench, 8), unasked)
    )
    run = workshop.make_run(ws, dataset.id)
    heard: list[Event] = []
    workshop.train(ws, run.id, hear=heard.append)
    (warned,) = [event for event in heard if isinstance(event, Warned)]
    assert warned.kind == COPYING and "5 in 10 are near copies" in warned.text
    assert [remark.kind for remark in ws.project.remarks(run.id)] == [COPYING]
    values = [event.values[NEAR_COPIES] for event in heard if isinstance(event, Metric) if NEAR_COPIES in event.values]
    assert set(values) == {0.5}


def test_that_time_is_taken_from_a_clock_that_goes_on() -> None:
    look = CopyLook(lambda: pytest.fail("not asked"), 1000)
    assert time.perf_counter() - look._begun < 60
