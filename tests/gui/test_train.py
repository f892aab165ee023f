"""Train, with a real studio: a run is made, watched, paused, stopped, and goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLabel, QLineEdit, QWidget

from genstudio.core.control import Control
from genstudio.core.settings import RunSettings
from genstudio.store.records import DatasetRecord, RunStatus
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.models.live import Phase, Wish
from genstudio.ui.page import Page
from genstudio.ui.pages.train import TrainPage
from tests.gui.conftest import WaitFor, press, texts
from tests.workshop import import_pictures, make_run, paint_pictures, train

CANARY = "<img src='x'><b>bold</b>"
Keep = Callable[[Page], Page]


@pytest.fixture
def dataset(context: UiContext, tmp_path: Path) -> DatasetRecord:
    return import_pictures(context.workspace, paint_pictures(tmp_path / "pictures"))


@pytest.fixture
def page(context: UiContext, drop_page: Keep) -> TrainPage:
    page = TrainPage(context)
    drop_page(page)
    page.resize(1200, 800)
    return page


@pytest.fixture
def ready(page: TrainPage, dataset: DatasetRecord, wait_for: WaitFor) -> TrainPage:
    page.shown()
    page.setup.choose_family("eigenpictures")
    wait_for(lambda: page.setup.foot.button.isEnabled())
    return page


def start(page: TrainPage, wait_for: WaitFor, preset: str = "Quality") -> None:
    QTest.mouseClick(page.setup.knobs.preset_button(preset), Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.setup.foot.button, Qt.MouseButton.LeftButton)
    wait_for(lambda: page.view.state is not None and page.view.state.phase is Phase.TRAINING)


def test_that_without_data_the_page_names_the_one_next_step(
    page: TrainPage, gone_to: list[tuple[Place, Subject | None]], wait_for: WaitFor
) -> None:
    page.shown()
    assert "Nothing to learn from yet" in texts(page)
    press(page.next_step)
    assert gone_to == [(Place.DATA, None)]


def test_that_a_run_is_started_watched_paused_stopped_and_resumed(
    ready: TrainPage, context: UiContext, wait_for: WaitFor
) -> None:
    view, header = ready.view, ready.view.header
    start(ready, wait_for)
    wait_for(lambda: any(len(column.x) > 2 for column in view.plot.columns()))
    wait_for(lambda: view.previews.grid.count() == 16)
    press(header.pause)
    wait_for(lambda: view.state is not None and view.state.phase is Phase.PAUSED)
    seen = view.state.record.images_seen if view.state else 0
    assert header.pause.text() == "Resume" and "Paused" in texts(header)
    press(header.pause)
    wait_for(lambda: view.state is not None and view.state.record.images_seen > seen)
    press(header.stop)
    wait_for(lambda: view.state is not None and view.state.phase is Phase.RESTING)
    assert view.state is not None and view.state.record.status is RunStatus.STOPPED
    assert context.project is not None and context.project.latest_checkpoint(view.run) is not None
    wait_for(lambda: context.studio.training is None)
    wait_for(header.resume.isEnabled)
    press(header.resume)
    wait_for(lambda: view.state is not None and view.state.phase is Phase.TRAINING)
    context.studio.stop_training()


def test_that_preview_now_and_save_now_wait_for_their_answer(ready: TrainPage, wait_for: WaitFor) -> None:
    view, header = ready.view, ready.view.header
    start(ready, wait_for)
    press(header.save)
    assert view.state is not None and Wish.SAVE in view.state.wishes
    assert header.save.text() == "Saving…" and not header.save.isEnabled()
    wait_for(lambda: view.state is not None and not view.state.wishes)
    assert header.save.text() == "Save now" and header.save.isEnabled()
    before = view.previews.slider.maximum()
    press(header.preview)
    wait_for(lambda: view.previews.slider.maximum() > before)
    press(header.stop)
    wait_for(lambda: view.state is not None and view.state.phase is Phase.RESTING)


def test_that_a_completed_run_offers_to_generate_and_to_train_longer(
    ready: TrainPage, context: UiContext, gone_to: list[tuple[Place, Subject | None]], wait_for: WaitFor
) -> None:
    header = ready.view.header
    start(ready, wait_for, "Draft")
    wait_for(lambda: ready.view.state is not None and ready.view.state.record.status is RunStatus.COMPLETED)
    press(header.generate)
    assert gone_to[-1] == (Place.GENERATE, Subject(SubjectKind.RUN, ready.view.run))
    assert header.longer.isVisible() and not header.resume.isVisible()
    wait_for(lambda: context.studio.training is None)
    header.longer_menu.aboutToShow.emit()
    actions = header.longer_menu.actions()
    assert "1,000 images more" in actions[0].text()
    actions[0].trigger()
    wait_for(lambda: ready.view.state is not None and ready.view.state.record.budget == 3_000)
    wait_for(lambda: ready.view.state is not None and ready.view.state.record.images_seen >= 3_000)
    wait_for(lambda: context.studio.training is None)


def test_that_the_slider_goes_back_to_before_training(
    page: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor
) -> None:
    run = make_run(context.workspace, dataset.id)
    train(context.workspace, run.id)
    page.open_run(run.id)
    previews = page.view.previews
    wait_for(lambda: previews.grid.count() == 4)
    assert previews.moment() == 640
    latest = previews.grid.grab().toImage()
    previews.slider.setValue(0)
    wait_for(lambda: previews.grid.grab().toImage() != latest)
    assert previews.moment() == 0 and "before training" in texts(previews)
    page.view.previews.follow()
    assert previews.moment() == 640


def test_that_a_picture_of_a_run_is_seen_large(
    page: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor
) -> None:
    run = make_run(context.workspace, dataset.id)
    train(context.workspace, run.id)
    page.open_run(run.id)
    previews = page.view.previews
    wait_for(lambda: previews.grid.count() == 4)
    previews.grid.clicked.emit(1)
    assert previews.zoom.isVisible() and "Picture 2 of 4" in texts(previews.zoom)
    QTest.keyClick(previews.zoom, Qt.Key.Key_Right)
    assert "Picture 3 of 4" in texts(previews.zoom)
    QTest.keyClick(previews.zoom, Qt.Key.Key_Escape)
    assert not previews.zoom.isVisible()


def test_that_an_interrupted_run_is_offered_first(
    ready: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor
) -> None:
    run = make_run(context.workspace, dataset.id, images=4_000)
    train(context.workspace, run.id, until=700)
    context.workspace.project.set_run(run.id, status=RunStatus.INTERRUPTED, message="")
    ready.shown()
    wait_for(ready.setup.interrupted.isVisible)
    assert f"“{run.name}” was interrupted" in ready.setup.interrupted.text()
    press(ready.setup.resume)
    wait_for(lambda: ready.view.state is not None and ready.view.state.record.status is RunStatus.COMPLETED)
    wait_for(lambda: context.studio.training is None)


def test_that_what_happens_to_a_run_elsewhere_is_taken_up(
    ready: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor
) -> None:
    run = make_run(context.workspace, dataset.id)
    ready.open_run(run.id)
    wait_for(lambda: ready.view.run == run.id)
    project = context.workspace.project
    project.rename_run(run.id, "faces")
    ready.shown()
    wait_for(lambda: ready.view.state is not None and ready.view.state.record.name == "faces")
    project.delete_run(run.id)
    ready.shown()
    wait_for(lambda: ready.view.run == "")
    assert ready.setup.isVisible()


def test_that_the_end_of_a_run_is_said_to_somebody_elsewhere(
    ready: TrainPage, context: UiContext, gone_to: list[tuple[Place, Subject | None]], wait_for: WaitFor
) -> None:
    start(ready, wait_for, "Draft")
    run = ready.view.run
    ready.hide()
    wait_for(lambda: any("is trained" in text for text in context.toasts.texts()))
    wait_for(lambda: context.studio.training is None)
    assert run


def test_that_a_run_on_show_tells_its_own_settings_not_those_of_the_form(
    ready: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor
) -> None:
    run = make_run(context.workspace, dataset.id, images=777, parts=3)
    ready.open_run(run.id)
    wait_for(lambda: ready.view.run == run.id)
    press(ready.view.header.details)
    assert "777 images" in texts(ready) and "Parts | 3" in texts(ready)


def test_that_start_says_why_it_cannot(ready: TrainPage, context: UiContext, wait_for: WaitFor) -> None:
    foot = ready.setup.foot
    ready.setup.choose_dataset("")
    assert not foot.button.isEnabled() and "Choose what to learn from" in texts(foot)
    ready.setup.choose_dataset(ready.setup.dataset_ids()[0])
    assert foot.button.isEnabled()
    foot.seed.box.setText("")
    QTest.keyClicks(foot.seed.box, "-3")
    assert not foot.button.isEnabled() and "seed" in texts(foot)
    foot.seed.set_seed(3)
    start(ready, wait_for)
    ready.new_run()
    assert not foot.button.isEnabled() and "is training" in texts(foot)
    press(ready.setup.back)
    press(ready.view.header.stop)
    wait_for(lambda: context.studio.training is None)
    wait_for(foot.button.isEnabled)


def test_that_a_setting_out_of_bounds_blocks_the_start(ready: TrainPage) -> None:
    ready.setup.choose_family("second-look")
    form = ready.setup.knobs.form
    assert form is not None
    box = form.row("batch_size").targets()[0]
    assert isinstance(box, QLineEdit)
    box.clear()
    QTest.keyClicks(box, "9999")
    assert form.row("batch_size").error()
    assert not ready.setup.foot.button.isEnabled()
    box.clear()
    QTest.keyClicks(box, "8")
    assert not form.row("batch_size").error()
    assert ready.setup.foot.button.isEnabled()


def test_that_a_run_may_be_limited_in_minutes_hold_out_more_and_show_itself_more_often(
    ready: TrainPage, context: UiContext, wait_for: WaitFor
) -> None:
    knobs = ready.setup.run_knobs
    assert not knobs.fold.is_open() and knobs.settings(5) == RunSettings(seed=5)
    knobs.form.turn({"minutes": 30, "heldout": 0.25, "preview_every": 64})
    assert knobs.fold.title() == "Run · 3 changed"
    start(ready, wait_for)
    assert context.project is not None
    settings = context.project.run(ready.view.run).settings
    assert (settings["minutes"], settings["heldout"], settings["preview_every"]) == (30, 0.25, 64)
    context.studio.stop_training()


def test_that_a_limit_that_is_none_blocks_the_start_and_is_unfolded(ready: TrainPage) -> None:
    knobs = ready.setup.run_knobs
    knobs.form.turn({"minutes": -1})
    assert knobs.fold.is_open() and not ready.setup.foot.button.isEnabled()
    assert "at least" in knobs.form.row("minutes").error()
    knobs.form.turn({"minutes": None})
    assert ready.setup.foot.button.isEnabled()


def test_that_values_somebody_turned_survive_another_preset(ready: TrainPage) -> None:
    ready.setup.choose_family("second-look")
    knobs = ready.setup.knobs
    assert knobs.form is not None
    knobs.form.turn({"batch_size": 24})
    QTest.mouseClick(knobs.preset_button("Quality"), Qt.MouseButton.LeftButton)
    assert knobs.form.values()["batch_size"] == 24
    assert "One value of yours differs" in knobs.kept.text() and knobs.kept.isVisible()
    press(knobs.kept)
    assert knobs.form.values()["batch_size"] == 16 and not knobs.kept.isVisible()


def test_that_a_run_that_cannot_begin_says_so_and_nothing_is_lost(ready: TrainPage, wait_for: WaitFor) -> None:
    ready.setup.choose_family("second-look")
    press(ready.setup.foot.button)
    wait_for(lambda: ready.view.state is not None and ready.view.state.record.status is RunStatus.FAILED)
    assert "needs a run to look at" in texts(ready.view)
    assert ready.view.header.resume.isVisible()


def test_that_names_from_files_are_shown_as_plain_text(
    page: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor
) -> None:
    assert context.project is not None
    context.project.rename_dataset(dataset.id, CANARY)
    run = make_run(context.workspace, dataset.id)
    context.project.rename_run(run.id, CANARY)
    context.project.set_run(run.id, message=CANARY, status=RunStatus.FAILED)
    page.shown()
    page.open_run(run.id)
    wait_for(lambda: page.view.run == run.id)
    for label in page.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or "<" not in label.text()
    assert CANARY in texts(page.view)
    for widget in page.findChildren(QWidget):
        assert "<img" not in widget.toolTip()


def test_that_everything_the_keyboard_reaches_has_a_name(
    ready: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor
) -> None:
    run = make_run(context.workspace, dataset.id)
    train(context.workspace, run.id)
    ready.open_run(run.id)
    wait_for(lambda: ready.view.run == run.id)
    kinds = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)
    nameless = [
        widget
        for widget in ready.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and not (isinstance(widget, QLineEdit) and isinstance(widget.parent(), QWidget) and widget.parent() is None)
    ]
    assert not nameless, nameless


def test_that_a_run_can_be_started_by_keyboard_alone(ready: TrainPage, context: UiContext, wait_for: WaitFor) -> None:
    card = ready.setup.datasets.card(ready.setup.dataset_ids()[0])
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Space)
    actions = {action.text(): action for action in ready.actions()}
    actions["Start training"].trigger()
    wait_for(lambda: ready.view.state is not None and ready.view.state.phase is Phase.TRAINING)
    actions["Pause or resume"].trigger()
    wait_for(lambda: ready.view.state is not None and ready.view.state.phase is Phase.PAUSED)
    actions["Stop training"].trigger()
    wait_for(lambda: context.studio.training is None)
    assert all(action.shortcut().toString() for action in ready.actions())


def test_that_arriving_with_a_run_to_resume_starts_it(
    page: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor
) -> None:
    run = make_run(context.workspace, dataset.id, images=4_000)
    train(context.workspace, run.id, until=600)
    page.shown()
    page.show_subject(Subject(SubjectKind.RESUME, run.id))
    wait_for(lambda: page.view.state is not None and page.view.state.record.status is RunStatus.COMPLETED)
    assert page.view.state is not None and page.view.state.record.images_seen >= 4_000
    wait_for(lambda: context.studio.training is None)


def test_that_another_project_forgets_the_run(
    ready: TrainPage, context: UiContext, dataset: DatasetRecord, tmp_path: Path, wait_for: WaitFor
) -> None:
    run = make_run(context.workspace, dataset.id)
    ready.open_run(run.id)
    wait_for(lambda: ready.view.run == run.id)
    context.studio.create_project(tmp_path / "another")
    ready.project_changed()
    ready.shown()
    assert ready.view.run == ""
    assert "Nothing to learn from yet" in texts(ready)


def test_that_wishes_reach_only_the_run_on_show(
    page: TrainPage, context: UiContext, dataset: DatasetRecord, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(context.workspace, dataset.id)
    page.open_run(run.id)
    wait_for(lambda: page.view.run == run.id)
    asked: list[str] = []
    monkeypatch.setattr(Control, "stop", lambda _: asked.append("stop"))
    page.view.header.wished.emit(Wish.STOP)
    assert not asked and page.view.state is not None and not page.view.state.wishes
