"""What measuring the quality of generated pictures costs.

Run: python -m tests.benchmarks.bench_quality [--json FILE]

10,000 training pictures and 1,000 samples of 32×32 in colour, made by a formula; one process. Times are CPU time.

bench    looking at the training pictures and calibrating the copy check, once a dataset
copies   the nearest training pictures of all samples
figures  precision, recall, density, coverage, kernel distance and sliced Wasserstein, of 1,000 against 1,000; an
         evaluation does that twice, because real pictures are measured beside the generated ones
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
import torch

from genstudio.evaluation.appearance import as_seen
from genstudio.evaluation.copies import CopyFinder, Yardstick, calibrate
from genstudio.evaluation.features import Features
from genstudio.evaluation.quality import measure_likeness
from tests.benchmarks.bench_data import pictures

TRAINING, SAMPLES, SIDE = 10_000, 1_000, 32
T = TypeVar("T")


def main() -> int:
    """Measure, print, and write the figures where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    pixels = np.ascontiguousarray(pictures(TRAINING + 2 * SAMPLES, SIDE).transpose(0, 3, 1, 2))
    training, samples, reference = np.split(pixels, (TRAINING, TRAINING + SAMPLES))

    def bench() -> tuple[CopyFinder, Yardstick]:
        finder = CopyFinder(training, np.arange(TRAINING))
        own = torch.arange(0, TRAINING, TRAINING // SAMPLES)
        return finder, calibrate(finder, training[own.numpy()], own, training[:0])

    found: dict[str, float] = {}
    finder, _ = timed(found, "bench", bench)
    timed(found, "copies", lambda: finder.match(samples))
    features = timed(found, "features", lambda: Features.fit(as_seen(training[:SAMPLES])))
    timed(found, "figures", lambda: measure_likeness(samples, reference, features))
    found["memory_mb"] = psutil.Process().memory_info().rss / 1e6
    print("  ".join(f"{name} {value:.1f}" for name, value in found.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))
    return 0


def timed(found: dict[str, float], name: str, work: Callable[[], T]) -> T:
    """Do some work and keep the CPU seconds that it took."""
    began = time.process_time()
    done = work()
    found[name] = time.process_time() - began
    return done


if __name__ == "__main__":
    sys.exit(main())
