"""A drawing that is not a button."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.icons import SIZE, paint_icon
from genstudio.ui.theme import token_colour


class IconView(QWidget):
    """Shows one icon in the colour of a token of the theme."""

    def __init__(self, name: str, token: str = "muted", size: int = SIZE) -> None:
        super().__init__()
        self._name = name
        self._token = token
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, name: str, token: str) -> None:
        """Show another drawing."""
        if (name, token) != (self._name, self._token):
            self._name, self._token = name, token
            self.update()

    def sizeHint(self) -> QSize:
        """The icon's size."""
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon; dimmed while disabled."""
        palette = self.palette()
        colour = token_colour(palette, self._token)
        if not self.isEnabled():
            colour = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        painter = QPainter(self)
        paint_icon(painter, self._name, QRectF(self.rect()), colour)
