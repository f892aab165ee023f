"""Opening a project sets right what a crash left, and names what it cannot set right."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from genstudio.store.project import PROJECT_FILE, Project
from genstudio.store.records import RunStatus
from tests.unit.store import makers


def after_a_crash(project: Project, folder: Path) -> Project:
    """Copy the project as it lies on the disk, as if the program had been killed now, and open the copy."""
    shutil.copytree(project.folder, folder)
    return Project.open(folder)


def test_that_what_was_acknowledged_survives_without_closing(project: Project, tmp_path: Path) -> None:
    run = makers.run(project, status=RunStatus.RUNNING)
    project.add_metrics(run.id, [makers.metric(3)])
    assert (project.folder / f"{PROJECT_FILE}-wal").stat().st_size > 0
    again = after_a_crash(project, tmp_path / "copy")
    assert again.metrics(run.id) == [makers.metric(3)]
    assert again.run(run.id).status is RunStatus.INTERRUPTED
    assert again.check() == ["The run “first” was interrupted. It can go on from its last checkpoint."]
    again.close()


def test_that_unfinished_files_are_swept_and_nothing_else(project: Project, tmp_path: Path) -> None:
    makers.dataset(project)
    makers.put(project, "datasets/.tmp-cafe/pixels.u8")
    makers.put(project, f"runs/vae-0001/checkpoints/.tmp-{'a' * 32}")
    makers.put(project, "samples/vae-0001/.tmp-1.png")
    kept = {makers.put(project, "samples/vae-0001/my.tmp.png"), makers.put(project, "notes/.tmp-mine")}
    again = after_a_crash(project, tmp_path / "copy")
    assert again.check()[0].startswith("3 unfinished files")
    assert makers.everything(again.folder) == kept | {"datasets/waves-0001/pixels.u8"}
    again.close()


def test_that_missing_and_unknown_files_are_named_and_left_alone(project: Project, tmp_path: Path) -> None:
    run = makers.run(project)
    lost = makers.checkpoint(project, run.id, 7)
    project.path(lost.file).unlink()
    makers.sample(project, "s1")
    strange = makers.put(project, "samples/vae-0001/holiday.png")
    makers.put(project, "samples/README.txt")
    again = after_a_crash(project, tmp_path / "copy")
    said = again.check()
    assert len(said) == 2
    assert "1 file of this project missing (runs/vae-0001/checkpoints/000000000007.safetensors)" in said[0]
    assert "1 file in the project's folder not known to it (samples/vae-0001/holiday.png)" in said[1]
    assert (again.folder / strange).exists()
    assert again.samples()[0].id == "s1"
    again.close()


DELETIONS: dict[str, Callable[[Project], object]] = {
    "run": lambda project: project.delete_run("vae-0001"),
    "dataset": lambda project: project.delete_dataset("waves-0001"),
    "samples": lambda project: project.delete_samples(["s1", "s2"]),
}


@pytest.mark.parametrize("what", DELETIONS)
def test_that_a_deletion_cut_off_before_its_files_moved_is_finished(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    _fill(project)
    kept = {file for file in makers.everything(project.folder) if _belongs(file) != what}
    with monkeypatch.context() as patch:
        patch.setattr("genstudio.store.trash.discard", lambda *_: None)
        DELETIONS[what](project)
    again = after_a_crash(project, tmp_path / "copy")
    assert makers.everything(again.folder) == kept
    assert again.check() == []
    again.close()


@pytest.mark.parametrize("what", DELETIONS)
def test_that_an_undo_cut_off_before_its_files_moved_is_finished(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    _fill(project)
    before = makers.everything(project.folder)
    undo = DELETIONS[what](project)
    assert callable(undo)
    with monkeypatch.context() as patch:
        patch.setattr("genstudio.store.trash.recover", lambda *_: None)
        undo()
    again = after_a_crash(project, tmp_path / "copy")
    assert makers.everything(again.folder) == before
    assert again.check() == []
    again.close()


def _fill(project: Project) -> None:
    makers.dataset(project)
    makers.run(project)
    makers.checkpoint(project, "vae-0001", 5)
    makers.preview(project, "vae-0001", 5)
    makers.sample(project, "s1")
    makers.sample(project, "s2")


def _belongs(file: str) -> str:
    return {"runs": "run", "datasets": "dataset"}.get(file.split("/")[0], "samples")
