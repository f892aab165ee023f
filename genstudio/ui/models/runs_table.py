"""The runs of a project as a table, kept in step with the project and with what runs say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from functools import partial

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon

from genstudio.core import words
from genstudio.core.events import Metric
from genstudio.core.family import Series
from genstudio.jobs.quality import PREFIX
from genstudio.jobs.quality_words import MEASURES, Measure
from genstudio.store.records import RunRecord, RunStatus
from genstudio.ui.icons import icon
from genstudio.ui.models.statuses import status_look
from genstudio.ui.widgets.text import plain_tip

Index = QModelIndex | QPersistentModelIndex

SORT_ROLE = Qt.ItemDataRole.UserRole + 1
LINE_ROLE = Qt.ItemDataRole.UserRole + 2


class Column(IntEnum):
    """The columns, from left to right."""

    NAME = 0
    STATUS = 1
    CURVE = 2
    FIGURE = 3
    PRECISION = 4
    COVERAGE = 5
    COPIES = 6
    SLICED = 7
    IMAGES = 8
    TIME = 9
    FAMILY = 10
    DATASET = 11
    STARTED = 12


_MEASURES = {
    Column[measure.name.upper()]: measure for measure in MEASURES if measure.name.upper() in Column.__members__
}


@dataclass(frozen=True)
class RunLine:
    """One run as it is listed. `curve` are a few values of the headline series, `headline` what that series is."""

    record: RunRecord
    family: str
    dataset: str
    headline: Series | None = None
    curve: tuple[float, ...] = ()

    @property
    def figure(self) -> float | None:
        """The latest value of the headline series."""
        return self.record.figures.get(self.headline.name) if self.headline else None

    def measured(self, name: str) -> float | None:
        """A figure of the quality of its pictures, if that was measured."""
        return self.record.figures.get(PREFIX + name)


class RunsModel(QAbstractTableModel):
    """A row for every run, in the project's order. `rename_wanted` carries a run's id and the name somebody typed."""

    rename_wanted = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[RunLine] = []
        self._titles = {
            Column.NAME: self.tr("Run"),
            Column.STATUS: self.tr("Status"),
            Column.CURVE: self.tr("Curve"),
            Column.FIGURE: self.tr("Figure"),
            **{column: measure.title for column, measure in _MEASURES.items()},
            Column.IMAGES: self.tr("Images seen"),
            Column.TIME: self.tr("Time"),
            Column.FAMILY: self.tr("Model"),
            Column.DATASET: self.tr("Data"),
            Column.STARTED: self.tr("Started"),
        }

    def lines(self) -> Sequence[RunLine]:
        """The rows."""
        return tuple(self._lines)

    def line(self, row: int) -> RunLine:
        """One row."""
        return self._lines[row]

    def row_of(self, run: str) -> int | None:
        """Where a run (by id) is listed."""
        return next((row for row, line in enumerate(self._lines) if line.record.id == run), None)

    def show_lines(self, lines: Sequence[RunLine]) -> None:
        """List these runs; rows that stay keep their selection."""
        wanted = [line.record.id for line in lines]
        here = [line.record.id for line in self._lines]
        if [run for run in here if run in wanted] != [run for run in wanted if run in here]:
            self._reset(lines)
            return
        for row in reversed(range(len(self._lines))):
            if self._lines[row].record.id not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._lines[row]
                self.endRemoveRows()
        for row, line in enumerate(lines):
            self._put(row, line)

    def set_curves(self, curves: Mapping[str, tuple[float, ...]]) -> None:
        """Show the curves of some runs, by id."""
        for row, line in enumerate(self._lines):
            if line.record.id in curves:
                self._replace(row, replace(line, curve=curves[line.record.id]))

    def hear(self, metric: Metric) -> None:
        """Let a row keep up with the run it shows."""
        row = self.row_of(metric.run)
        if row is None:
            return
        line = self._lines[row]
        figures = {**line.record.figures, **metric.values}
        record = replace(line.record, images_seen=metric.images_seen, seconds=metric.seconds, figures=figures)
        self._replace(row, replace(line, record=record))

    def rowCount(self, parent: Index | None = None) -> int:
        """As many rows as runs."""
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index | None = None) -> int:
        """As many columns as there are."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The titles of columns."""
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(Column):
            if role == Qt.ItemDataRole.DisplayRole:
                return self._titles[Column(section)]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(Column(section))
            if role == Qt.ItemDataRole.ToolTipRole and section in _MEASURES:
                return plain_tip(_MEASURES[Column(section)].sentence)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be edited in place."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() and index.column() == Column.NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell shows, sorts by and says."""
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line, column = self._lines[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return _TEXTS[column](line)
            case Qt.ItemDataRole.DecorationRole:
                return _drawing(line.record.status) if column is Column.STATUS else None
            case Qt.ItemDataRole.EditRole:
                return line.record.name if column is Column.NAME else None
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(_tip(line, column))
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case _ if role == SORT_ROLE:
                return _sort_key(line, column)
            case _ if role == LINE_ROLE:
                return line
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Show a typed name at once and ask for it to be kept."""
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or index.column() != Column.NAME or not name:
            return False
        line = self._lines[index.row()]
        if name != line.record.name:
            self._replace(index.row(), replace(line, record=replace(line.record, name=name)))
            self.rename_wanted.emit(line.record.id, name)
        return True

    def _put(self, row: int, line: RunLine) -> None:
        here = self._lines[row].record.id if row < len(self._lines) else None
        if here == line.record.id:
            kept = line.curve or self._lines[row].curve
            self._replace(row, replace(line, curve=kept))
            return
        self.beginInsertRows(QModelIndex(), row, row)
        self._lines.insert(row, line)
        self.endInsertRows()

    def _reset(self, lines: Sequence[RunLine]) -> None:
        self.beginResetModel()
        self._lines = list(lines)
        self.endResetModel()

    def _replace(self, row: int, line: RunLine) -> None:
        if self._lines[row] != line:
            self._lines[row] = line
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))


class RunsOrder(QSortFilterProxyModel):
    """The same rows, sorted by what they mean and not by how they are written."""

    def __init__(self, model: RunsModel) -> None:
        super().__init__(model)
        self.setSourceModel(model)
        self.setSortRole(SORT_ROLE)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setSortLocaleAware(True)
        self.setDynamicSortFilter(True)


def figure_text(value: float, unit: str = "") -> str:
    """Write a figure with its unit."""
    return f"{words.figure(value)} {unit}".strip()


def started_text(created: float) -> str:
    """Say when: the time of day for today, the day otherwise."""
    then, now = datetime.fromtimestamp(created), datetime.now()
    if then.date() == now.date():
        return then.strftime("%H:%M")
    return then.strftime("%d %b, %H:%M" if then.year == now.year else "%d %b %Y")


def _images(record: RunRecord) -> str:
    seen = words.count(record.images_seen)
    return seen if record.images_seen >= record.budget else f"{seen} of {words.count(record.budget)}"


def _measured_text(line: RunLine, name: str) -> str:
    value = line.measured(name)
    return "" if value is None else next(one for one in MEASURES if one.name == name).written(value)


_TEXTS: dict[Column, Callable[[RunLine], str]] = {
    Column.NAME: lambda line: line.record.name,
    Column.STATUS: lambda line: status_look(line.record.status).word,
    Column.CURVE: lambda _: "",
    Column.FIGURE: lambda line: (
        figure_text(line.figure, line.headline.unit) if line.headline and line.figure is not None else ""
    ),
    **{column: partial(_measured_text, name=measure.name) for column, measure in _MEASURES.items()},
    Column.IMAGES: lambda line: _images(line.record),
    Column.TIME: lambda line: words.duration(line.record.seconds) if line.record.seconds else "",
    Column.FAMILY: lambda line: line.family,
    Column.DATASET: lambda line: line.dataset,
    Column.STARTED: lambda line: started_text(line.record.created),
}

_BY_URGENCY = (
    RunStatus.RUNNING,
    RunStatus.INTERRUPTED,
    RunStatus.FAILED,
    RunStatus.DIVERGED,
    RunStatus.READY,
    RunStatus.STOPPED,
    RunStatus.COMPLETED,
)


def _sort_key(line: RunLine, column: Column) -> object:
    match column:
        case Column.STATUS:
            return _BY_URGENCY.index(line.record.status)
        case Column.FIGURE:
            return float("inf") if line.figure is None else line.figure
        case _ if column in _MEASURES:
            value = line.measured(_MEASURES[column].name)
            return float("inf") if value is None else value
        case Column.CURVE:
            return line.curve[-1] if line.curve else float("inf")
        case Column.IMAGES:
            return float(line.record.images_seen)
        case Column.TIME:
            return line.record.seconds
        case Column.STARTED:
            return line.record.created
        case _:
            return _TEXTS[column](line)


def _drawing(status: RunStatus) -> QIcon:
    look = status_look(status)
    return icon(look.icon, look.token)


def _tip(line: RunLine, column: Column) -> str:
    if column is Column.STATUS:
        return line.record.message
    if column is Column.FIGURE and line.headline:
        return f"{line.headline.title}. {line.headline.help}".strip()
    if column in _MEASURES:
        return _measured_tip(line, _MEASURES[column])
    return ""


def _measured_tip(line: RunLine, measure: Measure) -> str:
    if line.measured(measure.name) is None:
        return _tr("Not measured yet. Evaluate the run to see it.")
    samples, images = line.measured("samples") or 0, line.measured("images_seen") or 0
    basis = _tr("Of {samples} pictures made at {images} images seen.")
    return f"{measure.sentence} {basis.format(samples=words.count(round(samples)), images=words.count(round(images)))}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunsModel", text)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    right = column in (Column.FIGURE, Column.IMAGES, Column.TIME, *_MEASURES)
    return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
