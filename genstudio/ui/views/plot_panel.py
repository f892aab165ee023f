"""One panel of a plot: the curves that share a unit (or a series), under one header."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from genstudio.ui.views.plot_canvas import Mark, PlotCanvas
from genstudio.ui.views.plot_colours import faint, is_dark, slot_colour
from genstudio.ui.views.plot_flow import FlowLayout
from genstudio.ui.views.plot_legend import Chip
from genstudio.ui.views.plot_numbers import value_text
from genstudio.ui.views.plot_pyramid import Floats
from genstudio.ui.views.plot_scale import DecadeScale, LinearScale, Scale
from genstudio.ui.views.plot_series import Curve, SeriesKey

LOWEST_HEIGHT = 140
LOWEST_HEADER = 24
NOTHING = (np.empty(0), np.empty(0))
PIXELS_PER_POINT = 2  # of a smoothed line
PIXELS_PER_DOT = 10  # where points lie that far apart, each is marked
OUTLIERS = (1.0, 99.0)  # per cent of the drawn points that clipping leaves out at either end


@dataclass(frozen=True)
class Look:
    """How every panel of a plot shows its curves at the moment."""

    x0: float = 0.0
    x1: float = 1.0
    smoothing: float = 0.6
    decades: bool = False
    clip: bool = False
    sharpness: float = 1.0  # device pixels to a logical one


@dataclass
class Trace:
    """A curve as one panel shows it: its data, its colour, its two lines and its chip."""

    curve: Curve
    slot: int
    raw: pg.PlotCurveItem
    strong: pg.PlotCurveItem
    chip: Chip
    shown: bool = True


class PlotPanel(QWidget):
    """A header with chips over a canvas; folds to its header when nothing in it is shown."""

    appeared = Signal()  # it was not on screen, so that nothing was drawn

    def __init__(self, title: str, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = PlotCanvas(self)
        self.canvas.setMinimumHeight(LOWEST_HEIGHT)
        self._traces: dict[SeriesKey, Trace] = {}
        self._scale: Scale = LinearScale()
        self._look = Look()
        self._own_range: tuple[float, float] | None = None
        self._shown_range = (0.0, 1.0)
        self._dots: list[Mark] = []
        self._chips = FlowLayout()
        self.folded = False  # only the header is left
        self._lay_out(title, unit)

    def add(self, key: SeriesKey, curve: Curve, chip: Chip, slot: int) -> None:
        """Show a curve under this chip, in the colour of this slot."""
        raw, strong = self.canvas.add_line(False), self.canvas.add_line(True)
        self._traces[key] = Trace(curve, slot, raw, strong, chip)
        self._chips.addWidget(chip)

    def remove(self, key: SeriesKey) -> None:
        """Take a curve and its chip away."""
        trace = self._traces.pop(key)
        self.canvas.remove_line(trace.raw)
        self.canvas.remove_line(trace.strong)
        self._chips.removeWidget(trace.chip)
        trace.chip.deleteLater()

    def keys(self) -> Sequence[SeriesKey]:
        """Give the curves of this panel, in the order they came."""
        return tuple(self._traces)

    def set_shown(self, key: SeriesKey, shown: bool) -> None:
        """Show or hide one curve."""
        trace = self._traces[key]
        trace.shown = shown
        trace.chip.setChecked(shown)
        self.folded = not any(trace.shown for trace in self._traces.values())
        self.canvas.setVisible(not self.folded)

    def set_values_shown(self, low: float, high: float) -> None:
        """Show this range of places on the y axis until ``reset_values``."""
        if math.isfinite(high - low) and high - low > 1e-12 * max(abs(low), abs(high), 1e-30):
            self._own_range = (low, high)

    def zoom_values(self, factor: float, place: float) -> None:
        """Zoom the y axis about a place."""
        low, high = self._shown_range
        self.set_values_shown(place + (low - place) * factor, place + (high - place) * factor)

    def pan_values(self, by: float) -> None:
        """Move the y axis; where it fits itself to the curves, it stays as it is."""
        if self._own_range is not None:
            self.set_values_shown(self._own_range[0] + by, self._own_range[1] + by)

    def reset_values(self) -> None:
        """Let the y axis fit itself to what is drawn."""
        self._own_range = None

    def draw(self, look: Look) -> None:
        """Draw every shown curve anew."""
        if look.decades != self._look.decades:
            self._own_range = None
        self._look = look
        self._scale = DecadeScale() if look.decades else LinearScale()
        self._dots = []
        drawn = [places for trace in self._traces.values() for places in self._draw_trace(trace)]
        height = self.canvas.plot_rect().height()
        low, high = self._own_range or self._fitted(drawn, height)
        self._shown_range = (low, high)
        ticks = self._scale.ticks(low, high, height)
        self.canvas.set_view((look.x0, look.x1), (low, high), ticks, self._dots)

    def point_at(self, x: float | None) -> None:
        """Show the values at x in the chips and as dots; the latest values for None."""
        marks = []
        for trace in self._traces.values():
            found = trace.curve.nearest(math.inf if x is None else x)
            trace.chip.set_value("" if found is None else value_text(found[1]))
            if found is not None and trace.shown:
                marks.extend(self._mark(trace, *found))
        self.canvas.point_at(x, marks)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask to be drawn: a panel that is made while others are drawn is on screen only now."""
        super().showEvent(event)
        self.appeared.emit()

    def _lay_out(self, title: str, unit: str) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(8, 0, 8, 0)
        header.setSpacing(8)
        for text, shade in ((title, QPalette.ColorRole.Text), (unit, QPalette.ColorRole.PlaceholderText)):
            if text:
                header.addWidget(_label(text, shade), 0, Qt.AlignmentFlag.AlignTop)
        header.addLayout(self._chips, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.canvas, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _draw_trace(self, trace: Trace) -> list[Floats]:
        """Draw one curve and give the places its lines cover."""
        trace.raw.setVisible(trace.shown)
        trace.strong.setVisible(trace.shown)
        if not trace.shown:
            return []
        look, colour = self._look, slot_colour(trace.slot, is_dark(self.palette()))
        width = max(int(self.canvas.plot_rect().width()), 2 * PIXELS_PER_POINT)
        columns = width // PIXELS_PER_POINT
        raw = trace.curve.raw_line(look.x0, look.x1, width)
        strong = trace.curve.smooth_line(look.x0, look.x1, columns, look.smoothing)
        if not look.smoothing:
            strong = raw if len(raw[0]) <= width else NOTHING
        trace.raw.setPen(self.canvas.pen(faint(colour) if len(strong[0]) else colour, False, look.sharpness))
        trace.strong.setPen(self.canvas.pen(colour, True, look.sharpness))
        places = self._set_line(trace.raw, *raw)
        if len(places) * PIXELS_PER_DOT <= width:
            pairs = zip(raw[0].tolist(), places.tolist(), strict=True)
            self._dots += [Mark(x, place, colour) for x, place in pairs if math.isfinite(place)]
        return [places, self._set_line(trace.strong, *strong)]

    def _set_line(self, line: pg.PlotCurveItem, x: Floats, y: Floats) -> Floats:
        places = self._scale.places(x, y)
        line.setData(x, places)
        return places

    def _fitted(self, drawn: list[Floats], height: float) -> tuple[float, float]:
        places = np.concatenate(drawn) if drawn else np.empty(0)
        places = places[np.isfinite(places)]
        if len(places) == 0:
            return (0.0, 1.0)
        if self._look.clip:
            low, high = np.percentile(places, OUTLIERS)
        else:
            low, high = places.min(), places.max()
        return self._scale.snapped(float(low), float(high), height)

    def _mark(self, trace: Trace, x: float, value: float) -> list[Mark]:
        place = float(self._scale.places(np.array([x]), np.array([value]))[0])
        if not math.isfinite(place):
            return []
        return [Mark(x, place, slot_colour(trace.slot, is_dark(self.palette())))]


def _label(text: str, shade: QPalette.ColorRole) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setMinimumHeight(LOWEST_HEADER)
    label.setForegroundRole(shade)
    return label
