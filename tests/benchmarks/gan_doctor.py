"""How many runs made to go wrong the GAN's doctor notices, and how many good ones it disturbs.

Run: python -m tests.benchmarks.gan_doctor [--seeds N]
"""

import argparse
import sys

import torch

from tests.families.gan_runs import SICK, WELL, diagnose


def main() -> int:
    """Train all of them and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    for title, runs in (("made to go wrong", SICK), ("going well", WELL)):
        noticed = 0
        for name, (changes, count) in runs.items():
            kinds = [verdict and verdict.kind for verdict in (diagnose(changes, count, seed) for seed in range(seeds))]
            noticed += sum(kind is not None for kind in kinds)
            print(f"{title}: {name}: {', '.join(str(kind) for kind in kinds)}", flush=True)
        print(f"{title}: {noticed} of {len(runs) * seeds} noticed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
