"""How fast autoencoders learn: ours, and the variational one against a plain loop over the same network and loss.

Run: python -m tests.benchmarks.bench_autoencoders [--json FILE]

One step on 32 grey pictures of 32 × 32 with the Draft preset. The plain loop is what people write: `zero_grad`,
`backward`, `clip_grad_norm_`, torch's AdamW, and an average of the weights in a Python loop. Turn by turn in one
process with one torch thread; CPU time of this process, the median of several turns.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from genstudio.core.family import AnyFamily
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.testing.lab import NoRuns
from genstudio.training.learner import Learner
from genstudio_vae.families import FAMILIES, FAMILY
from genstudio_vae.model import VaeLearner

EDGE, BATCH, TURNS = 32, 32, 9
SPEC = DataSpec(count=1000, channels=1, height=EDGE, width=EDGE, classes=("a", "b", "c", "d"))
Step = Callable[[], object]


def batch_of() -> Batch:
    pixels = torch.randint(0, 256, (BATCH, 1, EDGE, EDGE), dtype=torch.uint8)
    index = torch.arange(BATCH)
    return Batch(pixels, pixels.float() / 127.5 - 1, index % 4, index, 50_000, torch.Generator().manual_seed(0))


def own(learner: Learner, batch: Batch) -> Step:
    return lambda: learner.step(batch)


def plain(learner: VaeLearner, batch: Batch) -> Step:
    """The same networks and loss in a loop as people write it."""
    vae = learner.vae
    optimizer = torch.optim.AdamW(vae.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.0)
    average = [parameter.detach().clone() for parameter in vae.parameters()]

    def step() -> None:
        optimizer.zero_grad()
        bound = vae(batch.images, batch.labels, torch.randn(BATCH, learner.config.latents))
        (bound.nats.mean() / SPEC.dimensions).backward()
        nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            for kept, parameter in zip(average, vae.parameters(), strict=True):
                kept.lerp_(parameter, 0.001)

    return step


def medians(steps: dict[str, Step]) -> dict[str, float]:
    """The median CPU seconds of each."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(TURNS + 1):
        for name, step in steps.items():
            begin = time.process_time()
            step()
            if turn:
                times[name].append(time.process_time() - begin)
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures there")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    batch, steps = batch_of(), dict[str, Step]()
    families: tuple[AnyFamily, ...] = FAMILIES
    for family in families:
        learner = family.build(family.presets["Draft"], SPEC, NoRuns()).train()
        steps[family.name] = own(learner, batch)
    base = FAMILY.build(FAMILY.presets["Draft"], SPEC, NoRuns()).train()
    assert isinstance(base, VaeLearner)
    steps["vae, a plain loop"] = plain(base, batch)
    found = medians(steps)
    for name, seconds in found.items():
        print(f"{name:24} {1000 * seconds:7.1f} ms a step {BATCH / seconds:8.0f} images/s")
    print(f"{'ratio to the plain loop':24} {found['vae, a plain loop'] / found['vae']:.2f}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
