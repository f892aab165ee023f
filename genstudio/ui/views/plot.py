"""The live plot: every series that a run reports, raw and smoothed, its history never cut."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QImage, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QStackedLayout, QVBoxLayout, QWidget

from genstudio.ui.redraws import Redraws
from genstudio.ui.views.plot_export import Column, TableWriter
from genstudio.ui.views.plot_series import Curve, SeriesKey, SeriesLook
from genstudio.ui.views.plot_stack import PanelStack
from genstudio.ui.views.plot_toolbar import PlotToolbar

KEY_PAN = 0.1
KEY_ZOOM = 0.8


class LivePlot(QWidget):
    """Named series over one clock, in stacked panels that share the time axis.

    It is drawn with the frames of ``redraws``, and at once when a person zooms or moves it.

    With one run, a panel holds the series of one unit and colours tell series apart. With
    ``compare``, a panel holds one series and colours tell runs apart. Either way a colour is
    given once, by the caller's slot, and never moves.

    Wheel: zoom through time; Ctrl + wheel: through values; drag: move; Shift + drag: a box;
    + and -, Left and Right: the same by keyboard; double click or Home: back to everything.
    """

    exported = Signal(str)  # the path written
    export_failed = Signal(str)  # a sentence to show

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        redraws: Redraws | None = None,
        compare: bool = False,
        clock: str = "images seen",
    ) -> None:
        super().__init__(parent)
        self._redraws = redraws or Redraws(self)
        self._clock = clock
        self._series: dict[str, SeriesLook] = {}
        self._runs: dict[str, SeriesLook] = {}
        self._curves: dict[SeriesKey, Curve] = {}
        self._toolbar = PlotToolbar()
        self._stack = PanelStack(compare, clock)
        self._empty = QLabel(self.tr("The first figures will appear here."))
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.redraw)
        self._lay_out()
        self._connect()
        self._take_look()

    def set_empty_text(self, text: str) -> None:
        """Say what is shown as long as there is no figure."""
        self._empty.setText(text)

    def set_series(self, name: str, title: str, unit: str, colour_slot: int) -> None:
        """Say what a series is called and measured in; what was said first stays."""
        self._series.setdefault(name, SeriesLook(title, unit, colour_slot))

    def set_run(self, run: str, title: str, colour_slot: int) -> None:
        """Say what a run is called, in a plot that compares runs; what was said first stays."""
        if run not in self._runs:
            self._runs[run] = SeriesLook(title, "", colour_slot)
            self._stack.add_run(run, title, colour_slot)

    def append(self, name: str, x: ArrayLike, y: ArrayLike, run: str = "") -> None:
        """Add figures x (n,), y (n,) to a series; x that was passed already is left out.

        Raises:
            ValueError: the lengths differ.
        """
        xs = np.atleast_1d(np.asarray(x, dtype=np.float64))
        ys = np.atleast_1d(np.asarray(y, dtype=np.float64))
        self._curve(SeriesKey(run, name)).append(xs, ys)
        if self.isVisible():
            self._redraws.want(self.redraw)

    def set_history(self, name: str, x: ArrayLike, y: ArrayLike, run: str = "") -> None:
        """Let x (n,), y (n,) be all there is of a series: of a finished run, or one reopened.

        Raises:
            ValueError: the lengths differ.
        """
        key = SeriesKey(run, name)
        if key in self._curves:
            self._curves[key].clear()
        self.append(name, x, y, run)

    def remove_run(self, run: str) -> None:
        """Take a run's curves away."""
        for key in [key for key in self._curves if key.run == run]:
            del self._curves[key]
            self._stack.remove(key)
        self._stack.remove_run(run)
        self._runs.pop(run, None)
        self._redraw_soon()

    def clear(self) -> None:
        """Forget every series, run and figure, and follow again."""
        for run in {key.run for key in self._curves} | set(self._runs):
            self.remove_run(run)
        self._series.clear()
        self.follow()

    def follow(self) -> None:
        """Show everything, and keep up with what arrives."""
        self._stack.follow()

    def is_following(self) -> bool:
        """Tell whether everything is shown and new figures move the time axis."""
        return self._stack.following

    def show_span(self, x0: float, x1: float) -> None:
        """Show this part of the time axis and stay there until ``follow``."""
        self._stack.show_span(x0, x1)

    def set_smoothing(self, strength: float) -> None:
        """Set the strength of smoothing, 0 to 0.99."""
        self._toolbar.set_smoothing(strength)

    def set_decades(self, on: bool) -> None:
        """Lay values out by decades (a logarithmic axis) or evenly."""
        self._toolbar.set_decades(on)

    def columns(self) -> list[Column]:
        """Give all figures as they are now, a column for every series."""
        return [
            Column(self._heading(key), curve.points.x.copy(), curve.points.y.copy())
            for key, curve in self._curves.items()
        ]

    def picture(self, scale: float = 2.0) -> QImage:
        """Paint legend, panels and axis, without the controls, ``scale`` times as sharp."""
        return self._stack.picture(scale)

    def export_png(self, path: Path) -> None:
        """Write the picture; ``exported`` or ``export_failed`` follows."""
        if self.picture().save(str(path)):
            self.exported.emit(str(path))
        else:
            self._say_failed(self.tr("the file could not be written"))

    def export_csv(self, path: Path) -> None:
        """Write every figure, slice by slice; ``exported`` or ``export_failed`` follows."""
        writer = TableWriter(path, self._clock, self.columns(), self)
        writer.finished.connect(self.exported)
        writer.failed.connect(self._say_failed)
        writer.start()

    @Slot()
    def redraw(self) -> None:
        """Draw what has changed, now."""
        self._timer.stop()
        self._redraws.forget(self.redraw)
        self._pages.setCurrentWidget(self._stack if self._curves else self._empty)
        self._stack.redraw()
        self._toolbar.set_following(self._stack.following)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and -, move with the arrows, Home for everything."""
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._stack.zoom(KEY_ZOOM)
            case Qt.Key.Key_Minus:
                self._stack.zoom(1 / KEY_ZOOM)
            case Qt.Key.Key_Left:
                self._stack.pan(-KEY_PAN)
            case Qt.Key.Key_Right:
                self._stack.pan(KEY_PAN)
            case Qt.Key.Key_Home:
                self.follow()
            case _:
                super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what arrived while nobody looked."""
        super().showEvent(event)
        self._redraw_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        self._timer.stop()
        self._redraws.forget(self.redraw)
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for the new width."""
        super().resizeEvent(event)
        self._redraw_soon()

    def changeEvent(self, event: QEvent) -> None:
        """Take up the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw_soon()

    def _lay_out(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Plot"))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setAutoFillBackground(True)
        self._empty.setBackgroundRole(self.backgroundRole().Base)
        self._empty.setForegroundRole(self.foregroundRole().PlaceholderText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._toolbar)
        self._pages = QStackedLayout()
        column.addLayout(self._pages, 1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._stack)

    def _connect(self) -> None:
        self._stack.stale.connect(self._redraw_soon)
        self._toolbar.look_changed.connect(self._take_look)
        self._toolbar.follow_wanted.connect(self.follow)
        self._toolbar.picture_wanted.connect(self._ask_picture)
        self._toolbar.table_wanted.connect(self._ask_table)

    def _curve(self, key: SeriesKey) -> Curve:
        if key not in self._curves:
            series = self._series.setdefault(key.name, SeriesLook(key.name, "", len(self._series)))
            run = self._runs.get(key.run, SeriesLook(key.run, "", 0))
            self._curves[key] = Curve()
            self._stack.add(key, self._curves[key], series, run)
        return self._curves[key]

    def _heading(self, key: SeriesKey) -> str:
        run = self._runs.get(key.run)
        return f"{run.title}: {key.name}" if run else key.name

    @Slot()
    def _redraw_soon(self) -> None:
        if self.isVisible():
            self._timer.start(0)

    @Slot()
    def _take_look(self) -> None:
        bar = self._toolbar
        self._stack.set_look(smoothing=bar.smoothing, decades=bar.decades, clip=bar.clip)

    @Slot()
    def _ask_picture(self) -> None:
        path = self._ask_path(self.tr("Export the plot as a picture"), "plot.png", "PNG (*.png)")
        if path:
            self.export_png(path)

    @Slot()
    def _ask_table(self) -> None:
        path = self._ask_path(self.tr("Export the figures"), "figures.csv", "CSV (*.csv)")
        if path:
            self.export_csv(path)

    def _ask_path(self, title: str, name: str, kind: str) -> Path | None:
        chosen, _ = QFileDialog.getSaveFileName(self, title, name, kind)
        return Path(chosen) if chosen else None

    @Slot(str)
    def _say_failed(self, why: str) -> None:
        said = self.tr("The plot was not exported: {why}. Choose another folder and try again.")
        self.export_failed.emit(said.format(why=why))
