"""Exploring by words, in the window, with tiny real models."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from genstudio.generation.export import read_recipe
from genstudio.ui.context import UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.explore import ExplorePage
from tests.gui.conftest import WaitFor
from tests.word_runs import WordRuns, word_runs

Keep = Callable[[Page], Page]


@pytest.fixture
def runs(context: UiContext, tmp_path: Path) -> WordRuns:
    return word_runs(context.workspace, tmp_path / "pictures")


@pytest.fixture
def ready(
    context: UiContext, runs: WordRuns, drop_page: Keep, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> ExplorePage:
    """The page with the run that draws by words, and four pictures by chance; made-up maps are small."""
    monkeypatch.setattr("genstudio.jobs.surveying._IMAGINED", 8)
    page = ExplorePage(context)
    page.go_part("walk")
    drop_page(page)
    page.resize(1300, 1000)
    page.shown()
    wait_for(lambda: bool(page.run.count()))
    page.desk.session.open(runs.drawing.id)
    wait_for(lambda: page.desk.session.space is not None and len(page.desk.picks) == 4)
    return page


def told(page: ExplorePage) -> list[str | None]:
    return [pick.point.text for pick in page.desk.picks.items]


def test_that_words_are_asked_for_where_they_are_understood(
    ready: ExplorePage, runs: WordRuns, wait_for: WaitFor
) -> None:
    assert ready.words.isVisible() and told(ready) == [None] * 4
    wait_for(lambda: "wave" in ready.words.line.placeholderText())
    ready.words.line.setText("rising wave")
    ready.desk.session.open(runs.silent.id)
    wait_for(lambda: ready.desk.session.space is not None and len(ready.desk.picks) == 4)
    assert not ready.words.isVisible() and ready.desk.session.words is None and told(ready) == [None] * 4


def test_that_what_is_drawn_from_now_on_is_told_the_words(
    ready: ExplorePage, context: UiContext, runs: WordRuns, wait_for: WaitFor
) -> None:
    ready.words.line.setText(" rising  wave ")
    ready.words.line.editingFinished.emit()
    ready.desk.add_random()
    wait_for(lambda: len(ready.desk.picks) == 5)
    assert told(ready) == [None] * 4 + ["rising wave"]
    assert ready.desk.picks.items[4].about.endswith(" · “rising wave”")
    assert ready.words.line.offered() == ("rising wave",)
    ready.go_part("evolve")
    wait_for(lambda: len(ready.evolve.line) == 1)
    assert {pick.point.text for pick in ready.evolve.line[0].picks} == {"rising wave"}
    ready.evolve.breed_from(ready.evolve.line[0].picks[:2], seed=1)
    wait_for(lambda: len(ready.evolve.line) == 2)
    assert {pick.point.text for pick in ready.evolve.line[1].picks} == {"rising wave"}
    ready.desk.keep([ready.evolve.line[1].picks[0].point])
    wait_for(lambda: len(context.workspace.project.samples(runs.drawing.id)) == 1)
    recipe = read_recipe(context.workspace.project.path(context.workspace.project.samples(runs.drawing.id)[0].file))
    assert recipe is not None and recipe.extra["prompt"] == "rising wave"
    wait_for(lambda: context.toasts.next_undo.startswith("Kept"))


def test_that_return_draws_the_tray_anew_and_that_is_undone(ready: ExplorePage, wait_for: WaitFor) -> None:
    before = ready.desk.picks.items
    ready.words.line.setText("rising wave")
    QTest.keyClick(ready.words.line, Qt.Key.Key_Return)
    wait_for(lambda: told(ready) == ["rising wave"] * 4)
    after = ready.desk.picks.items
    assert [pick.point.latent.tobytes() for pick in after] == [pick.point.latent.tobytes() for pick in before]
    assert not any(np.array_equal(one.image, other.image) for one, other in zip(before, after, strict=True))
    wait_for(lambda: all(point.text == "rising wave" for point in ready.walk._points))
    ready.context.toasts.undo_latest()
    assert ready.desk.picks.items == before
    ready.desk.clear()
    QTest.keyClick(ready.words.line, Qt.Key.Key_Return)
    wait_for(lambda: told(ready) == ["rising wave"] * 4)


def test_that_a_map_of_made_up_pictures_shows_what_the_words_say(ready: ExplorePage, wait_for: WaitFor) -> None:
    session = ready.desk.session
    ready.go_part("map")
    wait_for(lambda: "neighbours" in session.maps)
    first = session.survey
    assert first is not None and first.text is None and len(first) == 8
    ready.words.line.setText("rising wave")
    ready.words.line.editingFinished.emit()
    assert not session.maps  # it is being looked at anew
    ready.words.line.setText("falling wave")
    ready.words.line.editingFinished.emit()
    wait_for(lambda: "neighbours" in session.maps)
    assert session.survey is not None and session.survey.text == "falling wave"
    assert np.array_equal(session.survey.latents, first.latents)
    assert not np.array_equal(session.survey.pictures, first.pictures)
    assert session.point_at(0).text == "falling wave"
    ready.go_part("sliders")  # where the pictures lie is the same by any words
    ready.words.line.clear()
    ready.words.line.editingFinished.emit()
    assert session.words is None and session.survey is not None and session.survey.text == "falling wave"
    ready.go_part("map")
    wait_for(lambda: session.survey is not None and session.survey.text is None and "neighbours" in session.maps)


def test_that_no_slider_is_offered_towards_labels_that_noise_knows_nothing_of(
    ready: ExplorePage, wait_for: WaitFor
) -> None:
    ready.go_part("sliders")
    wait_for(lambda: ready.desk.session.survey is not None)
    ready.sliders._menu.aboutToShow.emit()
    offered = [action.text() for action in ready.sliders._menu.actions() if not action.isSeparator()]
    assert ready.desk.session.classes == ("falling", "rising")
    assert offered[0] == "No direction leads to a label of this model"
    assert offered[1] == "Towards the pictures of the tray" and "rising" not in offered
