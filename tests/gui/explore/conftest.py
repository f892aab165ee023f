"""Explore with a real studio and one trained run."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from genstudio.store.records import RunRecord, SampleRecord
from genstudio.ui.context import UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.explore import ExplorePage
from tests.gui.conftest import WaitFor
from tests.workshop import import_pictures, make_run, new_workspace, paint_pictures, train

Keep = Callable[[Page], Page]


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one trained run, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("explored")
    workspace = new_workspace(folder / "project")
    dataset = import_pictures(workspace, paint_pictures(folder / "pictures"))
    train(workspace, make_run(workspace, dataset.id).id)
    workspace.project.close()
    return folder / "project"


@pytest.fixture
def run(context: UiContext, trained_folder: Path, tmp_path: Path) -> RunRecord:
    shutil.copytree(trained_folder, tmp_path / "trained")
    project = context.studio.open_project(tmp_path / "trained")
    context.activity.set_project(project)
    return project.runs()[0]


@pytest.fixture
def page(context: UiContext, drop_page: Keep) -> ExplorePage:
    page = ExplorePage(context)
    drop_page(page)
    page.resize(1200, 900)
    return page


@pytest.fixture
def ready(page: ExplorePage, run: RunRecord, wait_for: WaitFor) -> ExplorePage:
    """The page with its map drawn, and the four pictures it begins with in the tray."""
    page.shown()
    wait_for(lambda: "neighbours" in page.desk.session.maps and len(page.desk.picks) == 4)
    return page


def press(button: QAbstractButton) -> None:
    assert button.isVisible() and button.isEnabled(), button.accessibleName()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def texts(widget: QWidget) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def samples(page: ExplorePage) -> list[SampleRecord]:
    assert page.context.project is not None
    return page.context.project.samples(None, False)


def kept(page: ExplorePage) -> bool:
    """Whether the window knows by now that something was kept."""
    return page.context.toasts.next_undo.startswith("Kept")
