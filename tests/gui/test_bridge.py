"""The way from workers to the window: bounded, in the window's thread, and safe when widgets go."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication

from genstudio.core.errors import Cancelled, DataError, ProjectClosedError
from genstudio.core.events import Event, Finished, Metric, Outcome, Preview, Started
from genstudio.ui.bridge import Bridge, EventQueue
from tests.gui.conftest import WaitFor, settle


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    bridge = Bridge()
    yield bridge
    bridge.stop()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def metric(images: int, run: str = "r") -> Metric:
    return Metric(run, images, seconds=1.0, values={"loss": 1.0}, rate=10.0, memory=0)


def preview(images: int, name: str = "samples", run: str = "r") -> Preview:
    return Preview(run, images, name, np.zeros((1, 2, 2, 1), np.uint8))


def everything(queue: EventQueue) -> list[Event]:
    return list(iter(queue.take, None))


def test_that_only_the_newest_preview_of_a_name_waits() -> None:
    queue = EventQueue()
    for event in (preview(1), metric(2), preview(3, "redrawn"), preview(4), preview(5, run="other")):
        queue.put(event)
    waiting = [(event.run, event.images_seen) for event in everything(queue)]
    assert waiting == [("r", 2), ("r", 3), ("r", 4), ("other", 5)]


def test_that_a_flood_is_thinned_and_first_and_last_words_are_kept() -> None:
    queue = EventQueue(limit=100)
    queue.put(Started("r", 0, budget=10, device="cpu"))
    for images in range(10_000):
        queue.put(metric(images))
    queue.put(Finished("r", 10_000, Outcome.COMPLETED))
    events = everything(queue)
    assert len(events) <= 101
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    clocks = [event.images_seen for event in events[1:-1]]
    assert clocks == sorted(clocks)
    assert clocks[-1] >= 9_990


def test_that_events_arrive_in_the_windows_thread_in_order(bridge: Bridge, wait_for: WaitFor) -> None:
    heard: list[int] = []
    threads: set[QThread] = set()

    def hear(event: Event) -> None:
        heard.append(event.images_seen)
        threads.add(QThread.currentThread())

    bridge.events.connect(hear)
    emit = bridge.sink("r")
    worker = threading.Thread(target=lambda: [emit(metric(images)) for images in range(50)])
    worker.start()
    wait_for(lambda: len(heard) == 50)
    worker.join()
    assert heard == list(range(50))
    assert threads == {bridge.thread()}


def test_that_a_tick_ends_after_its_budget_however_much_waits(bridge: Bridge) -> None:
    calls: list[int] = []

    def call(number: int) -> None:
        calls.append(number)
        time.sleep(0.001)

    for number in range(200):
        bridge.post(partial(call, number))
    begin = time.perf_counter()
    bridge.drain()
    assert time.perf_counter() - begin < 0.05
    assert 1 <= len(calls) < 200
    bridge.drain_all()
    assert calls == list(range(200))


def test_that_an_answer_comes_back_in_the_windows_thread(
    bridge: Bridge, pool: ThreadPoolExecutor, wait_for: WaitFor
) -> None:
    answers: list[tuple[int, threading.Thread]] = []
    bridge.ask(pool.submit(lambda: 42), lambda value: answers.append((value, threading.current_thread())))
    wait_for(lambda: bool(answers))
    assert answers == [(42, threading.main_thread())]


def fail_with(error: Exception) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


def test_that_a_failure_is_told_as_its_sentence(bridge: Bridge, pool: ThreadPoolExecutor, wait_for: WaitFor) -> None:
    told: list[str] = []
    bridge.ask(pool.submit(fail_with(DataError("The folder is empty."))), lambda _: None, told.append)
    wait_for(lambda: bool(told))
    assert told == ["The folder is empty."]


def test_that_a_failure_nobody_asked_for_becomes_a_problem(
    bridge: Bridge, pool: ThreadPoolExecutor, wait_for: WaitFor, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    bridge.problem.connect(told.append)
    bridge.ask(pool.submit(fail_with(KeyError("secret"))), lambda _: None)
    wait_for(lambda: bool(told))
    assert "not foreseen" in told[0]
    assert "KeyError" in caplog.text


def test_that_a_cancelled_job_calls_neither_done_nor_failed(
    bridge: Bridge, pool: ThreadPoolExecutor, wait_for: WaitFor
) -> None:
    called: list[str] = []
    bridge.ask(
        pool.submit(fail_with(Cancelled())),
        lambda _: called.append("done"),
        lambda _: called.append("failed"),
        lambda: called.append("cancelled"),
    )
    dropped: Future[int] = Future()
    bridge.ask(dropped, lambda _: called.append("done"), None, lambda: called.append("dropped"))
    dropped.cancel()
    wait_for(lambda: len(called) == 2)
    assert sorted(called) == ["cancelled", "dropped"]


class Receiver(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[int] = []

    def take(self, value: int) -> None:
        self.got.append(value)

    def take_two(self, first: int, second: int) -> None:
        self.got += [first, second]


@pytest.mark.parametrize("kind", ["method", "partial", "lambda"])
def test_that_callbacks_of_deleted_objects_are_not_called(bridge: Bridge, kind: str) -> None:
    receiver, future = Receiver(), Future[int]()
    kinds: dict[str, Callable[[int], None]] = {
        "method": receiver.take,
        "partial": partial(receiver.take_two, 7),
        "lambda": lambda value: receiver.take(value),
    }
    bridge.ask(future, kinds[kind])
    got = receiver.got
    receiver.deleteLater()
    settle()
    future.set_result(1)
    bridge.drain_all()
    assert got == []


def test_that_of_many_progress_reports_only_the_latest_is_shown(bridge: Bridge) -> None:
    shown: list[tuple[int, str]] = []
    report = bridge.newest(lambda done, name: shown.append((done, name)))
    for done in range(1000):
        report(done, "x")
    bridge.drain_all()
    assert shown == [(999, "x")]
    report(1000, name="y")
    bridge.drain_all()
    assert shown[-1] == (1000, "y")


def test_that_an_answer_of_a_closed_project_is_no_problem(bridge: Bridge) -> None:
    future: Future[int] = Future()
    told: list[str] = []
    bridge.problem.connect(told.append)
    bridge.ask(future, lambda _: told.append("done"), told.append, lambda: told.append("cancelled"))
    future.set_exception(ProjectClosedError("The project is closed."))
    bridge.drain_all()
    assert told == ["cancelled"]
