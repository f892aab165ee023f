"""Home: beginning, the open project, recent ones, what was interrupted."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from genstudio.core import paths
from genstudio.data import builtin
from genstudio.store.records import RunStatus
from genstudio.studio import Studio
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.main_window import MainWindow
from genstudio.ui.pages.home import HomePage
from genstudio.ui.pages.home_projects import NewProject, RecentProjects
from genstudio.ui.pages.home_tiles import Tile
from genstudio.ui.widgets.buttons import Button, IconButton
from genstudio.ui.widgets.cards import HotCard
from genstudio.ui.widgets.fields import TextField
from tests.gui.conftest import KeepPage, WaitFor, settle
from tests.workshop import import_pictures, load_host, make_run, paint_pictures

Gone = list[tuple[Place, Subject | None]]


@pytest.fixture
def home(studio_context: UiContext, drop_page: KeepPage) -> HomePage:
    return drop_page(HomePage(studio_context))


def shown_texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


def tile(home: QWidget, title: str) -> Tile:
    return next(found for found in home.findChildren(Tile) if found.accessibleName() == title)


def button(widget: QWidget, name: str) -> Button:
    return next(found for found in widget.findChildren(Button) if found.accessibleName() == name)


def test_that_a_name_is_enough_for_a_new_project(home: HomePage, gone_to: Gone, wait_for: WaitFor) -> None:
    card = home.findChild(NewProject)
    assert card is not None
    field = card.findChild(TextField)
    assert field is not None
    QTest.keyClicks(field, "Leaves & petals")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_for(lambda: bool(gone_to))
    project = home.context.project
    assert project is not None
    assert project.folder == paths.default_projects() / "Leaves & petals"
    assert gone_to == [(Place.DATA, None)]
    assert home.context.projects.last == project.folder


@pytest.mark.parametrize("name", ["a/b", "..", "what?", 'say "hi"'])
def test_that_a_name_no_folder_can_have_is_refused_beside_the_field(home: HomePage, name: str) -> None:
    card = home.findChild(NewProject)
    assert card is not None
    field = card.findChild(TextField)
    assert field is not None
    QTest.keyClicks(field, name)
    assert any("leave out" in text for text in shown_texts(card))
    button(card, "Create project").click()
    settle()
    assert home.context.project is None


def test_that_without_a_name_a_free_folder_is_taken(home: HomePage, wait_for: WaitFor) -> None:
    card = home.findChild(NewProject)
    assert card is not None
    for wanted in ("My first studio", "My first studio 2"):
        button(card, "Create project").click()
        wait_for(button(card, "Create project").isEnabled)
        assert home.context.project is not None
        assert home.context.project.name == wanted


@pytest.fixture
def small_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in letters, but few of them."""
    folder = paint_pictures(tmp_path / "letters", count=12)
    letters = next(dataset for dataset in builtin.builtin_datasets() if dataset.name == "glyphs")
    monkeypatch.setattr(builtin, "builtin_datasets", lambda: (replace(letters, path=folder),))


@pytest.mark.usefixtures("small_letters")
def test_that_one_click_makes_a_model_learn_letters(home: HomePage, gone_to: Gone, wait_for: WaitFor) -> None:
    tile(home, "Watch a model learn").chosen.emit()
    wait_for(lambda: bool(gone_to))
    place, subject = gone_to[0]
    assert place is Place.TRAIN
    assert subject is not None
    assert subject.kind is SubjectKind.RESUME
    run = home.context.workspace.project.run(subject.id)
    assert run.status is RunStatus.READY
    dataset = home.context.workspace.project.dataset(run.dataset)
    assert dataset.source == "glyphs"

    next(action for action in home.actions() if action.text() == "Train your first model").trigger()
    wait_for(lambda: len(gone_to) == 2)
    assert gone_to[1] == (Place.TRAIN, Subject(SubjectKind.DATASET, dataset.id))
    assert len(home.context.workspace.project.datasets()) == 1


def test_that_a_dropped_folder_begins_a_project_of_its_name(
    home: HomePage, gone_to: Gone, tmp_path: Path, wait_for: WaitFor
) -> None:
    tile(home, "Use my images").dropped.emit([tmp_path / "leaves"])
    wait_for(lambda: bool(gone_to))
    assert home.context.project is not None
    assert home.context.project.name == "leaves"
    assert gone_to == [(Place.DATA, Subject(SubjectKind.SOURCE, str(tmp_path / "leaves")))]


def test_that_what_is_clicked_before_the_studio_is_there_happens_as_soon_as_it_is(
    empty_context: UiContext, drop_page: KeepPage, wait_for: WaitFor
) -> None:
    home = drop_page(HomePage(empty_context))
    card = home.findChild(NewProject)
    assert card is not None
    button(card, "Create project").click()
    settle()
    assert empty_context.project is None
    empty_context.set_studio(Studio(load_host()))
    wait_for(lambda: empty_context.project is not None)


def test_that_recent_projects_open_and_missing_ones_say_so(home: HomePage, tmp_path: Path, wait_for: WaitFor) -> None:
    studio, settings = home.context.studio, home.context.settings
    for name in ("first", "second"):
        studio.create_project(tmp_path / name)
        settings.remember_project(tmp_path / name)
    settings.remember_project(tmp_path / "gone")
    studio.close_project()
    home.shown()
    recent = home.findChild(RecentProjects)
    assert recent is not None
    cards = {card.accessibleName(): card for card in recent.findChildren(HotCard)}
    assert set(cards) == {"Open first", "Open second", "Open gone"}
    missing = cards["Open gone"]
    missing.chosen.emit()
    settle()
    assert home.context.project is None
    cards["Open first"].chosen.emit()
    wait_for(lambda: settings.recent_projects[0] == tmp_path / "first")
    assert home.context.project is not None


def test_that_taking_a_project_off_the_list_can_be_undone(home: HomePage, tmp_path: Path) -> None:
    settings = home.context.settings
    settings.remember_project(tmp_path / "a")
    settings.remember_project(tmp_path / "b")
    home.shown()
    recent = home.findChild(RecentProjects)
    assert recent is not None
    recent.findChildren(IconButton)[0].click()
    assert settings.recent_projects == [tmp_path / "a"]
    home.context.toasts.undo_latest()
    assert settings.recent_projects == [tmp_path / "b", tmp_path / "a"]


def test_that_a_project_that_cannot_be_opened_is_told_and_nothing_else_breaks(
    home: HomePage, tmp_path: Path, wait_for: WaitFor
) -> None:
    home.context.projects.open(tmp_path / "nowhere")
    wait_for(lambda: bool(home.context.toasts.texts()))
    assert "There is no project" in home.context.toasts.texts()[0]
    assert home.context.project is None


def test_that_an_interrupted_run_is_offered_for_resuming(
    context: UiContext, gone_to: Gone, drop_page: KeepPage, tmp_path: Path, wait_for: WaitFor
) -> None:
    workspace = context.workspace
    dataset = import_pictures(workspace, paint_pictures(tmp_path / "pictures"))
    run = make_run(workspace, dataset.id)
    workspace.project.set_run(run.id, status=RunStatus.INTERRUPTED, images_seen=320)
    home = drop_page(HomePage(context))
    home.shown()
    name = f"Resume {run.name}"
    wait_for(lambda: any(found.accessibleName() == name for found in home.findChildren(Button)))
    wait_for(lambda: any("interrupted after 320 of 640 images" in text for text in shown_texts(home)))
    button(home, name).click()
    assert gone_to == [(Place.TRAIN, Subject(SubjectKind.RESUME, run.id))]


def test_that_a_crash_is_told_once_and_can_be_dismissed(home: HomePage, tmp_path: Path) -> None:
    home.tell_crash(tmp_path / "crash-1.txt")
    settle()
    assert any("went down unexpectedly" in text for text in shown_texts(home))
    button(home, "Dismiss").click()
    settle()
    assert not any("went down unexpectedly" in text for text in shown_texts(home))


def test_that_the_open_project_says_what_it_holds(window: MainWindow, tmp_path: Path, wait_for: WaitFor) -> None:
    import_pictures(window.context.workspace, paint_pictures(tmp_path / "pictures"))
    window.go(Place.HOME)
    wait_for(lambda: any("1 dataset · 0 runs · 0 pictures" in text for text in shown_texts(window)))
