"""`genstudio demo`: the product's whole path on built-in data, without a display."""

import argparse
from pathlib import Path

from genstudio.cli.console import Answer, Console
from genstudio.cli.runs import run_document, run_folder, train_and_answer
from genstudio.cli.workspaces import workspace
from genstudio.core import words
from genstudio.core.settings import RunSettings
from genstudio.data.preview import suggest_options
from genstudio.generation.export import contact_sheet, read_image, write_png
from genstudio.jobs.evaluating import evaluate_run
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.importing import import_dataset, resolve_source
from genstudio.jobs.training import create_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import RunRecord

_FAMILY, _DATASET, _SIZE = "vae", "glyphs", 32
_SAMPLES, _COLUMNS = 64, 8


def run(arguments: argparse.Namespace, console: Console) -> Answer:
    """Import, train, sample, evaluate, and say where everything is."""
    with workspace(arguments.project, create=True) as ws:
        dataset = _dataset(ws, console)
        family = ws.host.family(_FAMILY)
        record = create_run(ws, family.name, family.presets["Draft"], dataset, RunSettings(seed=1), "Demo")
        console.say(f"Training “{family.title}” with the Draft preset; Ctrl+C stops and saves.")
        train_and_answer(ws, record, console)
        grid = _samples(ws, record, console)
        console.say("Measuring it on pictures it has never seen.")
        figures = evaluate_run(
            ws, record.id, checkpoint=None, limit=500, progress=console.progress, cancelled=lambda: False
        )
        return _answer(ws, ws.project.run(record.id), grid, figures)


def _dataset(ws: Workspace, console: Console) -> str:
    for record in ws.project.datasets():
        if record.source == _DATASET:
            return record.id
    console.say("Importing the built-in letters and digits.")
    options = suggest_options(resolve_source(_DATASET)).replaced({"width": _SIZE, "height": _SIZE})
    record, _ = import_dataset(ws, _DATASET, options, None, console.progress, lambda: False)
    return record.id


def _samples(ws: Workspace, record: RunRecord, console: Console) -> Path:
    console.say(f"Generating {_SAMPLES} pictures.")
    request = GenerateRequest(run=record.id, checkpoint=None, count=_SAMPLES, seed=7, batch=16, label=None, options={})
    samples = generate(ws, request, progress=console.share, on_samples=lambda _: None, cancelled=lambda: False)
    grid = ws.project.folder / "gallery.png"
    images = [read_image(ws.project.folder / sample.file) for sample in samples]
    write_png(grid, contact_sheet(images, _COLUMNS), None)
    return grid


def _answer(ws: Workspace, record: RunRecord, grid: Path, figures: dict[str, float]) -> Answer:
    folder = ws.project.folder
    units = {series.name: series.unit for series in ws.host.family(record.family).series}
    places = {
        "gallery": grid,
        "samples": folder / "samples" / record.id,
        "previews": folder / run_folder(record) / "previews",
        "checkpoints": folder / run_folder(record) / "checkpoints",
    }
    lines = [f"Done: {record.images_seen:,} images in {words.duration(record.seconds)} of training."]
    lines += [f"  {name}: {words.figure(value)} {units.get(name, '')}".rstrip() for name, value in figures.items()]
    lines += [f"  {name:12} {place}" for name, place in places.items()]
    lines.append(f"Open it in the window: genstudio window {folder}")
    document = {
        "project": str(folder),
        "run": run_document(ws, record),
        "figures": figures,
        **{name: str(place) for name, place in places.items()},
    }
    return Answer("\n".join(lines), document)
