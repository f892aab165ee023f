"""The best checkpoint beside the newest, wherever a run or its checkpoints are shown."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from genstudio.jobs.loading import BEST
from genstudio.store.records import CheckpointRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.checkpoints import checkpoint_choices, checkpoint_facts, earlier_best, left_behind
from genstudio.ui.page import Page
from genstudio.ui.pages.explore import ExplorePage
from genstudio.ui.pages.generate import GeneratePage
from genstudio.ui.pages.runs import RunsPage
from tests.gui.conftest import WaitFor
from tests.unit.jobs.test_training import train_some
from tests.workshop import import_pictures, make_run, new_workspace, paint_pictures, train

Keep = Callable[[Page], Page]


def checkpoint(images_seen: int, score: float | None, pinned: bool = False) -> CheckpointRecord:
    return CheckpointRecord("run", images_seen, 1.0, "file", 1, "0" * 64, 1.0, pinned, score)


@pytest.fixture(scope="module")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with two checkpoints, of which the first was better."""
    folder = tmp_path_factory.mktemp("best")
    workspace = new_workspace(folder / "project")
    run = make_run(workspace, import_pictures(workspace, paint_pictures(folder / "pictures")).id)
    train_some(workspace, run.id, steps=15)
    train(workspace, run.id)
    first, *_, last = workspace.project.checkpoints(run.id)
    workspace.project.rate_checkpoint(run.id, first.images_seen, -10.0)
    workspace.project.rate_checkpoint(run.id, last.images_seen, 10.0)
    workspace.project.close()
    return folder / "project"


@pytest.fixture
def best(context: UiContext, trained_folder: Path, tmp_path: Path) -> CheckpointRecord:
    shutil.copytree(trained_folder, tmp_path / "trained")
    project = context.studio.open_project(tmp_path / "trained")
    context.activity.set_project(project)
    found = project.best_checkpoint(project.runs()[0].id)
    assert found is not None and found.images_seen < 640
    return found


def test_that_the_choices_are_the_newest_then_the_best_then_all() -> None:
    three = [checkpoint(10, 3.0, pinned=True), checkpoint(48_000, 1.0), checkpoint(60_000, 2.0)]
    assert checkpoint_choices(three) == [
        ("Newest: at 60,000 images", None),
        ("Best on held-out pictures: at 48,000 images", BEST),
        ("at 60,000 images", 60_000),
        ("at 48,000 images", 48_000),
        ("at 10 images ★", 10),
    ]
    assert [fact[:2] for fact in checkpoint_facts(three)] == [
        ("Best on held-out pictures", "at 48,000 images"),
        ("Newest checkpoint", "at 60,000 images"),
    ]


def test_that_a_newest_that_is_best_or_was_not_judged_is_offered_once() -> None:
    for scores in ((3.0, 1.0), (None, None), (None, 1.0)):
        two = [checkpoint(10, scores[0]), checkpoint(20, scores[1])]
        assert [value for _, value in checkpoint_choices(two)] == [None, 20, 10]
        assert earlier_best(two) is None
        assert left_behind(two) is None
    assert left_behind([checkpoint(10, 1.0), checkpoint(20, 1.001)]) is None
    assert left_behind([checkpoint(10, 1.0), checkpoint(20, None)]) is None
    assert left_behind([checkpoint(10, -1.0), checkpoint(20, -0.9)]) == checkpoint(10, -1.0)
    assert left_behind([]) is None
    assert checkpoint_choices([]) == [("Newest", None)]
    assert checkpoint_facts([checkpoint(10, None)]) == []


def test_that_a_run_says_where_it_was_best(
    context: UiContext, best: CheckpointRecord, drop_page: Keep, wait_for: WaitFor
) -> None:
    page = RunsPage(context)
    drop_page(page)
    page.shown()
    wait_for(lambda: page.panel.isVisible())
    facts = {title: value for title, value, _ in page.panel._facts.facts()}
    assert facts["Best on held-out pictures"] == f"at {best.images_seen} images"
    assert facts["Newest checkpoint"] == "at 640 images"


def test_that_pictures_are_made_with_the_best_checkpoint_when_it_is_chosen(
    context: UiContext, best: CheckpointRecord, drop_page: Keep, wait_for: WaitFor
) -> None:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1400, 900)
    page.shown()
    wait_for(lambda: page.button.isEnabled())
    run = page.make.run()
    page.make.choose_run(run, BEST)
    assert page.make.source.checkpoint() == BEST
    page.make.count.turn({"count": 2})
    page.generate()
    wait_for(lambda: not page.job.busy and page.pictures.samples is not None and page.pictures.samples.count() == 2)
    assert context.project is not None
    assert {f'"images_seen":{best.images_seen}' in sample.recipe for sample in context.project.samples(run)} == {True}
    page.shown()
    wait_for(lambda: page.make.source.checkpoint() == BEST)


def test_that_the_best_can_be_explored(
    context: UiContext, best: CheckpointRecord, drop_page: Keep, wait_for: WaitFor
) -> None:
    page = ExplorePage(context)
    drop_page(page)
    page.resize(1400, 900)
    page.shown()
    wait_for(lambda: page.desk.session.space is not None and page.best.isVisible())
    assert page.best.text() == f"It was best at {best.images_seen} images: look at that"
    page.best.click()
    wait_for(lambda: page.desk.session.space is not None)
    assert page.desk.session.space is not None
    assert page.desk.session.space.checkpoint.images_seen == best.images_seen
    wait_for(lambda: page.newer.isVisible() and not page.best.isVisible())
