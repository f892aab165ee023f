"""Exact likelihoods of the small handwritten digits that ship with scikit-learn, for every model of pixels in order.

Run: python -m tests.benchmarks.digits_likelihood [--images N] [--seeds N] [--only VARIANT ...] [--json FILE]

1797 pictures of 8 × 8 pixels with 17 levels (0 to 16); 1297 to learn from, 200 that say when to stop, and 300 held out,
always the same. Every variant of every family with levels is trained with its Draft preset's knobs but for those named
in `KNOBS` and `SIZES`, for the same number of images, with labels (10 % of them hidden). What is judged are the weights
that did best on the 200, looked at every `STRIDE` images.

The table says, per variant: parameters; nats per image and bits per dimension of the held-out digits without their
labels; nats given them; nats of digits it learned from; the accuracy of p(label | picture) by Bayes' rule; when it was
best and what going on to the end would have come to (nats); CPU seconds of training. Two lines stand beside it: every
pixel drawn by itself from its own histogram, and a logistic regression, which learned nothing but to tell the digits
apart.
"""

import argparse
import copy
import json
import math
import statistics
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from genstudio.core.config import FamilyConfig, describe
from genstudio.core.family import AnyFamily
from genstudio.core.seeds import mixed_seed
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.evaluation.classifier import classify
from genstudio.plugins import PluginHost
from genstudio.testing.lab import NoRuns
from genstudio.training.learner import Learner, ScoresLikelihood
from genstudio.training.previews import evaluating

LEVELS, HELDOUT, STOPPING, DIMENSIONS = 17, 300, 200, 64
STRIDE = 4_000
KNOBS: dict[str, object] = {"levels": LEVELS, "batch_size": 32, "dropout": 0.2}
SIZES: dict[str, dict[str, object]] = {
    "pixelcnn": {"features": 64, "depth": 6, "learning_rate": 3e-3},
    "gated": {"features": 32, "depth": 6, "learning_rate": 3e-3},
    "pixelcnn++": {"features": 20, "depth": 2, "learning_rate": 3e-3},
    "row-lstm": {"features": 32, "depth": 3, "learning_rate": 5e-3},
    "diagonal-bilstm": {"features": 32, "depth": 3, "learning_rate": 5e-3},
}
Indices = NDArray[np.int64]
Row = dict[str, float]


@dataclass(frozen=True)
class Digits:
    """The digits at the numbers nearest to their levels, and which of them are for what."""

    dataset: ImageDataset
    train: Indices
    stopping: Indices
    heldout: Indices


def digits() -> Digits:
    """Divide the digits; always alike."""
    images, labels = load_digits(return_X_y=True)
    pixels = np.rint(images.reshape(-1, 1, 8, 8) * (255 / (LEVELS - 1))).astype(np.uint8)
    order = np.random.default_rng(0).permutation(len(pixels))
    names = tuple(str(digit) for digit in range(10))
    dataset = ImageDataset.in_memory(pixels, labels=labels.tolist(), classes=names)
    return Digits(dataset, order[HELDOUT + STOPPING :], order[HELDOUT : HELDOUT + STOPPING], order[:HELDOUT])


def contestants(only: list[str]) -> Iterator[tuple[AnyFamily, str]]:
    """Every variant of every family that draws levels."""
    host = PluginHost()
    host.load()
    for family in host.families():
        fields = {field.name: field for field in describe(family.config_type)}
        if "levels" in fields and "variant" in fields:
            variants = [choice.value for choice in fields["variant"].choices]
            yield from ((family, variant) for variant in variants if not only or variant in only)


@dataclass(frozen=True)
class Trained:
    """A learner with the weights that were best, when that was, and what the held-out digits took at the very end."""

    learner: Learner
    best_at: int
    nats_at_end: float
    seconds: float


def trained(family: AnyFamily, variant: str, images: int, seed: int, data: BatchSource, parts: Digits) -> Trained:
    """Train for so many images, looking now and then at the digits that say when to stop."""
    preset: FamilyConfig = family.presets["Draft"]
    config = preset.replaced({**KNOBS, **SIZES[variant], "variant": variant, "images": images})
    torch.manual_seed(mixed_seed("weights", seed))
    learner: Learner = family.build(config, data.dataset.spec, NoRuns())
    least, best_at, best, seconds = math.inf, 0, learner.state_dict(), 0.0
    for start in range(0, images, STRIDE):
        begin = time.process_time()
        for images_seen in range(start, min(start + STRIDE, images), config.batch_size):
            learner.train().step(data.batch(images_seen))
        seconds += time.process_time() - begin
        found = nats(learner, data, parts.stopping, labelled=False)
        if found < least:
            least, best_at, best = found, min(start + STRIDE, images), copy.deepcopy(learner.state_dict())
    at_end = nats(learner, data, parts.heldout, labelled=False)
    learner.load_state_dict(best)
    return Trained(learner, best_at, at_end, seconds)


def nats(learner: Learner, data: BatchSource, heldout: NDArray[np.int64], *, labelled: bool) -> float:
    """The mean of minus log p over the held-out digits, given their labels or not."""
    assert isinstance(learner, ScoresLikelihood)
    batch = data.fixed(heldout, 0)
    with evaluating(learner):
        return -float(learner.log_likelihood(batch if labelled else replace(batch, labels=None)).mean())


def measure(family: AnyFamily, variant: str, images: int, seed: int) -> Row:
    """Train one contestant and look at it from all sides."""
    parts = digits()
    data = BatchSource(parts.dataset, parts.train, batch_size=int(str(KNOBS["batch_size"])), seed=seed, device="cpu")
    made = trained(family, variant, images, seed, data, parts)
    learner, heldout = made.learner, parts.heldout
    free, given = (nats(learner, data, heldout, labelled=labelled) for labelled in (False, True))
    chosen = classify(learner, data, heldout, batch=100, limit=HELDOUT)
    return {
        "parameters": float(sum(p.numel() for p in learner.parameters() if p.requires_grad)),
        "nats": free,
        "bits_per_dim": free / (DIMENSIONS * math.log(2)),
        "nats_given_label": given,
        "nats_learned_from": nats(learner, data, parts.train[:HELDOUT], labelled=False),
        "accuracy": chosen.accuracy,
        "best_at": float(made.best_at),
        "nats_at_end": made.nats_at_end,
        "seconds": made.seconds,
    }


def baselines() -> Row:
    """Pixels by themselves, and a classifier by itself."""
    parts = digits()
    dataset, train, heldout = parts.dataset, parts.train, parts.heldout
    levels = np.rint(dataset.pixels.reshape(-1, DIMENSIONS) * ((LEVELS - 1) / 255)).astype(int)
    counts = np.stack([np.bincount(column, minlength=LEVELS) for column in levels[train].T]) + 1.0
    chance = counts / counts.sum(1, keepdims=True)
    alone = -np.log(chance[np.arange(DIMENSIONS), levels[heldout]]).sum(1).mean()
    assert dataset.labels is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        regression = LogisticRegression(max_iter=300).fit(levels[train] / (LEVELS - 1), dataset.labels[train])
    accuracy = regression.score(levels[heldout] / (LEVELS - 1), dataset.labels[heldout])
    return {"independent_nats": float(alone), "logistic_accuracy": float(accuracy)}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Row] = {"baselines": baselines()}
    print(found["baselines"])
    print(
        f"{'variant':16}{'params':>10}{'nats':>8}{'b/dim':>8}{'given y':>9}{'train':>8}{'acc':>7}"
        f"{'best at':>9}{'end':>8}{'cpu s':>8}",
        flush=True,
    )
    for family, variant in contestants(arguments.only):
        rows = [measure(family, variant, arguments.images, seed) for seed in range(arguments.seeds)]
        row = found[variant] = {name: statistics.mean(one[name] for one in rows) for name in rows[0]}
        print(
            f"{variant:16}{row['parameters']:10.0f}{row['nats']:8.2f}{row['bits_per_dim']:8.3f}"
            f"{row['nats_given_label']:9.2f}{row['nats_learned_from']:8.2f}{row['accuracy']:7.3f}"
            f"{row['best_at']:9.0f}{row['nats_at_end']:8.2f}{row['seconds']:8.0f}",
            flush=True,
        )
    if arguments.json:
        arguments.json.write_text(json.dumps({"images": arguments.images, "found": found}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
