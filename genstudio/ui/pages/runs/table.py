"""The table of runs."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from genstudio.ui.models.runs_table import LINE_ROLE, Column, RunLine, RunsModel, RunsOrder
from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.views.sparkline import paint_sparkline

_ROW = 40
_WIDTHS = {
    Column.NAME: 232,
    Column.STATUS: 116,
    Column.CURVE: 96,
    Column.FIGURE: 176,
    Column.PRECISION: 80,
    Column.COVERAGE: 88,
    Column.COPIES: 96,
    Column.SLICED: 144,
    Column.IMAGES: 136,
    Column.TIME: 80,
    Column.FAMILY: 136,
    Column.DATASET: 88,
    Column.STARTED: 96,
}

Index = QModelIndex | QPersistentModelIndex


class RunsTable(QTableView):
    """Runs in rows. `chosen_changed` carries their ids, the latest picked last; `opened` and `delete_wanted` too."""

    chosen_changed = Signal(list)
    opened = Signal(str)
    delete_wanted = Signal(list)

    def __init__(self, model: RunsModel) -> None:
        super().__init__()
        self._model = model
        self._order = RunsOrder(model)
        self._chosen: list[str] = []
        self.setModel(self._order)
        self.setItemDelegate(_RunDelegate(self))
        self.setAccessibleName(self.tr("Runs"))
        self._set_up()
        self.selectionModel().selectionChanged.connect(lambda *_: self._say_chosen())
        self.activated.connect(self._open)

    def chosen(self) -> list[str]:
        """The ids of the chosen runs, in the order they were picked."""
        return list(self._chosen)

    def choose(self, run: str) -> None:
        """Choose one run (by id) and bring it into view."""
        row = self._model.row_of(run)
        if row is not None:
            index = self._order.mapFromSource(self._model.index(row, Column.NAME))
            self.setCurrentIndex(index)
            self.selectRow(index.row())

    def rename(self) -> None:
        """Edit the current run's name in place."""
        index = self.currentIndex()
        if index.isValid():
            self.edit(index.siblingAtColumn(Column.NAME))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete deletes, F2 renames from any column; the rest is as in every table."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._chosen:
            self.delete_wanted.emit(self.chosen())
        elif event.key() == Qt.Key.Key_F2:
            self.rename()
        else:
            super().keyPressEvent(event)

    def _set_up(self) -> None:
        self.setSortingEnabled(True)
        self.sortByColumn(Column.STARTED, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)

    def _say_chosen(self) -> None:
        rows = {self._run_at(index) for index in self.selectionModel().selectedRows()}
        kept = [run for run in self._chosen if run in rows]
        self._chosen = kept + sorted(rows - set(kept))
        self.chosen_changed.emit(self.chosen())

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._run_at(index))

    def _run_at(self, index: QModelIndex) -> str:
        return self._model.line(self._order.mapToSource(index).row()).record.id


class _RunDelegate(QStyledItemDelegate):
    """Draws the curve and leaves the rest to the style, but for the frame of the current cell: rows are chosen."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Take the frame away."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell."""
        super().paint(painter, option, index)
        line = index.data(LINE_ROLE)
        if index.column() == Column.CURVE and isinstance(line, RunLine):
            where = QRectF(option.rect).adjusted(GRID, GRID, -GRID, -GRID)
            paint_sparkline(painter, where, line.curve, self._colour())

    def _colour(self) -> QColor:
        view = self.parent()
        assert isinstance(view, QTableView)
        return token_colour(view.palette(), "accent_text")
