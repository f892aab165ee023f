"""How a picture came about, in the window: kept from its drawing or made again, scrubbed, saved."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from genstudio.generation.export import read_image
from genstudio.jobs.filming import Filmer
from genstudio.jobs.watching import Drawing
from genstudio.store.records import RunRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.films import FilmShelf
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from tests.diffusion_runs import diffusion_run
from tests.gui.conftest import WaitFor
from tests.workshop import import_pictures, make_run, paint_pictures, train

Keep = Callable[[Page], Page]


def chunk(shelf: FilmShelf, name: str, steps: int = 10, side: int = 100) -> Path:
    for done in range(1, steps + 1):
        shelf.see(Drawing(np.zeros((2, side, side, 1), np.uint8), None, done, steps))
    shelf.finish([Path("other"), Path(name)])
    return Path(name)


def test_that_frames_of_the_latest_chunks_are_kept_as_far_as_memory_goes() -> None:
    shelf = FilmShelf(most_bytes=2 * 10 * 2 * 100 * 100)
    first, second = chunk(shelf, "first"), chunk(shelf, "second")
    found = shelf.find(first)
    assert found is not None and found[1] == 1
    assert shelf.find(second) is not None
    third = chunk(shelf, "third")
    assert shelf.find(first) is None and shelf.find(second) is not None and shelf.find(third) is not None
    too_large = chunk(shelf, "too large", side=1000)
    assert shelf.find(too_large) is None and shelf.find(third) is None
    shelf.forget()
    assert shelf.find(second) is None
    shelf.finish([Path("undrawn")])
    assert shelf.find(Path("undrawn")) is None


@pytest.fixture
def run(context: UiContext, tmp_path: Path) -> RunRecord:
    dataset = import_pictures(context.workspace, paint_pictures(tmp_path / "pictures"))
    return diffusion_run(context.workspace, dataset.id)


@pytest.fixture
def page(context: UiContext, run: RunRecord, drop_page: Keep, wait_for: WaitFor) -> GeneratePage:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1400, 1000)
    page.shown()
    wait_for(lambda: page.make.run() == run.id and page.pictures.samples is not None)
    return page


def make(page: GeneratePage, wait_for: WaitFor) -> Path:
    """Make two pictures, choose the second and return its file."""
    page.make.count.turn({"count": 2, "batch": 2})
    page.generate()
    wait_for(lambda: not page.job.busy and page.pictures.gallery.count() == 2)
    keys = list(page.pictures.samples.keys())  # type: ignore[union-attr]
    page.pictures.gallery.go(1)
    wait_for(lambda: page.inspector.film.isVisibleTo(page))
    return page.pictures.samples.file(keys[1])  # type: ignore[union-attr]


def test_that_a_picture_just_made_shows_its_drawing_at_once_and_can_be_scrubbed(
    page: GeneratePage, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = make(page, wait_for)
    monkeypatch.setattr("genstudio.ui.pages.generate.film.film_again", lambda *_, **__: pytest.fail("made again"))
    page.inspector.film.click()
    panel = page.stage.film
    wait_for(lambda: panel.slider.isVisible())
    film = panel._film
    assert film is not None and 3 <= len(film) <= 20
    assert np.array_equal(film.frames[-1], read_image(file))
    assert panel.slider.value() == panel.strip.current == len(film) - 1
    assert panel.place.text() == f"Moment {len(film)} of {len(film)} · 100 % of the way"
    QTest.keyClick(panel.slider, Qt.Key.Key_Left)
    assert panel.strip.current == panel.slider.value() == len(film) - 2
    QTest.keyClick(panel.strip, Qt.Key.Key_Left)
    assert panel.slider.value() == len(film) - 3
    QTest.keyClick(panel.slider, Qt.Key.Key_Home)
    assert panel.strip.current == 0 and panel.place.text().startswith("Moment 1 of")
    assert not page.stage.drawing.isVisible()


def test_that_an_older_picture_is_made_again_to_be_watched(page: GeneratePage, wait_for: WaitFor) -> None:
    file = make(page, wait_for)
    seen = page.stage.film._shelf.find(file)
    assert seen is not None
    page.stage.film.forget()
    page.inspector.film.click()
    wait_for(lambda: page.stage.film._film is not None)
    film = page.stage.film._film
    assert film is not None and np.array_equal(film.frames[-1], read_image(file))
    before = seen[0].film(seen[1], read_image(file))
    assert before is not None and before.at[0] in film.at
    assert np.array_equal(before.frames[0], film.frames[film.at.index(before.at[0])])


def test_that_the_drawing_is_saved_as_a_gif(page: GeneratePage, wait_for: WaitFor, tmp_path: Path) -> None:
    make(page, wait_for)
    page.inspector.film.click()
    wait_for(lambda: page.stage.film._film is not None)
    page.stage.film.save_to(tmp_path / "film.gif")
    wait_for(lambda: (tmp_path / "film.gif").exists())
    with Image.open(tmp_path / "film.gif") as gif:
        assert len(list(ImageSequence.Iterator(gif))) >= 3


def test_that_an_answer_nobody_waits_for_any_more_is_not_shown(page: GeneratePage, wait_for: WaitFor) -> None:
    make(page, wait_for)
    page.inspector.film.click()
    page.stage.film.close_button.click()
    assert not page.stage.isVisible()
    page.generate()
    wait_for(lambda: not page.job.busy)
    assert page.stage.film._film is None and not page.stage.film.isVisible()


def test_that_a_model_that_draws_in_one_go_says_so(
    context: UiContext, tmp_path: Path, drop_page: Keep, wait_for: WaitFor
) -> None:
    dataset = import_pictures(context.workspace, paint_pictures(tmp_path / "pictures"))
    train(context.workspace, make_run(context.workspace, dataset.id, images=64).id)
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1400, 1000)
    page.shown()
    wait_for(lambda: bool(page.make.run()) and page.pictures.samples is not None)
    make(page, wait_for)
    page.inspector.film.click()
    wait_for(lambda: page.stage.film._waiting.text().startswith("This model makes a picture in one go"))
    assert not page.stage.film.slider.isVisible()
    wait_for(lambda: not page.inspector.film.isEnabled())
    assert Filmer().bytes == 0
