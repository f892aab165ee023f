"""A few small pictures, drawn without smoothing so that a pixel stays a pixel."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from genstudio.ui.theme import token_colour
from genstudio.ui.views.checks import checkerboard


class PictureRow(QWidget):
    """A few pictures in a grid of square cells, `columns` in a row. Names become what a screen reader says."""

    def __init__(self, columns: int, gap: int = 4, radius: int = 4) -> None:
        super().__init__()
        self._columns = columns
        self._gap = gap
        self._radius = radius
        self.images: list[QImage] = []
        self._least = columns
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_images(self, images: list[QImage]) -> None:
        """Show these pictures."""
        self.images = images
        self.updateGeometry()
        self.update()

    def reserve(self, count: int) -> None:
        """Keep room for so many pictures, empty cells until they come."""
        self._least = count
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """Cells are square."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As many rows as the pictures need; at least one."""
        side = self._side(width)
        rows = max(1, -(-max(len(self.images), self._least) // self._columns))
        return rows * side + (rows - 1) * self._gap

    def sizeHint(self) -> QSize:
        """Cells of 48 pixels."""
        width = self._columns * 48 + (self._columns - 1) * self._gap
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells."""
        painter = QPainter(self)
        side = self._side(self.width())
        for index in range(max(len(self.images), self._least)):
            line, place = divmod(index, self._columns)
            cell = QRect(place * (side + self._gap), line * (side + self._gap), side, side)
            image = self.images[index] if index < len(self.images) else None
            draw_picture(painter, QRectF(cell), image, self._radius, token_colour(self.palette(), "canvas"))

    def _side(self, width: int) -> int:
        return max(1, (width - (self._columns - 1) * self._gap) // self._columns)


def draw_picture(painter: QPainter, cell: QRectF, image: QImage | None, radius: float, canvas: QColor) -> None:
    """Draw a picture into a cell with rounded corners, whole and centred; a checkerboard shows where it is clear."""
    painter.save()
    path = QPainterPath()
    path.addRoundedRect(cell, radius, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(path)
    target = _fitted(cell, image.size()) if image is not None else QRectF()
    if target != cell:
        painter.fillRect(cell, canvas)
    if image is not None:
        _draw_inside(painter, target, image)
    painter.restore()


def _fitted(cell: QRectF, whole: QSize) -> QRectF:
    size = whole.scaled(cell.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRectF(0, 0, size.width(), size.height())
    target.moveCenter(cell.center())
    return target


def _draw_inside(painter: QPainter, target: QRectF, image: QImage) -> None:
    if image.hasAlphaChannel():
        painter.setBrushOrigin(target.topLeft())
        painter.fillRect(target, checkerboard(QApplication.palette()))
    smaller = target.width() < image.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
    painter.drawImage(target, image)
