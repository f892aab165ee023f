"""The slider that sizes a gallery's cells."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QWidget

from genstudio.ui.views.gallery_grid import LARGEST, SMALLEST, PictureGrid


class CellSizeSlider(QSlider):
    """Moves with the gallery's own Ctrl + wheel, and moves it."""

    def __init__(self, gallery: PictureGrid, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(SMALLEST, LARGEST)
        self.setPageStep(32)
        self.setFixedWidth(120)
        self.setValue(gallery.cell_size)
        self.setAccessibleName(self.tr("Size of pictures"))
        self.setToolTip(self.tr("Size of pictures (Ctrl + wheel)"))
        self.valueChanged.connect(gallery.set_cell_size)
        gallery.cell_size_changed.connect(self.setValue)
