"""Explore, with a real studio: sliders, grids, walks, generations."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from genstudio.generation.export import read_image, read_recipe
from genstudio.generation.video import video_problem
from genstudio.ui.pages.explore import ExplorePage
from tests.gui.conftest import WaitFor, press, texts
from tests.gui.explore.conftest import kept, samples


def test_that_chosen_pictures_become_a_slider(ready: ExplorePage, wait_for: WaitFor) -> None:
    canvas, shift = ready.map.canvas, Qt.KeyboardModifier.ShiftModifier
    middle = QPoint(canvas.width() // 2, canvas.height() - 5)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, shift, QPoint(5, 5))
    QTest.mouseMove(canvas, middle)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, shift, middle)
    chosen = int(canvas.chosen.sum())
    assert 0 < chosen < 48
    press(ready.map.slider)
    assert ready.part is ready.sliders and ready.sliders.rows[0].meaning.name == f"{chosen} chosen on the map"
    wait_for(lambda: ready.sliders.result.count() == 1)


def test_that_sliders_move_the_picture_and_their_result_is_made_again(ready: ExplorePage, wait_for: WaitFor) -> None:
    ready.go_part("sliders")
    ready.sliders.add_label("rising")
    ready.sliders.add_tray()
    base = ready.desk.picks.chosen
    assert base is not None and ready.sliders.point() is not None
    ready.sliders.rows[0].amount.set_value(2)
    ready.sliders.rows[1].amount.set_value(-1)
    ready.sliders.rows[0].turned.emit()
    point = ready.sliders.point()
    assert point is not None and point.about == f"{base.about} → rising +2.00, The 4 pictures of the tray -1.00"
    assert not np.array_equal(point.latent, base.point.latent)
    press(ready.sliders.keep_button)
    wait_for(lambda: len(samples(ready)) == 1 and kept(ready))
    recipe = read_recipe(ready.context.workspace.project.path(samples(ready)[0].file))
    assert recipe is not None and recipe.extra["about"] == point.about
    press(ready.sliders.to_tray)
    wait_for(lambda: len(ready.desk.picks) == 5)


def test_that_sliders_taken_away_or_set_to_zero_come_back(ready: ExplorePage) -> None:
    ready.go_part("sliders")
    ready.sliders.add_label("rising")
    ready.sliders.rows[0].amount.set_value(1.5)
    press(ready.sliders.reset)
    assert ready.sliders.rows[0].amount.value() == 0
    ready.context.toasts.undo_latest()
    assert ready.sliders.rows[0].amount.value() == 1.5
    ready.sliders.rows[0].unwanted.emit()
    assert not ready.sliders.rows
    ready.context.toasts.undo_latest()
    assert [row.amount.value() for row in ready.sliders.rows] == [1.5]
    ready.sliders.kind.button("boundary").click()
    assert ready.sliders.rows[0].direction.sigma > 0


def test_that_a_grid_is_drawn_between_the_first_four_pictures(
    ready: ExplorePage, wait_for: WaitFor, tmp_path: Path
) -> None:
    ready.go_part("grid")
    ready.grid.side_field.set_value(4)
    ready.grid.side_field.changed.emit(4)
    wait_for(lambda: ready.grid.view.count() == 16 and ready.grid.view.is_whole())
    ready.grid.export_to(tmp_path / "grid.png")
    wait_for(lambda: (tmp_path / "grid.png").is_file())
    sheet = read_image(tmp_path / "grid.png").astype(int)
    corner = ready.desk.picks.items[0].image
    assert np.abs(sheet[2:10, 2:10] - corner).max() <= 1
    ready.grid.view.setFocus()
    QTest.keyClick(ready.grid.view, Qt.Key.Key_Down)
    QTest.keyClick(ready.grid.view, Qt.Key.Key_Return)
    wait_for(lambda: len(ready.desk.picks) == 5)
    ready.desk.clear()
    assert "four corners" in texts(ready.grid.side) and not ready.grid.add.isEnabled()


def test_that_a_grid_is_not_exported_before_it_is_laid_out(
    ready: ExplorePage, wait_for: WaitFor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(ready.context.toasts, "problem", said.append)
    ready.go_part("grid")
    ready.grid.side_field.set_value(5)
    ready.grid.side_field.changed.emit(5)
    assert not ready.grid.export.isEnabled() and "being laid out" in ready.grid.export.toolTip()
    ready.grid.export_to(tmp_path / "early.png")  # the file was being chosen while the tray changed
    wait_for(ready.grid.export.isEnabled)
    assert len(said) == 1 and "being laid out" in said[0] and not (tmp_path / "early.png").exists()
    ready.grid.export_to(tmp_path / "grid.png")
    wait_for(lambda: (tmp_path / "grid.png").is_file())
    assert len(said) == 1


def test_that_a_walk_plays_rests_and_is_written(ready: ExplorePage, wait_for: WaitFor, tmp_path: Path) -> None:
    ready.walk.frames.set_value(10)
    ready.go_part("walk")
    wait_for(lambda: ready.walk.gif.isEnabled())
    wait_for(lambda: ready.walk.scrub.value() > 1)
    press(ready.walk.play)
    assert not ready.walk.playing
    ready.walk.edge.set_value(64)
    ready.walk.export_to(tmp_path / "walk.gif")
    wait_for(lambda: (tmp_path / "walk.gif").is_file())
    with Image.open(tmp_path / "walk.gif") as film:
        assert getattr(film, "n_frames", 1) == 10 and film.size == (64, 64)
    assert ready.walk.mp4.isEnabled() == (not video_problem())
    ready.walk.keep()
    wait_for(lambda: len(samples(ready)) == 1 and kept(ready))


def test_that_without_the_library_mp4_says_what_is_missing(ready: ExplorePage, wait_for: WaitFor) -> None:
    ready.walk._mp4_problem = "MP4 needs a library."
    ready.walk.frames.set_value(8)
    ready.go_part("walk")
    wait_for(lambda: ready.walk.gif.isEnabled())
    assert not ready.walk.mp4.isEnabled() and "MP4 needs a library." in ready.walk.mp4.toolTip()


def test_that_favourites_have_children_and_the_line_can_be_walked_back(ready: ExplorePage, wait_for: WaitFor) -> None:
    evolve = ready.evolve
    ready.go_part("evolve")
    wait_for(lambda: len(evolve.line) == 1)
    assert not evolve.breed.isEnabled()
    evolve.view.setFocus()
    QTest.keyClick(evolve.view, Qt.Key.Key_Space)
    QTest.keyClick(evolve.view, Qt.Key.Key_Right)
    QTest.keyClick(evolve.view, Qt.Key.Key_Space)
    press(evolve.breed)
    wait_for(lambda: len(evolve.line) == 2)
    assert [pick.point for pick in evolve.line[1].parents] == [pick.point for pick in evolve.line[0].picks[:2]]
    ready.context.toasts.undo_latest()
    assert evolve.at == 0 and evolve.line[0].favourites == {0, 1}
    press(evolve.forth)
    assert evolve.at == 1
    press(evolve.back)
    press(evolve.keep_button)
    wait_for(lambda: len(samples(ready)) == 2 and kept(ready))


def test_that_the_same_seed_gives_the_same_generations(ready: ExplorePage, wait_for: WaitFor) -> None:
    lines = []
    for _ in range(2):
        ready.evolve.line = []
        ready.evolve.begin_by_chance(7)
        wait_for(lambda: len(ready.evolve.line) == 1)
        ready.evolve.breed_from(ready.evolve.line[0].picks[:3], seed=8)
        wait_for(lambda: len(ready.evolve.line) == 2)
        lines.append([pick.point.latent.tobytes() for pick in ready.evolve.line[1].picks])
    assert lines[0] == lines[1]


def test_that_an_exported_grid_brings_its_corners_back(ready: ExplorePage, wait_for: WaitFor, tmp_path: Path) -> None:
    ready.go_part("grid")
    wait_for(lambda: ready.grid.view.count() == 49 and ready.grid.export.isEnabled())
    corners = [pick.point.flat.tobytes() for pick in ready.desk.picks.items]
    ready.grid.export_to(tmp_path / "grid.png")
    wait_for((tmp_path / "grid.png").exists)
    ready.desk.clear()
    ready.desk.add_file(tmp_path / "grid.png")
    wait_for(lambda: len(ready.desk.picks) == 4)
    assert [pick.point.flat.tobytes() for pick in ready.desk.picks.items] == corners
    ready.context.toasts.undo_latest()
    assert not ready.desk.picks.items


def test_that_a_slider_holds_on_to_zero_and_a_double_click_brings_it_back(ready: ExplorePage) -> None:
    ready.go_part("sliders")
    ready.sliders.add_label(ready.desk.session.classes[0])
    amount = ready.sliders.rows[0].amount
    amount.slider.setSliderDown(True)
    for position, value in ((505, 0.0), (700, 1.2), (492, 0.0)):
        amount.slider.setSliderPosition(position)
        assert amount.value() == pytest.approx(value)
    amount.slider.setSliderDown(False)
    amount.set_value(2.0)
    QTest.mouseDClick(amount.slider, Qt.MouseButton.LeftButton)
    assert amount.value() == 0.0
    assert not amount.grab().isNull()
