"""Only the newest question is worth an answer."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from genstudio.core.errors import GenStudioError
from genstudio.jobs.lane import Lane
from genstudio.jobs.latest import LatestWins

PATIENCE = 10


class HandLane:
    """A lane whose jobs a test runs by hand."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Callable[[], None], Future[None]]] = []

    def submit(self, job: Callable[[], None]) -> "Future[None]":
        future: Future[None] = Future()
        self.jobs.append((job, future))
        return future

    def run(self) -> None:
        job, future = self.jobs.pop(0)
        job()
        future.set_result(None)


def make(lane: HandLane) -> tuple[LatestWins[int, int], list[tuple[int, int]], list[Exception]]:
    told: list[tuple[int, int]] = []
    failed: list[Exception] = []

    def work(question: int) -> int:
        if question < 0:
            raise ValueError(question)
        return question * question

    return LatestWins(lane.submit, work, lambda q, a: told.append((q, a)), failed.append), told, failed


def test_that_stale_questions_are_dropped_and_never_queue_up() -> None:
    lane = HandLane()
    latest, told, _ = make(lane)
    for question in range(100):
        latest.ask(question)
    assert len(lane.jobs) == 1
    lane.run()
    assert told == [(99, 99 * 99)] and not latest.busy and not lane.jobs


def test_that_a_question_asked_meanwhile_is_answered_afterwards_behind_the_others() -> None:
    lane = HandLane()
    told: list[int] = []

    def work(question: int) -> int:
        if question == 1:
            for later in (2, 3):
                latest.ask(later)
        return question

    latest = LatestWins(lane.submit, work, lambda question, _: told.append(question), lambda _: None)
    latest.ask(1)
    lane.submit(lambda: told.append(-1))
    lane.run()
    assert told == [1] and latest.busy and len(lane.jobs) == 2
    lane.run()
    lane.run()
    assert told == [1, -1, 3] and not latest.busy


def test_that_a_failure_is_told_and_the_next_question_is_answered() -> None:
    lane = HandLane()
    latest, told, failed = make(lane)
    latest.ask(-1)
    lane.run()
    latest.ask(4)
    lane.run()
    assert told == [(4, 16)] and [str(error) for error in failed] == ["-1"]


def test_that_a_forgotten_question_gets_no_answer() -> None:
    lane = HandLane()
    latest, told, _ = make(lane)
    latest.ask(2)
    latest.forget()
    lane.run()
    assert told == [] and not latest.busy
    latest.ask(3)
    lane.run()
    assert told == [(3, 9)]


def test_that_a_job_dropped_by_a_closing_lane_leaves_nothing_waiting() -> None:
    lane = HandLane()
    latest, told, _ = make(lane)
    latest.ask(2)
    _, future = lane.jobs.pop()
    future.cancel()
    future.set_running_or_notify_cancel()
    assert not latest.busy and told == []


def test_that_a_closed_lane_is_no_failure() -> None:
    def refuse(_job: Callable[[], None]) -> "Future[None]":
        raise GenStudioError("The studio is closing.")

    failed: list[Exception] = []
    latest: LatestWins[int, int] = LatestWins(refuse, lambda question: question, lambda _q, _a: None, failed.append)
    latest.ask(1)
    assert not latest.busy and not failed


def test_that_with_a_real_lane_the_newest_question_is_always_answered() -> None:
    lane, last, told = Lane("test"), threading.Event(), list[int]()

    def tell(question: int, _answer: int) -> None:
        told.append(question)
        if question == 2000:
            last.set()

    latest = LatestWins(
        lambda job: lane.submit(job, short=True), lambda question: question, tell, lambda _: told.append(-1)
    )
    for question in range(1, 2001):
        latest.ask(question)
    assert last.wait(PATIENCE) and told == sorted(told) and -1 not in told
    assert lane.close(PATIENCE)
