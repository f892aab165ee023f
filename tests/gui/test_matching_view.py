"""Generate: the pictures are put in the order in which they fit some words."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.matching import match_samples
from genstudio.jobs.training import create_run
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.ui.context import UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from tests import coloured_shapes as shapes
from tests.gui.conftest import WaitFor
from tests.workshop import make_run, new_workspace, train

Keep = Callable[[Page], Page]
WORDS = {"images": 320, "batch_size": 16, "width": 8, "text_width": 32, "text_depth": 1}


@pytest.fixture(scope="module")
def matching_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a run that draws, six pictures of it, and a run that knows words."""
    folder = tmp_path_factory.mktemp("matching")
    ws = new_workspace(folder / "project")
    pictures = shapes.write(folder / "pictures", 2)
    options = ImportOptions(width=16, height=16, mode="rgb")
    data, _ = import_dataset(ws, str(pictures), options, "shapes", lambda *_: None, lambda: False)
    drawing = make_run(ws, data.id)
    train(ws, drawing.id)
    request = GenerateRequest(run=drawing.id, checkpoint=None, count=6, seed=0, batch=6)
    generate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)
    family = ws.host.family("clip")
    settings = RunSettings(seed=3, preview_count=4, device="cpu")
    words = create_run(ws, "clip", family.presets["Draft"].replaced(WORDS), data.id, settings, "words")
    train(ws, words.id)
    ws.project.close()
    return folder / "project"


@pytest.fixture
def page(context: UiContext, drop_page: Keep, matching_folder: Path, tmp_path: Path, wait_for: WaitFor) -> GeneratePage:
    shutil.copytree(matching_folder, tmp_path / "matching")
    context.activity.set_project(context.studio.open_project(tmp_path / "matching"))
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1200, 900)
    page.shown()
    wait_for(lambda: page.pictures.samples is not None)
    return page


def keys(page: GeneratePage) -> list[str]:
    assert page.pictures.samples is not None
    return list(page.pictures.samples.keys())


def by_fit(ws: Workspace, words: str) -> list[str]:
    records = ws.project.samples()
    run = next(run.id for run in ws.project.runs() if run.family == "clip")
    found = match_samples(ws, run, words, records, progress=untold, cancelled=never)
    return [record.id for record, _ in found]


def test_that_pictures_are_sorted_by_words_and_back(page: GeneratePage, context: UiContext, wait_for: WaitFor) -> None:
    drawing = next(run.id for run in context.studio.workspace.project.runs() if run.family != "clip")
    assert page.make.run() == drawing, "the newest run that makes something is chosen first"
    wait_for(lambda: page.pictures.gallery.count() == 6)
    before = keys(page)
    wanted = context.studio.on_device(by_fit, context.workspace, "red disc").result()
    assert sorted(wanted) == sorted(before)
    field = page.pictures.words
    assert field.isVisibleTo(page)
    QTest.keyClicks(field, "red disc")
    assert keys(page) == before, "nothing moves while somebody types"
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_for(lambda: keys(page) == wanted)
    field.clear()
    wait_for(lambda: keys(page) == before)


def test_that_without_a_run_that_knows_words_there_is_nothing_to_type(page: GeneratePage) -> None:
    page.pictures.words.offer("")
    assert not page.pictures.words.isVisibleTo(page) and page.pictures.words.words == ""
