"""The part of a gallery that shows: layout, scrolling, painting and asking for pictures."""

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from genstudio.ui.views.gallery_layout import GAP, GridLayout
from genstudio.ui.views.gallery_paint import CellPainter, CellState
from genstudio.ui.views.gallery_thumbs import ThumbnailCache
from genstudio.ui.views.gallery_types import GalleryModel, ThumbnailProvider
from genstudio.ui.views.plot_colours import smaller

SMALLEST, LARGEST, USUAL = 48, 512, 128
NOTCH = 120
SIZE_PER_NOTCH = 1.15
STEPS_PER_ROW = 3


class PictureGrid(QAbstractScrollArea):
    """A virtual grid: whatever the number of pictures, only those in view cost anything."""

    cell_size_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: GalleryModel | None = None
        self._thumbs = ThumbnailCache(self)
        self._thumbs.arrived.connect(self._show_arrived)
        self.grid = GridLayout(0, 1, USUAL)
        self._cell = USUAL
        self._smooth = False
        self._empty_text = ""
        self._in_view: range | None = None
        self._seen: dict[str, int] = {}
        self._cells = CellPainter(self.palette())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_model(self, model: GalleryModel, provider: ThumbnailProvider) -> None:
        """Show these pictures, from the start."""
        self._model = model
        self._thumbs.set_provider(provider)
        self.reset()

    def reset(self) -> None:
        """Begin again: the model holds other pictures than before."""
        self.verticalScrollBar().setValue(0)
        self.lay_out()

    def refresh(self) -> None:
        """Show stars and captions anew."""
        self.viewport().update()

    def changed(self, key: str) -> None:
        """Ask for a picture anew, whose file has changed."""
        self._thumbs.drop(key)
        self.viewport().update()

    def count(self) -> int:
        """Give how many pictures there are."""
        return self._model.count() if self._model is not None else 0

    @property
    def cell_size(self) -> int:
        """The least side of a cell."""
        return self._cell

    def set_cell_size(self, side: int) -> None:
        """Set the least side of a cell; cells grow from it until the rows fill the width."""
        side = min(max(side, SMALLEST), LARGEST)
        if side != self._cell:
            self._cell = side
            self.lay_out()
            self.cell_size_changed.emit(side)

    def set_smooth(self, smooth: bool) -> None:
        """Enlarge small pictures smoothly, or (the usual) keep their pixels crisp."""
        self._smooth = smooth
        self.viewport().update()

    def set_empty_text(self, text: str) -> None:
        """Say what is shown when there is no picture: the one next step."""
        self._empty_text = text
        self.viewport().update()

    def cell_rect(self, index: int) -> QRect:
        """Give the cell of a picture in the pixels of the viewport."""
        return self.grid.rect(index).translated(0, -self.verticalScrollBar().value())

    def index_at(self, place: QPoint) -> int | None:
        """Give the picture under a pixel of the viewport, or None."""
        return self.grid.index_at(place.x(), place.y() + self.verticalScrollBar().value())

    def state_of(self, model: GalleryModel, index: int) -> CellState:
        """Give what is to be said about a picture besides the picture."""
        return CellState(False, False, model.star(index), "")

    def paint_above(self, painter: QPainter) -> None:
        """Paint what lies above all cells; the painter stands on the whole page."""

    def bring_into_view(self, index: int) -> None:
        """Scroll just so far that the whole cell of a picture is seen."""
        cell, bar = self.cell_rect(index).adjusted(0, -GAP, 0, GAP), self.verticalScrollBar()
        if cell.top() < 0:
            bar.setValue(bar.value() + cell.top())
        elif cell.bottom() > self.viewport().height():
            bar.setValue(bar.value() + cell.bottom() - self.viewport().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells that need it, then ask for those that will be seen soon."""
        painter = QPainter(self.viewport())
        painter.setFont(smaller(self.font()))
        painter.fillRect(event.rect(), self._cells.surface)
        if self._model is None or self.count() == 0:
            self._paint_empty(painter)
            return
        self._look_around(self._model)
        top = self.verticalScrollBar().value()
        painter.translate(0, -top)
        dirty = event.rect().translated(0, top)
        for index in self.grid.between(dirty.top() - GAP, dirty.bottom() + GAP):
            self._paint_cell(painter, self._model, index)
        self.paint_above(painter)
        self._ask_ahead(self._model)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the cells out for the new width."""
        super().resizeEvent(event)
        self.lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted already; only what comes into view is painted."""
        self.viewport().scroll(dx, dy)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or with Ctrl size the cells."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            notches = event.angleDelta().y() / NOTCH
            self.set_cell_size(round(self._cell * SIZE_PER_NOTCH**notches))
            event.accept()
        else:
            super().wheelEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take up the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._cells = CellPainter(self.palette())
            self.viewport().update()

    def lay_out(self) -> None:
        """Lay the cells out anew, for another count, width or size; the top row stays in view."""
        bar, view = self.verticalScrollBar(), self.viewport()
        first = self.grid.between(bar.value(), bar.value() + 1).start
        before, self.grid = self.grid, GridLayout(self.count(), view.width(), self._cell)
        self._in_view = None
        bar.setRange(0, max(0, self.grid.height - view.height()))
        bar.setPageStep(view.height())
        bar.setSingleStep(max(1, self.grid.pitch // STEPS_PER_ROW))
        if (before.columns, before.edge) != (self.grid.columns, self.grid.edge) and first:
            bar.setValue(self.grid.rect(first).top() - GAP)
        view.update()

    def _look_around(self, model: GalleryModel) -> None:
        """Learn which pictures are in view, and let go of the wish for all others."""
        top = self.verticalScrollBar().value()
        in_view = self.grid.between(top, top + self.viewport().height())
        if in_view == self._in_view:
            return
        self._in_view = in_view
        self._seen = {model.key(index): index for index in in_view}
        soon = {model.key(index) for index in self._ahead(in_view)}
        self._thumbs.want_only(self._seen.keys() | soon)

    def _ahead(self, in_view: range) -> range:
        return range(in_view.stop, min(in_view.stop + len(in_view), self.count()))

    def _ask_ahead(self, model: GalleryModel) -> None:
        for index in self._ahead(self._in_view or range(0)):
            self._thumbs.ask(model.key(index), self._device_edge())

    def _device_edge(self) -> int:
        return int(self.grid.edge * self.devicePixelRatioF())

    def _paint_cell(self, painter: QPainter, model: GalleryModel, index: int) -> None:
        key = model.key(index)
        image = self._thumbs.picture(key, self._device_edge(), self._smooth)
        cell = QRectF(self.grid.rect(index))
        if image is None:
            self._cells.paint_waiting(painter, cell, self._thumbs.failed(key))
        self._cells.paint(painter, cell, image, self.state_of(model, index))

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setFont(self.font())
        painter.setPen(self._cells.quiet)
        room = self.viewport().rect().adjusted(GAP, GAP, -GAP, -GAP)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, flags, self._empty_text)

    @Slot(str)
    def _show_arrived(self, key: str) -> None:
        index = self._seen.get(key)
        if index is not None:
            self.viewport().update(self.cell_rect(index).adjusted(-GAP, -GAP, GAP, GAP))
