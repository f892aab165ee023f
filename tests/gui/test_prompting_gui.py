"""Saying in words what to draw, in the window, with tiny real models."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from genstudio.core.abilities import Ability
from genstudio.core.recipe import Recipe
from genstudio.generation.points import packed
from genstudio.ui.context import UiContext
from genstudio.ui.models.facts import recipe_facts
from genstudio.ui.models.samples import caption_of
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from tests.gui.conftest import WaitFor
from tests.word_runs import WordRuns, word_runs

Keep = Callable[[Page], Page]


@pytest.fixture
def runs(context: UiContext, tmp_path: Path) -> WordRuns:
    return word_runs(context.workspace, tmp_path / "pictures")


@pytest.fixture
def ready(context: UiContext, runs: WordRuns, drop_page: Keep, wait_for: WaitFor) -> GeneratePage:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1300, 1000)
    page.show()
    page.shown()
    wait_for(lambda: page.pictures.samples is not None)
    page.make.choose_run(runs.drawing.id)
    page.pictures.show_run(runs.drawing.id)
    page.make.choose_tool("sample")
    page.make.count.turn({"count": 2, "batch": 2})
    page.make.options.turn(context.workspace.host.family("diffusion"), {"steps": 2})
    return page


def test_that_words_are_asked_for_only_where_they_are_understood(
    ready: GeneratePage, runs: WordRuns, wait_for: WaitFor
) -> None:
    prompt, options = ready.make.prompt, ready.make.options
    assert prompt.isVisible() and not prompt.line_b.isVisible()
    wait_for(lambda: "wave" in prompt.line.placeholderText())
    form = options._forms["diffusion"]
    assert not form.row("words_weight").isHidden()
    ready.make.choose_run(runs.silent.id)
    assert not prompt.isVisible() and form.row("words_weight").isHidden()
    prompt.line.setText("rising wave")
    request = ready.make.request()
    assert request is not None and getattr(request, "prompt", "") is None
    ready.make.choose_run(runs.drawing.id)
    assert prompt.isVisible() and "wave" in prompt.line.placeholderText()


def test_that_four_tools_fit_beside_the_gallery(ready: GeneratePage) -> None:
    """A run that is told labels, words and places: nothing of the form is cut off on its right."""
    ready.make.tools.offer({Ability.SAMPLE, Ability.INTERPOLATE, Ability.IMAGE_TO_IMAGE, Ability.COMPLETE})
    area = ready.make.parentWidget()
    assert area is not None
    assert ready.make.minimumSizeHint().width() <= area.width()


def test_that_facts_of_an_explored_picture_leave_its_numbers_out() -> None:
    extra = {**packed(np.zeros((2, 3), np.float32)), "stream": 4, "about": "between two"}
    recipe = Recipe(
        family="vae",
        run="r",
        checkpoint="c",
        images_seen=8,
        ability="explore",
        seed=1,
        count=1,
        batch=1,
        index=0,
        extra=extra,
    )
    titles = [title for title, _, _ in recipe_facts(recipe)]
    assert "About" in titles and not {"Latent", "Shape", "Stream"} & set(titles)


def test_that_enter_draws_what_was_typed_and_it_is_offered_again(
    ready: GeneratePage, context: UiContext, runs: WordRuns, wait_for: WaitFor
) -> None:
    line = ready.make.prompt.line
    line.setText("  rising   wave ")
    QTest.keyClick(line, Qt.Key.Key_Return)
    wait_for(lambda: not ready.job.busy and ready.pictures.gallery.count() == 2)
    record = context.workspace.project.samples(runs.drawing.id)[0]
    recipe = Recipe.model_validate_json(record.recipe)
    assert recipe.extra == {"prompt": "rising wave"}
    assert caption_of(record).startswith("“rising wave”")
    assert ("In words", "rising wave", "") in recipe_facts(recipe)
    assert line.offered() == ("rising wave",)
    line.setText("falling wave")
    ready.generate()
    wait_for(lambda: not ready.job.busy and ready.pictures.gallery.count() == 4)
    assert line.offered() == ("falling wave", "rising wave")
    line.clear()
    QTest.keyClick(line, Qt.Key.Key_Down)
    popup = line.completer().popup()
    assert popup is not None and popup.isVisible() and popup.model().rowCount() == 2
    popup.hide()
    ready.inspector.use_wanted.emit(recipe)
    assert line.text() == "rising wave"


def test_that_a_walk_has_words_at_both_ends(ready: GeneratePage, runs: WordRuns) -> None:
    prompt = ready.make.prompt
    ready.make.choose_tool("interpolate")
    assert prompt.line_b.isVisible()
    prompt.set_words("rising wave", "falling wave")
    request = ready.make.request()
    assert request is not None
    assert (getattr(request, "prompt", ""), getattr(request, "prompt_b", "")) == ("rising wave", "falling wave")
    prompt.line_b.clear()
    request = ready.make.request()
    assert request is not None and getattr(request, "prompt_b", "") is None
    ready.make.choose_tool("surprise")
    assert not prompt.isVisible()


def test_that_words_are_shown_as_they_are(ready: GeneratePage) -> None:
    """Words may come out of somebody else's file."""
    recipe = Recipe(
        family="diffusion", run="r", checkpoint="c", images_seen=1, seed=0, index=0, count=1, batch=1,
        extra={"prompt": "<b>bold</b>"},
    )  # fmt: skip
    ready.inspector._facts.show_facts(recipe_facts(recipe))
    shown = [label for label in ready.inspector._facts.findChildren(QLabel) if "bold" in label.text()]
    assert [label.textFormat() for label in shown] == [Qt.TextFormat.PlainText]
    ready.make.use(recipe.model_copy(update={"extra": {"prompt": 7}}))
    assert ready.make.prompt.line.text() == ""
