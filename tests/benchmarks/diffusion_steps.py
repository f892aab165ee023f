"""How good a diffusion run's pictures are for how many evaluations of its network, sampler by sampler.

Run: python -m tests.benchmarks.diffusion_steps PROJECT RUN [--count N] [--guidance W] [--most STEPS] [--json FILE]

Every sampler draws the same number of pictures from the same seeds. Evaluations are counted, not reckoned: a guided
step takes two, one of Heun's two as well. Few-step drawing ("quick") is measured for runs that were trained for it; its
guidance is built in. Pictures are compared with as many of the dataset, held-out ones first; the last row is what other
real pictures get. It needs a trained run and several minutes, and is not among the benchmarks that all run.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
from torch import Tensor, nn

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
from genstudio_diffusion.model import DiffusionLearner
from genstudio_diffusion.transformer import Transformer
from genstudio_diffusion.unet import UNet

STEPS = {
    "quick": (1, 2, 4),
    "flow": (1, 2, 4, 8, 16),
    "dpm++": (4, 8, 12, 20),
    "heun": (6, 12),
    "euler": (8, 16),
    "ddim": (16, 50),
    "ddpm": (20, 50, 200, 1000),
}
"""How many steps each sampler is tried with."""


def plan(learner: DiffusionLearner, most: int) -> Iterator[tuple[str, int]]:
    """Samplers and steps that a learner can draw with."""
    for sampler, counts in STEPS.items():
        if sampler != "quick" or learner.quick is not None:
            yield from ((sampler, steps) for steps in counts if steps <= most)


@contextmanager
def counting(learner: DiffusionLearner) -> Iterator[list[int]]:
    """Count the pictures that networks look at."""
    looked = [0]

    def count(_: nn.Module, given: tuple[Tensor, ...], __: object) -> None:
        looked[0] += len(given[0])

    hooks = [part.register_forward_hook(count) for part in learner.modules() if isinstance(part, UNet | Transformer)]
    try:
        yield looked
    finally:
        for hook in hooks:
            hook.remove()


def row(name: str, steps: int, evaluations: float, found: Likeness, seconds: float) -> dict[str, object]:
    """One line of the table."""
    return {"sampler": name, "steps": steps, "evaluations": evaluations, "seconds": seconds, **asdict(found)}


def measured(ws: Workspace, run: str, count: int, guidance: float, most: int) -> list[dict[str, object]]:
    """All rows."""
    record = ws.project.run(run)
    learner = load(ws, record.id).learner
    assert isinstance(learner, DiffusionLearner)
    dataset = ImageDataset.open(dataset_folder(ws, record.id))
    training, heldout = split(len(dataset), dataset.fingerprint, parse(RunSettings, record.settings).heldout)
    division, memory = divide(training, heldout, dataset.fingerprint, count), dataset.memory
    reference, features = memory[division.reference], Features.fit(as_seen(memory[division.others]))
    rows = []
    for sampler, steps in plan(learner, most):
        options = DiffusionSampling().replaced({"sampler": sampler, "steps": steps, "guidance": guidance})
        begin = time.process_time()
        with counting(learner) as looked:
            chunks = sample(learner, seed=1, count=division.count, batch=50, options=options, label=None, device="cpu")
            pictures = np.concatenate([chunk.images for chunk in chunks]).transpose(0, 3, 1, 2)
        spent, found = time.process_time() - begin, measure_likeness(pictures, reference, features)
        rows.append(row(sampler, steps, looked[0] / division.count, found, spent))
        print(line(rows[-1]), flush=True)
    usual = measure_likeness(memory[division.control], reference, features)
    rows.append(row("other real pictures", 0, 0.0, usual, 0.0))
    print(line(rows[-1]), flush=True)
    return rows


def line(found: dict[str, object]) -> str:
    """A row as a line of a Markdown table."""
    names = ("sliced", "kernel", "precision", "recall", "coverage", "seconds")
    shown = " | ".join(f"{found[name]:.3g}" for name in names)
    return f"| {found['sampler']} | {found['steps']} | {found['evaluations']:.1f} | {shown} |"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("run")
    parser.add_argument("--count", type=int, default=500, help="pictures of each (default: 500)")
    parser.add_argument("--guidance", type=float, default=DiffusionSampling().guidance)
    parser.add_argument("--most", type=int, default=1000, help="leave out what takes more steps")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    host = PluginHost()
    host.load()
    ws = Workspace(host, Project.open(arguments.project))
    try:
        rows = measured(ws, arguments.run, arguments.count, arguments.guidance, arguments.most)
    finally:
        ws.project.close()
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
