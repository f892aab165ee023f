"""What happens when something fails that nobody foresaw."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from genstudio.core.errors import DataError
from genstudio.ui.faults import FaultWatch

CRASH = """
import sys
from pathlib import Path
from genstudio.ui.faults import FaultWatch
watch = FaultWatch(Path(sys.argv[1]))
watch.install()
if sys.argv[2] == "crash":
    import ctypes
    ctypes.string_at(0)
elif sys.argv[2] == "kill":
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
watch.uninstall()
"""


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[FaultWatch]:
    watch = FaultWatch(tmp_path / "logs")
    yield watch
    watch.uninstall()


def run(folder: Path, end: str) -> int:
    return subprocess.run([sys.executable, "-c", CRASH, str(folder), end], timeout=60).returncode


def test_that_a_crash_is_told_at_the_next_start_and_only_once(watch: FaultWatch) -> None:
    assert run(watch.folder, "crash") != 0
    report = watch.last_crash()
    assert report is not None
    assert "Segmentation fault" in report.read_text()
    assert watch.last_crash() is None


@pytest.mark.parametrize("end", ["well", "kill"])
def test_that_a_good_end_and_a_kill_from_outside_are_no_crash(watch: FaultWatch, end: str) -> None:
    run(watch.folder, end)
    assert watch.last_crash() is None
    assert list(watch.folder.glob("*.txt")) == []


def test_that_only_a_few_old_reports_are_kept(watch: FaultWatch) -> None:
    watch.folder.mkdir(parents=True)
    for number in range(9):
        (watch.folder / f"crash-{number}.txt").write_text("old")
    watch.last_crash()
    assert len(list(watch.folder.glob("crash-*.txt"))) == 5


def raise_uncaught(error: Exception) -> None:
    try:
        raise error
    except Exception:
        sys.excepthook(*sys.exc_info())


def test_that_a_fault_is_logged_and_told_once(watch: FaultWatch) -> None:
    told: list[str] = []
    watch.tell = told.append
    watch.install()
    for _ in range(3):
        raise_uncaught(ValueError("odd"))
    raise_uncaught(DataError("The folder is gone. Bring it back."))
    assert told == ["ValueError: odd", "The folder is gone. Bring it back."]
    for handler in logging.getLogger().handlers:
        handler.flush()
    log = (watch.folder / "genstudio.log").read_text()
    assert log.count("ValueError: odd") == 1
    assert "Traceback" in log


def test_that_a_fault_in_a_thread_is_told_as_well(watch: FaultWatch) -> None:
    told: list[str] = []
    watch.tell = told.append
    watch.install()
    thread = threading.Thread(target=lambda: [][1])
    thread.start()
    thread.join()
    assert told == ["IndexError: list index out of range"]


def test_that_a_folder_that_cannot_be_written_costs_only_the_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    watch = FaultWatch(tmp_path / "file" / "logs")
    watch.install()
    assert watch.last_crash() is None
    watch.uninstall()


def test_that_hooks_are_put_back(watch: FaultWatch) -> None:
    before = sys.excepthook
    watch.install()
    assert sys.excepthook is not before
    watch.uninstall()
    assert sys.excepthook is sys.__excepthook__
    assert not (watch.folder / f"running-{os.getpid()}.txt").exists()
