"""Tiny trained models that read captions and draw by them, for tests of prompts."""

from pathlib import Path
from typing import NamedTuple

from genstudio.core.settings import RunSettings
from genstudio.jobs.training import create_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import RunRecord
from tests.workshop import import_pictures, paint_pictures, train

CAPTIONS = {"falling": "falling wave", "rising": "rising wave"}


class WordRuns(NamedTuple):
    """A run that draws by words, and one on the same pictures that does not."""

    drawing: RunRecord
    silent: RunRecord


def word_runs(ws: Workspace, folder: Path) -> WordRuns:
    """Paint pictures with captions, let a model read them, and train one with it and one without."""
    pictures = paint_pictures(folder)
    for file in sorted(pictures.rglob("*.png")):
        file.with_suffix(".txt").write_text(CAPTIONS[file.parent.name], encoding="utf-8")
    dataset = import_pictures(ws, pictures)
    words = _trained(ws, dataset.id, "clip", width=8, text_width=32, text_depth=1)
    drawing = _trained(ws, dataset.id, "diffusion", width=8, words=words.id)
    return WordRuns(drawing, _trained(ws, dataset.id, "diffusion", width=8))


def _trained(ws: Workspace, dataset: str, family: str, **changes: object) -> RunRecord:
    config = ws.host.family(family).presets["Draft"].replaced({"images": 64, "batch_size": 16, **changes})
    settings = RunSettings(seed=0, preview_count=4, heldout=0.1, device="cpu")
    run = create_run(ws, family, config, dataset, settings)
    train(ws, run.id)
    return run
