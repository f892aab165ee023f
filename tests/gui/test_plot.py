"""The live plot as its pages use it: figures in, picture, files and signals out."""

import csv
import gc
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QThread, QTimer
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from genstudio.ui.views.plot import LivePlot
from genstudio.ui.views.plot_canvas import PlotCanvas
from genstudio.ui.views.plot_colours import ON_DARK, ON_LIGHT, slot_colour
from genstudio.ui.views.plot_legend import Chip

LEFT = Qt.MouseButton.LeftButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CANARY = '<img src="file:///canary.png"><b>bold</b><table><tr><td>&amp;'


@pytest.fixture
def plot(qtbot: QtBot, qapp: QApplication) -> Iterator[LivePlot]:
    qapp.setStyleSheet("")  # with one in force, a widget's palette does not reach its children
    plot = LivePlot()
    plot.resize(800, 500)
    qtbot.addWidget(plot)
    plot.show()
    yield plot
    plot.close()


def fill(plot: LivePlot, points: int = 2000) -> None:
    plot.set_series("loss", "Loss", "nats per image", 0)
    plot.set_series("bits", "Bits", "bits per dimension", 1)
    x = np.arange(1, points + 1) * 64.0
    plot.append("loss", x, 100 + 400 * np.exp(-x / x[-1] * 5))
    plot.append("bits", x, 2 + np.exp(-x / x[-1] * 5))
    plot.redraw()


def drag(canvas: PlotCanvas, to: QPoint, modifier: Qt.KeyboardModifier) -> None:
    view = canvas.viewport()
    there = QPointF(view.mapToGlobal(to))
    moved = QMouseEvent(QEvent.Type.MouseMove, QPointF(to), there, LEFT, LEFT, modifier)
    QApplication.sendEvent(view, moved)


def colours_in(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(image.height())}


def test_that_both_themes_draw_the_series_in_its_colour(plot: LivePlot, qapp: QApplication) -> None:
    fill(plot)
    for dark in (False, True):
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Base, QColor("#1d1d1f" if dark else "#ffffff"))
        palette.setColor(QPalette.ColorRole.Text, QColor("#ededef" if dark else "#1b1b1e"))
        plot.setPalette(palette)
        qapp.processEvents()
        assert slot_colour(0, dark).name() in colours_in(plot.picture())


def test_that_figures_are_drawn_a_few_times_a_second_at_most(
    plot: LivePlot, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(plot)
    qtbot.wait(20)
    drawn: list[float] = []
    monkeypatch.setattr(plot._stack, "redraw", lambda: drawn.append(time.monotonic()))
    start = time.monotonic()
    x = 1e9
    while time.monotonic() - start < 0.6:
        x += 1
        plot.append("loss", x, 1.0)
        qtbot.wait(5)
    assert 1 <= len(drawn) <= 3


def test_that_a_hidden_plot_rests_and_catches_up_when_shown(plot: LivePlot, qtbot: QtBot) -> None:
    fill(plot)
    plot.hide()
    plot.append("loss", [1e6], [50.0])
    assert not plot._timer.isActive()
    plot.show()
    qtbot.waitUntil(lambda: plot._stack._look.x1 == 1e6)


def test_that_zooming_stays_put_while_figures_arrive_and_follow_returns(plot: LivePlot) -> None:
    fill(plot)
    plot.show_span(1000, 2000)
    plot.append("loss", [1e6], [50.0])
    plot.redraw()
    assert not plot.is_following()
    assert (plot._stack._look.x0, plot._stack._look.x1) == (1000, 2000)
    plot.follow()
    plot.redraw()
    assert plot.is_following()
    assert plot._stack._look.x1 == 1e6


def test_that_the_wheel_zooms_about_the_pointer(plot: LivePlot) -> None:
    fill(plot)
    canvas = plot.findChildren(PlotCanvas)[0]
    at = canvas.plot_rect().center()
    x, _ = canvas.point(at)
    event = QWheelEvent(
        at,
        QPointF(canvas.mapToGlobal(at.toPoint())),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)
    plot.redraw()
    assert canvas.point(at)[0] == pytest.approx(x)
    span = plot._stack._look.x1 - plot._stack._look.x0
    assert span == pytest.approx(0.8 * 128_000)


def test_that_a_box_shows_what_is_inside_it(plot: LivePlot) -> None:
    fill(plot)
    canvas = plot.findChildren(PlotCanvas)[0]
    area = canvas.plot_rect().toRect()
    start, end = area.topLeft() + QPoint(100, 20), area.topLeft() + QPoint(300, 80)
    wanted = canvas.point(QPointF(start))[0], canvas.point(QPointF(end))[0]
    QTest.mousePress(canvas.viewport(), LEFT, SHIFT, start)
    drag(canvas, end, SHIFT)
    QTest.mouseRelease(canvas.viewport(), LEFT, SHIFT, end)
    assert plot._stack._look.x0 == pytest.approx(wanted[0])
    assert plot._stack._look.x1 == pytest.approx(wanted[1])


def test_that_a_drag_moves_through_time(plot: LivePlot) -> None:
    fill(plot)
    canvas = plot.findChildren(PlotCanvas)[0]
    start = canvas.plot_rect().center().toPoint()
    x, _ = canvas.point(QPointF(start))
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    drag(canvas, start + QPoint(80, 0), NONE)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, start)
    plot.redraw()
    assert canvas.point(QPointF(start + QPoint(80, 0)))[0] == pytest.approx(x)
    assert not plot.is_following()


@pytest.mark.parametrize(
    ("key", "changed"),
    [(Qt.Key.Key_Plus, True), (Qt.Key.Key_Left, True), (Qt.Key.Key_Home, False)],
)
def test_that_keys_move_the_plot(plot: LivePlot, key: Qt.Key, changed: bool) -> None:
    fill(plot)
    QTest.keyClick(plot, key)
    assert plot.is_following() is not changed


def test_that_the_pointer_shows_the_nearest_point_of_every_series(plot: LivePlot) -> None:
    plot.set_series("loss", "Loss", "nats", 0)
    plot.set_series("bits", "Bits", "bits", 1)
    plot.append("loss", [0, 100, 200], [3.0, 2.0, 1.0])
    plot.append("bits", [0, 90, 200], [30.0, 20.0, 10.0])
    plot.redraw()
    canvas = plot.findChildren(PlotCanvas)[0]
    canvas.pointed.emit(104.0)
    assert {chip.title: chip.value for chip in plot.findChildren(Chip)} == {
        "Loss": "2.000",
        "Bits": "20.00",
    }
    canvas.pointed.emit(None)
    assert {chip.value for chip in plot.findChildren(Chip)} == {"1.000", "10.00"}


def test_that_a_chip_hides_its_series_and_no_other_changes_colour(plot: LivePlot) -> None:
    plot.set_series("a", "A", "nats", 3)
    plot.set_series("b", "B", "nats", 5)
    for name, level in (("a", 1.0), ("b", 5.0)):
        plot.append(name, np.arange(100.0), np.full(100, level) + np.arange(100) / 50)
    dark = plot.palette().base().color().lightness() < 128
    assert slot_colour(3, dark).name() in colours_in(plot.picture())
    next(chip for chip in plot.findChildren(Chip) if chip.title == "A").click()
    panel = plot._stack._panels["nats"].canvas
    plot.redraw()
    colours = colours_in(panel.grab().toImage())
    assert slot_colour(3, dark).name() not in colours
    assert slot_colour(5, dark).name() in colours


def test_that_a_panel_with_nothing_shown_folds(plot: LivePlot) -> None:
    fill(plot)
    chip = next(chip for chip in plot.findChildren(Chip) if chip.title == "Bits")
    chip.click()
    assert plot._stack._panels["bits per dimension"].canvas.isHidden()
    chip.click()
    assert not plot._stack._panels["bits per dimension"].canvas.isHidden()


def test_that_runs_are_compared_in_one_panel_a_series(qtbot: QtBot) -> None:
    plot = LivePlot(compare=True)
    qtbot.addWidget(plot)
    plot.set_series("loss", "Loss", "nats", 0)
    for number, run in enumerate(("r1", "r2", "r3")):
        plot.set_run(run, f"Run {number}", number)
        plot.set_history("loss", np.arange(50.0), np.arange(50.0) + number, run)
    plot.show()
    plot.redraw()
    assert len(plot._stack._panels) == 1
    plot.remove_run("r2")
    plot.redraw()
    assert {column.heading for column in plot.columns()} == {"Run 0: loss", "Run 2: loss"}
    next(chip for chip in plot.findChildren(Chip) if chip.title == "Run 2").click()
    assert [t.shown for t in plot._stack._panels["loss"]._traces.values()] == [True, False]
    plot.clear()
    plot.redraw()
    assert plot.columns() == []
    assert plot._stack._panels == {}


def test_that_figures_repeated_after_a_resume_are_left_out(plot: LivePlot) -> None:
    plot.set_series("loss", "Loss", "nats", 0)
    plot.append("loss", [1, 2, 3], [1, 2, 3])
    plot.append("loss", [2, 3, 4], [2, 3, 4])
    assert plot.columns()[0].x.tolist() == [1, 2, 3, 4]
    plot.set_history("loss", [5, 6], [5, 6])
    assert plot.columns()[0].x.tolist() == [5, 6]


@pytest.mark.parametrize("decades", [False, True])
@pytest.mark.parametrize("strength", [0.0, 0.6, 0.99])
def test_that_wild_figures_neither_hang_nor_warn(plot: LivePlot, decades: bool, strength: float) -> None:
    plot.set_decades(decades)
    plot.set_smoothing(strength)
    wild = [0.0, -1.0, np.nan, np.inf, -np.inf, 1e-300, 1e300, -1e300, 5e-324, 1.7e308, 1.0, 0.0]
    for number, figure in enumerate(wild):
        plot.set_series(str(number), str(number), f"unit {number}", number)
        plot.append(str(number), np.arange(30.0), np.full(30, figure))
    plot.set_series("all", "All", "all", 0)
    plot.append("all", np.arange(12.0), wild)
    start = time.monotonic()
    plot.redraw()
    plot.grab()
    plot.show_span(3.0, 3.5)
    plot.redraw()
    plot.grab()
    assert time.monotonic() - start < 5


def test_that_the_table_gives_every_figure_back(plot: LivePlot, qtbot: QtBot, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = np.cumsum(rng.exponential(size=5000)), rng.normal(size=5000) * 1e-7
    y[7] = np.nan
    plot.append("loss", x, y)
    plot.append("speed", x[::10], y[::10])
    file = tmp_path / "figures.csv"
    with qtbot.waitSignal(plot.exported, timeout=10_000) as done:
        plot.export_csv(file)
    assert done.args == [str(file)]
    with file.open(newline="") as text:
        rows = list(csv.reader(text))
    assert rows[0] == ["images_seen", "loss", "speed"]
    assert [float(row[0]) for row in rows[1:]] == x.tolist()
    np.testing.assert_array_equal([float(row[1]) for row in rows[1:]], y)
    np.testing.assert_array_equal([float(row[2]) for row in rows[1:] if row[2]], y[::10])
    assert list(tmp_path.glob("*.part")) == []


def test_that_a_table_that_cannot_be_written_is_said_in_a_sentence(
    plot: LivePlot, qtbot: QtBot, tmp_path: Path
) -> None:
    fill(plot)
    for export in (plot.export_csv, plot.export_png):
        with qtbot.waitSignal(plot.export_failed) as failed:
            export(tmp_path / "missing" / "file")
        assert "not exported" in failed.args[0]


def test_that_the_picture_has_twice_the_screens_pixels(plot: LivePlot, tmp_path: Path) -> None:
    fill(plot)
    plot.export_png(tmp_path / "plot.png")
    image = QImage(str(tmp_path / "plot.png"))
    assert image.width() == 2 * plot.width()


def test_that_no_name_is_rendered_as_markup(plot: LivePlot) -> None:
    plot.set_empty_text(CANARY)
    plot.set_series("loss", CANARY, CANARY, 0)
    plot.append("loss", [1, 2], [1, 2])
    plot.redraw()
    chip = plot.findChildren(Chip)[0]
    assert chip.title == CANARY
    for label in plot.findChildren(QLabel):
        shows_canary = CANARY in label.text()
        assert not shows_canary or label.textFormat() == Qt.TextFormat.PlainText
    QApplication.sendEvent(chip, QEvent(QEvent.Type.ToolTip))
    assert "&lt;b&gt;" in chip.toolTip()
    assert "<b>" not in chip.toolTip()


def test_that_colours_are_told_apart_by_every_kind_of_colour_vision() -> None:
    for colours, surface in ((ON_LIGHT, "#ffffff"), (ON_DARK, "#1d1d1f")):
        for sight in SIGHTS.values():
            seen = [sight @ _linear(colour) for colour in colours[:6]]
            nearest = min(np.linalg.norm(_lab(a) - _lab(b)) for n, a in enumerate(seen) for b in seen[:n])
            assert nearest > 15
        for colour in colours:
            assert _contrast(colour, surface) >= 3


def test_that_nothing_runs_on_after_the_plot_is_gone(qtbot: QtBot) -> None:
    def alive() -> int:
        gc.collect()
        objects = gc.get_objects()
        timers = [o for o in objects if issubclass(type(o), QTimer)]  # isinstance would wake lazy objects of torch
        return sum(shiboken6.isValid(timer) and timer.isActive() for timer in timers)

    before = alive()
    plot = LivePlot()
    plot.show()
    fill(plot)
    plot.append("loss", [1e7], [1.0])
    plot.close()
    assert alive() <= before
    plot.deleteLater()
    QApplication.processEvents()
    assert not [o for o in gc.get_objects() if issubclass(type(o), QThread) and o.isRunning()]


# Viénot, Brettel and Mollon, "Digital video colourmaps for checking the legibility of displays
# by dichromats" (1999): protanopia and deuteranopia on linear RGB.
SIGHTS = {
    "usual": np.eye(3),
    "protan": np.array([[0.1124, 0.8876, 0], [0.1124, 0.8876, 0], [0.0040, -0.0040, 1]]),
    "deutan": np.array([[0.2928, 0.7072, 0], [0.2928, 0.7072, 0], [-0.0223, 0.0223, 1]]),
}


def _linear(colour: str) -> np.ndarray:
    part = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _contrast(colour: str, surface: str) -> float:
    light = [float(_linear(c) @ [0.2126, 0.7152, 0.0722]) + 0.05 for c in (colour, surface)]
    return max(light) / min(light)


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = (to_xyz @ linear.clip(0, 1)) / [0.9505, 1.0, 1.089]
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
