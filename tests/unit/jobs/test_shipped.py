"""The model that comes with the studio: it fits the families of today, and goes into a project whole or not at all."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from genstudio.core.errors import CheckpointError
from genstudio.data import builtin
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.shipped import CHECKPOINT, beginners_first, models_folder, read_model, unpack_model
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import RunStatus
from tests.workshop import paint_pictures

LETTERS = models_folder() / "letters"


@pytest.fixture(autouse=True)
def small_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = next(dataset for dataset in builtin.builtin_datasets() if dataset.name == "glyphs")
    folder = paint_pictures(tmp_path / "letters", count=12)
    monkeypatch.setattr(builtin, "builtin_datasets", lambda: (replace(letters, path=folder),))


def _unpack(ws: Workspace, folder: Path = LETTERS) -> str:
    return unpack_model(ws, folder, lambda *_: None, lambda: False).id


def test_that_the_model_is_a_finished_run_that_draws(ws: Workspace) -> None:
    run = ws.project.run(_unpack(ws))
    assert run.status is RunStatus.COMPLETED
    assert run.images_seen == run.budget
    assert ws.project.metrics(run.id)
    for sheet in ws.project.previews(run.id):
        assert ws.project.path(sheet.file).is_file()
    request = GenerateRequest(run=run.id, checkpoint=None, count=2, seed=1, batch=2)
    drawn = generate(ws, request, progress=lambda *_: None, on_samples=lambda _: None, cancelled=lambda: False)
    model = read_model(LETTERS)
    assert [(sample.width, sample.height) for sample in drawn] == [(model.size, model.size)] * 2


def test_that_beginners_meet_its_family_first(ws: Workspace) -> None:
    families = ws.host.families()
    ordered = beginners_first(families)
    assert ordered[0].name == read_model(LETTERS).family
    assert [family.name for family in ordered[1:]] == [one.name for one in families if one is not ordered[0]]


def test_that_it_is_unpacked_once_into_a_project(ws: Workspace) -> None:
    assert _unpack(ws) == _unpack(ws)
    assert len(ws.project.runs()) == len(ws.project.datasets()) == 1


def test_that_a_damaged_model_leaves_no_run_behind(ws: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(LETTERS, copy)
    data = bytearray((copy / CHECKPOINT).read_bytes())
    data[-1] ^= 1
    (copy / CHECKPOINT).write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged"):
        _unpack(ws, copy)
    assert ws.project.runs() == []
    assert not list(ws.project.folder.glob("runs/*"))


def test_that_a_missing_model_is_told_in_a_sentence(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="Install GenStudio again"):
        _unpack(ws, tmp_path / "nowhere")


def test_that_the_shipped_files_stay_small() -> None:
    assert sum(file.stat().st_size for file in LETTERS.rglob("*") if file.is_file()) < 12e6
