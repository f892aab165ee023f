"""Runs are made, trained, resumed and extended; what goes wrong is a sentence and loses nothing kept."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from genstudio.core.control import Control
from genstudio.core.errors import ConfigError, DiskFullError, FamilyError, ProjectError
from genstudio.core.events import (
    CheckpointSaved,
    Event,
    Finished,
    Metric,
    Outcome,
    Preview,
    Profiled,
    Recovered,
    Started,
    Warned,
)
from genstudio.core.settings import RunSettings
from genstudio.core.spec import DataSpec
from genstudio.jobs.recorder import Recorder
from genstudio.jobs.sheets import read_sheet
from genstudio.jobs.training import create_run, extend_run, train_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord, ProfileRecord, RemarkRecord, RunStatus
from genstudio.training.checkpoint import read_checkpoint
from tests import workshop


def tensors_of(ws: Workspace, run: str, images_seen: int) -> dict[str, bytes]:
    record = next(record for record in ws.project.checkpoints(run) if record.images_seen == images_seen)
    _, tensors = read_checkpoint(ws.project.path(record.file), record.sha256)
    return {name: tensor.numpy().tobytes() for name, tensor in tensors.items()}


def train_some(ws: Workspace, run: str, steps: int) -> Finished:
    """Train about so many steps, then stop and save."""
    control, left = Control(), iter(range(steps))

    def between() -> None:
        if next(left, None) is None:
            control.stop()

    return train_run(ws, run, lambda _: None, control, between)


def test_that_a_run_trains_and_everything_it_said_is_kept_before_it_was_heard(
    ws: Workspace, dataset: DatasetRecord
) -> None:
    run = workshop.make_run(ws, dataset.id)
    heard: list[Event] = []

    def hear(event: Event) -> None:
        heard.append(event)
        if isinstance(event, Metric):
            assert ws.project.metrics(run.id, event.images_seen - 1)[0].values == event.values
        if isinstance(event, Preview):
            kept = ws.project.previews(run.id)[-1]
            pixels = read_sheet(ws.project.path(kept.file), kept.count, kept.columns)
            assert (pixels == event.images).all()
        if isinstance(event, CheckpointSaved):
            assert ws.project.latest_checkpoint(run.id).file == event.file  # type: ignore[union-attr]
        if isinstance(event, Finished):
            assert ws.project.run(run.id).status is RunStatus.COMPLETED

    finished = workshop.train(ws, run.id, hear=hear)
    assert finished == heard[-1]
    assert finished.outcome is Outcome.COMPLETED
    assert isinstance(heard[0], Started)
    assert [type(event) for event in heard].count(Finished) == 1
    clocks = [event.images_seen for event in heard]
    assert clocks == sorted(clocks)
    kept = ws.project.run(run.id)
    assert (kept.status, kept.images_seen, kept.message) == (RunStatus.COMPLETED, 640, "")
    assert {"error", "heldout/error"} <= kept.figures.keys()
    assert ws.project.previews(run.id)[0].images_seen == 0


def test_that_warnings_recoveries_and_rows_of_numbers_are_kept_before_they_are_heard(
    ws: Workspace, dataset: DatasetRecord
) -> None:
    run = workshop.make_run(ws, dataset.id).id
    heard: list[tuple[Event, int]] = []
    recorder = Recorder(ws.project, run, lambda event: heard.append((event, len(ws.project.remarks(run)))))
    said = (
        Warned(run, 10, "It gets worse.", "rising"),
        Profiled(run, 10, "weights", (0.5, 0.25)),
        Recovered(run, 40, "rising", "It gets worse."),
    )
    for event in said:
        recorder(event)
        assert (ws.project.run(run).message == "") is isinstance(event, Recovered)
    assert heard == [(event, 1) for event in said]
    assert ws.project.remarks(run) == [RemarkRecord(run, 10, "rising", "It gets worse.", 40)]
    assert ws.project.profiles(run) == [ProfileRecord(run, 10, "weights", (0.5, 0.25))]


def test_that_a_resumed_run_ends_in_the_same_bits(ws: Workspace, dataset: DatasetRecord) -> None:
    straight = workshop.make_run(ws, dataset.id)
    workshop.train(ws, straight.id)
    stopped = workshop.make_run(ws, dataset.id)
    first = train_some(ws, stopped.id, steps=13)
    assert first.outcome is Outcome.STOPPED
    assert 0 < first.images_seen < 640
    assert ws.project.run(stopped.id).status is RunStatus.STOPPED
    heard: list[Event] = []
    assert workshop.train(ws, stopped.id, hear=heard.append).outcome is Outcome.COMPLETED
    assert heard[0] == Started(stopped.id, first.images_seen, 640, heard[0].device)  # type: ignore[attr-defined]
    assert tensors_of(ws, stopped.id, 640) == tensors_of(ws, straight.id, 640)


def test_that_a_damaged_checkpoint_is_passed_over_and_said(ws: Workspace, dataset: DatasetRecord) -> None:
    run = _run_with_checkpoints(ws, dataset)
    older, newest = ws.project.checkpoints(run)[-2:]
    with ws.project.path(newest.file).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\xff")
    heard: list[Event] = []
    assert workshop.train(ws, run, hear=heard.append).outcome is Outcome.COMPLETED
    assert heard[0].images_seen == older.images_seen
    warned = heard[1]
    assert isinstance(warned, Warned)
    assert f"checkpoint at {newest.images_seen:,} images was changed since it was saved" in warned.text
    assert [row.images_seen for row in ws.project.metrics(run)] == sorted(
        {row.images_seen for row in ws.project.metrics(run)}
    )


def test_that_a_run_without_one_whole_checkpoint_does_not_begin_again_by_itself(
    ws: Workspace, dataset: DatasetRecord
) -> None:
    run = _run_with_checkpoints(ws, dataset)
    for record in ws.project.checkpoints(run):
        ws.project.path(record.file).unlink()
    rows = ws.project.metrics(run)
    heard: list[Event] = []
    finished = workshop.train(ws, run, hear=heard.append)
    assert (finished.outcome, [type(event) for event in heard]) == (Outcome.FAILED, [Started, Finished])
    assert "none of which is whole" in finished.message
    assert ws.project.run(run).message == finished.message
    assert ws.project.metrics(run) == rows


def test_that_a_dataset_gone_or_changed_is_a_sentence(ws: Workspace, dataset: DatasetRecord, tmp_path: Path) -> None:
    run = _run_with_checkpoints(ws, dataset)
    folder = ws.project.path(dataset.folder)
    folder.rename(tmp_path / "away")
    finished = workshop.train(ws, run)
    assert finished.outcome is Outcome.FAILED
    assert ws.project.run(run).status is RunStatus.FAILED
    other = workshop.import_pictures(ws, workshop.paint_pictures(tmp_path / "others", seed=9), "others")
    shutil.copytree(ws.project.path(other.folder), folder)
    assert "not the one this run was started with" in workshop.train(ws, run).message
    shutil.rmtree(folder)
    (tmp_path / "away").rename(folder)
    assert workshop.train(ws, run).outcome is Outcome.COMPLETED
    assert ws.project.run(run).message == ""


def test_that_a_run_whose_family_is_gone_says_so(ws: Workspace, dataset: DatasetRecord) -> None:
    run = workshop.make_run(ws, dataset.id)
    empty = Workspace(type(ws.host)(), ws.project)
    finished = workshop.train(empty, run.id)
    assert finished.outcome is Outcome.FAILED
    assert "There is no family called “eigenpictures”" in finished.message


def test_that_training_a_run_that_is_not_there_raises(ws: Workspace) -> None:
    with pytest.raises(ProjectError, match="There is no run"):
        workshop.train(ws, "nothing")


def test_that_reports_after_the_point_of_resuming_are_made_again(ws: Workspace, dataset: DatasetRecord) -> None:
    from tests.unit.store.makers import metric

    run = _run_with_checkpoints(ws, dataset)
    newest = ws.project.latest_checkpoint(run)
    assert newest is not None
    ws.project.add_metrics(run, [metric(newest.images_seen + 1), metric(newest.images_seen + 2)])
    workshop.train(ws, run)
    clocks = [row.images_seen for row in ws.project.metrics(run)]
    assert newest.images_seen + 1 not in clocks
    assert clocks[-1] == 640


def test_that_a_full_disk_ends_the_run_with_a_sentence_and_keeps_what_was_saved(
    ws: Workspace, dataset: DatasetRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = workshop.make_run(ws, dataset.id)

    def full(*_: object) -> None:
        raise DiskFullError("There is no room left. Free some space, then resume.")

    with monkeypatch.context() as patch:
        patch.setattr("genstudio.jobs.saving.Keeper._write", full)
        finished = workshop.train(ws, run.id)
    assert (finished.outcome, finished.message) == (
        Outcome.FAILED,
        "There is no room left. Free some space, then resume.",
    )
    assert ws.project.run(run.id).status is RunStatus.FAILED
    assert workshop.train(ws, run.id).outcome is Outcome.COMPLETED


def test_that_a_sink_that_fails_ends_the_run_but_not_the_studio(ws: Workspace, dataset: DatasetRecord) -> None:
    run = workshop.make_run(ws, dataset.id)
    heard: list[Event] = []

    def hear(event: Event) -> None:
        heard.append(event)
        if isinstance(event, Metric):
            raise RuntimeError("the window is gone")

    finished = workshop.train(ws, run.id, hear=hear)
    assert finished.outcome is Outcome.FAILED
    assert isinstance(heard[-1], Finished)
    assert ws.project.run(run.id).status is RunStatus.FAILED


@pytest.mark.parametrize("failing", [Metric, Finished])
def test_that_the_last_word_is_kept_whatever_the_sink_does(
    ws: Workspace, dataset: DatasetRecord, failing: type[Event]
) -> None:
    run = workshop.make_run(ws, dataset.id, images=16)

    def hear(event: Event) -> None:
        if isinstance(event, failing) and event.images_seen == 16:
            raise RuntimeError("the window is gone")

    finished = workshop.train(ws, run.id, hear=hear)
    assert finished.outcome is (Outcome.FAILED if failing is Metric else Outcome.COMPLETED)
    assert ws.project.run(run.id).status.value == finished.outcome.value


def test_that_a_run_can_be_extended_and_keeps_where_it_stood(ws: Workspace, dataset: DatasetRecord) -> None:
    run = workshop.make_run(ws, dataset.id, images=320)
    workshop.train(ws, run.id)
    with pytest.raises(ConfigError, match="already seen 320 images"):
        extend_run(ws, run.id)
    with pytest.raises(ConfigError, match="already seen"):
        extend_run(ws, run.id, images=320)
    assert extend_run(ws, run.name, images=960).budget == 960
    assert workshop.train(ws, run.id).images_seen == 960
    assert [(c.images_seen, c.pinned) for c in ws.project.checkpoints(run.id)] == [(320, True), (960, False)]
    assert extend_run(ws, run.id, images=2_000, minutes=5).settings["minutes"] == 5


def test_that_a_family_refuses_data_it_cannot_learn_from(ws: Workspace, dataset: DatasetRecord) -> None:
    text = DatasetRecord(
        "t-1", "words", "datasets/t-1", "f", DataSpec(modality="text", count=3, length=4), "x", 1.0, 0, 0
    )
    ws.project.add_dataset(text)
    family = ws.host.family("eigenpictures")
    with pytest.raises(FamilyError, match="learns from images; this dataset holds text"):
        create_run(ws, family.name, family.presets["Draft"], "words", RunSettings())


def test_that_previews_are_lossless_sheets_of_any_colour(tmp_path: Path) -> None:
    import numpy as np

    from genstudio.core.errors import DataError
    from genstudio.jobs.sheets import columns_for, write_sheet

    random = np.random.default_rng(0)
    for channels in (1, 3, 4):
        for count in (1, 3, 16, 17):
            images = random.integers(0, 256, (count, 6, 9, channels), dtype=np.uint8)
            write_sheet(tmp_path / "deep" / "sheet.png", images)
            again = read_sheet(tmp_path / "deep" / "sheet.png", count, columns_for(count))
            np.testing.assert_array_equal(again, images)
    Image.new("CMYK", (4, 4)).save(tmp_path / "foreign.png", "TIFF")
    for name in ("foreign.png", "gone.png"):
        with pytest.raises(DataError, match="gone or damaged"):
            read_sheet(tmp_path / name, 4, 2)


def _run_with_checkpoints(ws: Workspace, dataset: DatasetRecord) -> str:
    """A run that was stopped twice, with a checkpoint of each time; the best state between them may be a third."""
    run = workshop.make_run(ws, dataset.id).id
    for _ in range(2):
        train_some(ws, run, steps=11)
    assert len(ws.project.checkpoints(run)) in (2, 3)
    return run
