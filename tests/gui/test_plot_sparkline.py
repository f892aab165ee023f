"""The curve the size of a word."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from genstudio.ui.views.sparkline import Sparkline, paint_sparkline, sparkline_points

RECT = QRectF(0, 0, 80, 20)


def painted(values: list[float]) -> int:
    image = QImage(80, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_sparkline(painter, RECT, values, QColor("black"))
    painter.end()
    return sum(image.pixelColor(x, y).lightness() < 128 for x in range(80) for y in range(20))


@pytest.mark.usefixtures("qapp")
def test_that_a_curve_is_painted_and_nothing_makes_none() -> None:
    assert painted([3.0, 2.0, 1.0]) > 40
    assert painted([]) == painted([1.0]) == painted([float("nan")] * 5) == 0


def test_that_it_lies_in_its_rectangle_whatever_the_figures() -> None:
    rng = np.random.default_rng(0)
    for values in (rng.normal(size=100_000), np.array([1e300, -1e300, np.inf, np.nan, 5.0])):
        points = sparkline_points(RECT, values)
        assert 2 <= len(points) <= 80
        assert all(RECT.contains(point) for point in points)


def test_that_a_flat_line_lies_in_the_middle() -> None:
    assert {point.y() for point in sparkline_points(RECT, [2.0] * 9)} == {10.0}


def test_that_the_widget_asks_for_little(qtbot: QtBot) -> None:
    line = Sparkline()
    qtbot.addWidget(line)
    line.set_values([1.0, 2.0, 0.5])
    assert line.sizeHint().height() <= 24
    line.grab()
