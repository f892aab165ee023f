"""A plot as a file: the picture at twice the screen's resolution, the figures in full."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from genstudio.ui.views.plot_pyramid import Floats

ROWS_PER_SLICE = 2_000


@dataclass(frozen=True)
class Column:
    """One series of a table: its heading and its points x (n,), y (n,), x rising."""

    heading: str
    x: Floats
    y: Floats


def table_rows(clock: str, columns: Sequence[Column]) -> Iterator[list[str]]:
    """Give the heading and then a row for every x that any column has; gaps stay empty.

    Figures are written with every digit they have: reading them back gives the same float.
    """
    yield [clock.replace(" ", "_"), *(column.heading for column in columns)]
    every_x = np.unique(np.concatenate([np.empty(0), *(column.x for column in columns)]))
    places = [np.searchsorted(column.x, every_x) for column in columns]
    for row, x in enumerate(every_x.tolist()):
        cells = [_cell(c, int(p[row]), x) for c, p in zip(columns, places, strict=True)]
        yield [_number(x), *cells]


class TableWriter(QObject):
    """Writes a table a slice at a time, so that a million rows do not stop the window."""

    finished = Signal(str)  # path
    failed = Signal(str)  # what went wrong, in the system's words

    def __init__(self, path: Path, clock: str, columns: Sequence[Column], parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._rows = table_rows(clock, columns)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._write_slice)

    def start(self) -> None:
        """Open the file and begin; ``finished`` or ``failed`` follows."""
        try:
            self._file = self._part.open("w", newline="", encoding="utf-8")
        except OSError as problem:
            self._fail(problem)
            return
        self._writer = csv.writer(self._file)
        self._timer.start(0)

    @Slot()
    def _write_slice(self) -> None:
        try:
            rows = list(islice(self._rows, ROWS_PER_SLICE))
            self._writer.writerows(rows)
            if len(rows) < ROWS_PER_SLICE:
                self._finish()
        except OSError as problem:
            self._fail(problem)

    def _finish(self) -> None:
        self._file.close()
        self._part.replace(self._path)
        self._end()
        self.finished.emit(str(self._path))

    def _fail(self, problem: OSError) -> None:
        self._end()
        self.failed.emit(problem.strerror or str(problem))

    def _end(self) -> None:
        self._timer.stop()
        self.deleteLater()


def picture_of(widgets: Sequence[QWidget], surface: QColor, scale: float = 2.0) -> QImage:
    """Paint widgets one below the other, sharp at ``scale`` times their size on screen."""
    width = max(widget.width() for widget in widgets)
    height = sum(widget.height() for widget in widgets)
    image = QImage(round(width * scale), round(height * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(surface)
    painter = QPainter(image)
    top = 0
    for widget in widgets:
        widget.render(painter, QPoint(0, top))
        top += widget.height()
    painter.end()
    return image


def _cell(column: Column, place: int, x: float) -> str:
    if place == len(column.x) or column.x[place] != x:
        return ""
    return _number(float(column.y[place]))


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")
