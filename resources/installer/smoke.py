"""Having the frozen program work, from outside, as a person and as a script would.

Every check starts the program with nothing of ours in its environment. `tests/frozen` runs the same checks.
"""

import configparser
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resources.installer.words import ROOT, BuildError, say

PLUGINS = ROOT / "tests" / "plugins"
_PATIENCE = 600.0
_INHERITED = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Program:
    """The program's file, and a folder that is all it may use."""

    file: Path
    folder: Path

    @property
    def home(self) -> Path:
        """Where its settings, plugins, logs and projects go."""
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        """What it finds in its environment: no Python, no checkout."""
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        own = {"HOME": str(self.folder), "GENSTUDIO_HOME": str(self.home), "LANG": "C.UTF-8"}
        own |= {"XDG_RUNTIME_DIR": str(self.folder)}
        offscreen = {} if {"DISPLAY", "WAYLAND_DISPLAY"} & set(inherited) else {"QT_QPA_PLATFORM": "offscreen"}
        return inherited | own | offscreen

    def start(self, *words: str | Path, **more: Any) -> "subprocess.Popen[str]":
        """Start it with these arguments."""
        command = [str(self.file), *map(str, words)]
        return subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def ask(self, *words: str | Path) -> Any:
        """Run a command with `--json` to its end; its answer. Raises `BuildError` when it fails."""
        process = self.start(*words, "--json")
        out, err = process.communicate(timeout=_PATIENCE)
        if process.returncode:
            raise BuildError(
                f"genstudio {' '.join(map(str, words))} ended with {process.returncode}: {err[-3000:]}{out[-3000:]}"
            )
        return json.loads(out)


@contextmanager
def trial(file: Path) -> Iterator[Program]:
    """A program with an empty folder of its own, and somebody's plugins: one that works, one that is broken."""
    with tempfile.TemporaryDirectory(prefix="gs-") as folder:
        program = Program(file, Path(folder))
        plugins = program.home / "plugins"
        plugins.mkdir(parents=True)
        shutil.copytree(PLUGINS / "eigenpictures", plugins / "eigenpictures")
        shutil.copy(PLUGINS / "raises_on_import.py", plugins)
        yield program


def finds_plugins(program: Program) -> str:
    """Built-in plugins are loaded; a person's are too, with a reason for the broken one."""
    reports = {report["name"]: report for report in program.ask("plugins")["plugins"]}
    missing = built_in(program.file) - set(reports)
    _require(not missing, f"not found: {', '.join(sorted(missing))}")
    broken = {name for name, report in reports.items() if report["state"] != "ok"}
    _require(broken == {"raises_on_import"}, f"broken: {broken}")
    _require("the moon" in reports["raises_on_import"]["problem"], "the broken one's reason is not told")
    families = [family["name"] for family in program.ask("families")["families"]]
    _require("eigenpictures" in families, "the family of a person's plugin is missing")
    return ", ".join(families)


def built_in(file: Path) -> set[str]:
    """The names of the plugins that were packed, from the program's own entry points."""
    (points,) = file.parent.glob("**/genstudio-*.dist-info/entry_points.txt")
    parser = configparser.ConfigParser()
    parser.read(points, "utf-8")
    return set(parser["genstudio.plugins"])


def works_in_the_window(program: Program) -> str:
    """The window opens and does the whole work once, with every family, a person's among them."""
    answer = program.ask("selftest")
    _require(answer["frozen"] and answer["passed"], json.dumps(answer))
    learned = [proof["name"] for proof in answer["proofs"] if proof["name"].endswith("learns")]
    _require("eigenpictures learns" in learned, "a person's family was not tried")
    return f"{len(answer['proofs'])} proofs"


def survives_a_kill(program: Program) -> str:
    """A run that was killed without warning goes on from its checkpoint; then it draws and is measured."""
    from resources.installer.pictures import write_pictures

    write_pictures(program.folder / "pictures")
    project = program.folder / "project"
    words = (
        "train",
        "vae",
        "--project",
        project,
        "--data",
        program.folder / "pictures",
        "--size",
        "16",
        "--name",
        "Cut",
    )
    process = program.start(*words, "--images", "10000000", "--set", "batch_size=8")
    _wait(lambda: any(project.glob("runs/*/previews/*.png")), "no preview came", process)
    _wait(lambda: any(project.glob("runs/*/checkpoints/*.safetensors")), "no checkpoint came", process)
    process.kill()
    process.communicate()
    (run,) = program.ask("runs", "--project", project)["runs"]
    _require(run["status"] == "interrupted", f"the killed run is called {run['status']}")
    newest = max(int(file.stem) for file in project.glob("runs/*/checkpoints/*.safetensors"))
    answer = program.ask("resume", "Cut", "--project", project, "--images", str(newest + 160))
    _require(answer["outcome"] == "completed", f"resuming ended as {answer['outcome']}")
    made = program.ask("sample", "Cut", "--project", project, "-n", "4", "--out", program.folder / "drawn")
    _require(len(list((program.folder / "drawn").glob("*.png"))) == 4, f"pictures are missing: {made}")
    figures = program.ask("evaluate", "Cut", "--project", project, "--limit", "8")
    return f"went on from {newest} images; {json.dumps(figures)[:160]}"


def opens_one_window(program: Program) -> str:
    """A second start hands over and ends; asked to end, the first one ends well."""
    first = program.start()
    _wait(lambda: bool(list(program.folder.glob("genstudio-*"))), "the window does not listen", first)
    begun = time.monotonic()
    second = program.start(program.folder / "somewhere.gsproj")
    second.communicate(timeout=_PATIENCE)
    took = time.monotonic() - begun
    _require(second.returncode == 0 and first.poll() is None, "the second start was not handed over")
    time.sleep(2.0)  # as a person would, after the window's engine has begun to load
    first.send_signal(signal.SIGTERM)
    _, told = first.communicate(timeout=_PATIENCE)
    _require(first.returncode == 0, f"the window ended with {first.returncode}: {told[-2000:]}")
    return f"handed over in {took:.2f} s"


def tells_of_a_crash(program: Program) -> str:
    """A hard crash leaves its stack in a file, which the next start finds and renames."""
    logs = program.home / "logs"
    window = program.start()
    _wait(lambda: bool(list(logs.glob("running-*.txt"))), "no log was begun", window)
    time.sleep(1.0)
    window.send_signal(signal.SIGSEGV)
    window.communicate(timeout=_PATIENCE)
    again = program.start()
    _wait(lambda: bool(list(logs.glob("crash-*.txt"))), "the crash was not found", again)
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=_PATIENCE)
    (report,) = logs.glob("crash-*.txt")
    text = report.read_text("utf-8")
    _require("Segmentation fault" in text, f"the report says: {text[:300]}")
    return f"{len(text.splitlines())} lines of stack"


CHECKS: tuple[Callable[[Program], str], ...] = (
    finds_plugins,
    # Windows knows no signals to ask a program to end, or to make it crash.
    *(() if sys.platform == "win32" else (opens_one_window, tells_of_a_crash)),
    survives_a_kill,
    works_in_the_window,
)


def check(file: Path) -> None:
    """Run every check and say what was seen. Raises `BuildError` at the first that fails."""
    for step in CHECKS:
        with trial(file) as program:
            begun = time.monotonic()
            seen = step(program)
            say(f"{step.__name__.replace('_', ' ')}: {seen} ({time.monotonic() - begun:.1f} s)")


def _require(so: bool, otherwise: str) -> None:
    if not so:
        raise BuildError(f"The program does not work: {otherwise}")


def _wait(so: Callable[[], bool], otherwise: str, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while not so():
        if process.poll() is not None:
            _, told = process.communicate()
            raise BuildError(
                f"The program does not work: {otherwise}; it ended with {process.returncode}: {told[-2000:]}"
            )
        if time.monotonic() > deadline:
            process.kill()
            process.communicate()
            raise BuildError(f"The program does not work: {otherwise} within {_PATIENCE:.0f} s")
        time.sleep(0.05)
