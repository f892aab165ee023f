"""The map on the screen: dots and pictures, a place one wanders over, and what is picked, marked out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.generation.latent_map import LatentMap, Places
from genstudio.ui.pages.explore.atlas import Atlas
from genstudio.ui.pages.explore.map_layer import Layer, Look, Show, Tiles, View
from genstudio.ui.pages.explore.map_overlay import Overlay, paint_overlay

_NEAR = 14.0
_STEP = 12.0
_ZOOM = 1.25
_FILLED = 0.88  # of the room, for all of the map

Place = tuple[float, float]


class MapCanvas(QWidget):
    """Moving the mouse wanders; pressing it pins the place; the wheel zooms; the right button, or Shift, does more.

    Left drag: wander and pin. Right or middle drag: move the map. Shift and left drag: choose pictures. Keys: arrows
    move the pinned place, plus and minus zoom, Home shows all, Return takes, Escape chooses nothing. `wandered` carries
    the place under the mouse, or the pinned one when it left; `pinned`, `chosen_changed`, `taken` say what they say.
    """

    wandered = Signal(object)
    pinned = Signal(object)
    taken = Signal()
    chosen_changed = Signal()
    view_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._map: LatentMap | None = None
        self._view, self._whole = View(), 1.0
        self._layer: QPixmap | None = None
        self.look = Look()
        self.overlay = Overlay()
        self._chosen: NDArray[np.bool_] = np.zeros(0, bool)
        self._drag: QPointF | None = None
        self._band: QPointF | None = None
        self._empty = ""
        self.setAccessibleName(self.tr("Map of the pictures"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def pin(self) -> Place | None:
        """The pinned place."""
        return self.overlay.pin

    @property
    def chosen(self) -> NDArray[np.bool_]:
        """Which pictures are chosen, bool (N,)."""
        return self._chosen

    def show_map(self, found: LatentMap | None, atlas: Atlas | None, labels: NDArray[np.int64] | None) -> None:
        """Show a map with its pictures and their labels, from afar; or none. Where it is on show, it stays as it is."""
        before, self._map = self._map, found
        alike = found is not None and before is not None and len(found) == len(before)
        self.look = Look(atlas, labels, self.look.highlighted if alike else -1, self.look.show)
        if not alike:
            self._chosen = np.zeros(len(found) if found else 0, bool)
        if found is not before:
            self.overlay = Overlay()
            self.fit()
        self._redraw()

    def set_empty_text(self, text: str) -> None:
        """Say what is shown as long as there is no map."""
        self._empty = text
        self.update()

    def highlight(self, label: int) -> None:
        """Bring a label into the foreground, by its number; -1: none."""
        self.look = replace(self.look, highlighted=label)
        self._redraw()

    def set_show(self, show: Show) -> None:
        """Show the map in another way."""
        self.look = replace(self.look, show=show)
        self._redraw()

    def cells(self, edge: float) -> tuple[Places, float]:
        """Places all over the view, (N, 2) from the middle outwards, `edge` pixels apart; and how far that is."""
        step = edge / self._view.scale
        across, down = int(self.width() / edge / 2) + 1, int(self.height() / edge / 2) + 1
        x, y = np.meshgrid(np.arange(-across, across + 1), np.arange(-down, down + 1))
        order = np.argsort((x**2 + y**2).reshape(-1), kind="stable")
        # Cells keep to a raster of the map, so that they stay in place while it is moved.
        start = np.round(np.array([self._view.x, self._view.y]) / step)
        places: Places = ((np.stack([x, y], -1).reshape(-1, 2)[order] + start) * step).astype(np.float32)
        return places, step

    def show_tiles(self, tiles: Tiles | None) -> None:
        """Show what is drawn everywhere."""
        self.look = replace(self.look, tiles=tiles)
        self._redraw()

    def choose(self, chosen: NDArray[np.bool_]) -> None:
        """Choose these pictures, bool (N,)."""
        if len(chosen) == len(self._chosen):
            self._chosen = chosen
            self._redraw()
            self.chosen_changed.emit()

    def show_pins(self, places: Sequence[Place], current: int = -1) -> None:
        """Mark where the pictures of the tray lie, by their numbers, and which one is the current one."""
        self.overlay.marks, self.overlay.current = tuple(places), current
        self.update()

    def show_lens(self, image: QImage | None) -> None:
        """Show what lies under the mouse."""
        self.overlay.lens = image
        self.update()

    def put_pin(self, place: Place | None) -> None:
        """Pin a place, without `pinned`."""
        self.overlay.pin = place
        self.update()

    def hovered(self) -> int | None:
        """The picture under the mouse."""
        return self.overlay.hovered

    def fit(self) -> None:
        """Show all of the map."""
        if self._map is not None and len(self._map):
            low, high = self._map.places.min(0), self._map.places.max(0)
            middle = (low + high) / 2
            scale = min(self.width() / max(high[0] - low[0], 0.1), self.height() / max(high[1] - low[1], 0.1))
            self._whole = _FILLED * float(scale)
            self._view = View(float(middle[0]), float(middle[1]), self._whole)
        self._redraw()
        self.view_changed.emit()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Come nearer or go away, about a place on the screen."""
        self._view = self._view.zoomed(factor, about or QPointF(self.rect().center()), self.size())
        self._redraw()
        self.view_changed.emit()

    def place_of(self, point: QPointF) -> Place:
        """What lies at a place on the screen."""
        return self._view.place_of(point, self.size())

    def point_of(self, place: Place) -> QPointF:
        """Where a place lies on the screen."""
        return self._view.point_of(place, self.size())

    def sizeHint(self) -> QSize:
        """A good part of the window."""
        return QSize(560, 480)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to wander, to move the map, or to choose."""
        if self._map is None:
            return
        if event.button() is Qt.MouseButton.LeftButton and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._band = event.position()
        elif event.button() is Qt.MouseButton.LeftButton:
            self._wander(event.position(), pin=True)
        else:
            self._drag = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Wander, move the map, or stretch the band."""
        if self._map is None:
            return
        if self._drag is not None:
            self._view = self._view.shifted(event.position() - self._drag)
            self._drag = event.position()
            self._redraw()
            self.view_changed.emit()
        elif self._band is not None:
            self.overlay.band = QRectF(self._band, event.position()).normalized()
            self.update()
        else:
            self._wander(event.position(), pin=bool(event.buttons() & Qt.MouseButton.LeftButton))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what was begun."""
        if self._band is not None and self.overlay.band is not None:
            self._choose_in(self.overlay.band)
        self._drag = self._band = self.overlay.band = None
        self.unsetCursor()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take what is there."""
        if self._map is not None and event.button() is Qt.MouseButton.LeftButton:
            self.taken.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        if self._map is not None and event.angleDelta().y():
            self.zoom(_ZOOM ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Go back to the pinned place."""
        self.overlay.mouse = self.overlay.hovered = self.overlay.lens = None
        self.wandered.emit(self.overlay.pin)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """The mouse is here."""
        if self._map is not None:
            self._wander(event.position(), pin=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pinned place, zoom, take."""
        key = Qt.Key
        steps = {key.Key_Left: (-1, 0), key.Key_Right: (1, 0), key.Key_Up: (0, -1), key.Key_Down: (0, 1)}
        step = steps.get(key(event.key()))
        if self._map is None:
            super().keyPressEvent(event)
        elif step is not None:
            self._step(*step)
        elif event.key() in (key.Key_Plus, key.Key_Equal):
            self.zoom(_ZOOM)
        elif event.key() == key.Key_Minus:
            self.zoom(1 / _ZOOM)
        elif event.key() == key.Key_Home:
            self.fit()
        elif event.key() in (key.Key_Return, key.Key_Enter):
            self.taken.emit()
        elif event.key() == key.Key_Escape and self._chosen.any():
            self.choose(np.zeros_like(self._chosen))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame shows that the keyboard is here."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The same."""
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is shown; the first time, show all."""
        if event.oldSize().width() <= 0:
            self.fit()
        self._redraw()
        self.view_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Take up the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the map from memory, and over it what changes with the mouse."""
        painter = QPainter(self)
        if self._map is None:
            painter.setPen(self.palette().placeholderText().color())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)
            return
        if self._layer is None or self._layer.devicePixelRatio() != self.devicePixelRatioF():
            self._layer = Layer(
                self, self._map, self.look, self._chosen, self._view, self._view.scale / self._whole
            ).drawn()
        painter.drawPixmap(0, 0, self._layer)
        paint_overlay(painter, self, self.overlay, self._map)

    def _wander(self, point: QPointF, *, pin: bool) -> None:
        place = self.place_of(point)
        self.overlay.mouse = point
        self.overlay.hovered = self._near(point)
        if pin:
            self.overlay.pin = place
            self.pinned.emit(place)
        self.wandered.emit(place)
        self.update()

    def _near(self, point: QPointF) -> int | None:
        if self._map is None:
            return None
        index = self._map.nearest(self.place_of(point))
        there = self.point_of((float(self._map.places[index, 0]), float(self._map.places[index, 1])))
        return index if (there - point).manhattanLength() < _NEAR else None

    def _step(self, across: int, down: int) -> None:
        start = self.overlay.pin or self.place_of(QPointF(self.rect().center()))
        point = self.point_of(start) + QPointF(across * _STEP, down * _STEP)
        self.overlay.pin = self.place_of(point)
        self.overlay.hovered = self._near(point)
        self.pinned.emit(self.overlay.pin)
        self.wandered.emit(self.overlay.pin)
        self.update()

    def _choose_in(self, band: QRectF) -> None:
        assert self._map is not None
        x, y = self._view.points_of(self._map.places, self.size())
        inside = (x >= band.left()) & (x <= band.right()) & (y >= band.top()) & (y <= band.bottom())
        self.choose(inside if band.width() + band.height() > 6 else np.zeros_like(inside))

    def _redraw(self) -> None:
        self._layer = None
        self.update()
