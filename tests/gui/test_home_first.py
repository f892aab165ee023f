"""The very first start: where projects go, and a model to play with."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel

from genstudio.data import builtin
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.pages.home import HomePage
from genstudio.ui.pages.home_tiles import Tile
from genstudio.ui.widgets.buttons import Button
from tests.gui.conftest import KeepPage, WaitFor, settle
from tests.workshop import paint_pictures

Gone = list[tuple[Place, Subject | None]]


@pytest.fixture
def home(studio_context: UiContext, drop_page: KeepPage) -> HomePage:
    return drop_page(HomePage(studio_context))


def _welcomed(home: HomePage) -> bool:
    return any(label.text().startswith("Welcome.") for label in home.findChildren(QLabel) if label.isVisibleTo(home))


def _press(home: HomePage, text: str) -> None:
    next(found for found in home.findChildren(Button) if found.text() == text).click()
    settle()


def test_that_a_first_start_says_where_projects_will_lie_until_that_is_settled(home: HomePage) -> None:
    assert _welcomed(home)
    _press(home, "That is fine")
    assert not _welcomed(home)
    assert home.context.projects.is_base_settled


def test_that_another_folder_is_where_every_new_project_goes_from_then_on(
    home: HomePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "big disk"))
    _press(home, "Another folder…")
    assert not _welcomed(home)
    assert home.context.projects.base == tmp_path / "big disk"
    assert home.context.projects.free_folder("Fish") == tmp_path / "big disk" / "Fish"


def test_that_who_has_made_projects_is_not_welcomed_again(
    studio_context: UiContext, drop_page: KeepPage, tmp_path: Path
) -> None:
    studio_context.settings.remember_project(tmp_path / "old")
    assert not _welcomed(drop_page(HomePage(studio_context)))


def test_that_one_click_leads_to_pictures_of_the_model_that_comes_along(
    home: HomePage, gone_to: Gone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    letters = next(dataset for dataset in builtin.builtin_datasets() if dataset.name == "glyphs")
    folder = paint_pictures(tmp_path / "letters", count=12)
    monkeypatch.setattr(builtin, "builtin_datasets", lambda: (replace(letters, path=folder),))
    tile = next(found for found in home.findChildren(Tile) if found.accessibleName() == "Play with a trained model")
    for _ in range(2):
        tile.chosen.emit()
        wait_for(lambda: bool(gone_to))
        place, subject = gone_to.pop()
        assert place is Place.GENERATE
        assert subject is not None
        assert subject.kind is SubjectKind.RUN
        project = home.context.workspace.project
        assert [run.id for run in project.runs()] == [subject.id], "the second click finds what the first one made"
        assert len(project.samples(subject.id)) == 24
