"""What the kill harness's children do: real work, and a line on a pipe for everything that is acknowledged.

A line is written only after the studio said that a thing is kept. Whoever reads the pipe therefore knows what must be
found again, however the child ended.
"""

import hashlib
import json
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genstudio.core.control import Control
from genstudio.core.events import CheckpointSaved, Event, Finished, Metric, Preview, Started
from genstudio.data.dataset import ImageDataset
from genstudio.generation.export import read_image
from genstudio.jobs.building import damage
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.sheets import read_sheet
from genstudio.jobs.training import train_run
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project
from genstudio.store.records import RunRecord, RunStatus
from genstudio.training.checkpoint import read_checkpoint
from tests import workshop

IMAGES = 1_600
SAVE_EVERY = 4  # steps


def digest(path: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tensors_digest(path: Path) -> str:
    """The hash of every tensor of a checkpoint, with its name; the header (times, names) stays out."""
    _, tensors = read_checkpoint(path)
    total = hashlib.sha256()
    for name in sorted(tensors):
        total.update(name.encode())
        total.update(tensors[name].numpy().tobytes())
    return total.hexdigest()


class Pipe:
    """The way acknowledgements leave the child: one whole line a write, so that a kill never cuts one."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def say(self, kind: str, **what: Any) -> None:
        """Write one line (shorter than what the system writes in one piece)."""
        line = json.dumps({"kind": kind, **what}).encode() + b"\n"
        assert len(line) < 4096
        os.write(self._descriptor, line)


@dataclass
class Worker:
    """One child's life: whatever comes next in a project, until it is killed."""

    ws: Workspace
    pictures: Path
    pipe: Pipe
    random: random.Random

    def live(self) -> None:
        """Work until killed."""
        while True:
            self.random.choice((self.train, self.train, self.train, self.sample, self.add_pictures, self.delete))()

    def add_pictures(self) -> None:
        """Import a folder."""
        record = workshop.import_pictures(self.ws, self.pictures, "more")
        self.pipe.say("dataset", id=record.id, fingerprint=record.fingerprint)

    def train(self) -> None:
        """Train the run that is not done, or a new one, saving every few steps."""
        run = self._unfinished() or workshop.make_run(self.ws, self.ws.project.datasets()[0].id, images=IMAGES)
        self.pipe.say("run", id=run.id)
        control, steps = Control(), 0

        def between() -> None:
            nonlocal steps
            steps += 1
            if steps % SAVE_EVERY == 0:
                control.save_now()

        finished = train_run(self.ws, run.id, self._hear, control, between)
        assert finished.images_seen == IMAGES, finished

    def _unfinished(self) -> RunRecord | None:
        runs = (run for run in self.ws.project.runs() if run.status is not RunStatus.COMPLETED)
        return next(runs, None)

    def _hear(self, event: Event) -> None:
        where = {"run": event.run, "at": event.images_seen}
        if isinstance(event, Metric):
            self.pipe.say("metric", **where, values=dict(event.values))
        elif isinstance(event, Preview):
            self.pipe.say(
                "preview", **where, name=event.name, pixels=hashlib.sha256(event.images.tobytes()).hexdigest()
            )
        elif isinstance(event, CheckpointSaved):
            self.pipe.say("checkpoint", **where, sha=digest(self.ws.project.path(event.file)))
        elif isinstance(event, Started | Finished):
            self.pipe.say(type(event).__name__.lower(), **where)

    def sample(self) -> None:
        """Generate a few pictures with a run that has learned something."""
        able = [run.id for run in self.ws.project.runs() if self.ws.project.latest_checkpoint(run.id)]
        if able:
            request = GenerateRequest(self.random.choice(able), None, 6, self.random.randrange(1000), 3)
            generate(self.ws, request, progress=untold, on_samples=self._kept, cancelled=never)

    def _kept(self, samples: list[Any]) -> None:
        for sample in samples:
            self.pipe.say("sample", id=sample.id, sha=digest(self.ws.project.path(sample.file)))

    def delete(self) -> None:
        """Delete a few pictures, and half of the time think better of it."""
        ids = [sample.id for sample in self.ws.project.samples()]
        chosen = self.random.sample(ids, min(3, len(ids)))
        for sample in chosen:
            self.pipe.say("deleting", id=sample)
        undo = self.ws.project.delete_samples(chosen)
        back = self.random.random() < 0.5
        if back:
            undo()
        for sample in chosen:
            self.pipe.say("undeleted" if back else "deleted", id=sample)


def live(folder: Path, pictures: Path, host: PluginHost, descriptor: int, seed: float) -> None:
    """Open the project as a person would after a crash, and work until killed."""
    pipe = Pipe(descriptor)
    ws = Workspace(host, Project.open(folder))
    pipe.say("opened")
    Worker(ws, pictures, pipe, random.Random(seed)).live()


def prepare(folder: Path, pictures: Path, host: PluginHost) -> None:
    """Make the project with its first dataset."""
    ws = workshop.new_workspace(folder, host)
    workshop.import_pictures(ws, pictures)
    ws.project.close()


def reference(folder: Path, host: PluginHost, descriptor: int) -> None:
    """Train one run without interruption in a copy of the project; say the hash of its tensors after every step."""
    copy = folder.with_name("reference")
    shutil.copytree(folder, copy)
    ws, pipe, control = Workspace(host, Project.open(copy)), Pipe(descriptor), Control()
    run = workshop.make_run(ws, ws.project.datasets()[0].id, images=IMAGES)

    def hear(event: Event) -> None:
        if isinstance(event, CheckpointSaved):
            pipe.say("tensors", at=event.images_seen, sha=tensors_digest(ws.project.path(event.file)))

    train_run(ws, run.id, hear, control, control.save_now)
    ws.project.close()


def inspect(folder: Path, descriptor: int) -> None:
    """Open the project and say everything that is visible in it, after checking that it is whole."""
    project, pipe = Project.open(folder), Pipe(descriptor)
    for sentence in project.check():
        pipe.say("said", text=sentence)
    for line in _visible(project):
        pipe.say(**line)
    pipe.say("inspected", leftovers=[path.name for path in folder.rglob("*") if ".tmp" in path.name])
    project.close()


def _visible(project: Project) -> Iterator[dict[str, Any]]:
    for dataset in project.datasets():
        opened = ImageDataset.open(project.path(dataset.folder))
        yield {"kind": "dataset", "id": dataset.id, "fingerprint": opened.fingerprint}
    for run in project.runs():
        yield {"kind": "run", "id": run.id, "status": run.status.value}
        for row in project.metrics(run.id):
            yield {"kind": "metric", "run": run.id, "at": row.images_seen, "values": dict(row.values)}
        for preview in project.previews(run.id):
            pixels = read_sheet(project.path(preview.file), preview.count, preview.columns)
            where = {"run": run.id, "at": preview.images_seen, "name": preview.name}
            yield {"kind": "preview", **where, "pixels": hashlib.sha256(pixels.tobytes()).hexdigest()}
        for record in project.checkpoints(run.id):
            assert damage(project, record) is None
            where = {"run": run.id, "at": record.images_seen, "sha": record.sha256}
            yield {"kind": "checkpoint", **where, "tensors": tensors_digest(project.path(record.file))}
    for sample in project.samples():
        assert read_image(project.path(sample.file)).shape == (8, 8, 1)
        yield {"kind": "sample", "id": sample.id, "sha": digest(project.path(sample.file))}
