"""Whatever people do to a project in whatever order, with crashes in between, it agrees with a plain model of it."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from genstudio.core.errors import ProjectError
from genstudio.store.project import Project
from genstudio.store.records import RunStatus
from tests.unit.store import makers

NAMES = st.sampled_from(["draft", "draft 2", "ü", "x" * 50])


class Lifecycle(RuleBasedStateMachine):
    """The model: names, statuses and reports by id, and what an undo would bring back."""

    @initialize()
    def begin(self) -> None:
        self.place = Path(tempfile.mkdtemp())
        self.count = 0
        self.project = Project.create(self.place / "0")
        self.runs: dict[str, str] = {}
        self.statuses: dict[str, RunStatus] = {}
        self.metrics: dict[str, list[int]] = {}
        self.datasets: dict[str, str] = {}
        self.samples: dict[str, bool] = {}
        self.undos: list[tuple[Callable[[], None], Callable[[], None]]] = []

    def fresh(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count:04d}"

    @rule(name=NAMES)
    def add_run(self, name: str) -> None:
        record = makers.run(self.project, self.fresh("run"), name)
        makers.checkpoint(self.project, record.id, 4)
        assert record.name == name or record.name.startswith(f"{name} ")
        self.runs[record.id], self.statuses[record.id], self.metrics[record.id] = record.name, record.status, []

    @rule(name=NAMES)
    def add_dataset(self, name: str) -> None:
        record = makers.dataset(self.project, self.fresh("data"), name)
        self.datasets[record.id] = record.name

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def generate(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(sorted(self.runs)))
        self.samples[makers.sample(self.project, self.fresh("sample"), run).id] = False

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), steps=st.lists(st.integers(0, 50), min_size=1, max_size=3, unique=True))
    def train(self, data: st.DataObject, steps: list[int]) -> None:
        run = data.draw(st.sampled_from(sorted(self.runs)))
        self.project.set_run(run, status=RunStatus.RUNNING)
        self.project.add_metrics(run, [makers.metric(step) for step in steps])
        self.statuses[run] = RunStatus.RUNNING
        self.metrics[run] = sorted({*self.metrics[run], *steps})

    @precondition(lambda self: RunStatus.RUNNING in self.statuses.values())
    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        running = sorted(run for run, status in self.statuses.items() if status is RunStatus.RUNNING)
        run = data.draw(st.sampled_from(running))
        self.project.set_run(run, status=RunStatus.STOPPED)
        self.statuses[run] = RunStatus.STOPPED

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        run = data.draw(st.sampled_from(sorted(self.runs)))
        taken = name in {other for item, other in self.runs.items() if item != run}
        try:
            self.runs[run] = self.project.rename_run(run, name)
            assert not taken
        except ProjectError:
            assert taken

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def delete_run(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(sorted(self.runs)))
        if self.statuses[run] is RunStatus.RUNNING:
            try:
                self.project.delete_run(run)
            except ProjectError:
                return
            raise AssertionError("a run was deleted while it trained")
        undo = self.project.delete_run(run)
        kept = (self.runs.pop(run), self.statuses.pop(run), self.metrics.pop(run))
        self.undos.append((undo, lambda: self._run_is_back(run, kept)))

    def _run_is_back(self, run: str, kept: tuple[str, RunStatus, list[int]]) -> None:
        name = self.project.run(run).name
        assert name == kept[0] or (kept[0] in self.runs.values() and name.startswith(kept[0]))
        self.runs[run], self.statuses[run], self.metrics[run] = name, *kept[1:]

    @precondition(lambda self: self.samples)
    @rule(data=st.data())
    def delete_samples(self, data: st.DataObject) -> None:
        ids = data.draw(st.lists(st.sampled_from(sorted(self.samples)), min_size=1, unique=True))
        undo = self.project.delete_samples(ids)
        kept = {item: self.samples.pop(item) for item in ids}
        self.undos.append((undo, lambda: self.samples.update(kept)))

    @precondition(lambda self: self.samples)
    @rule(data=st.data(), starred=st.booleans())
    def star(self, data: st.DataObject, starred: bool) -> None:
        item = data.draw(st.sampled_from(sorted(self.samples)))
        self.project.star(item, starred)
        self.samples[item] = starred

    @precondition(lambda self: self.datasets and RunStatus.RUNNING not in self.statuses.values())
    @rule(data=st.data())
    def delete_dataset(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(sorted(self.datasets)))
        undo = self.project.delete_dataset(item)
        del self.datasets[item]
        self.undos.append((undo, lambda: self.datasets.update({item: self.project.dataset(item).name})))

    @precondition(lambda self: self.undos)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        undo, then = self.undos.pop(data.draw(st.integers(0, len(self.undos) - 1)))
        undo()
        then()

    @rule(kill=st.booleans())
    def reopen(self, kill: bool) -> None:
        if kill:
            copy = self.place / self.fresh("copy")
            shutil.copytree(self.project.folder, copy)
            self.project.close()
            self.project = Project.open(copy)
        else:
            self.project.close()
            self.project = Project.open(self.project.folder)
        interrupted = [run for run, status in self.statuses.items() if status is RunStatus.RUNNING]
        assert len(self.project.check()) == len(interrupted)
        self.statuses |= dict.fromkeys(interrupted, RunStatus.INTERRUPTED)
        self.undos.clear()
        assert not (self.project.folder / "trash").exists()

    @invariant()
    def the_project_agrees(self) -> None:
        if not hasattr(self, "project"):
            return
        runs = self.project.runs()
        assert {run.id: run.name for run in runs} == self.runs
        assert {run.id: run.status for run in runs} == self.statuses
        assert {run: [row.images_seen for row in self.project.metrics(run)] for run in self.runs} == self.metrics
        assert {data.id: data.name for data in self.project.datasets()} == self.datasets
        samples = self.project.samples()
        assert {sample.id: sample.starred for sample in samples} == self.samples
        files = [sample.file for sample in samples]
        files += [record.file for run in self.runs for record in self.project.checkpoints(run)]
        files += [f"{record.folder}/pixels.u8" for record in self.project.datasets()]
        there = {file for file in makers.everything(self.project.folder) if not file.startswith("trash/")}
        assert there == set(files)

    def teardown(self) -> None:
        if hasattr(self, "project"):
            self.project.close()
            shutil.rmtree(self.place)


Lifecycle.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestThatEveryHistoryOfAProjectIsKept = Lifecycle.TestCase
