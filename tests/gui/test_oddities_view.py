"""Finding odd pictures in the window, with a small real autoencoder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from genstudio.core.settings import RunSettings
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.training import create_run
from genstudio.store.records import RunRecord
from genstudio.ui.context import UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from tests.gui.conftest import WaitFor, texts
from tests.workshop import import_pictures, paint_pictures, train

Keep = Callable[[Page], Page]


@pytest.fixture
def run(context: UiContext, tmp_path: Path) -> RunRecord:
    dataset = import_pictures(context.workspace, paint_pictures(tmp_path / "pictures"))
    family = context.workspace.host.family("vae")
    config = family.presets["Draft"].replaced({"batch_size": 16, "latents": 4, "width": 8, "images": 1600})
    settings = RunSettings(seed=3, preview_count=4, heldout=0.2, device="cpu")
    record = create_run(context.workspace, family.name, config, dataset.id, settings)
    train(context.workspace, record.id)
    return record


@pytest.fixture
def ready(context: UiContext, run: RunRecord, drop_page: Keep, wait_for: WaitFor) -> GeneratePage:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1300, 1000)
    page.shown()
    wait_for(lambda: page.pictures.samples is not None)
    page.make.choose_tool("score-anomaly")
    return page


def test_that_the_oddest_pictures_are_shown_with_a_threshold(ready: GeneratePage, wait_for: WaitFor) -> None:
    assert not ready.make.count.isVisible() and not ready.make.rank.isVisible()
    QTest.mouseClick(ready.make.oddest, Qt.MouseButton.LeftButton)
    panel = ready.stage.oddities
    wait_for(panel.isVisible)
    said = texts(panel)
    assert "95% of 10 held-out pictures stay below" in said and "of 48 pictures of the data are above" in said
    assert "How far a picture is from its redrawing" in said
    first = panel.about.text()
    panel.strip.setFocus()
    QTest.keyClick(panel.strip, Qt.Key.Key_Right)
    assert panel.about.text() != first
    assert "threshold" in panel.spread.accessibleDescription()


def test_that_a_given_picture_is_judged(
    ready: GeneratePage, run: RunRecord, context: UiContext, wait_for: WaitFor
) -> None:
    assert not ready.button.isEnabled()
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 1), np.uint8)
    ready.make.given.show_picture(noise)
    assert ready.button.text() == "Say how odd it is"
    QTest.mouseClick(ready.button, Qt.MouseButton.LeftButton)
    panel = ready.stage.oddities
    wait_for(panel.isVisible)
    assert panel.verdict.text() == "Odd" and not panel.strip.isVisible()
    assert "no held-out picture is as odd" in panel.about.text()
    ready.make.given.show_picture(dataset_picture(context.workspace, run.id, 5))
    QTest.mouseClick(ready.button, Qt.MouseButton.LeftButton)
    wait_for(lambda: "are as odd or odder" in panel.about.text())


def test_that_a_label_is_asked_for_only_where_it_makes_a_difference(ready: GeneratePage) -> None:
    row = ready.make.source.label_row
    assert ready.make.source.labels() and not row.isVisible()
    ready.make.choose_tool("sample")
    assert row.isVisible()
    ready.make.choose_tool("score-anomaly")
    assert not row.isVisible()
