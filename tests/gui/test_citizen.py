"""One window per person, sleep held off while training, a word at the end."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from genstudio.core.events import Finished, Outcome, Paused, Resumed, Started
from genstudio.ui import awake as awake_module
from genstudio.ui import single
from genstudio.ui.activity import Activity
from genstudio.ui.awake import Awake, helper_command
from genstudio.ui.bridge import Bridge
from genstudio.ui.herald import Herald
from genstudio.ui.single import Doorbell
from tests.gui.conftest import WaitFor

_SECOND_START = "from genstudio.ui.single import hand_over; from pathlib import Path; import sys\n"


@pytest.fixture
def short_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A socket's path has little room: the session's folder is one with a short name."""
    folder = tmp_path_factory.mktemp("s")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def doorbell(short_home: Path) -> Iterator[Doorbell]:
    bell = Doorbell()
    assert bell.listen()
    yield bell
    bell.close()


def _start_again(wish: str) -> "subprocess.Popen[str]":
    code = _SECOND_START + f"print(hand_over({wish}))"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ.copy())


def test_that_a_second_start_hands_its_project_over_and_ends(
    doorbell: Doorbell, tmp_path: Path, wait_for: WaitFor
) -> None:
    heard: list[str] = []
    doorbell.rung.connect(heard.append)
    second = _start_again(f"Path({str(tmp_path / 'a b.gsproj')!r})")
    wait_for(lambda: second.poll() is not None)
    answer, _ = second.communicate()
    assert answer.strip() == "True"
    assert heard == [str(tmp_path / "a b.gsproj")]


def test_that_the_first_start_finds_nobody_to_hand_over_to(short_home: Path) -> None:
    assert not single.hand_over(None)


def test_that_a_socket_left_by_a_killed_window_is_taken_over(short_home: Path) -> None:
    import socket

    stale = socket.socket(socket.AF_UNIX)
    stale.bind(single.address())
    stale.close()
    assert not single.hand_over(None)
    bell = Doorbell()
    assert bell.listen()
    bell.close()


def test_that_a_second_window_leaves_the_first_ones_socket_alone(doorbell: Doorbell) -> None:
    assert not Doorbell().listen()


@pytest.mark.parametrize("message", [b"nonsense\n", b'{"open": 7}\n', b"[]\n", b"x" * 40_000])
def test_that_a_message_that_is_no_wish_is_hung_up_on(doorbell: Doorbell, message: bytes, wait_for: WaitFor) -> None:
    heard: list[str] = []
    doorbell.rung.connect(heard.append)
    caller = QLocalSocket()
    caller.connectToServer(single.address())
    caller.write(message)
    wait_for(lambda: caller.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == []


def test_that_the_wish_is_one_line_of_json() -> None:
    assert single._wish(json.dumps({"open": "/a\nb"}).encode()) == "/a\nb"


def test_that_sleep_is_held_off_only_while_a_run_trains(
    qapp: object, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(awake_module, "helper_command", lambda _: ["cat"])
    bridge = Bridge()
    activity = Activity(bridge)
    awake = Awake(activity)
    told = bridge.sink("r")
    seen: list[bool] = []
    for event in (
        Started("r", 0, 100, "cpu"),
        Paused("r", 5),
        Resumed("r", 5),
        Finished("r", 100, Outcome.COMPLETED),
    ):
        told(event)
        bridge.drain_all()
        seen.append(awake.holds)
    assert seen == [True, False, True, False]
    wait_for(lambda: not awake.findChildren(QProcess))
    bridge.stop()


def test_that_the_helper_dies_with_the_program() -> None:
    command = helper_command("Training")
    if sys.platform.startswith("linux") and command is not None:
        assert command[-1].endswith("cat"), "a helper that reads our pipe ends when we are killed"
        assert "--why=Training" in command


def test_that_a_run_that_ends_unwatched_is_announced(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = []
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(QProcess, "startDetached", lambda _, words: told.append(words))
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    bridge, window = Bridge(), QWidget()
    activity = Activity(bridge)
    Herald(window, bridge, activity)
    for event in (Started("r", 0, 100, "cpu"), Finished("r", 70, Outcome.FAILED, "The <disk> is full.")):
        bridge.sink("r")(event)
        bridge.drain_all()
    bridge.stop()
    window.deleteLater()
    (words,) = told
    assert words[-1] == "The &lt;disk&gt; is full."
    assert "--" in words
