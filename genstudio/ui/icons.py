"""Line icons of one family (24-pixel grid, 1.75 stroke), drawn from SVG in the colours of the palette.

An icon asks for its colour when it is painted, so it is crisp at every scale and follows a change of theme.
"""

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from genstudio.core import paths
from genstudio.ui.theme import token_colour

SIZE = 20
"""The usual size of an icon, in device-independent pixels."""


def icon(name: str, token: str = "") -> QIcon:
    """Return the icon of this name in the colour of text, or in the colour of a token of the theme ("bad", "muted").

    Raises `FileNotFoundError` when there is no such drawing.
    """
    if name not in _names():
        raise FileNotFoundError(f"there is no drawing called {name!r} in resources/icons")
    return QIcon(_Engine(name, token))


def paint_icon(painter: QPainter, name: str, where: QRectF, colour: QColor) -> None:
    """Draw an icon into a painted widget."""
    text = _drawing(name).replace("currentColor", colour.name())
    QSvgRenderer(QByteArray(text.encode())).render(painter, where)


@cache
def _names() -> frozenset[str]:
    return frozenset(file.stem for file in (paths.resources() / "icons").iterdir())


@cache
def _drawing(name: str) -> str:
    return (paths.resources() / "icons" / f"{name}.svg").read_text("utf-8")


class _Engine(QIconEngine):
    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._token)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint_icon(painter, self._name, _square(rect), self._tint(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        key = f"{self._name} {self._tint(mode).name()} {size.width()}x{size.height()}"
        pixmap = QPixmap()
        if not QPixmapCache.find(key, pixmap):
            pixmap = self._draw(size, mode, state)
            QPixmapCache.insert(key, pixmap)
        return pixmap

    def _draw(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        if pixmap.isNull():  # styles ask for icons of no size at all
            return pixmap
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def _tint(self, mode: QIcon.Mode) -> QColor:
        palette = QApplication.palette()
        if mode is QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        if self._token:
            return token_colour(palette, self._token)
        if mode is QIcon.Mode.Selected:
            return palette.color(QPalette.ColorRole.HighlightedText)
        return palette.color(QPalette.ColorRole.Text)


def _square(rect: QRect) -> QRectF:
    side = min(rect.width(), rect.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(QRectF(rect).center())
    return square
