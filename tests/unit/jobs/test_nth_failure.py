"""Whichever file operation fails, nothing kept is lost, nothing half-made counts, and the failure is a sentence.

Every operation of the layer that writes go through is made to fail in turn, the first, the second, and so on, until the
work survives. After each failure the project is opened as after a crash and compared with what was acknowledged.
"""

import errno
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from genstudio.core.errors import GenStudioError
from genstudio.core.files import Files
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project
from tests import workshop

OPERATIONS = ("create", "write", "sync", "replace", "sync_folder", "remove")
FAULTS = (errno.ENOSPC, errno.EIO)  # a full disk and a broken one, in turn


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, host: PluginHost, pictures: Path) -> Path:
    """A project with a dataset, a trained run and samples."""
    folder = tmp_path_factory.mktemp("template") / "project"
    ws = workshop.new_workspace(folder, host)
    dataset = workshop.import_pictures(ws, pictures)
    run = workshop.make_run(ws, dataset.id, images=64)
    workshop.train(ws, run.id)
    generate(ws, GenerateRequest(run.id, None, 3, 1, 3), progress=untold, on_samples=lambda _: None, cancelled=never)
    ws.project.close()
    return folder


def _train(ws: Workspace) -> None:
    run = workshop.make_run(ws, ws.project.datasets()[0].id, images=48)
    finished = workshop.train(ws, run.id)
    if finished.message:
        raise GenStudioError(finished.message)


def _generate(ws: Workspace) -> None:
    request = GenerateRequest(ws.project.runs()[-1].id, None, 3, 2, 2)
    generate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)


def _import(ws: Workspace) -> None:
    source = workshop.paint_pictures(ws.project.folder.parent / "more", 6)
    workshop.import_pictures(ws, source, "more")


def _delete_and_undo(ws: Workspace) -> None:
    with ExitStack() as undo:
        undo.callback(ws.project.delete_samples([sample.id for sample in ws.project.samples()]))
        undo.callback(ws.project.delete_run(ws.project.runs()[0].id))
        undo.callback(ws.project.delete_dataset(ws.project.datasets()[0].id))


WORK: dict[str, Callable[[Workspace], None]] = {
    "train": _train,
    "generate": _generate,
    "import": _import,
    "delete": _delete_and_undo,
}


class Saboteur:
    """Makes the n-th file operation fail, once."""

    def __init__(self, at: int, number: int) -> None:
        self.at, self.number, self.count = at, number, 0

    def arm(self, patch: pytest.MonkeyPatch) -> None:
        for name in OPERATIONS:
            patch.setattr(Files, name, self._wrapped(getattr(Files, name)))

    def _wrapped(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                raise OSError(self.number, "sabotage")
            return operation(*args)

        return call


@pytest.mark.parametrize("work", WORK)
def test_that_no_failing_file_operation_loses_or_fakes_anything(
    template: Path, tmp_path: Path, host: PluginHost, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    for at in range(1, 200):
        saboteur = Saboteur(at, FAULTS[at % 2])
        project, crashed = tmp_path / f"{at}" / "project", tmp_path / f"{at}" / "crashed"
        shutil.copytree(template, project)
        ws = Workspace(host, Project.open(project))
        before = _state(ws.project)
        with monkeypatch.context() as patch:
            saboteur.arm(patch)
            try:
                WORK[work](ws)
            except GenStudioError as error:
                assert saboteur.count >= at
                assert any(word in str(error) for word in ("sabotage", "full", "could not be")), error
        shutil.copytree(project, crashed)
        ws.project.close()
        again = Project.open(crashed)
        assert before <= _state(again)
        assert not [sentence for sentence in again.check() if "missing" in sentence]
        again.close()
        if saboteur.count < at:
            return
    raise AssertionError("the work never survived")


def test_that_opening_survives_what_it_cannot_set_right(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(1, 50):
        saboteur, folder, crashed = Saboteur(at, FAULTS[at % 2]), tmp_path / f"{at}a", tmp_path / f"{at}b"
        shutil.copytree(template, folder)
        project = Project.open(folder)
        before = _state(project)
        (folder / "samples" / ".tmp-1").write_text("half")
        sample = project.samples()[0]
        project.delete_samples([sample.id])
        project.close()
        with monkeypatch.context() as patch:
            saboteur.arm(patch)
            Project.open(folder).close()
        shutil.copytree(folder, crashed)
        again = Project.open(crashed)
        assert _state(again) == before - {sample.file}
        assert not list((crashed / "samples").rglob(".tmp-*"))
        again.close()
        if saboteur.count < at:
            return
    raise AssertionError("opening never survived")


def _state(project: Project) -> set[str]:
    """Everything acknowledged, by key; only what is whole counts."""
    found = set()
    for dataset in project.datasets():
        assert (project.path(dataset.folder) / "dataset.json").exists()
        found.add(f"dataset {dataset.id}")
    for run in project.runs():
        found.add(f"run {run.id}")
        found |= {f"metric {run.id} {row.images_seen}" for row in project.metrics(run.id)}
        files = [record.file for record in project.checkpoints(run.id)]
        files += [record.file for record in project.previews(run.id)]
        found |= {file for file in files if project.path(file).stat().st_size}
    found |= {sample.file for sample in project.samples() if project.path(sample.file).stat().st_size}
    return found
