"""Live views are drawn frame by frame, within a share of the time, and only while they are there."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from genstudio.ui.redraws import SHORTEST, Redraws
from genstudio.ui.views.plot import LivePlot

CHEAP, DEAR = 0.0, 0.02


@pytest.fixture
def redraws(qapp: QApplication) -> Iterator[Redraws]:
    redraws = Redraws()
    yield redraws
    redraws.stop()


class View(QObject):
    """Notes when it is drawn, and takes its time for it."""

    def __init__(self, cost: float = CHEAP) -> None:
        super().__init__()
        self.cost = cost
        self.drawn: list[float] = []

    def draw(self) -> None:
        self.drawn.append(time.monotonic())
        end = time.thread_time() + self.cost
        while time.thread_time() < end:
            pass


def test_that_the_first_wish_after_a_rest_is_granted_at_once_and_the_next_ones_together(
    redraws: Redraws, qtbot: QtBot
) -> None:
    view = View()
    redraws.want(view.draw)
    qtbot.waitUntil(lambda: len(view.drawn) == 1, timeout=2000)
    for _ in range(50):
        redraws.want(view.draw)
    qtbot.waitUntil(lambda: len(view.drawn) == 2, timeout=2000)
    qtbot.wait(round(2000 * SHORTEST))
    assert len(view.drawn) == 2
    assert view.drawn[1] - view.drawn[0] >= 0.9 * SHORTEST


def test_that_dear_frames_come_as_rarely_as_their_share_asks(qapp: QApplication, qtbot: QtBot) -> None:
    redraws, view = Redraws(share=0.04), View(DEAR)
    redraws.want(view.draw)
    qtbot.waitUntil(lambda: len(view.drawn) == 1, timeout=2000)
    redraws.want(view.draw)
    qtbot.waitUntil(lambda: len(view.drawn) == 2, timeout=5000)
    assert view.drawn[1] - view.drawn[0] >= 0.9 * DEAR / 0.04
    redraws.stop()


def test_that_what_a_part_of_a_frame_asks_for_belongs_to_it_and_nothing_is_drawn_twice(
    redraws: Redraws, qtbot: QtBot
) -> None:
    first, second = View(), View()

    def begin() -> None:
        first.draw()
        redraws.want(second.draw)
        redraws.want(begin)

    redraws.want(begin)
    qtbot.waitUntil(lambda: bool(second.drawn), timeout=2000)
    assert len(first.drawn) == len(second.drawn) == redraws.frames == 1
    qtbot.waitUntil(lambda: len(first.drawn) == 2, timeout=2000)


def test_that_a_view_that_is_gone_or_thinks_better_of_it_is_not_drawn(redraws: Redraws, qtbot: QtBot) -> None:
    gone, calm, here = View(), View(), View()
    for view in (gone, calm, here):
        redraws.want(view.draw)
    drawn = gone.drawn
    gone.deleteLater()
    redraws.forget(calm.draw)
    qtbot.waitUntil(lambda: bool(here.drawn), timeout=2000)
    assert not drawn and not calm.drawn


def test_that_nothing_is_drawn_after_the_end(redraws: Redraws, qtbot: QtBot) -> None:
    view = View()
    redraws.stop()
    redraws.want(view.draw)
    qtbot.wait(50)
    assert not view.drawn


def test_that_watching_a_plot_grow_costs_a_small_share_of_the_time(redraws: Redraws, qtbot: QtBot) -> None:
    plot = LivePlot(redraws=redraws)
    qtbot.addWidget(plot)
    plot.resize(900, 700)
    names = [f"series {number}" for number in range(6)]
    for number, name in enumerate(names):
        plot.set_series(name, name, f"unit {number % 3}", number)
        plot.append(name, range(1, 3000), [float(value % 97) for value in range(1, 3000)])
    plot.show()
    qtbot.wait(1500)
    clock = [3000]

    def report() -> None:
        clock[0] += 1
        for name in names:
            plot.append(name, clock[0], float(clock[0] % 89))

    timer = QTimer()
    timer.timeout.connect(report)
    timer.start(100)
    frames, spent, began = redraws.frames, time.thread_time(), time.monotonic()
    qtbot.wait(4000)
    share = (time.thread_time() - spent) / (time.monotonic() - began)
    timer.stop()
    assert redraws.frames > frames, "and yet it lives"
    assert share < 0.06, f"{share:.1%}"
