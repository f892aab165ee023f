"""Messages in passing, and Undo."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from genstudio.ui.toasts import Toasts
from genstudio.ui.widgets.buttons import LinkButton
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone
from tests.gui.conftest import settle


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    widget.resize(800, 600)
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.fixture
def toasts(host: QWidget) -> Toasts:
    toasts = Toasts(host)
    toasts.attach(host, 40)
    return toasts


def test_that_messages_said_before_the_window_are_shown_in_it(host: QWidget) -> None:
    toasts = Toasts(host)
    toasts.say("early")
    assert toasts.texts() == ["early"]
    toasts.attach(host, 40)
    assert toasts.texts() == ["early"]


def test_that_the_same_message_is_not_piled_up_and_at_most_three_are_shown(toasts: Toasts) -> None:
    for _ in range(5):
        toasts.problem("the disk is full")
    assert toasts.texts() == ["the disk is full"]
    for number in range(5):
        toasts.say(f"message {number}")
    assert toasts.texts() == ["message 2", "message 3", "message 4"]


def test_that_a_message_leaves_by_itself_and_a_problem_stays(toasts: Toasts, qtbot: QtBot) -> None:
    toasts.problem("a problem")
    toasts.say("brief", Tone.GOOD, seconds=0.05)
    qtbot.waitUntil(lambda: toasts.texts() == ["a problem"])


def test_that_undo_takes_back_the_latest_thing_once(toasts: Toasts) -> None:
    taken_back: list[str] = []
    toasts.undoable("deleted a", lambda: taken_back.append("a"))
    toasts.undoable("deleted b", lambda: taken_back.append("b"))
    assert toasts.next_undo == "deleted b"
    toasts.undo_latest()
    toasts.undo_latest()
    toasts.undo_latest()
    assert taken_back == ["b", "a"]
    assert toasts.next_undo == ""


def test_that_the_button_of_a_message_takes_back_its_own_thing(toasts: Toasts, host: QWidget) -> None:
    taken_back: list[str] = []
    toasts.undoable("deleted a", lambda: taken_back.append("a"))
    toasts.undoable("deleted b", lambda: taken_back.append("b"))
    host.findChildren(LinkButton)[0].click()
    assert taken_back == ["a"]
    assert toasts.next_undo == "deleted b"
    assert toasts.texts() == ["deleted b"]


def test_that_nothing_can_be_undone_after_the_project_is_closed(toasts: Toasts) -> None:
    toasts.undoable("deleted a", lambda: pytest.fail("undone"))
    toasts.forget_undo()
    toasts.undo_latest()


def test_that_messages_stay_inside_the_window(toasts: Toasts, host: QWidget) -> None:
    toasts.problem("A sentence that goes on for quite a while, as sentences about full disks do. " * 4)
    settle()
    host.resize(500, 400)
    settle()
    for label in host.findChildren(PlainLabel):
        corner = label.mapTo(host, label.rect().bottomRight())
        assert host.rect().contains(corner)
