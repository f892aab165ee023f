"""Quality in the window: columns and card in Runs, the copy check in Generate, the note before an export."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from genstudio.core.recipe import Recipe
from genstudio.data.dataset import ImageDataset, split
from genstudio.generation.export import write_png
from genstudio.jobs.quality_words import MEASURES
from genstudio.store.records import RunRecord, SampleRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.runs_table import SORT_ROLE, Column
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from genstudio.ui.pages.generate.exporting import Export
from genstudio.ui.pages.runs import RunsPage
from tests.gui.conftest import WaitFor, press, texts
from tests.workshop import import_pictures, make_run, new_workspace, paint_pictures, train

Keep = Callable[[Page], Page]


@pytest.fixture(scope="module")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a trained run, and two samples: one is a training picture, the other plain grey."""
    folder = tmp_path_factory.mktemp("copied")
    workspace = new_workspace(folder / "project")
    dataset = import_pictures(workspace, paint_pictures(folder / "pictures"))
    run = make_run(workspace, dataset.id)
    train(workspace, run.id)
    project = workspace.project
    images = ImageDataset.open(project.path(dataset.folder))
    training, _ = split(len(images), images.fingerprint, 0.1)
    for index, picture in enumerate((images.image(int(training[3])), np.full((8, 8, 1), 127, np.uint8))):
        recipe = Recipe(
            family=run.family, run=run.id, checkpoint="c", images_seen=640, seed=1, index=index, count=2, batch=2
        )
        file = f"samples/{run.id}/{index}.png"
        project.path(file).parent.mkdir(exist_ok=True, parents=True)
        write_png(project.path(file), picture, recipe)
        record = SampleRecord(f"s{index}", run.id, file, recipe.model_dump_json(), float(index), False, 8, 8)
        project.add_samples([record])
    project.close()
    return folder / "project"


@pytest.fixture
def runs(context: UiContext, run: RunRecord, drop_page: Keep, wait_for: WaitFor) -> RunsPage:
    page = RunsPage(context)
    drop_page(page)
    page.resize(1500, 1000)
    page.shown()
    wait_for(lambda: page.panel.isVisibleTo(page) and bool(page.table.chosen()))
    return page


@pytest.fixture
def generate(context: UiContext, run: RunRecord, drop_page: Keep, wait_for: WaitFor) -> GeneratePage:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1200, 1100)
    page.shown()
    wait_for(lambda: page.pictures.samples is not None and page.pictures.gallery.count() == 2)
    return page


def choose(page: GeneratePage, key: str) -> None:
    assert page.pictures.samples is not None
    page.pictures.gallery.go(list(page.pictures.samples.keys()).index(key))


def test_that_evaluating_fills_the_card_and_the_columns(runs: RunsPage, wait_for: WaitFor) -> None:
    card, model = runs.panel.quality, runs.model
    assert not card.isVisibleTo(runs)
    assert model.data(model.index(0, Column.PRECISION)) == ""
    assert "Evaluate the run" in str(model.data(model.index(0, Column.COPIES), Qt.ItemDataRole.ToolTipRole))
    runs.panel.samples.set_value("100")
    press(runs.panel.evaluate)
    wait_for(lambda: not runs.job.busy and card.isVisibleTo(runs))
    assert "look like yours" in texts(card)
    assert "near copies" in texts(card)
    assert "100 pictures made at 640 images seen" in texts(card)
    wait_for(lambda: str(model.data(model.index(0, Column.PRECISION))).endswith("%"))
    assert str(model.data(model.index(0, Column.SLICED))).endswith("‰")
    assert isinstance(model.data(model.index(0, Column.COVERAGE), SORT_ROLE), float)
    assert "quality" not in texts(runs.panel).lower().replace(texts(card).lower(), "")


def test_that_every_column_of_quality_explains_itself(runs: RunsPage) -> None:
    for column in (Column.PRECISION, Column.COVERAGE, Column.SLICED, Column.COPIES):
        tip = runs.model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert any(measure.sentence[:30] in str(tip) for measure in MEASURES)


def test_that_the_card_says_when_the_run_has_learned_more_since(runs: RunsPage, wait_for: WaitFor) -> None:
    runs.panel.samples.set_value("100")
    press(runs.panel.evaluate)
    wait_for(lambda: not runs.job.busy and runs.panel.quality.isVisibleTo(runs))
    details = runs._details
    assert details is not None and details.judged is not None
    assert "learned more since" not in texts(runs.panel.quality)
    runs.panel.quality.show_judged(details.judged, 10_000)
    assert "learned more since" in texts(runs.panel.quality)
    hostile = details.judged.pairs[0][0].model_copy(update={"name": "<b>bold</b>.png"})
    runs.panel.quality.show_judged(replace(details.judged, pairs=((hostile, details.judged.pairs[0][1]),)), 640)
    assert runs.panel.quality.shown_pairs()[0].text.endswith("<b>bold</b>.png")


def test_that_a_copy_is_shown_beside_its_training_pictures(generate: GeneratePage, wait_for: WaitFor) -> None:
    strip = generate.inspector.originality
    choose(generate, "s0")
    wait_for(lambda: strip.isVisibleTo(generate))
    press(strip.button)
    wait_for(lambda: not strip.job.busy and strip.verdict.isVisibleTo(generate))
    assert "A near copy: 0.0 levels" in strip.verdict.text()
    choose(generate, "s1")
    wait_for(lambda: not strip.verdict.isVisibleTo(generate))
    press(strip.button)
    wait_for(lambda: not strip.job.busy and strip.verdict.isVisibleTo(generate))
    assert strip.verdict.text().startswith("No copy")


def test_that_an_export_of_a_copy_waits_for_a_word(generate: GeneratePage, wait_for: WaitFor, tmp_path: Path) -> None:
    guard, target = generate.pictures.guard, tmp_path / "out"
    generate.pictures.export_unless_copied(Export.PNG, target)
    wait_for(lambda: "1 of 2 are near copies" in guard.note.text())
    assert not target.exists()
    press(guard.pairs_button)
    wait_for(lambda: len(guard.pairs.pairs) == 1 and guard.pairs.isVisible())
    press(guard.leave)
    QApplication.processEvents()
    assert not guard.isVisible() and not target.exists()
    generate.pictures.export_unless_copied(Export.PNG, target)
    wait_for(lambda: guard.anyway.isVisible() and "1 of 2" in guard.note.text())
    press(guard.anyway)
    wait_for(lambda: target.exists() and len(list(target.iterdir())) == 2)
    assert not guard.isVisible()


def test_that_an_export_without_copies_goes_on_by_itself(
    generate: GeneratePage, wait_for: WaitFor, tmp_path: Path
) -> None:
    choose(generate, "s1")
    generate.pictures.export_unless_copied(Export.PNG, tmp_path / "out")
    wait_for(lambda: (tmp_path / "out").exists() and len(list((tmp_path / "out").iterdir())) == 1)
    assert not generate.pictures.guard.isVisible()
