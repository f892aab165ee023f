"""How good a diffusion run's pictures are for how many evaluations of its network, sampler by sampler.

Run: python -m tests.benchmarks.diffusion_steps PROJECT RUN [--count N] [--json FILE]

Every sampler draws the same number of pictures from the same seeds with about 4, 8, 16, 32 and 64 evaluations, all
without guidance. They are compared with as many pictures of the dataset, held-out ones first; the last row is what
other real pictures get. It needs a trained run and several minutes, and is not among the benchmarks that all run.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from genstudio.core.config import parse
from genstudio.core.settings import RunSettings
from genstudio.data.dataset import ImageDataset, split
from genstudio.evaluation.appearance import as_seen
from genstudio.evaluation.features import Features
from genstudio.evaluation.quality import Likeness, divide, measure_likeness
from genstudio.generation.sample import sample
from genstudio.jobs.given import dataset_folder
from genstudio.jobs.loading import load
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project
from genstudio_diffusion.config import DiffusionSampling

EVALUATIONS = (4, 8, 16, 32, 64)
SAMPLERS = ("dpm++", "heun", "euler", "flow", "ddim", "ddpm")


def options_of(sampler: str, evaluations: int) -> DiffusionSampling:
    """A sampler with as many steps as the evaluations allow: Heun takes two a step, but one in the last."""
    steps = (evaluations + 1) // 2 if sampler == "heun" else evaluations
    return DiffusionSampling().replaced({"sampler": sampler, "steps": steps, "guidance": 1.0})


def row(name: str, evaluations: int, found: Likeness, seconds: float) -> dict[str, object]:
    """One line of the table."""
    return {"sampler": name, "evaluations": evaluations, "seconds": seconds, **asdict(found)}


def measured(ws: Workspace, run: str, count: int) -> list[dict[str, object]]:
    """All rows."""
    record = ws.project.run(run)
    loaded = load(ws, record.id)
    dataset = ImageDataset.open(dataset_folder(ws, record.id))
    training, heldout = split(len(dataset), dataset.fingerprint, parse(RunSettings, record.settings).heldout)
    division, memory = divide(training, heldout, dataset.fingerprint, count), dataset.memory
    reference, features = memory[division.reference], Features.fit(as_seen(memory[division.others]))
    rows = []
    for sampler, evaluations in ((sampler, count) for sampler in SAMPLERS for count in EVALUATIONS):
        begin = time.process_time()
        chunks = sample(
            loaded.learner,
            seed=1,
            count=division.count,
            batch=50,
            options=options_of(sampler, evaluations),
            label=None,
            device="cpu",
        )
        pictures = np.concatenate([chunk.images for chunk in chunks]).transpose(0, 3, 1, 2)
        spent = time.process_time() - begin
        rows.append(row(sampler, evaluations, measure_likeness(pictures, reference, features), spent))
        print(line(rows[-1]), flush=True)
    usual = measure_likeness(memory[division.control], reference, features)
    rows.append(row("other real pictures", 0, usual, 0.0))
    print(line(rows[-1]), flush=True)
    return rows


def line(found: dict[str, object]) -> str:
    """A row as a line of a Markdown table."""
    figures = (found["sliced"], found["precision"], found["recall"], found["coverage"], found["seconds"])
    return (
        f"| {found['sampler']} | {found['evaluations']} | " + " | ".join(f"{figure:.3g}" for figure in figures) + " |"
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("run")
    parser.add_argument("--count", type=int, default=500, help="pictures of each (default: 500)")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    host = PluginHost()
    host.load()
    ws = Workspace(host, Project.open(arguments.project))
    try:
        rows = measured(ws, arguments.run, arguments.count)
    finally:
        ws.project.close()
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
