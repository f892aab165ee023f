"""Watching, completing, surprise and ranking in the window, with a tiny real model that draws pixel by pixel."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image
from genstudio.generation.given import Given, first, keep
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.watching import Drawing
from genstudio.store.records import RunRecord, SampleRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.take import Take, drawn_so_far
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from genstudio.ui.views.mask_canvas import MaskCanvas
from genstudio.ui.views.picture_choice import PictureChoice
from tests.gui.conftest import WaitFor, texts
from tests.pixel_runs import pixel_run
from tests.workshop import import_pictures, make_run, paint_pictures, train

Keep = Callable[[Page], Page]


@pytest.fixture
def run(context: UiContext, tmp_path: Path) -> RunRecord:
    dataset = import_pictures(context.workspace, paint_pictures(tmp_path / "pictures"))
    return pixel_run(context.workspace, dataset.id)


@pytest.fixture
def ready(context: UiContext, run: RunRecord, drop_page: Keep, wait_for: WaitFor) -> GeneratePage:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1300, 1000)
    page.shown()
    wait_for(lambda: page.pictures.samples is not None)
    page.make.count.turn({"count": 4, "batch": 4})
    return page


def press(button: QAbstractButton) -> None:
    assert button.isVisible() and button.isEnabled(), (button.accessibleName(), button.accessibleDescription())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def records(page: GeneratePage) -> list[SampleRecord]:
    samples = page.pictures.samples
    return [] if samples is None else samples.records(samples.keys())


def make(page: GeneratePage, wait_for: WaitFor) -> list[SampleRecord]:
    before = len(records(page))
    press(page.button)
    wait_for(lambda: not page.job.busy and len(records(page)) > before)
    return records(page)[: len(records(page)) - before]


def images(page: GeneratePage, made: list[SampleRecord]) -> list["np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"]:
    assert page.pictures.samples is not None
    return [read_image(page.pictures.samples.file(record.id)) for record in made]


def test_that_pictures_are_watched_while_they_are_drawn_and_looked_through_again(
    ready: GeneratePage, wait_for: WaitFor
) -> None:
    panel = ready.stage.drawing
    assert not panel.isVisible()
    press(ready.button)
    wait_for(panel.isVisible)
    wait_for(lambda: not ready.job.busy)
    assert 55 <= panel.slider.maximum() + 1 <= 62
    assert "Pixel 64 of 64" in texts(panel) and "bits a pixel" in texts(panel)
    panel.slider.setValue(0)
    assert "Pixel 1 of 64" in texts(panel)
    QTest.keyClick(panel.slider, Qt.Key.Key_Right)
    assert "Pixel 2 of 64" in texts(panel) or "Pixel 3 of 64" in texts(panel)
    press(panel.sides.button("over"))
    assert not panel.pair.map.isVisible()
    press(panel.close_button)
    assert not panel.isVisible()


def test_that_of_a_batch_drawn_in_several_goes_the_latest_is_shown_and_named(
    ready: GeneratePage, wait_for: WaitFor
) -> None:
    ready.make.count.turn({"count": 10, "batch": 4})
    make(ready, wait_for)
    assert "pictures 9 to 10 of this batch" in texts(ready.stage.drawing)
    ready.make.count.turn({"count": 4, "batch": 4})
    make(ready, wait_for)
    assert "of this batch" not in texts(ready.stage.drawing)


def test_that_a_drawing_goes_on_differently_from_where_the_slider_stands(
    ready: GeneratePage, wait_for: WaitFor
) -> None:
    drawn = images(ready, make(ready, wait_for))
    panel = ready.stage.drawing
    assert "everything is drawn" in panel.go_on.accessibleDescription()
    panel.slider.setValue(30)
    panel.choice.choose(2)
    wait_for(panel.go_on.isEnabled)
    press(panel.go_on)
    wait_for(lambda: not ready.job.busy and len(records(ready)) == 12)
    made = records(ready)[:8]
    recipes = [Recipe.model_validate_json(record.recipe) for record in made]
    assert {recipe.ability for recipe in recipes} == {"complete"}
    prefix = first(30, 8, 8)
    others = images(ready, made)
    assert all(np.array_equal(other[prefix], drawn[2][prefix]) for other in others)
    assert any(not np.array_equal(other, drawn[2]) for other in others)


def test_that_a_painted_part_of_a_picture_of_the_data_is_completed(
    ready: GeneratePage, context: UiContext, run: RunRecord, wait_for: WaitFor
) -> None:
    ready.make.choose_tool("complete")
    assert "Choose a picture first" in ready.button.accessibleDescription()
    press(ready.make.given.from_data)
    picker = ready.chooser.picker
    assert picker is not None
    wait_for(lambda: picker.gallery.count() == 48)
    picker.gallery.go(5)
    press(picker.button)
    wait_for(lambda: ready.make.given.given() is not None)
    picture = dataset_picture(context.workspace, run.id, 5)
    given = ready.make.given.given()
    assert given is not None and np.array_equal(given.picture, picture) and given.known[:4].all()
    press(ready.make.given.left)
    wait_for(lambda: "reading order" in texts(ready.make.given))
    made = make(ready, wait_for)
    known = keep("left", 8, 8)
    assert len(made) == 4 and all(np.array_equal(one[known], picture[known]) for one in images(ready, made))
    press(ready.make.given.top)
    wait_for(lambda: "reading order" not in texts(ready.make.given))


def test_that_a_completion_is_made_again_and_its_settings_taken_over(ready: GeneratePage, wait_for: WaitFor) -> None:
    ready.make.choose_tool("complete")
    picture = np.full((8, 8, 1), 90, np.uint8)
    ready.make.given.show_given(Given(picture, keep("0.4", 8, 8)), "grey")
    make(ready, wait_for)
    ready.make.given.show_picture(None)
    ready.pictures.gallery.go(1)
    wait_for(ready.inspector.again.isVisible)
    assert "Given" not in texts(ready.inspector)
    press(ready.inspector.again)
    wait_for(lambda: "every pixel is the same" in texts(ready.inspector))
    press(ready.inspector.use)
    wait_for(lambda: ready.make.given.given() is not None)
    given = ready.make.given.given()
    assert given is not None and np.array_equal(given.known, keep("0.4", 8, 8)) and (given.picture == 90).all()


def test_that_a_dropped_file_and_a_chosen_picture_can_be_given(
    ready: GeneratePage, context: UiContext, tmp_path: Path, wait_for: WaitFor
) -> None:
    ready.make.choose_tool("surprise")
    Image.new("RGB", (40, 20), (10, 20, 30)).save(tmp_path / "drop.jpg")
    drop(ready.make.given.canvas, tmp_path / "drop.jpg")
    wait_for(lambda: ready.make.given.given() is not None)
    (tmp_path / "bad.png").write_text("no picture")
    drop(ready.make.given.canvas, tmp_path / "bad.png")
    wait_for(lambda: any("bad.png" in text for text in context.toasts.texts()))
    ready.make.choose_tool("sample")
    made = images(ready, make(ready, wait_for))
    ready.make.choose_tool("surprise")
    ready.pictures.gallery.go(1)
    press(ready.make.given.from_gallery)
    wait_for(lambda: np.array_equal(ready.make.given.canvas.picture, made[1]))  # type: ignore[arg-type]
    press(ready.button)
    wait_for(ready.stage.surprise.isVisible)
    assert "bits per dimension" in texts(ready.stage.surprise)


def test_that_the_ends_of_the_ranking_are_shown_and_one_of_them_surprises(
    ready: GeneratePage, wait_for: WaitFor
) -> None:
    ready.make.choose_tool("surprise")
    assert not ready.make.count.isVisible() and not ready.make.chance.seed.isVisible()
    press(ready.make.rank)
    ranking = ready.stage.ranking
    wait_for(ranking.isVisible)
    assert "48 pictures" in texts(ranking)
    ranking.least.setFocus()
    QTest.keyClick(ranking.least, Qt.Key.Key_Right)
    QTest.keyClick(ranking.least, Qt.Key.Key_Return)
    wait_for(ready.stage.surprise.isVisible)
    assert not ranking.isVisible() and ready.make.given.given() is not None


def test_that_labels_are_named_for_one_picture_and_counted_for_many(ready: GeneratePage, wait_for: WaitFor) -> None:
    ready.make.choose_tool("surprise")
    press(ready.make.name_labels)
    wait_for(ready.stage.naming.isVisible)
    assert not ready.stage.surprise.isVisible() and "10 held-out pictures" in texts(ready.stage.naming)
    (_, own), (_, plain), (_, chance) = ready.stage.naming.bars.shares
    assert 0 <= own <= 1 and plain > 0.7 and chance >= 0.5
    ready.make.given.show_picture(np.full((8, 8, 1), 90, np.uint8))
    press(ready.button)
    wait_for(ready.stage.surprise.isVisible)
    shares = ready.stage.surprise.labels.shares
    assert {name for name, _ in shares} == {"falling", "rising"}
    assert sum(share for _, share in shares) == pytest.approx(1) and shares[0][1] >= shares[1][1]
    assert "falling" in ready.stage.surprise.labels.accessibleDescription()


def test_that_a_model_without_these_abilities_offers_none_of_them(
    ready: GeneratePage, context: UiContext, run: RunRecord, wait_for: WaitFor
) -> None:
    ready.make.choose_tool("complete")
    other = make_run(context.workspace, run.dataset)
    train(context.workspace, other.id)
    ready.shown()
    wait_for(lambda: ready.make.source.count() == 2)
    ready.make.choose_run(other.id)
    ready.pictures.show_run(other.id)
    assert ready.make.tool.value == "sample" and not ready.make.given.isVisible()
    make(ready, wait_for)
    assert not ready.stage.drawing.isVisible()


def test_that_the_mask_is_painted_by_mouse_and_by_keys(qtbot: object) -> None:
    canvas = MaskCanvas("canvas")
    canvas.resize(80, 80)
    canvas.show_picture(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), bool))
    canvas.show()
    changes: list[int] = []
    canvas.changed.connect(lambda: changes.append(int(canvas.known.sum())))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(25, 25))
    QTest.mouseMove(canvas, QPoint(55, 25))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(55, 25))
    assert canvas.known[1:4, 1:7].all() and canvas.known.sum() == 18 and changes == [18]
    QTest.mouseClick(canvas, Qt.MouseButton.RightButton, pos=QPoint(25, 25))
    assert canvas.known.sum() == 9
    canvas.brush = 1
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert canvas.known[3, 2] and canvas.known.sum() == 10
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.known.sum() == 9
    canvas.painting = False
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(75, 75))
    assert canvas.known.sum() == 9
    canvas.grab()
    canvas.close()
    canvas.deleteLater()


def test_that_choices_are_told_to_screen_readers(qtbot: object) -> None:
    choice = PictureChoice("Pictures", captioned=True)
    choice.resize(400, 100)
    taken: list[int] = []
    choice.taken.connect(taken.append)
    assert choice.accessibleDescription() == ""
    choice.show_images([QImage(4, 4, QImage.Format.Format_RGB32) for _ in range(3)], ["0.1", "0.2", "0.3"])
    choice.show()
    QTest.keyClick(choice, Qt.Key.Key_Right)
    assert choice.accessibleDescription() == "Picture 2 of 3, 0.2"
    QTest.keyClick(choice, Qt.Key.Key_Space)
    QTest.mouseClick(choice, Qt.MouseButton.LeftButton, pos=QPoint(130, 20))
    assert taken == [1, 2]
    choice.grab()
    choice.close()
    choice.deleteLater()


def test_that_a_take_keeps_sixty_frames_of_a_few_pictures_however_many_come() -> None:
    take = Take()
    for done in range(1, 4097):
        take.add(Drawing(np.full((20, 2, 2, 1), done % 256, np.uint8), None, done, 4096))
    assert len(take) == 61 and take[60].done == 4096 and take[60].pictures.shape == (16, 2, 2, 1)
    dones = [take[at].done for at in range(len(take))]
    assert dones == sorted(dones) and max(np.diff(dones)) < 140
    assert not take.follows(Drawing(np.zeros((20, 2, 2, 1), np.uint8), None, 1, 4096))


def test_that_only_drawing_in_reading_order_can_go_on_from_a_place() -> None:
    bits = np.zeros((1, 2, 3), np.float32)
    bits[0, 0] = 1
    pictures = np.zeros((1, 2, 3, 1), np.uint8)
    drawn = drawn_so_far(Drawing(pictures, bits, 3, 6))
    assert drawn is not None and drawn.tolist() == [[True] * 3, [False] * 3]
    assert drawn_so_far(Drawing(pictures, bits, 2, 6)) is None
    assert drawn_so_far(Drawing(pictures, None, 3, 6)) is None
    assert drawn_so_far(Drawing(pictures, bits, 3, 1000)) is None


def drop(widget: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    enter = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    event = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)
