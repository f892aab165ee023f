"""How many modes of a ring and a grid each loss finds, and how many of its points are good.

Run: python -m tests.benchmarks.gan_modes [--seeds N] [--steps N]

The networks, the optimizer and the number of the generator's steps are the same for all losses; the Wasserstein ones
take three steps of the critic for each. R1 and R2 are 0.02 where they are used. A mode is found when it has at least a
fifth of its share of good points, a point is good within three widths of a mode.
"""

import argparse
import statistics
import sys

import torch

from genstudio.nn.adversarial import LOSSES
from tests.families.gan_points import grid, play, ring

PLAYERS = {name: (name, 0.02, 0.02) for name in LOSSES} | {
    "non-saturating, no penalty": ("non-saturating", 0.0, 0.0),
    "relativistic, no penalty": ("relativistic", 0.0, 0.0),
}


def main() -> int:
    """Print a line for each loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for title, (name, r1, r2) in PLAYERS.items():
        cells = []
        for mixture in (ring(), grid()):
            played = [
                play(name, mixture, seed=seed, steps=arguments.steps, r1=r1, r2=r2) for seed in range(arguments.seeds)
            ]
            modes, good = ", ".join(str(modes) for modes, _ in played), statistics.mean(good for _, good in played)
            cells.append(f"{modes} | {good:.0%}")
        print(f"| {title} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
