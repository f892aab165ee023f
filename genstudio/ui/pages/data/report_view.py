"""What an import did: every refused file with its reason, duplicates left out, pictures that look alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QStackedWidget, QTableView, QVBoxLayout, QWidget

from genstudio.core import words as core_words
from genstudio.ui.pages.data import words
from genstudio.ui.pages.data.pairs import Pair, PairGrid
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from genstudio.ui.widgets.cards import PageHeader
from genstudio.ui.widgets.fields import SearchField
from genstudio.ui.widgets.layouts import holding, row, scrolling
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel

_PAIRS_SHOWN = 200


@dataclass(frozen=True)
class Report:
    """What there is to tell of an import; `alike` and `same` are pairs of names with their pictures."""

    dataset: str
    name: str
    imported: int
    refused: Sequence[tuple[str, str]]
    same: Sequence[Pair]
    same_count: int
    alike: Sequence[Pair]
    alike_count: int
    notes: Sequence[str]


class ReportView(QWidget):
    """Shows a report. Signals carry the dataset's id; `left` says that the person went back."""

    left = Signal()
    opened = Signal(str)
    train_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._dataset = ""
        self._header = PageHeader("", "")
        self._notes = PlainLabel("", "small", wrap=True)
        self._tabs = QWidget()
        self._tabs_layout = row(margins=0)
        self._tabs.setLayout(self._tabs_layout)
        self._refused = RefusedList()
        self._same = PairGrid(self.tr("Pictures that were there twice; the second was left out"), "duplicate")
        self._alike = PairGrid(self.tr("Pictures that look alike; both were kept"), "compare")
        self._stack = QStackedWidget()
        self._clean = PlainLabel(self.tr("Every file could be used, and no two pictures are alike."), "muted")
        for widget in (self._clean, self._refused, scrolling(self._same), scrolling(self._alike)):
            self._stack.addWidget(widget)
        self._lay_out()

    def show_report(self, report: Report) -> None:
        """Show what an import did."""
        self._dataset = report.dataset
        text = self.tr("{pictures} imported into “{name}”")
        self._header.set_title(text.format(pictures=words.pictures(report.imported), name=report.name))
        self._notes.setText("\n".join(report.notes))
        self._notes.setVisible(bool(report.notes))
        self._refused.show_refused(report.refused)
        self._same.show_pairs(report.same[:_PAIRS_SHOWN])
        self._alike.show_pairs(report.alike[:_PAIRS_SHOWN])
        self._show_tabs(report)

    def _show_tabs(self, report: Report) -> None:
        tabs = [
            ("1", self.tr("Left out {count}"), len(report.refused), self.tr("Files that could not be used, and why")),
            ("2", self.tr("Duplicates {count}"), report.same_count, self.tr("The very same picture again: left out")),
            ("3", self.tr("Look-alikes {count}"), report.alike_count, self.tr("Nearly the same: both are kept")),
        ]
        options = [(key, text.format(count=core_words.count(count)), tip) for key, text, count, tip in tabs if count]
        while (item := self._tabs_layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._tabs.setVisible(bool(options))
        self._stack.setCurrentIndex(int(options[0][0]) if options else 0)
        if options:
            segments = Segments(self.tr("What to show"), options, options[0][0])
            segments.changed.connect(lambda key: self._stack.setCurrentIndex(int(key)))
            self._tabs_layout.addWidget(segments)
            self._tabs_layout.addStretch(1)

    def _lay_out(self) -> None:
        back = IconButton("arrow-left", self.tr("Back to all datasets"))
        look = Button(self.tr("Look through it"), icon_name="grid")
        train = PrimaryButton(self.tr("Train on this"), icon_name="train")
        back.clicked.connect(self.left)
        look.clicked.connect(lambda: self.opened.emit(self._dataset))
        train.clicked.connect(lambda: self.train_wanted.emit(self._dataset))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addLayout(row(back, self._header, look, train))
        layout.addWidget(self._notes)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)


class RefusedList(QWidget):
    """Files and reasons in a table that can be filtered and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._model = QStandardItemModel(0, 2, self)
        self._model.setHorizontalHeaderLabels([self.tr("File"), self.tr("Why it was left out")])
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._model)
        self._shown.setFilterKeyColumn(-1)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._table = QTableView()
        self._table.setAccessibleName(self.tr("Files left out"))
        self._table.setModel(self._shown)
        self._table.setSortingEnabled(True)
        self._table.setShowGrid(False)
        self._table.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.setColumnWidth(0, 360)
        search = SearchField(self.tr("Filter by name or reason"))
        search.textChanged.connect(self._shown.setFilterFixedString)
        copy = Button(self.tr("Copy list"), icon_name="copy", tip=self.tr("Copy the lines on show, as text"))
        copy.clicked.connect(self.copy)
        keys = QShortcut(QKeySequence.StandardKey.Copy, self._table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(holding(row(search, copy)))
        layout.addWidget(self._table, 1)

    def show_refused(self, refused: Sequence[tuple[str, str]]) -> None:
        """Show these files and reasons."""
        self._model.removeRows(0, self._model.rowCount())
        for pair in refused:
            self._model.appendRow([QStandardItem(text) for text in pair])

    def copy(self) -> None:
        """Copy the chosen lines, or all that are on show, with a tab between file and reason."""
        chosen = sorted({index.row() for index in self._table.selectionModel().selectedIndexes()})
        rows = chosen or range(self._shown.rowCount())
        lines = ["\t".join(str(self._shown.index(row_, column).data()) for column in (0, 1)) for row_ in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))


def read_report(folder: Path, dataset: str, name: str) -> Report:
    """Read what the import of a dataset did, with pictures of the pairs. Blocks; raises `DatasetGoneError`."""
    from genstudio.data.cache import read_header

    header = read_header(folder)
    places = {name: index for index, name in enumerate(header.names)}

    def picture(file: str) -> QImage | None:
        from genstudio.ui.models.strips import read_picture
        from genstudio.ui.views.image import qimage_from_array

        place = places.get(file)
        return None if place is None else qimage_from_array(read_picture(folder, header.spec, place))

    same = [Pair(picture(a), picture(a), f"{a}  =  {b}") for a, b in header.duplicates[:_PAIRS_SHOWN]]
    alike = [Pair(picture(a), picture(b), f"{a}  ≈  {b}") for a, b in header.near_duplicates[:_PAIRS_SHOWN]]
    return Report(
        dataset=dataset,
        name=name,
        imported=header.spec.count,
        refused=header.refused,
        same=same,
        same_count=len(header.duplicates),
        alike=alike,
        alike_count=len(header.near_duplicates),
        notes=header.notes,
    )
