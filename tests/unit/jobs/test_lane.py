"""A lane does one job at a time, in order, lets short ones in between, and always ends."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import partial

import pytest

from genstudio.core.control import Control
from genstudio.core.errors import Cancelled, GenStudioError
from genstudio.jobs.lane import Lane


@pytest.fixture
def lane() -> Iterator[Lane]:
    made = Lane("test")
    yield made
    assert made.close(5)


def long_job(lane: Lane, until: threading.Event, steps: list[str]) -> Callable[[], str]:
    def work() -> str:
        end = time.monotonic() + 10  # so that a failing test does not hang
        while not until.is_set() and time.monotonic() < end:
            lane.serve()
            steps.append("step")
            time.sleep(0.001)
        return "done"

    return work


def held(lane: Lane) -> tuple[threading.Event, "Future[bool]"]:
    """A job that runs until the event is set."""
    hold, begun = threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return hold.wait(5)

    running = lane.submit(work)
    assert begun.wait(5)
    return hold, running


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_that_jobs_come_in_order_on_one_thread_that_is_not_ours(lane: Lane) -> None:
    said: list[tuple[int, int]] = []
    futures = [lane.submit(partial(lambda n: said.append((n, threading.get_ident())), n)) for n in range(20)]
    for future in futures:
        assert future.result(5) is None
    assert [n for n, _ in said] == list(range(20))
    assert len({ident for _, ident in said}) == 1
    assert said[0][1] != threading.get_ident()


def test_that_short_jobs_are_served_between_steps_and_long_ones_wait(lane: Lane) -> None:
    stop, steps = threading.Event(), list[str]()
    training = lane.submit(long_job(lane, stop, steps))
    second = lane.submit(lambda: "second")
    wait_for(lambda: "step" in steps)
    lane.submit(lambda: steps.append("short"), short=True).result(5)
    assert not training.done()
    assert not second.done()
    wait_for(lambda: steps[-1] == "step")
    stop.set()
    assert (training.result(5), second.result(5)) == ("done", "second")


def test_that_a_short_job_wakes_a_paused_long_one(lane: Lane) -> None:
    control = Control()
    control.pause()

    def paused() -> None:
        while control.pausing:
            lane.serve()
            control.wait(60)

    training = lane.submit(paused, wake=control.nudge)
    time.sleep(0.05)
    begin = time.perf_counter()
    lane.submit(lambda: None, short=True).result(5)
    assert time.perf_counter() - begin < 2
    control.resume()
    training.result(5)


def test_that_waiting_tells_of_short_jobs_only(lane: Lane) -> None:
    hold, _ = held(lane)
    found = [lane.waiting]
    lane.submit(lambda: None)
    found.append(lane.waiting)
    short = lane.submit(lambda: None, short=True)
    found.append(lane.waiting)
    hold.set()
    short.result(5)
    assert [*found, lane.waiting] == [False, False, True, False]


@pytest.mark.parametrize("error", [GenStudioError("a sentence"), Cancelled(), ValueError("x"), SystemExit(3)])
def test_that_a_failing_job_ends_neither_the_lane_nor_keeps_a_traceback(lane: Lane, error: BaseException) -> None:
    def fail() -> None:
        try:
            raise RuntimeError("behind it")
        except RuntimeError as cause:
            raise error from cause

    kept = lane.submit(fail).exception(5)
    assert kept is error
    assert kept.__traceback__ is None
    assert kept.__cause__ is None
    assert kept.__context__ is None
    assert lane.submit(lambda: 7).result(5) == 7


def test_that_a_failing_short_job_does_not_hurt_the_long_one(lane: Lane) -> None:
    stop, steps = threading.Event(), list[str]()
    training = lane.submit(long_job(lane, stop, steps))
    with pytest.raises(ZeroDivisionError):
        lane.submit(lambda: 1 // 0, short=True).result(5)
    stop.set()
    assert training.result(5) == "done"


def test_that_a_job_not_begun_can_be_cancelled(lane: Lane) -> None:
    hold = threading.Event()
    lane.submit(lambda: hold.wait(5))
    waiting = lane.submit(lambda: pytest.fail("it ran"))
    assert waiting.cancel()
    hold.set()
    lane.submit(lambda: None).result(5)


def test_that_closing_drops_what_has_not_begun_and_refuses_more() -> None:
    lane = Lane("test")
    hold, running = held(lane)
    dropped = lane.submit(lambda: None)
    assert not lane.close(0.01)
    with pytest.raises(CancelledError):
        dropped.result(5)
    with pytest.raises(GenStudioError, match="closing"):
        lane.submit(lambda: None)
    hold.set()
    assert lane.close(5)
    assert running.done()


def test_that_results_are_not_kept_alive_by_the_lane(lane: Lane) -> None:
    class Big:
        pass

    import weakref

    future: Future[Big] | None = lane.submit(Big)
    assert future is not None
    watch = weakref.ref(future.result(5))
    future = None
    lane.submit(lambda: None).result(5)
    assert watch() is None


def test_that_serving_from_another_thread_is_a_fault(lane: Lane) -> None:
    with pytest.raises(RuntimeError, match="the job that runs on it"):
        lane.serve()


@pytest.mark.skipif(sys.platform != "linux", reason="priorities per thread exist there only")
def test_that_a_nice_lane_steps_back_and_nobody_else_does() -> None:
    lane = Lane("nice", nice=15)
    before = os.getpriority(os.PRIO_PROCESS, 0)
    ident = lane.submit(threading.get_native_id).result(5)
    stepped_back = os.getpriority(os.PRIO_PROCESS, ident)
    assert lane.close(5)
    assert stepped_back == 15
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_that_a_hundred_starts_and_cancels_leak_no_thread() -> None:
    before = threading.active_count()
    for _ in range(100):
        lane, stop = Lane("cycle"), threading.Event()
        futures = [lane.submit(long_job(lane, stop, [])), lane.submit(str, short=True), lane.submit(str)]
        futures[-1].cancel()
        stop.set()
        assert lane.close(5)
        for future in futures:
            with suppress(CancelledError):
                future.result(5)
    assert threading.active_count() == before
