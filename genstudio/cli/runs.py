"""Commands about runs: train, resume, list, sample, evaluate."""

import argparse
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from genstudio.cli import quality
from genstudio.cli.commands import chosen_options
from genstudio.cli.console import Answer, Console, TrainingReporter, table
from genstudio.cli.workspaces import load_host, pairs, project_of_run, run_name, workspace
from genstudio.core import words
from genstudio.core.config import FamilyConfig
from genstudio.core.control import Control
from genstudio.core.errors import ConfigError, GenStudioError
from genstudio.core.events import Finished, Outcome
from genstudio.core.family import AnyFamily
from genstudio.core.settings import RunSettings
from genstudio.jobs.assessing import assess_run
from genstudio.jobs.filming import Filmer, write_films
from genstudio.jobs.following import follow_if_not_first
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run, extend_run, train_run
from genstudio.jobs.watching import unseen
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import RunRecord, SampleRecord

_GOOD = (Outcome.COMPLETED, Outcome.STOPPED)


def train(arguments: argparse.Namespace, console: Console) -> Answer | None:
    """Make a run and train it; under torchrun only the first process answers."""
    if follow_if_not_first(load_host):
        return None
    with workspace(arguments.project, create=True) as ws:
        family = ws.host.family(arguments.family)
        record = create_run(
            ws,
            family.name,
            configured(family, arguments.preset, _changes(arguments)),
            dataset_for(ws, arguments, console),
            RunSettings(seed=arguments.seed, minutes=arguments.minutes, device=arguments.device),
            arguments.name,
        )
        return train_and_answer(ws, record, console)


def configured(family: AnyFamily, preset: str, changes: Mapping[str, object]) -> FamilyConfig:
    """Take a preset and change it. Raises `ConfigError` for an unknown preset or setting."""
    by_name = {name.lower(): config for name, config in family.presets.items()}
    if preset.lower() not in by_name:
        raise ConfigError(f"{family.title} has no preset {preset!r}; it has {', '.join(family.presets)}.")
    config: FamilyConfig = by_name[preset.lower()].replaced(changes)
    return config


def _changes(arguments: argparse.Namespace) -> dict[str, object]:
    length = {"images": arguments.images} if arguments.images is not None else {}
    return {**pairs(arguments.set), **length}


def dataset_for(ws: Workspace, arguments: argparse.Namespace, console: Console) -> str:
    """Return the id of the dataset named, importing a folder or built-in dataset on the way."""
    known = {name: record.id for record in ws.project.datasets() for name in (record.name, record.id)}
    if arguments.data in known:
        return known[arguments.data]
    options = chosen_options(arguments, arguments.data)
    record, report = import_dataset(ws, arguments.data, options, None, console.progress, lambda: False)
    console.say(f"Imported {report.imported:,} pictures as “{record.name}”, refused {len(report.refused):,}.")
    return record.id


def resume(arguments: argparse.Namespace, console: Console) -> Answer | None:
    """Go on with a run, optionally further than it was meant to go."""
    if follow_if_not_first(load_host):
        return None
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        record = ws.project.run(run_name(arguments.target))
        record = extend_run(ws, record.id, images=arguments.images, minutes=arguments.minutes)
        return train_and_answer(ws, record, console)


def train_and_answer(ws: Workspace, record: RunRecord, console: Console) -> Answer:
    """Train in this thread, stopping (and saving) at the first interrupt."""
    control = Control()
    reporter = TrainingReporter(console, ws.host.family(record.family))
    with _stopping_on_interrupt(control, console):
        finished = train_run(ws, record.id, reporter, control)
    if finished.outcome not in _GOOD:
        raise GenStudioError(finished.message or f"The run ended as {finished.outcome}.")
    return _training_answer(ws, record.id, finished)


@contextmanager
def _stopping_on_interrupt(control: Control, console: Console) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        if control.stopping:
            raise KeyboardInterrupt
        console.say("Stopping after this step and saving; interrupt again to leave at once.")
        control.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _training_answer(ws: Workspace, run: str, finished: Finished) -> Answer:
    record = ws.project.run(run)
    units = {series.name: series.unit for series in ws.host.family(record.family).series}
    lines = [
        f"Run “{record.name}” {finished.outcome.value} at {record.images_seen:,} images after "
        f"{words.duration(record.seconds)} of training."
    ]
    lines += [f"  {name} {words.figure(value)} {units.get(name, '')}".rstrip() for name, value in _sorted(record)]
    lines.append(f"It lies in {ws.project.folder / run_folder(record)}")
    return Answer("\n".join(lines), {"outcome": finished.outcome.value, "run": run_document(ws, record)})


def _sorted(record: RunRecord) -> list[tuple[str, float]]:
    return sorted(record.figures.items())


def run_folder(record: RunRecord) -> Path:
    """Where a run's files lie, relative to the project."""
    return Path("runs") / record.id


def run_document(ws: Workspace, record: RunRecord) -> dict[str, Any]:
    """Describe a run for programs."""
    newest = ws.project.latest_checkpoint(record.id)
    return {
        "id": record.id,
        "name": record.name,
        "family": record.family,
        "dataset": record.dataset,
        "status": record.status.value,
        "images_seen": record.images_seen,
        "budget": record.budget,
        "seconds": record.seconds,
        "figures": dict(record.figures),
        "message": record.message,
        "config": dict(record.config),
        "settings": dict(record.settings),
        "folder": str(ws.project.folder / run_folder(record)),
        "checkpoint": None if newest is None else {"images_seen": newest.images_seen, "sha256": newest.sha256},
    }


def list_runs(arguments: argparse.Namespace, _console: Console) -> Answer:
    """Answer with the runs of a project, newest first."""
    with workspace(project_of_run(".", arguments.project)) as ws:
        records = sorted(ws.project.runs(), key=lambda record: record.created, reverse=True)
        rows = [("NAME", "FAMILY", "STATUS", "IMAGES SEEN", "TIME", "ID")]
        rows += [
            (r.name, r.family, r.status.value, f"{r.images_seen:,}", words.duration(r.seconds), r.id) for r in records
        ]
        return Answer(table(rows), {"runs": [run_document(ws, record) for record in records]})


def sample(arguments: argparse.Namespace, console: Console) -> Answer:
    """Generate pictures; they are kept in the project and, with --out, written to a folder too."""
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        record = ws.project.run(run_name(arguments.target))
        request = GenerateRequest(
            run=record.id,
            checkpoint=arguments.checkpoint,
            count=arguments.count,
            seed=arguments.seed,
            batch=arguments.batch,
            label=arguments.label,
            options=dict(pairs(arguments.set)),
            like=arguments.like,
            prompt=arguments.prompt,
        )
        filmer = Filmer()
        films: list[Path] = []

        def arrived(chunk: list[SampleRecord]) -> None:
            if arguments.film is not None:
                films.extend(write_films(ws, chunk, filmer, arguments.film))

        samples = generate(
            ws,
            request,
            progress=console.share,
            on_samples=arrived,
            cancelled=lambda: False,
            on_drawing=unseen if arguments.film is None else filmer,
            out=arguments.out,
        )
        return _with_films(_samples_answer(ws, samples, arguments.out), films, arguments.film)


def _with_films(answer: Answer, films: list[Path], folder: Path | None) -> Answer:
    if folder is None:
        return answer
    said = f"Wrote {len(films):,} films to {folder}" if films else "This model makes pictures in one go: no films."
    return Answer(f"{answer.text}\n{said}", {**answer.document, "films": [str(film) for film in films]})


def _samples_answer(ws: Workspace, samples: list[SampleRecord], out: Path | None) -> Answer:
    files = [str(ws.project.folder / sample.file) for sample in samples]
    place = out if out is not None else Path(files[0]).parent
    document: dict[str, Any] = {"samples": files, "count": len(files)}
    if out is not None:
        document["out"] = [str(out / Path(file).name) for file in files]
    return Answer(f"Generated {len(files):,} pictures in {place}", document)


def evaluate(arguments: argparse.Namespace, console: Console) -> Answer:
    """Measure a run on held-out pictures, and the pictures it makes against its dataset."""
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        record = ws.project.run(run_name(arguments.target))
        found = assess_run(
            ws,
            record.id,
            checkpoint=arguments.checkpoint,
            limit=arguments.limit,
            samples=arguments.samples,
            seed=arguments.seed,
            progress=console.share,
            cancelled=lambda: False,
        )
    return quality.assessment_answer(record, ws.host.family(record.family), found)
