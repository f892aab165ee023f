"""What is seen through the clear parts of a picture. No numpy: Home shows pictures before it is loaded."""

from PySide6.QtGui import QBrush, QColor, QPainter, QPalette, QPixmap

from genstudio.ui.views.plot_colours import is_dark, mixed

CHECK = 8


def checkerboard(palette: QPalette) -> QBrush:
    """Give what is seen through the clear parts of a picture: two quiet greys."""
    grey = QColor("#3a3a3c") if is_dark(palette) else QColor("#ffffff")
    tile = QPixmap(2 * CHECK, 2 * CHECK)
    tile.fill(grey)
    painter = QPainter(tile)
    other = mixed(palette.text().color(), grey, 0.14)
    painter.fillRect(0, 0, CHECK, CHECK, other)
    painter.fillRect(CHECK, CHECK, CHECK, CHECK, other)
    painter.end()
    return QBrush(tile)
