"""One small picture, its pixels as large squares, with another one beside it or laid over it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from genstudio.generation.heat import heat
from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.views.checks import checkerboard
from genstudio.ui.views.image import fitted, paint_picture, qimage_from_array, scaled
from genstudio.ui.widgets.layouts import column
from genstudio.ui.widgets.text import PlainLabel

_EDGE = 224
_VEIL, _GLOW = 0.4, 0.45  # how much a map hides of a picture: everywhere, and besides where it is lightest
_SCALE_WIDTH, _SCALE_HEIGHT = 128, 8


class PixelView(QWidget):
    """A picture with crisp pixels. `name` is what a screen reader says."""

    def __init__(self, name: str, edge: int = _EDGE) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._over: QImage | None = None
        self._edge = edge
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_image(self, image: QImage | None, over: QImage | None = None) -> None:
        """Show a picture, and another of the same size over it, through which it can still be seen."""
        self._image, self._over = image, over
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._edge, self._edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), token_colour(self.palette(), "canvas"))
        if self._image is not None:
            self._draw(painter, self._image, checkerboard(self.palette()))
        if self._over is not None:
            self._draw(painter, self._over, QBrush(Qt.BrushStyle.NoBrush))
        painter.setPen(token_colour(self.palette(), "line"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _draw(self, painter: QPainter, image: QImage, behind: QBrush) -> None:
        size = fitted(image.size(), self.size() * self.devicePixelRatioF(), False)
        paint_picture(painter, QRectF(self.rect()), scaled(image, size, False), behind)


class HeatScale(QWidget):
    """What the colours of a heat map stand for."""

    def __init__(self) -> None:
        super().__init__()
        self._least, self._most = PlainLabel("0", "small"), PlainLabel("", "small")
        bar = _Bar()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for part in (self._least, bar, self._most):
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addStretch(1)

    def show_most(self, most: float, in_bits: bool = True) -> None:
        """Say which value is shown lightest."""
        self._most.setText(self.tr("{most} bits a pixel").format(most=f"{most:g}") if in_bits else f"{most:g}")


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(_SCALE_WIDTH, _SCALE_HEIGHT)
        ramp = heat(np.linspace(0, 1, _SCALE_WIDTH, dtype=np.float32)[None], 1.0)
        self._image = qimage_from_array(ramp)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).drawImage(QRectF(self.rect()), self._image)


class HeatPair(QWidget):
    """A picture and its heat map, beside it or laid over it, with the scale below."""

    def __init__(self, picture: str, map_: str) -> None:
        super().__init__()
        self._pixels: NDArray[np.uint8] | None = None
        self._heat: NDArray[np.uint8] | None = None
        self._glow: NDArray[np.uint8] | None = None
        self._drawn: NDArray[np.bool_] | None = None
        self._is_over = False
        self.picture, self.map = PixelView(picture), PixelView(map_)
        self._scale = HeatScale()
        pictures = QHBoxLayout()
        pictures.setContentsMargins(0, 0, 0, 0)
        pictures.setSpacing(2 * GRID)
        pictures.addWidget(self.picture)
        pictures.addWidget(self.map)
        self.setLayout(column(pictures, self._scale))

    def show_pair(
        self,
        picture: NDArray[np.uint8],
        values: NDArray[np.float32] | None,
        most: float,
        drawn: NDArray[np.bool_] | None = None,
        in_bits: bool = True,
    ) -> None:
        """Show a picture uint8 (H, W, C) and what is known of its pixels, (H, W), of which `most` is lightest.

        With `drawn`, (H, W), the rest is still empty. Unless they are `in_bits`, values are shown without a unit.
        """
        self._pixels, self._drawn = picture, drawn
        self._heat = None if values is None else heat(values, most)
        self._glow = None if values is None else _through(values, most)
        self._scale.show_most(most, in_bits)
        self._refresh()

    def set_over(self, over: bool) -> None:
        """Lay the map over the picture, or put it beside."""
        self._is_over = over
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        """What is empty has the colour of the window's ground."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._refresh()

    def _refresh(self) -> None:
        if self._pixels is None:
            return
        ground = token_colour(self.palette(), "canvas")
        picture = qimage_from_array(emptied(self._pixels, self._drawn, ground))
        map_ = None if self._heat is None else qimage_from_array(emptied(self._heat, self._drawn, ground))
        self.map.setVisible(map_ is not None and not self._is_over)
        self._scale.setVisible(map_ is not None)
        glow = self._glow if self._is_over else None
        self.picture.show_image(picture, None if glow is None else qimage_from_array(glow))
        self.map.show_image(map_)


def _through(values: NDArray[np.float32], most: float) -> NDArray[np.uint8]:
    """A heat map as RGBA (H, W, 4), clearer where there is little."""
    alpha = _VEIL + _GLOW * np.clip(values / most, 0, 1)
    return np.concatenate([heat(values, most), np.rint(255 * alpha)[:, :, None].astype(np.uint8)], axis=2)


def emptied(pixels: NDArray[np.uint8], drawn: NDArray[np.bool_] | None, ground: QColor) -> NDArray[np.uint8]:
    """Give what is not drawn yet the colour of the ground: uint8 (H, W, 1 or 3) to (H, W, 3). RGBA is clear there."""
    if drawn is None or pixels.shape[2] == 4:
        return pixels
    colour = np.array((ground.red(), ground.green(), ground.blue()), np.uint8)
    return np.where(drawn[:, :, None], pixels, colour)
