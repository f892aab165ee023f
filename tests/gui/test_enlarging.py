"""Enlarging pictures in the window, with a tiny real upscaler."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.watching import never, untold
from genstudio.store.records import RunRecord
from genstudio.ui.context import UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from genstudio.ui.views.small_and_large import SmallAndLarge
from tests.gui.conftest import WaitFor
from tests.pixel_runs import pixel_run
from tests.upscaler_runs import upscaler_run
from tests.workshop import import_pictures, paint_pictures

Keep = Callable[[Page], Page]


@pytest.fixture
def runs(context: UiContext, tmp_path: Path) -> tuple[RunRecord, RunRecord]:
    dataset = import_pictures(context.workspace, paint_pictures(tmp_path / "pictures"))
    upscaler = upscaler_run(context.workspace, dataset.id)
    drawing = pixel_run(context.workspace, dataset.id, images=16)
    asked = GenerateRequest(drawing.id, None, 1, 0, 1)
    generate(context.workspace, asked, progress=untold, on_samples=lambda _: None, cancelled=never)
    return upscaler, drawing


@pytest.fixture
def page(context: UiContext, runs: tuple[RunRecord, RunRecord], drop_page: Keep, wait_for: WaitFor) -> GeneratePage:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1300, 1000)
    page.shown()
    wait_for(lambda: page.pictures.samples is not None)
    return page


def test_that_a_file_is_enlarged_from_its_own_size_and_seen_beside_it(
    page: GeneratePage, context: UiContext, runs: tuple[RunRecord, RunRecord], tmp_path: Path, wait_for: WaitFor
) -> None:
    Image.fromarray(np.arange(12 * 20, dtype=np.uint8).reshape(12, 20)).save(tmp_path / "small.png")
    page.make.choose_run(runs[0].id)
    page.pictures.show_run(runs[0].id)
    assert page.make.tool == "upscale" and page.button.text() == "Upscale"
    assert "Choose a picture first" in page.button.accessibleDescription()
    page.chooser.take_file(tmp_path / "small.png")
    wait_for(lambda: page.make.given.given() is not None)
    assert page.make.ways.isVisible() and not page.make.count.isVisible() and not page.make.source.label_row.isVisible()
    page.make.ways.turn({"ways": 2})
    page.button.click()
    assert page.stage.enlarged.isVisible()
    wait_for(lambda: not page.job.busy and page.pictures.gallery.count() == 2)
    wait_for(lambda: page.stage.enlarged.choice.isVisible())
    made = context.workspace.project.samples(runs[0].id)
    recipe = Recipe.model_validate_json(made[0].recipe)
    assert recipe.ability == "upscale"
    assert read_image(context.workspace.project.path(made[0].file)).shape == (24, 40, 1)
    page.make.given.show_picture(None)
    page.make.ways.turn({"ways": 1})
    page.inspector.use_wanted.emit(recipe)
    wait_for(lambda: page.make.given.given() is not None)
    request = page.make.request()
    assert request is not None and getattr(request, "count", None) == 2
    assert getattr(request, "picture", np.zeros(0)).shape == (12, 20, 1)


def test_that_a_picture_of_another_run_is_taken_to_the_upscaler(
    page: GeneratePage, runs: tuple[RunRecord, RunRecord], wait_for: WaitFor
) -> None:
    page.make.choose_run(runs[1].id)
    page.pictures.show_run(runs[1].id)
    assert not page.enlarge.isEnabled() and "Choose a picture" in page.enlarge.toolTip()
    wait_for(lambda: page.pictures.gallery.count() == 1)
    page.pictures.gallery.step(1)
    wait_for(page.enlarge.isEnabled)
    page.enlarge.trigger()
    wait_for(lambda: page.make.given.given() is not None)
    assert page.make.run() == runs[0].id and page.make.tool == "upscale"


def test_that_large_pictures_are_seen_in_part_and_moved_together(qtbot: QtBot) -> None:
    view = SmallAndLarge("pair")
    qtbot.addWidget(view)
    view.resize(2 * 100 + 16, 100)
    small = np.zeros((100, 100, 3), np.uint8)
    small[:50, :50], small[50:, 50:] = (255, 0, 0), (0, 255, 0)
    view.show_small(small)
    view.show_large(small.repeat(2, 0).repeat(2, 1))
    view.show()
    assert view.in_part
    for at, colour in ((QPointF(0, 0), "#ff0000"), (QPointF(1, 1), "#00ff00")):
        view.move_to(at)
        image = view.grab().toImage()
        assert image.pixelColor(50, 50).name() == image.pixelColor(166, 50).name() == colour
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.at.x() == pytest.approx(0.7) and view.at.y() == pytest.approx(0.75)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    QTest.mouseMove(view, view.rect().center() + QPointF(200, 200).toPoint())
    assert view.at == QPointF(0.25, 0.25)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton)
