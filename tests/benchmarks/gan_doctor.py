"""How many runs made to go wrong the GAN's doctor notices, and how many good ones it disturbs.

Run: python -m tests.benchmarks.gan_doctor [--seeds N]
"""

import argparse
import sys

import torch

from genstudio.core.health import History
from tests.families.gan_runs import SICK, WELL, diagnose


def main() -> int:
    """Train all of them and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", choices=("sick", "well"))
    seeds, only = (arguments := parser.parse_args()).seeds, arguments.only
    torch.set_num_threads(1)
    chosen = {"sick": ("made to go wrong", SICK), "well": ("going well", WELL)}
    for title, runs in [chosen[only]] if only else chosen.values():
        noticed = 0
        for name, (changes, count) in runs.items():
            for seed in range(seeds):
                verdict, history = diagnose(changes, count, seed)
                noticed += verdict is not None
                ends = ", ".join(
                    f"{figure} {_end(history, figure):.2f}"
                    for figure in ("distance", "diversity", "overfit", "real_right", "heldout/real_right")
                )
                print(f"{title}: {name}: {verdict.kind if verdict else 'nothing'} ({ends})", flush=True)
        print(f"{title}: {noticed} of {len(runs) * seeds} noticed", flush=True)
    return 0


def _end(history: History, figure: str) -> float:
    """A figure over the last fifth of a run."""
    return history.mean(figure, 0.8) or 0.0


if __name__ == "__main__":
    sys.exit(main())
