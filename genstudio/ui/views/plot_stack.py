"""The panels of a plot, one below the other, moving through time together."""

import math
from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from genstudio.ui.views.plot_axis import TimeAxis
from genstudio.ui.views.plot_export import picture_of
from genstudio.ui.views.plot_flow import FlowLayout
from genstudio.ui.views.plot_legend import Chip
from genstudio.ui.views.plot_panel import Look, PlotPanel
from genstudio.ui.views.plot_series import Curve, SeriesKey, SeriesLook

NARROWEST_SPAN = 1e-9  # of the larger end: any narrower, and floats could not tell points apart


class PanelStack(QWidget):
    """Panels, the chips of the runs above them and the time axis below.

    It holds which part of the time axis is shown, and whether that follows what arrives.
    """

    stale = Signal()  # something changed that the next redraw will show

    def __init__(self, compare: bool, clock: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compare = compare
        self._panels: dict[str, PlotPanel] = {}
        self._homes: dict[SeriesKey, PlotPanel] = {}
        self._curves: dict[SeriesKey, Curve] = {}
        self._runs: dict[str, Chip] = {}
        self._look = Look()
        self._following = True
        self._pointer: float | None = None
        self._axis = TimeAxis(clock)
        self._column = QWidget()
        self._rows = QVBoxLayout(self._column)
        self._runs_row = QWidget()
        self._chips = FlowLayout(self._runs_row)
        self._scroller = QScrollArea()
        self._lay_out()
        self._scroller.verticalScrollBar().valueChanged.connect(self.stale)

    @property
    def following(self) -> bool:
        """Whether everything is shown and new figures move the time axis."""
        return self._following

    def set_look(self, *, smoothing: float, decades: bool, clip: bool) -> None:
        """Set how curves are drawn."""
        self._look = replace(self._look, smoothing=smoothing, decades=decades, clip=clip)
        self.stale.emit()

    def add_run(self, run: str, title: str, slot: int) -> None:
        """Show a chip that switches all curves of a run."""
        chip = Chip(SeriesKey(run, ""), title, slot)
        chip.switched.connect(self._switch_run)
        self._runs[run] = chip
        self._chips.addWidget(chip)

    def remove_run(self, run: str) -> None:
        """Take the chip of a run away, where it has one."""
        chip = self._runs.pop(run, None)
        if chip is not None:
            chip.deleteLater()

    def add(self, key: SeriesKey, curve: Curve, series: SeriesLook, run: SeriesLook) -> None:
        """Show a curve in the panel of its unit, or of its series where runs are compared."""
        panel = self._panel(key.name if self._compare else series.unit, series)
        if self._compare:
            chip = Chip(key, run.title, run.slot, readout=True)
            panel.add(key, curve, chip, run.slot)
            panel.set_shown(key, key.run not in self._runs or self._runs[key.run].isChecked())
        else:
            chip = Chip(key, series.title, series.slot)
            chip.switched.connect(self._switch_series)
            panel.add(key, curve, chip, series.slot)
        self._homes[key], self._curves[key] = panel, curve

    def remove(self, key: SeriesKey) -> None:
        """Take a curve away, and its panel when it was the last in it."""
        panel = self._homes.pop(key)
        del self._curves[key]
        panel.remove(key)
        if not panel.keys():
            self._panels = {name: p for name, p in self._panels.items() if p is not panel}
            panel.hide()
            panel.deleteLater()

    def follow(self) -> None:
        """Show everything, and keep up with what arrives."""
        self._following = True
        for panel in self._panels.values():
            panel.reset_values()
        self.stale.emit()

    def show_span(self, x0: float, x1: float) -> None:
        """Show this part of the time axis and stay there until ``follow``."""
        if not x1 - x0 > NARROWEST_SPAN * max(abs(x0), abs(x1), 1.0):
            return
        if not math.isfinite(x1 - x0):
            return
        self._following = False
        self._look = replace(self._look, x0=x0, x1=x1)
        self.stale.emit()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Zoom through time about x, or about the middle."""
        x0, x1 = self._look.x0, self._look.x1
        centre = (x0 + x1) / 2 if x is None else x
        self.show_span(centre + (x0 - centre) * factor, centre + (x1 - centre) * factor)

    def pan(self, share: float) -> None:
        """Move through time by a share of what is shown."""
        by = (self._look.x1 - self._look.x0) * share
        self.show_span(self._look.x0 + by, self._look.x1 + by)

    def redraw(self) -> None:
        """Draw every panel that is on screen."""
        self._draw(self.devicePixelRatioF(), unseen=False)

    def picture(self, scale: float) -> QImage:
        """Paint chips, panels and axis, ``scale`` times as sharp as on screen."""
        self._draw(scale, unseen=True)
        parts = [self._runs_row] if self._compare else []
        surface = self.palette().base().color()
        self.stale.emit()  # the screen's own sharpness is still to be drawn again
        return picture_of([*parts, self._column, self._axis], surface, scale)

    def _draw(self, sharpness: float, unseen: bool) -> None:
        if self._following:
            x0, x1 = self._whole_span()
            self._look = replace(self._look, x0=x0, x1=x1)
        look = replace(self._look, sharpness=sharpness)
        for panel in self._panels.values():
            if not panel.folded and (unseen or not panel.visibleRegion().isEmpty()):
                panel.draw(look)
        bar = self._scroller.verticalScrollBar()
        self._axis.set_range(self._look.x0, self._look.x1, bar.width() if bar.isVisible() else 0)
        self._point(self._pointer)

    def _lay_out(self) -> None:
        self._chips.setContentsMargins(8, 4, 8, 4)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._scroller.setWidget(self._column)
        self._scroller.setWidgetResizable(True)
        self._scroller.setFrameShape(QFrame.Shape.NoFrame)
        self._scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for surface in (self._column, self._runs_row, self._scroller.viewport()):
            surface.setAutoFillBackground(True)
            surface.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._runs_row)
        self._runs_row.setVisible(self._compare)
        column.addWidget(self._scroller, 1)
        column.addWidget(self._axis)

    def _panel(self, name: str, series: SeriesLook) -> PlotPanel:
        if name not in self._panels:
            panel = PlotPanel(series.title if self._compare else "", series.unit)
            canvas = panel.canvas
            canvas.zoomed.connect(self.zoom)
            canvas.zoomed_values.connect(panel.zoom_values)
            canvas.zoomed_values.connect(self.stale)
            canvas.panned.connect(self._pan)
            canvas.panned_values.connect(panel.pan_values)
            canvas.boxed.connect(self.show_span)
            canvas.boxed_values.connect(panel.set_values_shown)
            canvas.pointed.connect(self._point)
            canvas.reset_wanted.connect(self.follow)
            panel.appeared.connect(self.stale)
            self._rows.addWidget(panel)
            self._panels[name] = panel
        return self._panels[name]

    @Slot(object, bool)
    def _switch_series(self, key: SeriesKey, shown: bool) -> None:
        self._homes[key].set_shown(key, shown)
        self.stale.emit()

    @Slot(object, bool)
    def _switch_run(self, switched: SeriesKey, shown: bool) -> None:
        for key, panel in self._homes.items():
            if key.run == switched.run:
                panel.set_shown(key, shown)
        self.stale.emit()

    @Slot(float)
    def _pan(self, by: float) -> None:
        self.show_span(self._look.x0 + by, self._look.x1 + by)

    @Slot(object)
    def _point(self, x: float | None) -> None:
        self._pointer = x
        self._axis.point_at(x)
        for panel in self._panels.values():
            panel.point_at(x)

    def _whole_span(self) -> tuple[float, float]:
        ends = [(c.points.x[0], c.points.x[-1]) for c in self._curves.values() if len(c.points)]
        if not ends:
            return 0.0, 1.0
        first, last = float(min(e[0] for e in ends)), float(max(e[1] for e in ends))
        first = min(first, 0.0) if first < 0.1 * last else first
        return (first, last) if last > first else (first - 0.5, first + 0.5)
