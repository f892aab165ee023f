"""How calm the window stays while a model trains on every core, and what the window costs the training.

Run: python -m tests.benchmarks.bench_window [--seconds N] [--rounds N] [--json FILE]

Fresh processes, turn by turn, on the same built-in pictures with the same family and preset:

idle      the whole window with a project open and the engine loaded, at Train; nothing runs.
training  the same while a run trains, with its live plots and previews in view.
hidden    the same, at Home: plots and previews are out of view.
headless  the same run through the job function that the command line calls; no Qt at all.

The first third of a trial warms up. In the second third speed is measured, in images a second of training time as the
run itself reports it, and what the window's thread costs: its processor time over the time on the clock, which holds
on a busy machine as well. In the last third lateness is measured: that of a precise 5 ms timer in the window's thread
that does 0.3 ms of work (which costs so much itself that speed is measured without it). `preload` is lateness while
torch is being loaded behind the window. On a busy machine look at the ratios: they are taken turn by turn.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from genstudio.core.events import Event
    from genstudio.jobs.workspace import Workspace

FAMILY, PRESET, DATA, SIZE = "vae", "Draft", "emoji", 32
PERIOD, WORK = 0.005, 0.0003
ENDLESS = 10_000_000
PLACES = {"idle": "train", "training": "train", "hidden": "home"}
Figures = dict[str, float]


class Speed:
    """Hears a run's events and says how fast it was, over the second third of what it heard."""

    def __init__(self) -> None:
        self.reports: list[tuple[float, int]] = []

    def hear(self, event: "Event") -> None:
        """Keep the clocks of a report; any thread."""
        from genstudio.core.events import Metric

        if isinstance(event, Metric):
            self.reports.append((event.seconds, event.images_seen))

    def images_a_second(self) -> float:
        """Images seen over training time."""
        third = len(self.reports) // 3
        (first, before), (last, after) = self.reports[third], self.reports[2 * third]
        return (after - before) / (last - first)


class Effort:
    """Processor time of the window's thread. To be used in that thread."""

    def __init__(self) -> None:
        self.share = 0.0
        self._began = (0.0, 0.0)

    def begin(self) -> None:
        """Measure from now on."""
        self._began = (time.thread_time(), time.perf_counter())

    def end(self) -> None:
        """Measure until now."""
        busy, passed = time.thread_time() - self._began[0], time.perf_counter() - self._began[1]
        self.share = busy / passed


class Lateness:
    """A precise timer in the window's thread that notes how late it is called."""

    def __init__(self, parent: "QObject") -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late: list[float] = []
        self._due = 0.0
        self._timer = QTimer(parent)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def begin(self) -> None:
        """Forget what was noted, and note from now on."""
        self.late.clear()
        self._due = time.perf_counter() + PERIOD
        self._timer.start(round(1000 * PERIOD))

    def end(self) -> None:
        """Rest until the next beginning."""
        self._timer.stop()

    def figures(self) -> Figures:
        """Percentiles in milliseconds."""
        late = sorted(1000 * value for value in self.late)
        return {
            "p50_ms": round(late[len(late) // 2], 2),
            "p95_ms": round(late[int(0.95 * len(late))], 2),
            "p99_ms": round(late[int(0.99 * len(late))], 2),
            "max_ms": round(late[-1], 2),
        }

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, now - self._due))
        while time.perf_counter() - now < WORK:
            pass
        self._due = now + PERIOD


def make_run(workspace: "Workspace") -> str:
    """Import the pictures unless the project has them, and make a run that does not end by itself."""
    from genstudio.core.settings import RunSettings
    from genstudio.data.options import ImportOptions
    from genstudio.jobs.importing import import_dataset
    from genstudio.jobs.training import create_run

    datasets = workspace.project.datasets()
    if not datasets:
        options = ImportOptions(width=SIZE, height=SIZE, mode="rgb")
        import_dataset(workspace, DATA, options, None, lambda *_: None, lambda: False)
        datasets = workspace.project.datasets()
    config = workspace.host.family(FAMILY).presets[PRESET].replaced({"images": ENDLESS})
    settings = RunSettings(checkpoint_seconds=3600.0)
    return create_run(workspace, FAMILY, config, datasets[0].id, settings).id


def headless(folder: Path, seconds: float) -> Figures:
    """Train without Qt for so long."""
    import threading

    from genstudio.core import paths
    from genstudio.core.control import Control
    from genstudio.jobs.training import train_run
    from genstudio.jobs.workspace import Workspace
    from genstudio.plugins import PluginHost
    from genstudio.store.project import Project
    from genstudio.studio import NICE

    host = PluginHost()
    host.load(paths.user_plugins())
    workspace = Workspace(host, Project.create(folder))
    run, speed, control = make_run(workspace), Speed(), Control()
    import torch._dynamo  # noqa: F401 - loaded beforehand in the window as well

    if hasattr(os, "nice"):
        os.nice(NICE)  # as the device's thread has it in the window, so that other programs weigh alike on both
    timer = threading.Timer(seconds, control.stop)
    timer.start()
    train_run(workspace, run, speed.hear, control)
    timer.join()
    workspace.project.close()
    return {"images_a_second": round(speed.images_a_second(), 2)}


class WindowTrial:
    """Plays one kind of trial in the real window, step by step, and ends the program."""

    def __init__(self, kind: str, folder: Path, seconds: float) -> None:
        from PySide6.QtCore import QTimer

        from genstudio.ui.app import Session, make_app

        self.kind, self.folder, self.seconds = kind, folder, seconds
        self.speed, self.figures = Speed(), Figures()
        self.app = make_app()
        self.session = Session(self.app)
        self.lateness, self.effort = Lateness(self.session), Effort()
        self.session.context.bridge.events.connect(self.speed.hear)
        self._later: Callable[[float, Callable[[], None]], None] = lambda wait, step: QTimer.singleShot(
            round(1000 * wait), step
        )

    def run(self) -> Figures:
        """Play the trial and return its figures."""
        self.session.window.show()
        self.session.context.when_ready(self._open)
        self.app.exec()
        self.session.end()
        return self.figures

    def _open(self) -> None:
        self.lateness.begin()
        self.session.context.projects.create(self.folder, self._opened)

    def _opened(self) -> None:
        if self.session.context.activity.preparing:
            self._later(0.05, self._opened)
            return
        self.figures |= {f"preload_{name}": value for name, value in self.lateness.figures().items()}
        self.lateness.end()
        studio, bridge = self.session.context.studio, self.session.context.bridge
        bridge.ask(studio.on_io(lambda: make_run(studio.workspace)), self._go)

    def _go(self, run: str) -> None:
        from genstudio.ui.context import Place, Subject, SubjectKind

        context = self.session.context
        context.navigate(Place(PLACES[self.kind]), Subject(SubjectKind.RUN, run))
        if self.kind != "idle":
            context.studio.start_training(run, context.bridge.sink(run))
        self._later(self.seconds / 3, self.effort.begin)
        self._later(2 * self.seconds / 3, self._measure_lateness)
        self._later(self.seconds, self._end)

    def _measure_lateness(self) -> None:
        self.effort.end()
        self.figures["window_thread"] = round(self.effort.share, 4)
        self.lateness.begin()

    def _end(self) -> None:
        self.figures |= self.lateness.figures()
        if self.kind != "idle":
            self.figures["images_a_second"] = round(self.speed.images_a_second(), 2)
            self.session.context.studio.stop_training()
        self.session.context.bridge.drain_all()
        self.session.window.close()


def trial(kind: str, seconds: float) -> Figures:
    """Run one trial in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        places = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), home)
        command = [sys.executable, "-m", "tests.benchmarks.bench_window", "--child", kind, "--seconds", str(seconds)]
        environment = {**os.environ, **places, "PYTHONDONTWRITEBYTECODE": ""}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
        return figures


def child(kind: str, seconds: float) -> Figures:
    """What the process of a trial does."""
    from genstudio.core.environment import before_torch

    before_torch()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project"
        return headless(place, seconds) if kind == "headless" else WindowTrial(kind, place, seconds).run()


def ratios(trials: dict[str, list[Figures]]) -> Figures:
    """Speed in the window over headless, turn by turn; lateness in training over idle."""
    found: Figures = {}
    for kind in ("training", "hidden"):
        pairs = zip(trials[kind], trials["headless"], strict=True)
        shares = [window["images_a_second"] / bare["images_a_second"] for window, bare in pairs]
        found[f"{kind}_speed_over_headless"] = round(statistics.median(shares), 3)
        found[f"{kind}_window_thread"] = statistics.median(window["window_thread"] for window in trials[kind])
        late = [
            window["p99_ms"] / max(idle["p99_ms"], 0.1)
            for window, idle in zip(trials[kind], trials["idle"], strict=True)
        ]
        found[f"{kind}_p99_over_idle"] = round(statistics.median(late), 2)
    return found


def main() -> int:
    """Measure, print, and write the figures if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(child(arguments.child, arguments.seconds)), flush=True)
        return 0
    trials: dict[str, list[Figures]] = {kind: [] for kind in (*PLACES, "headless")}
    for _ in range(arguments.rounds):
        for kind, found in trials.items():
            found.append(trial(kind, arguments.seconds))
            print(f"{kind:9} {found[-1]}", flush=True)
    compared = ratios(trials)
    print(json.dumps(compared))
    if arguments.json:
        arguments.json.write_text(json.dumps({"trials": trials, "ratios": compared}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
