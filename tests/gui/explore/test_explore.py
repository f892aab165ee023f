"""Explore, with a real studio: the map and what is under the mouse, the tray, opening and stopping."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from genstudio.generation.export import read_image, read_recipe
from genstudio.jobs.generating import make_again
from genstudio.store.records import RunRecord
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.pages.explore import ExplorePage
from genstudio.ui.pages.explore.picks import MOST
from tests.gui.conftest import WaitFor, press, texts
from tests.gui.explore.conftest import kept, samples
from tests.workshop import make_run

CANARY = "<img src='x'><b>bold</b>"


def test_that_without_a_latent_space_the_page_says_which_models_have_one(
    page: ExplorePage, gone_to: list[tuple[Place, Subject | None]]
) -> None:
    page.shown()
    assert "No model to explore yet" in texts(page) and "Eigenpictures" in texts(page)
    press(next(button for button in page.findChildren(QAbstractButton) if button.text() == "Train a model"))
    assert gone_to == [(Place.TRAIN, None)]


def test_that_the_picture_follows_the_mouse_over_the_map(ready: ExplorePage, wait_for: WaitFor) -> None:
    canvas = ready.map.canvas
    QTest.mouseMove(canvas, QPoint(300, 200))
    QTest.mouseMove(canvas, QPoint(310, 230))
    wait_for(lambda: ready.map.picture.count() == 1 and ready.map.nearest.count() == 1)
    assert ready.map._name.text()


def test_that_a_place_of_the_map_is_pinned_taken_and_kept(ready: ExplorePage, wait_for: WaitFor) -> None:
    canvas = ready.map.canvas
    assert canvas.pin is not None and ready.map.add.isEnabled()  # it begins where the tray's current picture lies
    first = canvas.pin
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(260, 180))
    assert canvas.pin not in (None, first)
    press(ready.map.add)
    wait_for(lambda: len(ready.desk.picks) == 5)
    assert ready.desk.picks.items[4].about.startswith("Map, at")
    press(ready.map.keep_button)
    wait_for(lambda: len(samples(ready)) == 1 and kept(ready))
    record = samples(ready)[0]
    path = ready.context.workspace.project.path(record.file)
    recipe = read_recipe(path)
    assert recipe is not None
    again = ready.context.studio.on_device(make_again, ready.context.workspace, recipe).result(20)
    assert np.array_equal(again, read_image(path)) and np.array_equal(again, ready.desk.picks.items[4].image)
    ready.context.toasts.undo_latest()
    wait_for(lambda: not samples(ready))


def test_that_the_map_can_be_played_with_by_keys_alone(ready: ExplorePage, wait_for: WaitFor) -> None:
    canvas = ready.map.canvas
    canvas.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Plus, Qt.Key.Key_Home):
        QTest.keyClick(canvas, key)
    assert canvas.pin is not None
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    wait_for(lambda: len(ready.desk.picks) == 5)


def test_that_zooming_keeps_the_place_under_the_mouse(ready: ExplorePage) -> None:
    canvas = ready.map.canvas
    before = canvas.place_of(QPointF(200, 150))
    canvas.zoom(3, QPointF(200, 150))
    assert canvas.place_of(QPointF(200, 150)) == pytest.approx(before, abs=1e-6)
    canvas.grab()
    QTest.mousePress(canvas, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    QTest.mouseMove(canvas, QPoint(140, 90))
    QTest.mouseRelease(canvas, Qt.MouseButton.RightButton, pos=QPoint(140, 90))
    assert canvas.place_of(QPointF(240, 140)) == pytest.approx(before, abs=1e-5)


def test_that_the_map_shows_what_lies_everywhere(ready: ExplorePage, wait_for: WaitFor) -> None:
    press(ready.map.show_as.button("everywhere"))
    wait_for(lambda: (tiles := ready.map.canvas.look.tiles) is not None and None not in tiles.images)
    before = ready.map.canvas.look.tiles
    ready.map.canvas.zoom(2)
    wait_for(lambda: (tiles := ready.map.canvas.look.tiles) is not before and tiles is not None and any(tiles.images))
    ready.map.canvas.grab()
    press(ready.map.show_as.button("pictures"))
    ready.map.canvas.grab()
    press(ready.map.layouts.button("axes"))
    wait_for(lambda: "axes" in ready.desk.session.maps)


def test_that_pictures_on_the_map_do_not_cover_one_another(ready: ExplorePage, wait_for: WaitFor) -> None:
    from genstudio.ui.pages.explore.map_layer import Layer, Look, View

    wait_for(lambda: ready.map.canvas.look.atlas is not None)
    found, canvas = ready.desk.session.maps["neighbours"], ready.map.canvas
    look = Look(canvas.look.atlas, None, show="pictures")
    layer = Layer(canvas, found, look, np.zeros(len(found), bool), View(0, 0, 150), 1.0)
    shown, edge = layer._pictured(), layer._edge()
    places = np.stack([layer._x[shown], layer._y[shown]], 1)
    apart = np.abs(places[:, None] - places).max(2) + np.eye(len(shown)) * 1000
    assert len(shown) > 3 and apart.min() >= edge * 0.999


def test_that_all_of_it_works_while_a_run_trains(ready: ExplorePage, run: RunRecord, wait_for: WaitFor) -> None:
    context = ready.context
    other = make_run(context.workspace, run.dataset, images=10_000_000)
    training = context.studio.start_training(other.id, lambda _: None)
    wait_for(training.future.running)
    QTest.mouseMove(ready.map.canvas, QPoint(200, 300))
    QTest.mouseClick(ready.map.canvas, Qt.MouseButton.LeftButton, pos=QPoint(210, 310))
    wait_for(lambda: ready.map.picture.count() == 1)
    press(ready.map.add)
    wait_for(lambda: len(ready.desk.picks) == 5)
    ready.desk.session.open(run.id)
    wait_for(lambda: "neighbours" in ready.desk.session.maps)
    assert context.studio.training is not None
    assert context.studio.stop_training()


def test_that_stop_ends_the_map_and_nothing_that_a_part_waits_for(ready: ExplorePage, wait_for: WaitFor) -> None:
    """Stop in the bar below belongs to the map; children on their way were lost with it, and waited for for ever."""
    session, evolve = ready.desk.session, ready.evolve
    ready.go_part("evolve")
    wait_for(lambda: len(evolve.line) == 1)
    session.begin_survey("imagined")
    evolve.breed_from(evolve.line[0].picks[:2], seed=8)
    work = ready.context.activity.work
    assert work is not None and work.text == "Looking at the pictures" and not evolve.breed.isEnabled()
    work.cancel()
    wait_for(lambda: len(evolve.line) == 2 and evolve.afresh.isEnabled())
    assert session.survey is None and ready.context.activity.work is None
    ready.go_part("map")
    wait_for(lambda: "neighbours" in session.maps)


def test_that_stopping_a_model_that_is_being_opened_opens_nothing(ready: ExplorePage, wait_for: WaitFor) -> None:
    session, run = ready.desk.session, ready.desk.session.run
    session.open(run)
    work = ready.context.activity.work
    assert work is not None and work.text == "Opening the model"
    work.cancel()
    ready.context.studio.on_device(lambda: None).result(20)
    ready.context.bridge.drain_all()
    assert session.space is None and ready.context.activity.work is None
    ready.go_part("map")
    assert "Opening the model was stopped. Choose its run again to open it." in texts(ready)
    session.open(run)
    assert "was stopped" not in texts(ready)
    wait_for(lambda: session.space is not None and len(ready.desk.picks) == 4)


def test_that_a_dropped_picture_is_found_and_drawn_again(ready: ExplorePage, wait_for: WaitFor, tmp_path: Path) -> None:
    file = tmp_path / f"{CANARY.replace('/', '')}.png"
    picture = np.full((8, 8), 90, np.uint8)
    picture[:4] = 200
    Image.fromarray(picture).save(file)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    ready.dropEvent(
        QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    wait_for(lambda: len(ready.desk.picks) == 5)
    pick = ready.desk.picks.items[4]
    assert pick.given is not None and pick.given.shape == pick.image.shape == (8, 8, 1)
    assert len(ready.map.canvas.overlay.marks) == 5
    assert ready.map.pair.isVisible() and ready.map.pair.count() == 2
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in ready.tray.findChildren(QLabel))


def test_that_pictures_of_the_data_come_into_the_tray(ready: ExplorePage, wait_for: WaitFor) -> None:
    ready.desk.add_place(3)
    wait_for(lambda: len(ready.desk.picks) == 5)
    assert ready.desk.picks.items[4].given is not None


def test_that_pictures_with_a_star_come_into_the_tray(ready: ExplorePage, wait_for: WaitFor) -> None:
    ready.desk.add_starred()
    wait_for(lambda: "star" in " ".join(ready.context.toasts.texts()))
    ready.desk.keep([ready.desk.picks.items[0].point])
    wait_for(lambda: len(samples(ready)) == 1 and kept(ready))
    project = ready.context.project
    assert project is not None
    project.star(samples(ready)[0].id, True)
    ready.desk.add_starred()
    wait_for(lambda: len(ready.desk.picks) == 5)
    assert np.array_equal(ready.desk.picks.items[4].point.latent, ready.desk.picks.items[0].point.latent)


def test_that_a_picture_from_elsewhere_is_in_the_tray_on_arrival(ready: ExplorePage, wait_for: WaitFor) -> None:
    ready.desk.keep([ready.desk.picks.items[1].point])
    wait_for(lambda: len(samples(ready)) == 1 and kept(ready))
    project, sample = ready.context.project, samples(ready)[0]
    assert project is not None
    ready.shown()
    ready.show_subject(Subject(SubjectKind.PICTURE, sample.run, project.path(sample.file)))
    wait_for(lambda: len(ready.desk.picks) == 5)
    assert np.array_equal(ready.desk.picks.items[4].image, ready.desk.picks.items[1].image)
    ready.shown()
    wait_for(lambda: not ready.desk.session.doing)
    assert len(ready.desk.picks) == 5


def test_that_the_tray_is_ordered_emptied_and_brought_back(ready: ExplorePage, wait_for: WaitFor) -> None:
    strip, items = ready.tray.strip, ready.desk.picks.items
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert list(ready.desk.picks.items) == [items[0], items[1], items[3], items[2]]
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    assert list(ready.desk.picks.items) == [items[0], items[1], items[2]]
    ready.context.toasts.undo_latest()
    assert len(ready.desk.picks) == 4
    press(ready.tray.clear)
    assert not len(ready.desk.picks) and not ready.tray.clear.isEnabled()
    ready.context.toasts.undo_latest()
    ready.desk.add_random(MOST)
    wait_for(lambda: len(ready.desk.picks) == MOST)
    assert not ready.tray.random.isEnabled()


def test_that_every_part_has_names_for_all_controls(ready: ExplorePage) -> None:
    for name in ready.parts:
        ready.go_part(name)
        for button in ready.findChildren(QAbstractButton):
            assert button.accessibleName() or not button.isVisible(), f"{name}: {button.text()}"


def test_that_a_newer_state_draws_the_same_points_anew(ready: ExplorePage, wait_for: WaitFor) -> None:
    before = [pick.point for pick in ready.desk.picks.items]
    ready.desk.reopen()
    assert not len(ready.desk.picks) and not ready.tray.random.isEnabled()
    wait_for(lambda: len(ready.desk.picks) == 4)
    assert [pick.point for pick in ready.desk.picks.items] == before
    wait_for(lambda: not ready.desk.session.doing)


def test_that_a_model_that_cannot_be_opened_says_so_in_its_place(
    page: ExplorePage, run: RunRecord, context: UiContext, wait_for: WaitFor
) -> None:
    for file in context.workspace.project.folder.glob("runs/*/checkpoints/*"):
        file.write_bytes(b"nothing")
    page.shown()
    wait_for(lambda: "none of which is whole" in texts(page))
    assert not page.tray.random.isEnabled()


def test_that_another_project_leaves_nothing_of_the_one_before(
    ready: ExplorePage, context: UiContext, tmp_path: Path, wait_for: WaitFor
) -> None:
    ready.map.canvas.zoom(2)
    context.studio.create_project(tmp_path / "other")
    ready.project_changed()
    assert ready.desk.session.space is None and not len(ready.desk.picks)
    assert "No model to explore yet" in texts(ready)
    ready.shown()
    wait_for(lambda: True)


def test_that_closing_in_the_middle_of_a_survey_is_clean(page: ExplorePage, run: RunRecord, wait_for: WaitFor) -> None:
    page.shown()
    wait_for(lambda: page.desk.session.space is not None)
    page.closing()
    assert page.desk.session.survey is None


def test_that_the_tray_is_as_it_was_when_the_run_is_opened_again(
    ready: ExplorePage, run: RunRecord, wait_for: WaitFor
) -> None:
    ready.desk.add_random(2)
    wait_for(lambda: len(ready.desk.picks) == 6)
    ready.desk.put(ready.desk.picks.at(1))
    before = ready.desk.picks
    ready.desk.session.open(run.id)
    assert not ready.desk.picks.items
    wait_for(lambda: len(ready.desk.picks) == 6)
    after = ready.desk.picks
    assert after.current == 1 and [pick.about for pick in after.items] == [pick.about for pick in before.items]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(after.items, before.items, strict=True))
