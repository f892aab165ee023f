"""The composition root: plugins, the open project and the two lanes, passed as an argument, never a global."""

import gc
import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from genstudio.core.control import Control
from genstudio.core.errors import GenStudioError, ProjectError
from genstudio.core.events import Emit, Finished
from genstudio.jobs.lane import Lane
from genstudio.jobs.training import train_run
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import PROJECT_FILE, Project

P = ParamSpec("P")
T = TypeVar("T")

NICE = 10
"""How much lower the device's thread ranks, so that the window stays smooth while every core trains."""

_PATIENCE = 30.0  # seconds that closing gives a step and its checkpoint
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """A run in training: its id, the wishes for it, and its last word to come."""

    run: str
    control: Control
    future: "Future[Finished]"


class Studio:
    """Everything the window works with. Methods may be called from the window's thread; those that say so block."""

    def __init__(self, host: PluginHost) -> None:
        self.host = host
        self.device = Lane("device", nice=NICE)
        self.io = Lane("io")
        self._workspace: Workspace | None = None
        self._training: Training | None = None

    # The project

    @property
    def project(self) -> Project | None:
        """The open project."""
        return self._workspace.project if self._workspace else None

    @property
    def workspace(self) -> Workspace:
        """What jobs are given. Raises `ProjectError` when no project is open."""
        if self._workspace is None:
            raise ProjectError("No project is open. Open one, or make a new one.")
        return self._workspace

    def open_project(self, path: Path) -> Project:
        """Open a project in place of the one that is open. Blocks. Raises `ProjectError`; nothing changes then."""
        return self._exchange(lambda: Project.open(path), path)

    def create_project(self, folder: Path) -> Project:
        """Make a project and open it in place of the one that is open. Blocks; raises `ProjectError`."""
        return self._exchange(lambda: Project.create(folder), folder)

    def close_project(self) -> None:
        """Stop training (it saves), then let go of the project. Blocks until that is done, in bounded time."""
        if self._workspace is not None:
            self.stop_training(_PATIENCE)
            workspace, self._workspace = self._workspace, None
            workspace.shelf.clear()
            workspace.project.close()

    # Jobs

    @property
    def training(self) -> Training | None:
        """The run that trains or waits to; None when it has said its last word."""
        training = self._training
        return None if training is None or training.future.done() else training

    def start_training(self, run: str, sink: Emit) -> Training:
        """Train a run (by id) on the device; `sink` hears its events from a worker's thread.

        Raises `GenStudioError` while another run trains.
        """
        if self.training is not None:
            name = self.workspace.project.run(self.training.run).name
            raise GenStudioError(f"“{name}” is training. Stop it, or wait for its end, then start this one.")
        workspace, control = self.workspace, Control(attended=True)
        future = self.device.submit(
            lambda: train_run(workspace, run, sink, control, self.device.serve), wake=control.nudge
        )
        self._training = Training(run, control, future)
        return self._training

    def stop_training(self, timeout: float = _PATIENCE) -> bool:
        """Ask the run to finish its step and save, and wait for that; returns whether it ended in time."""
        training = self.training
        if training is None:
            return True
        training.control.stop()
        return _wait(training.future, timeout)

    def on_device(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Do a short job on the device, between two steps when a run trains."""
        return self.device.submit(lambda: function(*args, **kwargs), short=True)

    def on_io(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Do a job that reads or writes files."""
        return self.io.submit(lambda: function(*args, **kwargs))

    def preload(self) -> "Future[None]":
        """Load torch on the device's thread, so that the first run need not wait for it."""
        return self.device.submit(load_torch, short=True)

    def close(self, timeout: float = _PATIENCE) -> bool:
        """Stop training (it saves), end both lanes and let go of the project, in bounded time.

        Returns whether everything ended. If not, something hangs (a plugin, a driver): everything acknowledged is on
        the disk, and the caller may end the process without waiting.
        """
        deadline = time.monotonic() + timeout
        training = self.training
        if training is not None:
            training.control.stop()
            _wait(training.future, timeout)
        ended = self.device.close(max(deadline - time.monotonic(), 0.1))
        ended &= self.io.close(max(deadline - time.monotonic(), 0.1))
        if self._workspace is not None:
            self._workspace.project.close()
            self._workspace = None
        return ended

    def _exchange(self, opened: Callable[[], Project], path: Path) -> Project:
        if self.project is not None and _same(self.project.folder, path):
            return self.project
        project = opened()
        self.close_project()
        self._workspace = Workspace(self.host, project)
        return project


def _same(folder: Path, path: Path) -> bool:
    return path.absolute() in (folder, folder / PROJECT_FILE)


def _wait(future: "Future[Finished]", timeout: float) -> bool:
    try:
        future.exception(timeout)
    except TimeoutError:
        _log.warning("the run did not end within %s seconds", timeout)
        return False
    except CancelledError:
        return True  # it never began
    return True


def load_torch() -> None:
    """Import torch, and what its first optimizer would import, without holding up the window's thread.

    Most of the freeze that importing torch causes is the loading of its libraries under Python's lock; on Linux
    they are loaded first without it. What the import made is then taken out of the collector's sight: with torch
    loaded, a full collection would cost a tenth of a second. Nothing is collected here: a collection outside the
    window's thread would destroy Qt objects there.
    """
    if sys.platform == "linux":
        _load_libraries()
    import torch
    import torch._dynamo  # noqa: F401 - the first optimizer would import it, in the middle of a start

    gc.freeze()


def _load_libraries() -> None:
    """Load torch's shared libraries without Python's lock: a foreign function called through ctypes gives it up."""
    import ctypes
    import importlib.util
    import os

    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    libraries = Path(spec.origin).parent / "lib"
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    for name in ("libc10.so", "libtorch_cpu.so", "libtorch.so"):
        dlopen(os.fsencode(libraries / name), os.RTLD_NOW | os.RTLD_GLOBAL)
