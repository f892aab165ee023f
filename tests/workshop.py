"""What tests of jobs, of the studio and of crashes share: a folder of tiny pictures, a project, quick runs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from genstudio.core.control import Control
from genstudio.core.events import Event, Finished
from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run, train_run
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project
from genstudio.store.records import DatasetRecord, RunRecord

PLUGINS = Path(__file__).parent / "plugins"
OPTIONS = ImportOptions(width=8, height=8, mode="grey")


def load_host() -> PluginHost:
    """The built-in plugins and those of the tests' user folder."""
    host = PluginHost()
    host.load(PLUGINS)
    return host


def paint_pictures(folder: Path, count: int = 48, seed: int = 0) -> Path:
    """Write small grey pictures in two subfolders (labels): slanted waves of random phase, all different."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:8, 0:8]
    for index in range(count):
        label = "rising" if index % 2 else "falling"
        wave = np.sin((x + (y if index % 2 else -y)) * 0.8 + random.uniform(0, 6.28))
        pixels = (127.5 + 90 * wave + random.normal(0, 12, (8, 8))).clip(0, 255).astype(np.uint8)
        (folder / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / label / f"{index:03d}.png")
    return folder


def import_pictures(ws: Workspace, source: Path, name: str = "waves") -> DatasetRecord:
    """Import what `paint_pictures` wrote."""
    return import_dataset(ws, source, OPTIONS, name, lambda *_: None, lambda: False)[0]


def make_run(ws: Workspace, dataset: str, images: int = 640, **changes: object) -> RunRecord:
    """A run of the test plugin, one torch thread, previews and reports as they come."""
    family = ws.host.family("eigenpictures")
    config = family.presets["Draft"].replaced({"images": images, **changes})
    settings = RunSettings(seed=3, preview_count=4, heldout=0.1, device="cpu")
    return create_run(ws, family.name, config, dataset, settings)


def train(
    ws: Workspace,
    run: str,
    *,
    until: int | None = None,
    hear: Callable[[Event], None] = lambda _: None,
    between: Callable[[], None] = lambda: None,
) -> Finished:
    """Train in this thread; with `until`, stop (and save) at the first step that has seen so many images."""
    control = Control()

    def emit(event: Event) -> None:
        hear(event)
        if until is not None and event.images_seen >= until:
            control.stop()

    return train_run(ws, run, emit, control, between)


def trained_project(folder: Path) -> Path:
    """Make a project with one trained run, and close it; returns its folder."""
    workspace = new_workspace(folder / "project")
    dataset = import_pictures(workspace, paint_pictures(folder / "pictures"))
    train(workspace, make_run(workspace, dataset.id).id)
    workspace.project.close()
    return folder / "project"


def new_workspace(folder: Path, host: PluginHost | None = None) -> Workspace:
    """A new project in a folder, with the test plugins."""
    return Workspace(host or load_host(), Project.create(folder))
