"""A family's verdict on a run in progress is said once, in its place among the events, and never stops a run."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from genstudio.core.config import FamilyConfig
from genstudio.core.events import Event, Metric, Preview, Recovered, Warned
from genstudio.core.family import AnyFamily
from genstudio.core.health import History, Verdict
from genstudio.jobs.diagnosing import Diagnosing
from tests.workshop import load_host

Health = Callable[[FamilyConfig, History], Verdict | None]


def family(health: Health) -> AnyFamily:
    return replace(load_host().family("eigenpictures"), health=health)


def metric(images_seen: int, value: float) -> Metric:
    return Metric("run", images_seen, 1.0, {"loss": value}, 1.0, 0)


def preview(images_seen: int) -> Preview:
    return Preview("run", images_seen, "samples", np.zeros((1, 2, 2, 1), dtype=np.uint8))


def rising(_: FamilyConfig, history: History) -> Verdict | None:
    loss = history.mean("loss", 0.9)
    return Verdict("rising", "It gets worse.", f"The loss is {loss:.0f}.", "Stop.") if loss and loss > 5 else None


def heard(health: Health, events: list[Event], history: History | None = None) -> list[Event]:
    said: list[Event] = []
    sink = Diagnosing(family(health), FamilyConfig(), history or History(), said.append)
    for event in events:
        sink(event)
    return said


def test_that_a_verdict_follows_the_preview_that_shows_it_and_is_said_once() -> None:
    events: list[Event] = [metric(10, 1.0), preview(10), metric(20, 9.0), preview(20), metric(30, 9.0), preview(30)]
    said = heard(rising, events)
    assert said == [*events[:4], Warned("run", 20, "It gets worse. The loss is 9. Stop.", "rising"), *events[4:]]


def test_that_a_resumed_run_remembers_its_figures() -> None:
    history = History()
    history.add(10, {"loss": 9.0})
    assert isinstance(heard(rising, [preview(10)], history)[-1], Warned)


def test_that_a_family_that_fails_to_judge_does_not_stop_a_run(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: FamilyConfig, __: History) -> Verdict | None:
        raise ZeroDivisionError

    events: list[Event] = [metric(10, 1.0), preview(10), metric(20, 1.0)]
    assert heard(broken, events) == events
    assert "failed to judge" in caplog.text


def gone_well(until: int) -> Health:
    """A verdict on runs that have seen fewer images than this, and on those beyond ten times as many."""

    def judge(_: FamilyConfig, history: History) -> Verdict | None:
        bad = history.images_seen < until or history.images_seen > 10 * until
        return Verdict("rising", "It gets worse.", "See?", "Stop.") if bad else None

    return judge


def stretch(*clocks: int) -> list[Event]:
    return [event for clock in clocks for event in (metric(clock, 1.0), preview(clock))]


def said_of(events: list[Event]) -> list[tuple[str, int]]:
    return [(type(event).__name__, event.images_seen) for event in events if isinstance(event, Warned | Recovered)]


def test_that_a_verdict_is_taken_back_after_three_clear_looks_and_may_come_again() -> None:
    said = heard(gone_well(100), stretch(10, 90, 100, 110, 120, 130, 500, 1100, 1200))
    assert said_of(said) == [("Warned", 10), ("Recovered", 120), ("Warned", 1100)]
    (back,) = [event for event in said if isinstance(event, Recovered)]
    assert (back.kind, back.warning) == ("rising", "It gets worse. See? Stop.")


def test_that_a_look_in_between_at_which_it_is_wrong_again_begins_the_waiting_anew() -> None:
    bad = {10, 40}

    def flickering(_: FamilyConfig, history: History) -> Verdict | None:
        return Verdict("rising", "a", "b", "c") if history.images_seen in bad else None

    assert said_of(heard(flickering, stretch(10, 20, 30, 40, 50, 60))) == [("Warned", 10)]
    assert said_of(heard(flickering, stretch(10, 20, 30, 40, 50, 60, 70))) == [("Warned", 10), ("Recovered", 70)]


def test_that_several_kinds_of_pictures_of_one_moment_are_one_look() -> None:
    at = [metric(10, 1.0), preview(10)]
    clear = [metric(100, 1.0), preview(100), preview(100), preview(100)]
    assert said_of(heard(gone_well(50), [*at, *clear])) == [("Warned", 10)]


def test_that_while_another_verdict_holds_nothing_is_taken_back() -> None:
    def two(_: FamilyConfig, history: History) -> Verdict | None:
        kind = "first" if history.images_seen < 20 else "second" if history.images_seen < 100 else ""
        return Verdict(kind, kind, "b", "c") if kind else None

    said = heard(two, stretch(10, 20, 30, 40, 50, 100, 110, 120))
    assert said_of(said) == [("Warned", 10), ("Warned", 20), ("Recovered", 120), ("Recovered", 120)]
    assert [event.kind for event in said if isinstance(event, Recovered)] == ["first", "second"]


def test_that_a_resumed_run_does_not_repeat_what_stands_and_can_take_it_back() -> None:
    said: list[Event] = []
    sink = Diagnosing(family(gone_well(100)), FamilyConfig(), History(), said.append, {"rising": "As before."})
    for event in stretch(50, 100, 110, 120):
        sink(event)
    assert [event for event in said if isinstance(event, Warned | Recovered)] == [
        Recovered("run", 120, "rising", "As before.")
    ]
