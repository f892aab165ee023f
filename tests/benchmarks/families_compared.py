"""Every family that draws, on the same pictures for the same time: which is better at what.

Run: python -m tests.benchmarks.families_compared PROJECT [--data glyphs] [--size 32] [--seconds 300] [--only CASE ...]

A case is a family, with a preset and a variant where it has several. It is trained for as many images as its steps take
the given CPU seconds for (measured first, on one thread), with its schedules laid out for that end, and then judged as
`genstudio evaluate` judges it, with 500 pictures. Runs that are in the project already are only judged, so that a table
that was broken off can be gone on with. Rows are lines of a Markdown table; below each stands what other real pictures
get.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from genstudio.core.config import FamilyConfig
from genstudio.core.control import Control
from genstudio.core.errors import DataError
from genstudio.core.settings import RunSettings
from genstudio.data.builtin import builtin_sources
from genstudio.data.dataset import ImageDataset
from genstudio.data.importing import suggest_options
from genstudio.data.source import BatchSource
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.quality import Figures, Quality, QualityRequest, measure_quality
from genstudio.jobs.training import create_run, train_run
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project
from genstudio.store.records import DatasetRecord
from genstudio.testing.lab import NoRuns

_WARM, _TIMED = 3, 8  # seconds of steps


@dataclass(frozen=True)
class Case:
    """What takes part."""

    name: str
    family: str
    preset: str
    variant: str | None = None

    def config(self, host: PluginHost) -> FamilyConfig:
        """The preset, with the variant."""
        preset: FamilyConfig = host.family(self.family).presets[self.preset]
        return preset.replaced({"variant": self.variant}) if self.variant else preset


CASES = (
    Case("VAE", "vae", "Draft"),
    Case("VQ-VAE", "vq-vae", "Draft"),
    Case("GAN", "gan", "Balanced"),
    Case("diffusion", "diffusion", "Draft"),
    Case("gated PixelCNN", "pixelcnn", "Draft", "gated"),
    Case("PixelCNN++", "pixelcnn", "Draft", "pixelcnn++"),
    Case("Row LSTM", "pixelrnn", "Draft", "row-lstm"),
)


def images_for(case: Case, host: PluginHost, dataset: ImageDataset, seconds: float) -> int:
    """How many images the case's steps look at in so many CPU seconds."""
    family, config = host.family(case.family), case.config(host)
    seen = dataset.seen_as(family.seen(dataset.spec))
    torch.manual_seed(0)
    learner = family.build(config, seen.spec, NoRuns()).train()
    source = BatchSource(seen, np.arange(len(seen)), batch_size=config.batch_size, seed=0, device="cpu")
    images, begin, timed_from = 0, time.process_time(), 0
    while (spent := time.process_time() - begin) < _WARM + _TIMED:
        if spent < _WARM:
            timed_from = images
        learner.step(source.batch(images))
        images += config.batch_size
    return round((images - timed_from) / _TIMED * seconds / config.batch_size) * config.batch_size


def dataset_of(ws: Workspace, name: str, size: int) -> DatasetRecord:
    """The built-in dataset in the project, imported if it is not there."""
    known = [record for record in ws.project.datasets() if record.name == name]
    if known:
        return known[0]
    options = suggest_options(builtin_sources()[name]).model_copy(update={"width": size, "height": size})
    record, _ = import_dataset(ws, name, options, name, lambda *_: None, lambda: False)
    return record


def judged(ws: Workspace, case: Case, data: DatasetRecord, seconds: float) -> str:
    """Train a case unless that was done, and return its row."""
    known = {record.name: record for record in ws.project.runs()}
    if case.name not in known:
        dataset = ImageDataset.open(ws.project.path(data.folder))
        config = case.config(ws.host).replaced({"images": images_for(case, ws.host, dataset, seconds)})
        record = create_run(ws, case.family, config, data.id, RunSettings(device="cpu", preview_every=10**9), case.name)
        finished = train_run(ws, record.id, lambda _: None, Control())
        if finished.message:
            raise DataError(f"{case.name}: {finished.message}")
        known[case.name] = ws.project.run(record.id)
    record = known[case.name]
    quality = measure_quality(ws, QualityRequest(record.id), progress=lambda *_: None, cancelled=lambda: False)
    return line(case.name, record.images_seen, quality.figures, f"{quality.copies.share:.1%}", quality) + usual(quality)


def line(name: str, images: int, figures: Figures, copies: str, quality: Quality | None) -> str:
    """A row of the table."""
    drawing = f"{1000 * quality.sampling_seconds / quality.samples:.0f} ms" if quality else ""
    shares = " | ".join(f"{share:.2f}" for share in (figures.precision, figures.recall, figures.coverage))
    return f"| {name} | {images:,} | {shares} | {figures.kernel:.3f} | {figures.sliced:.0f} | {copies} | {drawing} |"


def usual(quality: Quality) -> str:
    """The row of real pictures, below the one it belongs to."""
    return "\n" + line("(other real pictures)", 0, quality.usual, f"{quality.copies.expected:.1%}", None)


def main() -> int:
    """Train, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--data", default="glyphs")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--only", nargs="*", default=[case.name for case in CASES])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    host = PluginHost()
    host.load()
    there = (arguments.project / "project.gsproj").exists()
    project = Project.open(arguments.project) if there else Project.create(arguments.project)
    ws = Workspace(host, project)
    try:
        data = dataset_of(ws, arguments.data, arguments.size)
        for case in CASES:
            if case.name in arguments.only:
                print(judged(ws, case, data, arguments.seconds), flush=True)
    finally:
        project.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
