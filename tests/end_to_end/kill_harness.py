"""Kill the studio at random, open the project again, and look for anything lost: `make kills`.

One process imports everything once and forks a child for every life (a fresh interpreter would take seconds). A child
trains, imports, generates and deletes for real, and acknowledges on a pipe; it is killed with SIGKILL at a random
moment. Another child then opens the project and tells what it finds. What was acknowledged must be there, nothing half
made may be visible, and every checkpoint must hold the very bits that an uninterrupted run holds at that point.

SIGKILL leaves the system's cache alone, so this does not try what a power cut does; the order of synchronising and
committing has a test of its own (`tests/unit/jobs/test_durability.py`).
"""

import argparse
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from genstudio.plugins import PluginHost
from genstudio.store.records import CheckpointRecord
from genstudio.store.tables.checkpoints import to_prune
from tests import workshop
from tests.end_to_end import kill_work

Line = dict[str, Any]
Key = TypeVar("Key")
Value = TypeVar("Value")
_PATIENCE = 60.0
_MEAN_LINES = 12  # acknowledgements in a life, so that a busy machine kills in the same places as an idle one
_MEAN_DELAY = 0.02  # seconds after that
_KILLS_A_PROJECT = 25


class Child:
    """A forked process that writes lines to a pipe."""

    def __init__(self, work: Callable[[int], None]) -> None:
        reading, writing = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _work_and_leave(work, writing)
        os.close(writing)
        self._reading, self._rest = reading, b""

    def lines(self, seconds: float, at_least: int | None = None) -> tuple[list[Line], bool]:
        """The lines that come within so many seconds, or until there are enough, and whether the child goes on."""
        end, found = time.monotonic() + seconds, list[Line]()
        while (left := end - time.monotonic()) > 0 and (at_least is None or len(found) < at_least):
            if not select.select([self._reading], [], [], left)[0]:
                continue
            data = os.read(self._reading, 1 << 16)
            if not data:
                return found, False
            found += self._split(data)
        return found, True

    def _split(self, data: bytes) -> list[Line]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in whole]

    def kill(self) -> list[Line]:
        """Kill the child now; returns what it had written by then."""
        os.kill(self.pid, signal.SIGKILL)
        found, _ = self.lines(_PATIENCE)
        self.end()
        return found

    def end(self) -> int:
        """Wait for the child; returns its exit code, negative for a signal."""
        os.close(self._reading)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _work_and_leave(work: Callable[[int], None], writing: int) -> None:
    code = 0
    try:
        work(writing)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)


def told_by(work: Callable[[int], None]) -> list[Line]:
    """Run a child to its end and return its lines; raises `AssertionError` when it fails or hangs."""
    child = Child(work)
    lines, hangs = child.lines(_PATIENCE)
    if hangs:
        child.kill()
    assert not hangs, "a child hangs"
    assert child.end() == 0, "a child failed"
    return lines


@dataclass
class Oracle:
    """What was acknowledged, by key, and what may have gone since for good reasons."""

    reference: dict[int, str]
    datasets: dict[str, str] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    metrics: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)
    previews: dict[tuple[str, int, str], str] = field(default_factory=dict)
    checkpoints: dict[str, dict[int, str]] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)
    uncertain: dict[str, str] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def hear(self, line: Line) -> None:
        """Take note of an acknowledgement."""
        self.counts[line["kind"]] += 1
        getattr(self, f"_hear_{line['kind']}", lambda _: None)(line)

    def _hear_dataset(self, line: Line) -> None:
        self.datasets[line["id"]] = line["fingerprint"]

    def _hear_run(self, line: Line) -> None:
        """A run goes on where its newest checkpoint is: reports after that are made again."""
        self.runs.add(line["id"])
        newest = self.newest.get(line["id"], -1)
        self.metrics = {key: value for key, value in self.metrics.items() if key[0] != line["id"] or key[1] <= newest}

    def _hear_started(self, line: Line) -> None:
        assert line["at"] == max(self.newest.get(line["run"], -1), 0), f"resumed at {line['at']}, not at the newest"
        self.counts["resumed"] += line["at"] > 0

    def _hear_finished(self, line: Line) -> None:
        self.counts["completed"] += line["at"] == kill_work.IMAGES

    def _hear_metric(self, line: Line) -> None:
        self.metrics[line["run"], line["at"]] = line["values"]

    def _hear_preview(self, line: Line) -> None:
        self.previews[line["run"], line["at"], line["name"]] = line["pixels"]

    def _hear_checkpoint(self, line: Line) -> None:
        kept = self.checkpoints.setdefault(line["run"], {})
        kept[line["at"]] = line["sha"]
        records = [CheckpointRecord(line["run"], at, 0.0, "", 0, sha, 0.0) for at, sha in sorted(kept.items())]
        for record in to_prune(records):
            del kept[record.images_seen]

    def _hear_sample(self, line: Line) -> None:
        self.samples[line["id"]] = line["sha"]

    def _hear_deleting(self, line: Line) -> None:
        self.uncertain[line["id"]] = self.samples.pop(line["id"])

    def _hear_undeleted(self, line: Line) -> None:
        self.samples[line["id"]] = self.uncertain.pop(line["id"])

    def _hear_deleted(self, line: Line) -> None:
        del self.uncertain[line["id"]]

    def compare(self, found: list[Line]) -> None:
        """Compare with what is visible after a reopening. Raises `AssertionError` naming what is lost."""
        assert found[-1]["kind"] == "inspected", "the inspection broke off"
        assert found[-1]["leftovers"] == [], f"leftovers: {found[-1]['leftovers']}"
        for line in found:
            getattr(self, f"_see_{line['kind']}", lambda _: None)(line)
        self._compare_by_key(found)
        self._compare_checkpoints(found)

    def _see_said(self, line: Line) -> None:
        assert "missing" not in line["text"], line["text"]

    def _see_run(self, line: Line) -> None:
        assert line["status"] != "running", "a run seems to go on"

    def _see_checkpoint(self, line: Line) -> None:
        assert line["tensors"] == self.reference[line["at"]], f"other bits at {line['at']} images"

    def _compare_by_key(self, found: list[Line]) -> None:
        """Compare, and expect from now on whatever a person can see by now, acknowledged or not."""

        def seen(kind: str) -> list[Line]:
            return [line for line in found if line["kind"] == kind]

        samples = {line["id"]: line["sha"] for line in seen("sample")}
        self._settle(samples)
        self.samples = _checked(samples, self.samples, "picture")
        datasets = {line["id"]: line["fingerprint"] for line in seen("dataset")}
        self.datasets = _checked(datasets, self.datasets, "dataset")
        self.runs = set(_checked({line["id"]: 0 for line in seen("run")}, dict.fromkeys(self.runs, 0), "run"))
        metrics = {(line["run"], line["at"]): line["values"] for line in seen("metric")}
        self.metrics = _checked(metrics, self.metrics, "report")
        previews = {(line["run"], line["at"], line["name"]): line["pixels"] for line in seen("preview")}
        self.previews = _checked(previews, self.previews, "preview")

    def _settle(self, samples: dict[str, str]) -> None:
        """After a reopening it is known what became of pictures whose deletion was cut off."""
        for sample, sha in self.uncertain.items():
            if sample in samples:
                assert samples[sample] == sha, "a picture came back changed"
                self.samples[sample] = sha
        self.uncertain.clear()

    def _compare_checkpoints(self, found: list[Line]) -> None:
        """A checkpoint may be gone when the rule lets it go beside those that are there.

        Among them are some that nobody acknowledged: the best by held-out pictures is written without a word.
        """
        there: dict[str, dict[int, str]] = {}
        for line in found:
            if line["kind"] == "checkpoint":
                there.setdefault(line["run"], {})[line["at"]] = line["sha"]
        for run, known in self.checkpoints.items():
            kept = there.get(run, {})
            both = known | kept
            records = [CheckpointRecord(run, at, 0.0, "", 0, both[at], 0.0) for at in sorted(both)]
            gone = {record.images_seen for record in to_prune(records)} - set(kept)
            wanted = {at: sha for at, sha in known.items() if at not in gone}
            _checked(kept, wanted, f"checkpoint of {run}")
        self.checkpoints = {run: dict(kept) for run, kept in there.items()}
        self.newest |= {run: max(kept) for run, kept in there.items()}


def _checked(there: dict[Key, Value], wanted: dict[Key, Value], what: str) -> dict[Key, Value]:
    for key, value in wanted.items():
        assert key in there, f"LOST: {what} {key} was acknowledged"
        assert there[key] == value, f"CHANGED: {what} {key} was {value}, is {there[key]}"
    return there


@dataclass
class Harness:
    """Kills lives in one project after another (a project grows, and opening it would take up all the time)."""

    folder: Path
    random: random.Random
    host: PluginHost = field(default_factory=workshop.load_host)
    counts: Counter[str] = field(default_factory=Counter)
    kills: int = 0

    def __post_init__(self) -> None:
        self.pictures = workshop.paint_pictures(self.folder / "pictures", 24)
        project = self._new_project()
        lines = told_by(lambda pipe: kill_work.reference(project, self.host, pipe))
        self.reference = {line["at"]: line["sha"] for line in lines}

    def run(self, kills: int, seconds: float) -> None:
        """Kill so many times, or until the time is up; raises `AssertionError` at the first thing lost."""
        begin = time.monotonic()

        def is_over() -> bool:
            return self.kills >= kills or time.monotonic() - begin > seconds

        while not is_over():
            project, oracle = self._new_project(), Oracle(self.reference)
            for _ in range(_KILLS_A_PROJECT):
                if not is_over():
                    self._one(project, oracle)
            self.counts += oracle.counts
            shutil.rmtree(project)
            self._tell(time.monotonic() - begin)

    def _new_project(self) -> Path:
        project = self.folder / f"project-{self.kills}"
        shutil.rmtree(project, ignore_errors=True)
        told_by(lambda _: kill_work.prepare(project, self.pictures, self.host))
        return project

    def _one(self, project: Path, oracle: Oracle) -> None:
        seed = self.random.random()
        life = Child(lambda pipe: kill_work.live(project, self.pictures, self.host, pipe, seed))
        lines, alive = life.lines(_PATIENCE, at_least=round(self.random.expovariate(1 / _MEAN_LINES)))
        more, alive = life.lines(self.random.expovariate(1 / _MEAN_DELAY)) if alive else ([], False)
        for line in (*lines, *more, *life.kill()):
            oracle.hear(line)
        assert alive, "a child failed by itself"
        oracle.compare(told_by(lambda pipe: kill_work.inspect(project, pipe)))
        self.kills += 1

    def _tell(self, seconds: float) -> None:
        kinds = ("dataset", "metric", "preview", "checkpoint", "sample", "deleted", "undeleted")
        counts = ", ".join(f"{self.counts[kind]:,} {kind}" for kind in kinds)
        sys.stdout.write(
            f"{self.kills} kills in {seconds:.0f} s, nothing lost; acknowledged: {counts}; {self.counts['resumed']} "
            f"resumes, {self.counts['completed']} runs completed, every checkpoint with the reference's bits\n"
        )
        sys.stdout.flush()


def main() -> None:
    """Read the arguments and kill."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    seed = random.SystemRandom().randrange(10**6) if arguments.seed is None else arguments.seed
    sys.stdout.write(f"seed {seed}\n")
    with tempfile.TemporaryDirectory() as folder:
        harness = Harness(Path(folder), random.Random(seed))
        harness.run(arguments.kills, arguments.seconds)
    assert harness.kills < 100 or harness.counts["resumed"], "no run was ever resumed: the harness tries nothing"


if __name__ == "__main__":
    main()
