"""The part of the map that stays the same while the mouse moves: dots coloured by label, and small pictures."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from genstudio.generation.latent_map import LatentMap, Places
from genstudio.ui.pages.explore.atlas import Atlas, label_colours
from genstudio.ui.theme import token_colour
from genstudio.ui.views.plot_colours import is_dark

if TYPE_CHECKING:
    from genstudio.ui.pages.explore.map_canvas import Place

_DOT = 6.0
_SMALL, _LARGE = 22.0, 64.0
_PICTURES_FROM = 1.7  # times nearer than from afar
_FADED = 50


@dataclass(frozen=True)
class View:
    """Which part of the map is shown: the place in the middle, and pixels for a unit of the map."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 200.0

    def place_of(self, point: QPointF, size: QSize) -> "Place":
        """What lies at a place on the screen."""
        across, down = point.x() - size.width() / 2, point.y() - size.height() / 2
        return self.x + across / self.scale, self.y + down / self.scale

    def point_of(self, place: "Place", size: QSize) -> QPointF:
        """Where a place lies on the screen."""
        across, down = (place[0] - self.x) * self.scale, (place[1] - self.y) * self.scale
        return QPointF(across + size.width() / 2, down + size.height() / 2)

    def points_of(self, places: Places, size: QSize) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Where many places lie, (N,) and (N,)."""
        x = (places[:, 0] - np.float32(self.x)) * np.float32(self.scale) + np.float32(size.width() / 2)
        y = (places[:, 1] - np.float32(self.y)) * np.float32(self.scale) + np.float32(size.height() / 2)
        return x, y

    def zoomed(self, factor: float, about: QPointF, size: QSize) -> "View":
        """Nearer or further; the place at `about` stays where it is."""
        scale = min(max(self.scale * factor, 30.0), 60_000.0)
        x, y = self.place_of(about, size)
        across, down = about.x() - size.width() / 2, about.y() - size.height() / 2
        return View(x - across / scale, y - down / scale, scale)

    def shifted(self, by: QPointF) -> "View":
        """The map moved by so many pixels."""
        return View(self.x - by.x() / self.scale, self.y - by.y() / self.scale, self.scale)


Show = Literal["dots", "pictures", "everywhere"]
"""Dots that become pictures when one comes near, pictures always, or what the model draws at every place."""


@dataclass(frozen=True, eq=False)
class Tiles:
    """What is drawn at evenly spaced places, (N, 2), `step` apart on the map; None is not drawn yet."""

    places: Places
    step: float
    images: list[QImage | None]


@dataclass(frozen=True)
class Look:
    """What the map is painted from, the label in the foreground (-1: all), and how: see `Show`."""

    atlas: Atlas | None = None
    labels: NDArray[np.int64] | None = None
    highlighted: int = -1
    show: Show = "dots"
    tiles: "Tiles | None" = None


class Layer:
    """Paints one view of a map, `near` times nearer than all of it."""

    def __init__(
        self, widget: QWidget, found: LatentMap, look: Look, chosen: NDArray[np.bool_], view: View, near: float
    ) -> None:
        self._widget, self._look, self._chosen = widget, look, chosen
        self._x, self._y = view.points_of(found.places, widget.size())
        self._places, self._view, self._near = found.places, view, near
        margin = _LARGE
        self._visible = np.flatnonzero(
            (self._x > -margin)
            & (self._x < widget.width() + margin)
            & (self._y > -margin)
            & (self._y < widget.height() + margin)
        )

    def drawn(self) -> QPixmap:
        """The picture of it, in the pixels of the device."""
        ratio = self._widget.devicePixelRatioF()
        layer = QPixmap(self._widget.size() * ratio)
        layer.setDevicePixelRatio(ratio)
        layer.fill(token_colour(self._widget.palette(), "canvas"))
        painter = QPainter(layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._look.show == "everywhere":
            self._draw_tiles(painter)
            painter.end()
            return layer
        shown = self._pictured()
        self._draw_dots(painter, np.setdiff1d(self._visible, shown, assume_unique=True))
        self._draw_pictures(painter, shown)
        painter.end()
        return layer

    def _draw_tiles(self, painter: QPainter) -> None:
        tiles = self._look.tiles
        if tiles is None:
            return
        edge, size = tiles.step * self._view.scale, self._widget.size()
        for place, image in zip(tiles.places, tiles.images, strict=True):
            if image is not None:
                middle = self._view.point_of((float(place[0]), float(place[1])), size)
                scale = 0.94 * edge / max(image.width(), image.height())
                area = QRectF(0, 0, image.width() * scale, image.height() * scale)
                area.moveCenter(middle)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
                painter.drawImage(area, image)

    def _edge(self) -> float:
        return min(max(_SMALL, 16 * self._near), _LARGE)

    def _pictured(self) -> NDArray[np.int64]:
        """Those shown as pictures: as many as there is room for without one covering another."""
        if self._look.atlas is None or not (self._look.show == "pictures" or self._near >= _PICTURES_FROM):
            return np.zeros(0, np.int64)
        shown = self._visible[self._in_front(self._visible)]
        places = self._places[shown] * np.float32(self._view.scale / self._edge())
        return shown[_apart(places)]

    def _in_front(self, indices: NDArray[np.int64]) -> NDArray[np.bool_]:
        if self._look.labels is None or self._look.highlighted < 0:
            return np.ones(len(indices), bool)
        front: NDArray[np.bool_] = self._look.labels[indices] == self._look.highlighted
        return front

    def _draw_dots(self, painter: QPainter, indices: NDArray[np.int64]) -> None:
        labels = None if self._look.labels is None else self._look.labels[indices]
        for label, colour in self._colours(labels):
            members = indices if labels is None else indices[labels == label]
            if self._look.highlighted >= 0 and label != self._look.highlighted:
                colour.setAlpha(_FADED)
            self._draw_points(painter, members, colour, _DOT)
        chosen = indices[self._chosen[indices]]
        self._draw_points(painter, chosen, token_colour(self._widget.palette(), "text"), _DOT + 5)
        self._draw_points(painter, chosen, token_colour(self._widget.palette(), "accent"), _DOT + 2)

    def _colours(self, labels: NDArray[np.int64] | None) -> list[tuple[int, QColor]]:
        palette = self._widget.palette()
        if labels is None or self._look.labels is None:
            return [(-1, token_colour(palette, "muted"))]
        colours = label_colours(int(self._look.labels.max(initial=0)) + 1, is_dark(palette))
        return [
            (int(label), colours[label] if label >= 0 else token_colour(palette, "faint"))
            for label in np.unique(labels)
        ]

    def _draw_points(self, painter: QPainter, indices: NDArray[np.int64], colour: QColor, size: float) -> None:
        if len(indices):
            pen = QPen(colour, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints([QPointF(self._x[index], self._y[index]) for index in indices])

    def _draw_pictures(self, painter: QPainter, indices: NDArray[np.int64]) -> None:
        atlas = self._look.atlas
        if atlas is None:
            return
        edge = self._edge() - 3
        scale = edge / max(atlas.width, atlas.height)
        width, height = atlas.width * scale, atlas.height * scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        for index in indices:
            area = QRectF(float(self._x[index]) - width / 2, float(self._y[index]) - height / 2, width, height)
            painter.drawImage(area, atlas.sheet, atlas.part(int(index)))
            if self._chosen[index]:
                painter.setPen(QPen(token_colour(self._widget.palette(), "accent"), 2))
                painter.drawRect(area.adjusted(-1, -1, 1, 1))


def _apart(places: Places) -> NDArray[np.int64]:
    """Of places (N, 2), such as are at least one unit apart: the first ones first, so that few change with the view."""
    taken: dict[tuple[int, int], tuple[float, float]] = {}
    kept = []
    for index, (x, y) in enumerate(places.tolist()):
        column, row = math.floor(x), math.floor(y)
        around = (taken.get((column + i, row + j)) for i in (0, -1, 1) for j in (0, -1, 1))
        if all(other is None or max(abs(other[0] - x), abs(other[1] - y)) >= 1 for other in around):
            taken[column, row] = (x, y)
            kept.append(index)
    return np.array(kept, np.int64)
