"""What the engine costs, and what it gains, against a training loop written by hand.

Run: python tests/benchmarks/bench_training.py [--family NAME] [--json FILE]

Three loops train the same model (a small convolutional autoencoder unless a family is named) on the same pictures,
turn by turn in one process with one torch thread:

hand    what people write: shuffled indexing of a float tensor, zero_grad, backward, clip_grad_norm_, torch's AdamW as
        it comes, a moving average in a Python loop, loss.item() at every step.
bare    the studio's parts (batches, updaters) and nothing around them.
engine  the whole loop: guard, meter, reports, control, rhythm of previews and checkpoints.

Times are CPU time of this process; ratios are medians over turns. `engine_over_hand` above 1 means the engine trains
more images a second. `loop_share` is the part of a step the loop itself takes.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from genstudio.core.config import SamplingConfig
from genstudio.core.control import Control
from genstudio.core.events import CheckpointSaved, Outcome
from genstudio.core.settings import RunSettings
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.plugins import PluginHost
from genstudio.testing.lab import NoRuns
from genstudio.testing.pictures import made_up
from genstudio.training.best import Snapshot
from genstudio.training.learner import Learner
from genstudio.training.loop import Progress, train
from genstudio.training.updater import Ema, Updater

TURNS, SECONDS_A_TURN = 7, 1.5
EDGE, BATCH = 32, 64
Result = dict[str, float]


class Autoencoder(Learner):
    """Squeezes pictures to a sixteenth and back."""

    def __init__(self, spec: DataSpec) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(spec.channels, 32, 4, 2, 1),
            nn.SiLU(),
            nn.Conv2d(32, 64, 4, 2, 1),
            nn.SiLU(),
            nn.Conv2d(64, 16, 3, 1, 1),
            nn.ConvTranspose2d(16, 64, 4, 2, 1),
            nn.SiLU(),
            nn.ConvTranspose2d(64, spec.channels, 4, 2, 1),
        )
        self.ema = Ema(self.net)
        self.update = Updater(self.net, lr=1e-3, clip=1.0, ema=self.ema)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        loss = (self.net(batch.images) - batch.images).square().mean()
        norm = self.update.step(loss, batch.images_seen)
        return {"loss": loss.detach(), "gradient": norm}


class ByHand:
    """Stands where an `Updater` stood, and does what people do."""

    def __init__(self, updater: Updater) -> None:
        self.parameters, self.clip, self.schedule = list(updater.parameters.values()), updater.clip, updater.schedule
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=updater.lr, betas=updater.betas, weight_decay=updater.weight_decay
        )
        self.rate, self.ema = updater.lr, updater.ema

    def step(self, loss: Tensor, images_seen: int) -> Tensor:
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch's own
        norm = nn.utils.clip_grad_norm_(self.parameters, self.clip or float("inf"))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * (self.schedule(images_seen) if self.schedule else 1.0)
        self.optimizer.step()
        if self.ema is not None:
            self._average(self.ema)
        return norm

    @torch.no_grad()
    def _average(self, ema: Ema[nn.Module]) -> None:
        for average, parameter in zip(ema.module.parameters(), ema._source[0].parameters(), strict=True):
            average.mul_(ema.decay).add_(parameter, alpha=1 - ema.decay)


def pictures() -> ImageDataset:
    small = made_up(3, EDGE, EDGE, labelled=True)
    assert small.labels is not None
    again = 40
    return ImageDataset.in_memory(
        np.tile(small.memory, (again, 1, 1, 1)), labels=list(small.labels) * again, classes=small.spec.classes
    )


def make(family: str | None, spec: DataSpec) -> Learner:
    torch.manual_seed(0)
    if family is None:
        return Autoencoder(spec)
    host = PluginHost()
    host.load()
    chosen = host.family(family)
    learner: Learner = chosen.build(chosen.presets["Draft"].replaced({"batch_size": BATCH}), spec, NoRuns())
    return learner


def hand(learner: Learner, dataset: ImageDataset) -> Callable[[int], None]:
    for name, updater in learner.updaters.items():
        setattr(learner, name, ByHand(updater))
    learner.train()
    images = torch.from_numpy(dataset.memory).float() / 127.5 - 1
    pixels, labels = torch.from_numpy(dataset.memory), torch.from_numpy(dataset.labels)
    generator, clock = torch.Generator(), count(0, BATCH)

    def steps(number: int) -> None:
        for _ in range(number):
            index = torch.randint(len(images), (BATCH,))
            seen = next(clock)
            values = learner.step(Batch(pixels[index], images[index], labels[index], index, seen, generator))
            {name: value.item() for name, value in values.items()}

    return steps


def bare(learner: Learner, source: BatchSource) -> Callable[[int], None]:
    learner.train()
    clock = count(0, BATCH)

    def steps(number: int) -> None:
        for _ in range(number):
            learner.step(source.batch(next(clock)))

    return steps


class Nowhere:
    """Keeps nothing, and stops after so many steps: a run that is stopped makes no last preview."""

    def __init__(self, control: Control, steps: int) -> None:
        self.control, self.left = control, steps

    def save(self, learner: Learner, progress: Progress, score: float | None) -> CheckpointSaved:
        return CheckpointSaved("bench", progress.images_seen, "", 0)

    def keep_best(self, best: Snapshot) -> None:
        """Nothing is held out."""

    def rate(self, images_seen: int, score: float) -> None:
        """Nothing is held out."""

    def between(self) -> None:
        self.left -= 1
        if self.left < 0:
            self.control.stop()


def engine(learner: Learner, source: BatchSource) -> Callable[[int], None]:
    progress = Progress(BATCH)  # not a beginning, so that there is no first preview either
    settings = RunSettings(preview_every=10**12, checkpoint_seconds=1e9, preview_count=1)

    def steps(number: int) -> None:
        control, heldout = Control(), np.array([], dtype=np.int64)
        finished = train(
            learner, source, heldout, settings, SamplingConfig(), run="bench", budget=10**12, progress=progress,
            emit=lambda _: None, control=control, host=Nowhere(control, number),
        )  # fmt: skip
        assert finished.outcome is Outcome.STOPPED, finished.message

    return steps


def cpu_seconds(steps: Callable[[int], None], number: int) -> float:
    begin = time.process_time()
    steps(number)
    return (time.process_time() - begin) / number


def measure(family: str | None = None) -> Result:
    """Train with the three loops turn by turn; returns images a second and ratios."""
    torch.set_num_threads(1)
    dataset = pictures()

    def source() -> BatchSource:
        return BatchSource(dataset, np.arange(len(dataset)), batch_size=BATCH, seed=0, device="cpu")

    loops = {
        "hand": hand(make(family, dataset.spec), dataset),
        "bare": bare(make(family, dataset.spec), source()),
        "engine": engine(make(family, dataset.spec), source()),
    }
    number = max(int(SECONDS_A_TURN / cpu_seconds(loops["bare"], 3)), 3)
    times: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(TURNS):
        for name, steps in loops.items():
            times[name].append(cpu_seconds(steps, number))
    median = {name: statistics.median(values) for name, values in times.items()}
    return {
        "images_per_second": BATCH / median["engine"],
        "engine_over_hand": ratio(times["hand"], times["engine"]),
        "loop_share": 1 - ratio(times["bare"], times["engine"]),
        "step_milliseconds": 1e3 * median["engine"],
    }


def ratio(one: list[float], other: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", help="a family by name, trained with its Draft preset")
    parser.add_argument("--json", type=Path, help="also write the results here")
    arguments = parser.parse_args()
    result = measure(arguments.family)
    for name, value in result.items():
        print(f"{name:20} {value:10.4f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
