"""Runs, with a real studio: compared, renamed, deleted and taken back, measured, resumed."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from genstudio.core.events import Metric
from genstudio.jobs.copy_look import NEAR_COPIES
from genstudio.store.records import RunRecord, RunStatus
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.models.runs_table import Column
from genstudio.ui.page import Page
from genstudio.ui.pages.runs import RunsPage
from genstudio.ui.views.plot_colours import is_dark, slot_colour
from tests.gui.conftest import WaitFor, press, texts
from tests.workshop import import_pictures, make_run, new_workspace, paint_pictures, train

CANARY = "<img src='x'><b>bold</b>"
Keep = Callable[[Page], Page]


@pytest.fixture(scope="module")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a completed run and one that was going when the computer went down, copied for every test."""
    folder = tmp_path_factory.mktemp("trained")
    workspace = new_workspace(folder / "project")
    dataset = import_pictures(workspace, paint_pictures(folder / "pictures"))
    train(workspace, make_run(workspace, dataset.id).id)
    broken = make_run(workspace, dataset.id, images=4_000)
    train(workspace, broken.id, until=700)
    workspace.project.set_run(broken.id, status=RunStatus.INTERRUPTED, message="")
    workspace.project.close()
    return folder / "project"


@pytest.fixture
def runs(context: UiContext, trained_folder: Path, tmp_path: Path) -> list[RunRecord]:
    """The completed run and the interrupted one."""
    shutil.copytree(trained_folder, tmp_path / "trained")
    project = context.studio.open_project(tmp_path / "trained")
    context.activity.set_project(project)
    return project.runs()[::-1]


@pytest.fixture
def page(context: UiContext, drop_page: Keep) -> RunsPage:
    page = RunsPage(context)
    drop_page(page)
    page.resize(1400, 900)
    return page


@pytest.fixture
def ready(page: RunsPage, runs: list[RunRecord], wait_for: WaitFor) -> RunsPage:
    page.shown()
    wait_for(lambda: page.panel.isVisible() and all(line.curve for line in page.model.lines()))
    return page


def names(page: RunsPage) -> list[str]:
    return [line.record.name for line in page.model.lines()]


def test_that_without_runs_the_page_names_the_one_next_step(
    page: RunsPage, gone_to: list[tuple[Place, Subject | None]]
) -> None:
    page.shown()
    assert "No runs yet" in texts(page)
    press(next(button for button in page.findChildren(QAbstractButton) if button.text() == "Train a model"))
    assert gone_to == [(Place.TRAIN, None)]


def test_that_the_latest_run_is_told_in_the_panel(ready: RunsPage, runs: list[RunRecord]) -> None:
    said = texts(ready.panel)
    assert runs[1].name in said and "Interrupted" in said and "Nothing saved was lost" in said
    assert "Error, held-out" in said and ready.panel.resume.isVisible()


def test_that_an_interrupted_run_is_resumed_at_train(
    ready: RunsPage, runs: list[RunRecord], gone_to: list[tuple[Place, Subject | None]]
) -> None:
    press(ready.panel.resume)
    press(ready.panel.open)
    press(ready.panel.generate)
    wanted = runs[1].id
    assert gone_to == [
        (Place.TRAIN, Subject(SubjectKind.RESUME, wanted)),
        (Place.TRAIN, Subject(SubjectKind.RUN, wanted)),
        (Place.GENERATE, Subject(SubjectKind.RUN, wanted)),
    ]


def test_that_the_curves_of_the_chosen_runs_lie_over_each_other(
    ready: RunsPage, runs: list[RunRecord], wait_for: WaitFor
) -> None:
    def headings() -> list[str]:
        """Of the family's figures; whether copies were looked for depends on how quick the machine is."""
        return [column.heading for column in ready.plot.columns() if NEAR_COPIES not in column.heading]

    ready.table.selectAll()
    wait_for(lambda: len(headings()) == 4)
    assert all(any(heading.startswith(run.name) for heading in headings()) for run in runs)
    ready.table.choose(runs[0].id)
    wait_for(lambda: len(headings()) == 2)
    ready.table.clearSelection()
    assert not ready.plot.columns() and not ready.panel.isVisible()


def test_that_what_a_family_announced_comes_first_whatever_is_reported_first(
    ready: RunsPage, context: UiContext, wait_for: WaitFor
) -> None:
    project = context.studio.workspace.project
    fresh = make_run(context.workspace, project.datasets()[0].id)
    ready.shown()
    wait_for(lambda: ready.model.row_of(fresh.id) is not None)
    ready.table.choose(fresh.id)
    wait_for(lambda: ready.table.chosen() == [fresh.id])
    context.bridge.events.emit(Metric(fresh.id, 0, 0.0, {"heldout/error": 1.0}, 0.0, 0))
    wait_for(lambda: len(ready.plot.columns()) == 2)
    assert [column.heading.split(": ")[1] for column in ready.plot.columns()] == ["error", "heldout/error"]


def test_that_the_curves_of_another_choice_are_really_drawn(
    ready: RunsPage, runs: list[RunRecord], wait_for: WaitFor
) -> None:
    for run in (runs[0], runs[1], runs[0]):
        ready.table.choose(run.id)
        wait_for(partial(plots, ready, run))
        wait_for(lambda: strokes(ready.plot) > 300)


def plots(page: RunsPage, run: RunRecord) -> bool:
    return any(column.heading.startswith(run.name) for column in page.plot.columns())


def strokes(plot: QWidget) -> int:
    """How many pixels of the plot bear the first run's colour."""
    image = plot.grab().toImage()
    wanted = slot_colour(0, is_dark(plot.palette())).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def test_that_a_run_is_renamed_in_place(
    ready: RunsPage, runs: list[RunRecord], context: UiContext, wait_for: WaitFor
) -> None:
    QTest.keyClick(ready.table, Qt.Key.Key_F2)
    editor = ready.table.findChildren(QLineEdit)[0]
    editor.selectAll()
    QTest.keyClicks(editor, "faces")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert context.project is not None
    project = context.project
    wait_for(lambda: project.run(runs[1].id).name == "faces")
    wait_for(lambda: "faces" in names(ready) and "faces" in texts(ready.panel))


def test_that_a_name_already_taken_is_refused_and_the_old_one_comes_back(
    ready: RunsPage, runs: list[RunRecord], context: UiContext, wait_for: WaitFor
) -> None:
    row = ready.model.row_of(runs[1].id)
    assert row is not None
    ready.model.setData(ready.model.index(row, Column.NAME), runs[0].name)
    wait_for(lambda: bool(context.toasts.texts()))
    wait_for(lambda: sorted(names(ready)) == sorted(run.name for run in runs))


def test_that_deleting_can_be_undone(
    ready: RunsPage, runs: list[RunRecord], context: UiContext, wait_for: WaitFor
) -> None:
    QTest.keyClick(ready.table, Qt.Key.Key_Delete)
    wait_for(lambda: names(ready) == [runs[0].name])
    wait_for(lambda: runs[1].name in context.toasts.next_undo)
    context.toasts.undo_latest()
    wait_for(lambda: len(names(ready)) == 2)
    assert context.project is not None and context.project.latest_checkpoint(runs[1].id) is not None


def test_that_measuring_a_run_adds_its_figures(ready: RunsPage, context: UiContext, wait_for: WaitFor) -> None:
    press(ready.panel.evaluate)
    assert not ready.panel.evaluate.isEnabled()
    wait_for(lambda: not ready.job.busy)
    wait_for(lambda: any("was measured" in text for text in context.toasts.texts()))
    assert context.activity.work is None


def test_that_a_checkpoint_can_be_kept_for_good(
    ready: RunsPage, runs: list[RunRecord], context: UiContext, wait_for: WaitFor
) -> None:
    pin = next(
        button
        for button in ready.panel.findChildren(QAbstractButton)
        if button.accessibleName().startswith("Keep the checkpoint")
    )
    pin.click()
    assert context.project is not None
    project = context.project
    wait_for(lambda: any(state.pinned for state in project.checkpoints(runs[1].id)))


def test_that_a_run_in_training_moves_in_the_table_and_cannot_be_deleted(
    ready: RunsPage, runs: list[RunRecord], context: UiContext, wait_for: WaitFor
) -> None:
    context.studio.start_training(runs[1].id, context.bridge.sink(runs[1].id))
    wait_for(lambda: ready.model.line(0).record.status is RunStatus.RUNNING)
    wait_for(lambda: not ready.panel.delete.isEnabled())
    wait_for(lambda: ready.model.line(0).record.status is RunStatus.COMPLETED)
    assert ready.model.line(0).record.images_seen >= 4_000
    wait_for(lambda: context.studio.training is None)
    wait_for(ready.panel.delete.isEnabled)


def test_that_arriving_with_a_run_chooses_it(ready: RunsPage, runs: list[RunRecord], wait_for: WaitFor) -> None:
    ready.shown()
    ready.show_subject(Subject(SubjectKind.RUN, runs[0].id))
    wait_for(lambda: ready.table.chosen() == [runs[0].id])
    wait_for(lambda: runs[0].name in texts(ready.panel))


def test_that_enter_opens_the_run(
    ready: RunsPage, runs: list[RunRecord], gone_to: list[tuple[Place, Subject | None]]
) -> None:
    ready.table.setFocus()
    QTest.keyClick(ready.table, Qt.Key.Key_Return)
    assert gone_to == [(Place.TRAIN, Subject(SubjectKind.RUN, runs[1].id))]


def test_that_names_are_shown_as_plain_text(
    ready: RunsPage, runs: list[RunRecord], context: UiContext, wait_for: WaitFor
) -> None:
    assert context.project is not None
    context.project.rename_run(runs[1].id, CANARY)
    context.project.set_run(runs[1].id, message=CANARY)
    ready.shown()
    wait_for(lambda: CANARY in texts(ready.panel))
    for label in ready.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or "<" not in label.text()
    tip = ready.model.index(0, Column.STATUS).data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip


def test_that_everything_has_a_name_and_a_shortcut(ready: RunsPage) -> None:
    assert all(action.shortcut().toString() for action in ready.actions())
    nameless = [
        widget
        for widget in ready.findChildren(QAbstractButton)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not (widget.accessibleName() or widget.text())
    ]
    assert not nameless, nameless
    assert ready.table.accessibleName()


def test_that_another_project_forgets_the_runs(
    ready: RunsPage, context: UiContext, tmp_path: Path, wait_for: WaitFor
) -> None:
    context.studio.create_project(tmp_path / "another")
    ready.project_changed()
    ready.shown()
    wait_for(lambda: "No runs yet" in texts(ready))
    assert not ready.plot.columns() and not ready.panel.isVisible()
