"""Generate, with a real studio: pictures are made, starred, deleted and taken back, made again, exported."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from genstudio.core.recipe import Recipe
from genstudio.core.settings import RunSettings
from genstudio.generation.export import read_image, read_recipe, write_png
from genstudio.jobs.training import create_run
from genstudio.store.records import RunRecord
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from genstudio.ui.pages.generate.chance import ChancePanel, End
from genstudio.ui.pages.generate.exporting import Export
from tests.gui.conftest import WaitFor, press, texts
from tests.workshop import make_run, train

CANARY = "<img src='x'><b>bold</b>"
Keep = Callable[[Page], Page]


@pytest.fixture
def page(context: UiContext, drop_page: Keep) -> GeneratePage:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1200, 900)
    return page


@pytest.fixture
def ready(page: GeneratePage, run: RunRecord, wait_for: WaitFor) -> GeneratePage:
    page.shown()
    wait_for(lambda: page.pictures.samples is not None)
    page.make.count.turn({"count": 6, "batch": 4})
    return page


def make(page: GeneratePage, wait_for: WaitFor) -> None:
    before = shown(page)
    press(page.button)
    wait_for(lambda: not page.job.busy and shown(page) > before)


def shown(page: GeneratePage) -> int:
    return page.pictures.samples.count() if page.pictures.samples is not None else 0


def keys(page: GeneratePage) -> list[str]:
    assert page.pictures.samples is not None
    return list(page.pictures.samples.keys())


def test_that_without_a_trained_run_the_page_names_the_one_next_step(
    page: GeneratePage, gone_to: list[tuple[Place, Subject | None]]
) -> None:
    page.shown()
    assert "No trained model yet" in texts(page)
    button = next(button for button in page.findChildren(QAbstractButton) if button.text() == "Train a model")
    press(button)
    assert gone_to == [(Place.TRAIN, None)]


def test_that_pictures_are_made_in_order_and_each_batch_comes_first(ready: GeneratePage, wait_for: WaitFor) -> None:
    make(ready, wait_for)
    first = keys(ready)
    assert [int(key.split("-")[2]) for key in first] == list(range(6))
    make(ready, wait_for)
    assert keys(ready)[6:] == first
    ready.pictures.reload()
    shown_before = keys(ready)
    wait_for(lambda: keys(ready) == shown_before and ready.pictures.gallery.count() == 12)


def test_that_a_typed_seed_stays_and_makes_the_same_pictures(ready: GeneratePage, wait_for: WaitFor) -> None:
    ready.make.chance.seed.box.selectAll()
    QTest.keyClicks(ready.make.chance.seed.box, "41")
    assert not ready.make.chance.fresh.isChecked()
    make(ready, wait_for)
    make(ready, wait_for)
    samples = ready.pictures.samples
    assert samples is not None and ready.make.chance.seed.seed() == 41
    for one, other in zip(keys(ready)[:6], keys(ready)[6:], strict=True):
        assert np.array_equal(read_image(samples.file(one)), read_image(samples.file(other)))


def test_that_a_new_seed_is_rolled_each_time_until_one_is_typed(ready: GeneratePage, wait_for: WaitFor) -> None:
    make(ready, wait_for)
    first = ready.make.chance.seed.seed()
    make(ready, wait_for)
    assert ready.make.chance.seed.seed() != first


def test_that_a_walk_is_made_between_two_seeds(ready: GeneratePage, wait_for: WaitFor) -> None:
    ready.make.choose_tool("interpolate")
    ready.make.steps.turn({"steps": 5})
    make(ready, wait_for)
    samples = ready.pictures.samples
    assert samples is not None and shown(ready) == 5
    recipe = read_recipe(samples.file(keys(ready)[0]))
    assert recipe is not None and recipe.ability == "interpolate"
    assert recipe.extra["seed_b"] == ready.make.chance.seed_b.seed()


def test_that_a_picture_leads_to_explore(
    ready: GeneratePage, gone_to: list[tuple[Place, Subject | None]], wait_for: WaitFor
) -> None:
    assert not ready.explore.isEnabled()
    make(ready, wait_for)
    ready.pictures.gallery.go(2)
    record = ready.pictures.current()
    assert record is not None and ready.pictures.samples is not None and ready.explore.isEnabled()
    ready.explore.trigger()
    wanted = Subject(SubjectKind.PICTURE, record.run, ready.pictures.samples.file(record.id))
    assert gone_to[-1] == (Place.EXPLORE, wanted)


def test_that_two_chosen_pictures_are_the_ends_of_a_walk(ready: GeneratePage, wait_for: WaitFor) -> None:
    make(ready, wait_for)
    assert not ready.walk.isEnabled()
    ready.pictures.gallery.go(4)
    QTest.keyClick(ready.pictures.gallery, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    samples = ready.pictures.samples
    assert samples is not None and ready.walk.isEnabled()
    ends = [read_image(samples.file(key)) for key in keys(ready)[4:6]]
    ready.make.steps.turn({"steps": 3})
    ready.walk.trigger()
    wait_for(lambda: not ready.job.busy and shown(ready) == 9)
    walk = [read_image(samples.file(key)) for key in keys(ready)[:3]]
    assert np.array_equal(walk[0], ends[0]) and np.array_equal(walk[2], ends[1])
    assert "From picture 5" in texts(ready.make)


def test_that_a_walk_between_pictures_of_two_labels_ends_in_both_to_the_bit(
    ready: GeneratePage, context: UiContext, wait_for: WaitFor
) -> None:
    workspace = context.workspace
    config = workspace.host.family("vae").presets["Draft"].replaced({"images": 64, "batch_size": 16})
    settings = RunSettings(seed=1, preview_count=1, device="cpu")
    run = create_run(workspace, "vae", config, workspace.project.datasets()[0].id, settings)
    train(workspace, run.id)
    ready.shown()
    wait_for(lambda: ready.make.source.count() == 2)
    ready.make.choose_run(run.id)
    ready.pictures.show_run(run.id)
    ready.make.count.turn({"count": 1})
    for label in ("rising", "falling"):
        ready.make.source.choose_label(label)
        make(ready, wait_for)
    ready.pictures.gallery.go(0)
    QTest.keyClick(ready.pictures.gallery, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    samples = ready.pictures.samples
    assert samples is not None
    ends = {recipe.label: read_image(samples.file(key)) for key in keys(ready) if (recipe := of(ready, key))}
    ready.make.steps.turn({"steps": 4})
    ready.walk.trigger()
    wait_for(lambda: not ready.job.busy and shown(ready) == 6)
    first, last = keys(ready)[0], keys(ready)[3]
    one, other = of(ready, first).label, of(ready, first).extra["label_b"]
    assert {one, other} == {"rising", "falling"}
    assert np.array_equal(read_image(samples.file(first)), ends[one])
    assert np.array_equal(read_image(samples.file(last)), ends[str(other)])


def test_that_the_other_end_of_a_walk_has_the_same_label_until_another_is_chosen(qtbot: QtBot) -> None:
    panel = ChancePanel()
    qtbot.addWidget(panel)
    panel.offer_labels(("cat", "dog"))
    ends = panel.ends("cat")
    assert ends is not None and (ends[0].label, ends[1].label) == ("cat", "cat")
    panel.set_ends(End(1, 0, "cat"), End(2, 3, "dog"))
    assert panel.ends("cat") == (End(1, 0, "cat"), End(2, 3, "dog"))
    panel.set_ends(End(1, 0, "cat"), End(2, 0, None))
    assert panel.ends("cat") == (End(1, 0, "cat"), End(2, 0, None))


def test_that_a_cancelled_batch_keeps_what_was_finished(ready: GeneratePage, wait_for: WaitFor) -> None:
    ready.make.count.turn({"count": 1024, "batch": 4})
    press(ready.button)
    wait_for(lambda: shown(ready) >= 4)
    press(ready.cancel)
    wait_for(lambda: not ready.job.busy)
    assert 4 <= shown(ready) < 1024
    assert ready.button.isVisible()


def test_that_pictures_are_made_while_a_run_trains(ready: GeneratePage, context: UiContext, wait_for: WaitFor) -> None:
    assert context.project is not None
    data = context.project.datasets()[0]
    longer = make_run(context.workspace, data.id, images=10_000_000)
    training = context.studio.start_training(longer.id, context.bridge.sink(longer.id))
    make(ready, wait_for)
    assert not training.future.done()
    assert context.studio.stop_training()


def test_that_a_star_is_kept_and_filtered_by(ready: GeneratePage, context: UiContext, wait_for: WaitFor) -> None:
    make(ready, wait_for)
    ready.pictures.gallery.go(2)
    wanted = ready.pictures.chosen()
    press(ready.pictures.star_button)
    assert context.project is not None
    project = context.project
    wait_for(lambda: [record.id for record in project.samples(starred=True)] == wanted)
    press(ready.pictures.starred)
    wait_for(lambda: keys(ready) == wanted)
    ready.pictures.star(wanted)
    press(ready.pictures.starred)
    wait_for(lambda: shown(ready) == 6)
    assert not project.samples(starred=True)


def test_that_deleting_can_be_undone(ready: GeneratePage, context: UiContext, wait_for: WaitFor) -> None:
    make(ready, wait_for)
    before = keys(ready)
    ready.pictures.gallery.go(1)
    QTest.keyClick(ready.pictures.gallery, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(ready.pictures.gallery, Qt.Key.Key_Delete)
    assert keys(ready) == [before[0], *before[3:]]
    wait_for(lambda: context.toasts.next_undo == "2 pictures deleted")
    context.toasts.undo_latest()
    wait_for(lambda: keys(ready) == before)
    assert ready.pictures.samples is not None and ready.pictures.samples.file(before[1]).is_file()


def test_that_a_chosen_picture_tells_its_recipe_and_is_made_again_bit_by_bit(
    ready: GeneratePage, wait_for: WaitFor
) -> None:
    make(ready, wait_for)
    assert "Choose a picture to see how it was made" in texts(ready.inspector)
    ready.pictures.gallery.go(5)
    wait_for(lambda: f"Seed | {ready.make.chance.seed.seed()}" in texts(ready.inspector))
    assert "Picture | 6 of 6" in texts(ready.inspector)
    press(ready.inspector.copy)
    assert QGuiApplication.clipboard().text() == str(ready.make.chance.seed.seed())
    press(ready.inspector.again)
    wait_for(lambda: "every pixel is the same" in texts(ready.inspector))


def test_that_the_settings_of_a_picture_are_taken_over(ready: GeneratePage, wait_for: WaitFor) -> None:
    make(ready, wait_for)
    seed = ready.make.chance.seed.seed()
    ready.make.chance.seed.roll()
    ready.make.count.turn({"count": 2})
    ready.pictures.gallery.go(0)
    press(ready.inspector.use)
    assert ready.make.chance.seed.seed() == seed and not ready.make.chance.fresh.isChecked()
    assert ready.make.count.values()["count"] == 6


def test_that_a_dropped_png_tells_its_recipe(ready: GeneratePage, tmp_path: Path, wait_for: WaitFor) -> None:
    make(ready, wait_for)
    assert ready.pictures.samples is not None
    copy = tmp_path / "copy.PNG"
    copy.write_bytes(ready.pictures.samples.file(keys(ready)[3]).read_bytes())
    drop(ready, copy)
    wait_for(lambda: "Picture | 4 of 6" in texts(ready.inspector))
    press(ready.inspector.again)
    wait_for(lambda: "every pixel is the same" in texts(ready.inspector))


def test_that_a_png_of_others_is_no_recipe(
    ready: GeneratePage, context: UiContext, tmp_path: Path, wait_for: WaitFor
) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "plain.png")
    drop(ready, tmp_path / "plain.png")
    wait_for(lambda: "Nothing is written inside" in texts(ready.inspector))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    drop(ready, tmp_path / "broken.png")
    wait_for(lambda: any("broken.png" in text for text in context.toasts.texts()))


def test_that_a_recipe_of_another_project_says_what_is_missing(
    ready: GeneratePage, tmp_path: Path, wait_for: WaitFor
) -> None:
    recipe = Recipe(
        family="x", run="gone", run_name=CANARY, checkpoint="0" * 64, images_seen=1, seed=1, index=0, count=1, batch=1
    )
    write_png(tmp_path / "foreign.png", np.zeros((4, 4, 1), np.uint8), recipe)
    ready.inspect_file(tmp_path / "foreign.png")
    wait_for(lambda: CANARY in texts(ready.inspector))
    press(ready.inspector.again)
    wait_for(lambda: ready.inspector.again.isEnabled())
    assert "gone" in texts(ready.inspector)
    for label in ready.inspector.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.parametrize("kind", list(Export))
def test_that_chosen_pictures_are_exported(
    kind: Export, ready: GeneratePage, context: UiContext, tmp_path: Path, wait_for: WaitFor
) -> None:
    make(ready, wait_for)
    ready.pictures.gallery.choose_all()
    target = tmp_path / {Export.PNG: "folder", Export.ZIP: "out.zip", Export.GIF: "out.gif"}.get(kind, "out.png")
    ready.pictures.export_to(kind, target)
    wait_for(lambda: any("Written" in text for text in context.toasts.texts()))
    if kind is Export.PNG:
        assert len(list(target.glob("*.png"))) == 6 and read_recipe(next(target.glob("*.png"))) is not None
    elif kind is Export.ZIP:
        assert len(zipfile.ZipFile(target).namelist()) == 6
    else:
        with Image.open(target) as image:
            assert getattr(image, "n_frames", 1) == (6 if kind is Export.GIF else 1)


def test_that_an_export_that_fails_says_why(
    ready: GeneratePage, context: UiContext, tmp_path: Path, wait_for: WaitFor
) -> None:
    make(ready, wait_for)
    ready.pictures.export_to(Export.ZIP, tmp_path / "no such folder" / "out.zip")
    wait_for(lambda: bool(context.toasts.texts()))
    assert "no such folder" in context.toasts.texts()[0] or "out.zip" in context.toasts.texts()[0]


def test_that_a_picture_is_seen_large_and_left_by_escape(ready: GeneratePage, wait_for: WaitFor) -> None:
    make(ready, wait_for)
    ready.pictures.gallery.go(0)
    ready.pictures.gallery.setFocus()
    QTest.keyClick(ready.pictures.gallery, Qt.Key.Key_Space)
    wait_for(ready.pictures.zoom.isVisible)
    QTest.keyClick(ready.pictures.zoom, Qt.Key.Key_Right)
    wait_for(lambda: ready.pictures.chosen() == [keys(ready)[1]])
    QTest.keyClick(ready.pictures.zoom, Qt.Key.Key_Escape)
    assert not ready.pictures.zoom.isVisible()


def test_that_arriving_with_a_run_chooses_it(
    ready: GeneratePage, run: RunRecord, context: UiContext, wait_for: WaitFor
) -> None:
    assert context.project is not None
    newer = make_run(context.workspace, context.project.datasets()[0].id)
    train(context.workspace, newer.id)
    ready.shown()
    ready.show_subject(Subject(SubjectKind.RUN, newer.id))
    wait_for(lambda: ready.make.run() == newer.id)
    ready.shown()
    ready.show_subject(Subject(SubjectKind.RUN, run.id))
    wait_for(lambda: ready.make.run() == run.id)


def test_that_everything_has_a_name_and_a_shortcut(ready: GeneratePage) -> None:
    assert all(action.shortcut().toString() for action in ready.actions())
    nameless = [
        widget
        for widget in ready.findChildren(QWidget)
        if isinstance(widget, QAbstractButton | QLineEdit)
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (widget.accessibleName() or widget.text())
    ]
    assert not nameless, nameless


def test_that_another_project_forgets_the_pictures(
    ready: GeneratePage, context: UiContext, tmp_path: Path, wait_for: WaitFor
) -> None:
    make(ready, wait_for)
    context.studio.create_project(tmp_path / "another")
    ready.project_changed()
    ready.shown()
    wait_for(lambda: "No trained model yet" in texts(ready))
    assert shown(ready) == 0


def of(page: GeneratePage, key: str) -> Recipe:
    assert page.pictures.samples is not None
    recipe = read_recipe(page.pictures.samples.file(key))
    assert recipe is not None
    return recipe


def drop(page: GeneratePage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    enter = QDragEnterEvent(
        QPoint(9, 9),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    event = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(page, event)
