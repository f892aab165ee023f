"""The table of runs, without a window: rows that stay, sorting by meaning, names edited in place."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from genstudio.core.events import Metric
from genstudio.core.family import Series
from genstudio.store.records import RunRecord, RunStatus
from genstudio.ui.models.runs_table import Column, RunLine, RunsModel, RunsOrder, figure_text, started_text

LOSS = Series("loss", "Loss", "nats per image", "Lower is better.")


def line(name: str, **changes: object) -> RunLine:
    record = RunRecord(
        id=name,
        name=name,
        family="vae",
        dataset="d",
        config={},
        settings={},
        status=RunStatus.COMPLETED,
        created=1_700_000_000.0,
        images_seen=1000,
        budget=1000,
        seconds=75.0,
        figures={"loss": 104.25},
    )
    return RunLine(replace(record, **changes), "VAE", "glyphs", LOSS)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def model(qapp: object) -> Iterator[RunsModel]:
    """A model under two testers, which fail the test at any step that a model may not take."""
    model = RunsModel()
    order = RunsOrder(model)
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [QAbstractItemModelTester(model, mode), QAbstractItemModelTester(order, mode)]
    yield model
    for tester in testers:
        shiboken6.delete(tester)
    shiboken6.delete(order)
    shiboken6.delete(model)


def column(model: RunsModel, which: Column) -> list[str]:
    return [str(model.index(row, which).data()) for row in range(model.rowCount())]


def test_that_a_row_says_in_words_how_a_run_went(model: RunsModel) -> None:
    model.show_lines([line("a", images_seen=500, status=RunStatus.STOPPED, message="You stopped it.")])
    said = {which: model.index(0, which).data() for which in Column}
    assert said[Column.NAME] == "a" and said[Column.STATUS] == "Stopped"
    assert said[Column.FIGURE] == "104.2 nats per image" and said[Column.IMAGES] == "500 of 1,000"
    assert said[Column.TIME] == "1 min 15 s" and said[Column.FAMILY] == "VAE" and said[Column.DATASET] == "glyphs"
    assert "You stopped it." in model.index(0, Column.STATUS).data(Qt.ItemDataRole.ToolTipRole)
    assert "Lower is better." in model.index(0, Column.FIGURE).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(0, Column.STATUS).data(Qt.ItemDataRole.DecorationRole) is not None
    headers = [model.headerData(which, Qt.Orientation.Horizontal) for which in Column]
    assert all(headers) and len(set(headers)) == len(Column)


def test_that_rows_come_stay_and_go(model: RunsModel) -> None:
    model.show_lines([line("b"), line("a")])
    stays = QPersistentModelIndex(model.index(1, 0))
    model.show_lines([line("c"), line("b"), line("a", images_seen=5)])
    assert stays.row() == 2 and column(model, Column.IMAGES)[2] == "5 of 1,000"
    model.show_lines([line("c"), line("a")])
    assert stays.row() == 1 and column(model, Column.NAME) == ["c", "a"]
    model.show_lines([line("a"), line("c")])
    assert column(model, Column.NAME) == ["a", "c"]
    model.show_lines([])
    assert model.rowCount() == 0 and not stays.isValid()


def test_that_a_curve_stays_when_rows_are_read_again(model: RunsModel) -> None:
    model.show_lines([line("a")])
    model.set_curves({"a": (3.0, 1.0), "gone": (1.0,)})
    model.show_lines([line("a", images_seen=7)])
    assert model.line(0).curve == (3.0, 1.0)


def test_that_reports_move_the_row_of_their_run_alone(model: RunsModel, qtbot: QtBot) -> None:
    model.show_lines([line("a"), line("b", images_seen=0)])
    with qtbot.waitSignal(model.dataChanged):
        model.hear(Metric("b", 640, 2.0, {"loss": 3.5}, 100.0, 0))
    assert column(model, Column.IMAGES) == ["1,000", "640 of 1,000"]
    assert column(model, Column.FIGURE)[1] == "3.50 nats per image"
    model.hear(Metric("gone", 1, 1.0, {}, 1.0, 0))


def test_that_a_typed_name_is_shown_and_asked_for(model: RunsModel, qtbot: QtBot) -> None:
    model.show_lines([line("a")])
    index = model.index(0, Column.NAME)
    assert index.flags() & Qt.ItemFlag.ItemIsEditable
    assert not model.index(0, Column.STATUS).flags() & Qt.ItemFlag.ItemIsEditable
    with qtbot.waitSignal(model.rename_wanted) as asked:
        assert model.setData(index, "  faces ")
    assert asked.args == ["a", "faces"] and index.data() == "faces"
    assert not model.setData(index, "   ")
    assert not model.setData(model.index(0, Column.STATUS), "x")


@pytest.mark.parametrize(
    ("which", "order"),
    [
        (Column.NAME, ["A2", "b10", "c1"]),
        (Column.FIGURE, ["c1", "b10", "A2"]),
        (Column.IMAGES, ["b10", "A2", "c1"]),
        (Column.TIME, ["c1", "b10", "A2"]),
        (Column.STARTED, ["b10", "c1", "A2"]),
        (Column.STATUS, ["b10", "c1", "A2"]),
    ],
)
def test_that_rows_are_sorted_by_what_they_mean(model: RunsModel, which: Column, order: list[str]) -> None:
    model.show_lines(
        [
            line("b10", images_seen=9, seconds=70.0, created=1.0, figures={"loss": 20.0}, status=RunStatus.RUNNING),
            line("c1", images_seen=1000, seconds=9.0, created=2.0, figures={"loss": 3.0}, status=RunStatus.INTERRUPTED),
            line("A2", images_seen=200, seconds=100.0, created=3.0, figures={}, status=RunStatus.FAILED),
        ]
    )
    sorted_rows = RunsOrder(model)
    sorted_rows.sort(which)
    assert [sorted_rows.index(row, Column.NAME).data() for row in range(3)] == order


def test_that_what_is_no_row_says_nothing(model: RunsModel) -> None:
    model.show_lines([line("a")])
    assert model.data(QModelIndex()) is None
    assert model.rowCount(model.index(0, 0)) == 0 and model.columnCount(model.index(0, 0)) == 0
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def test_that_times_and_figures_are_short() -> None:
    assert started_text(0.0).endswith("1970")
    assert figure_text(0.03125) == "0.0312" and figure_text(3.0, "bits") == "3.00 bits"
