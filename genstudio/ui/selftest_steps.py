"""What an installation has to prove, step by step: plugins, resources, import, training, drawing, export, pages."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core import paths
from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, missing_runs
from genstudio.core.errors import GenStudioError
from genstudio.core.events import Event, Finished, Outcome, Paused, Resumed
from genstudio.core.family import AnyFamily
from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.generation.export import read_recipe, write_png, write_zip
from genstudio.jobs.evaluating import evaluate_run
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord, RunRecord, SampleRecord
from genstudio.studio import Training
from genstudio.ui.context import Place

if TYPE_CHECKING:
    from genstudio.ui.selftest import Sitter

PATIENCE = 300.0
"""Seconds that one step may take on a slow machine."""

_PICTURES, _SIDE = 48, 16
_STEPS = 3
_ENDLESS = 10_000_000
_RESOURCES = ("icons", "themes", "sample_data", "docs")

Step = tuple[str, Callable[[], str]]


class Steps:
    """Iterates over (name, step). A step returns what it saw, and raises where something is not as it should be."""

    def __init__(self, sitter: "Sitter", folder: Path) -> None:
        self._sitter = sitter
        self._folder = folder
        self._dataset: DatasetRecord | None = None
        self._trained: dict[str, tuple[RunRecord, float]] = {}
        self._samples: list[SampleRecord] = []

    def __iter__(self) -> Iterator[Step]:
        yield "plugins are found", self._plugins
        yield "resources are there", self._resources
        yield "another process can be started", self._process
        yield "a folder of pictures is imported", self._import
        for family in sorted(self._sitter.studio.host.families(), key=_stands_on_others):
            yield f"{family.name} learns", partial(self._train, family)
        yield "a run is paused, goes on, is stopped and resumed", self._pause
        yield "pictures are generated", self._generate
        yield "pictures are exported with their recipes", self._export
        yield "a run is measured", self._evaluate
        for place in Place:
            yield f"the page {place} is shown", partial(self._show, place)

    def _plugins(self) -> str:
        reports = self._sitter.studio.host.reports()
        own = [report for report in reports if report.origin == "genstudio"]
        broken = [f"{report.name}: {report.problem}" for report in own if report.state != "ok"]
        _require(bool(own), "Not one built-in plugin was found.")
        _require(not broken, "; ".join(broken))
        others = [f"{report.name}: {report.problem or 'ok'}" for report in reports if report not in own]
        families = ", ".join(family.name for family in self._sitter.studio.host.families())
        return "; ".join([f"families {families}", *others])

    def _resources(self) -> str:
        missing = [name for name in _RESOURCES if not (paths.resources() / name).is_dir()]
        _require(not missing, f"These are missing: {', '.join(missing)}.")
        return f"in {paths.resources()}"

    def _process(self) -> str:
        child = multiprocessing.get_context("spawn").Process(target=_nothing)
        child.start()
        child.join(PATIENCE)
        _require(child.exitcode == 0, f"It ended with {child.exitcode}.")
        return "started afresh, ended well"

    def _import(self) -> str:
        draw_pictures(self._folder / "pictures")
        self._sitter.create_project(self._folder / "project")
        options = ImportOptions(width=_SIDE, height=_SIDE, mode="rgb")
        source = self._folder / "pictures"
        job = self._sitter.studio.on_io(
            lambda: import_dataset(self._space, source, options, None, lambda *_: None, _never)
        )
        self._dataset, report = job.result(PATIENCE)
        _require(report.imported == _PICTURES, f"{report.imported} of {_PICTURES} pictures were imported.")
        return f"{report.imported} pictures"

    def _train(self, family: AnyFamily) -> str:
        misfit = family.misfit(self._data.spec)
        if misfit is not None:
            return f"not tried: {misfit}"
        begun = time.monotonic()
        run = self._make_run(family, _STEPS * _batch(family))
        last = self._to_the_end(run)
        self._trained[family.name] = (run, time.monotonic() - begun)
        return f"{last.images_seen} images seen"

    def _pause(self) -> str:
        family = self._quickest()
        run = self._make_run(family, _ENDLESS)
        training = self._start(run)
        self._wait(lambda: self._heard(run, Event), "It did not start.")
        training.control.pause()
        self._wait(lambda: self._heard(run, Paused), "It did not pause.")
        training.control.resume()
        self._wait(lambda: self._heard(run, Resumed), "It did not go on.")
        training.control.stop()
        last = training.future.result(PATIENCE)
        _require(last.outcome is Outcome.STOPPED, last.message or str(last.outcome))
        self._space.project.set_run(run.id, budget=last.images_seen + _STEPS * _batch(family))
        end = self._to_the_end(run)
        _require(end.images_seen > last.images_seen, "It did not go on from where it stood.")
        return f"stopped after {last.images_seen} images, ended after {end.images_seen}"

    def _generate(self) -> str:
        for name in (name for name in self._trained if _draws(self._space.host.family(name))):
            run, _ = self._trained[name]
            request = GenerateRequest(run=run.id, checkpoint=None, count=2, seed=1, batch=2)
            job = self._sitter.studio.on_device(self._draw, request)
            samples = job.result(PATIENCE)
            _require(len(samples) == 2, f"{name} drew {len(samples)} of 2 pictures.")
            self._samples += samples
        return f"{len(self._samples)} pictures"

    def _draw(self, request: GenerateRequest) -> list[SampleRecord]:
        return generate(self._space, request, progress=lambda *_: None, on_samples=lambda _: None, cancelled=_never)

    def _export(self) -> str:
        files = [self._space.project.path(sample.file) for sample in self._samples]
        _require(bool(files), "There is nothing to export.")
        _require(all(read_recipe(file) is not None for file in files), "A picture has lost its recipe.")
        write_zip(self._folder / "pictures.zip", files)
        return f"{(self._folder / 'pictures.zip').stat().st_size:,} bytes"

    def _evaluate(self) -> str:
        run, _ = self._trained[self._quickest().name]
        job = self._sitter.studio.on_device(
            lambda: evaluate_run(self._space, run.id, limit=4, progress=lambda *_: None, cancelled=_never)
        )
        return ", ".join(f"{name} {value:.4g}" for name, value in job.result(PATIENCE).items())

    def _show(self, place: Place) -> str:
        _require(self._sitter.show(place), "Its page was not made.")
        return ""

    @property
    def _space(self) -> Workspace:
        return self._sitter.studio.workspace

    @property
    def _data(self) -> DatasetRecord:
        _require(self._dataset is not None, "There is nothing to learn from.")
        assert self._dataset is not None
        return self._dataset

    def _quickest(self) -> AnyFamily:
        """The family whose few steps took the least time."""
        _require(bool(self._trained), "No family could be trained.")
        return self._space.host.family(min(self._trained, key=lambda name: self._trained[name][1]))

    def _make_run(self, family: AnyFamily, images: int) -> RunRecord:
        config = _draft(family)
        below = {field.name: self._able(field.ability).id for field in missing_runs(config)}
        config = config.replaced({"images": images, **below})
        return create_run(self._space, family.name, config, self._data.id, RunSettings(preview_count=4, heldout=0.2))

    def _able(self, ability: Ability | None) -> RunRecord:
        """A trained run for another one to stand on."""
        host = self._space.host
        able = [run for name, (run, _) in self._trained.items() if ability in host.family(name).abilities]
        _require(bool(able), f"There is no run to stand on that can {ability}.")
        return able[0]

    def _start(self, run: RunRecord) -> Training:
        return self._sitter.ask(lambda: self._sitter.studio.start_training(run.id, self._sitter.sink(run.id)))

    def _to_the_end(self, run: RunRecord) -> Finished:
        last = self._start(run).future.result(PATIENCE)
        _require(last.outcome is Outcome.COMPLETED, last.message or str(last.outcome))
        return last

    def _heard(self, run: RunRecord, kind: type[Event]) -> bool:
        return any(isinstance(event, kind) and event.run == run.id for event in list(self._sitter.events))

    def _wait(self, so: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not so():
            _require(time.monotonic() < deadline, otherwise)
            time.sleep(0.02)


def draw_pictures(folder: Path, count: int = _PICTURES, side: int = 2 * _SIDE) -> None:
    """Write pictures of discs, each of its own size and colour, labelled by their folder and captioned beside them."""
    import numpy as np

    for label in ("small", "large"):
        (folder / label).mkdir(parents=True)
    rows, columns = np.mgrid[:side, :side]
    for number in range(count):
        radius = side * (0.15 + 0.3 * number / count)
        inside = (rows - side / 2) ** 2 + (columns - side / 2) ** 2 < radius**2
        colours = np.array([[20, 20, 30], [(37 * number) % 256, (91 * number) % 256, 200]], np.uint8)
        label = "small" if number < count / 2 else "large"
        write_png(folder / label / f"disc-{number:02}.png", colours[inside.astype(int)], None)
        (folder / label / f"disc-{number:02}.txt").write_text(f"a {label} disc", encoding="utf-8")


def _draft(family: AnyFamily) -> FamilyConfig:
    presets: Mapping[str, FamilyConfig] = family.presets
    return presets.get("Draft", next(iter(presets.values())))


def _stands_on_others(family: AnyFamily) -> bool:
    return bool(missing_runs(_draft(family)))


def _draws(family: AnyFamily) -> bool:
    return Ability.SAMPLE in family.abilities


def _batch(family: AnyFamily) -> int:
    return int(getattr(_draft(family), "batch_size", 32))


def _nothing() -> None:
    """What the other process does."""


def _never() -> bool:
    return False


def _require(so: bool, otherwise: str) -> None:
    if not so:
        raise GenStudioError(otherwise)
