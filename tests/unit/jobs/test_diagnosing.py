"""A family's verdict on a run in progress is said once, in its place among the events, and never stops a run."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from genstudio.core.config import FamilyConfig
from genstudio.core.events import Event, Metric, Preview, Warned
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
    assert said == [*events[:4], Warned("run", 20, "It gets worse. The loss is 9. Stop."), *events[4:]]


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
