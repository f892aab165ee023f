import threading
import time

from genstudio.core.control import Control


def test_that_wishes_are_taken_once() -> None:
    control = Control()
    control.preview_now()
    control.save_now()
    assert control.take_preview() and not control.take_preview()
    assert control.take_save() and not control.take_save()


def test_that_stopping_ends_a_pause() -> None:
    control = Control()
    control.pause()
    assert control.pausing
    control.stop()
    assert control.stopping and not control.pausing


def test_that_a_waiting_job_wakes_at_once() -> None:
    control = Control()
    control.pause()
    threading.Timer(0.05, control.resume).start()
    before = time.monotonic()
    control.wait(10)
    assert time.monotonic() - before < 5
    assert not control.pausing


def test_that_a_nudge_wakes_without_changing_a_wish() -> None:
    control = Control()
    control.pause()
    threading.Timer(0.05, control.nudge).start()
    control.wait(10)
    assert control.pausing
