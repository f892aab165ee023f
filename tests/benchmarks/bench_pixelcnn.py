"""How fast PixelCNN draws and learns, against the naive method and a public peer.

Run: python -m tests.benchmarks.bench_pixelcnn [--peer FOLDER] [--counts N ...] [--json FILE]

Drawing: pictures of 3 × 32 × 32 with each network, all at once. The naive method runs the whole network for every
sub-pixel (PixelCNN++: every pixel); its time is that of a few runs, times how many it would need. Before anything is
timed, both ways must give the same probabilities.

Learning: one step on 28 × 28 black-and-white pictures, and the same for the models of the same shape in a checkout of
pytorch-generative (github.com/EugenHotaj/pytorch-generative, MIT) if its folder is given, with torch's Adam as people
write it. Turn by turn in one process with one torch thread.

Times are CPU time of this process; of several turns the median is taken for learning and the least for drawing.
"""

import argparse
import itertools
import json
import statistics
import sys
import time
import types
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.nn.pixels_density import PixelDensity
from genstudio_pixelcnn.config import PixelCNNConfig
from genstudio_pixelcnn.model import PixelCNNLearner
from tests.families.pixels_by_hand import most_apart

EDGE, TURNS, NAIVE_RUNS = 32, 7, 2
DRAWING = {
    "pixelcnn": PixelCNNConfig(variant="pixelcnn", levels=256, features=48, depth=8),
    "gated": PixelCNNConfig(variant="gated", levels=256, features=48, depth=8),
    "pixelcnn++": PixelCNNConfig(variant="pixelcnn++", levels=256, features=40, depth=2, mixtures=10),
}
LEARNING = {
    "pixelcnn": (PixelCNNConfig(variant="pixelcnn", levels=2, features=32, depth=15, dropout=0.0), 64),
    "gated": (PixelCNNConfig(variant="gated", levels=2, features=32, depth=11, dropout=0.0), 32),
}
PEERS: dict[str, tuple[str, str, dict[str, int]]] = {
    "pixelcnn": ("pixel_cnn", "PixelCNN", {"n_residual": 15, "residual_channels": 16, "head_channels": 32}),
    "gated": ("gated_pixel_cnn", "GatedPixelCNN", {"n_gated": 10, "gated_channels": 32, "head_channels": 32}),
}
Figures = dict[str, float]


def seconds(work: Callable[[], object]) -> float:
    """The CPU time of some work."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def density_of(config: PixelCNNConfig, channels: int, edge: int) -> PixelDensity:
    """A network with random weights."""
    torch.manual_seed(0)
    return PixelCNNLearner(config, DataSpec(count=1, channels=channels, height=edge, width=edge)).averaged


def drawing(variant: str, count: int) -> Figures:
    """Quick and naive seconds for `count` pictures."""
    config = DRAWING[variant]
    small = density_of(config, 3, 5)
    apart = most_apart(small, small.levels.values(torch.randint(256, (2, 3, 5, 5))), small.vectors(None, 2))
    if apart > 1e-5:
        raise SystemExit(f"{variant}: the quick way and the naive way differ by {apart}")
    density = density_of(config, 3, EDGE)
    uniforms, values = torch.rand(count, EDGE, EDGE, 3), torch.rand(count, 3, EDGE, EDGE)
    free = density.vectors(None, count)
    quick = min(seconds(lambda: density.draw(uniforms, free)) for _ in range(2))
    with torch.inference_mode():
        once = min(seconds(lambda: density.net(values, free)) for _ in range(NAIVE_RUNS))
    naive = once * EDGE * EDGE * (1 if variant == "pixelcnn++" else 3)
    return {"quick_seconds": quick, "naive_seconds": naive, "ratio": naive / quick, "images_a_second": count / quick}


def own_step(config: PixelCNNConfig, batch: int) -> tuple[Callable[[], object], int]:
    """One step of ours, and how many numbers it learns."""
    learner = PixelCNNLearner(config, DataSpec(count=1, channels=1, height=28, width=28)).train()
    pixels = torch.randint(0, 2, (batch, 1, 28, 28), dtype=torch.uint8) * 255
    images = pixels.float().sub(127.5).div(127.5)
    given = Batch(pixels, images, None, torch.arange(batch), 0, torch.Generator())
    return lambda: learner.step(given), sum(p.numel() for p in learner.density.parameters())


def peer_step(folder: Path, variant: str, batch: int) -> tuple[Callable[[], object], int]:
    """One step of the peer, as people write it, and how many numbers it learns."""
    module, name, shape = PEERS[variant]
    for package in ("pytorch_generative", "pytorch_generative.models"):  # without what their __init__ would need
        bare = types.ModuleType(package)
        bare.__path__ = [str(folder / package.replace(".", "/"))]
        sys.modules[package] = bare
    model: nn.Module = getattr(import_module(f"pytorch_generative.models.autoregressive.{module}"), name)(**shape)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    images = torch.randint(0, 2, (batch, 1, 28, 28)).float()

    def step() -> None:
        optimizer.zero_grad()
        loss: Tensor = F.binary_cross_entropy_with_logits(model(images), images, reduction="sum") / batch
        loss.backward()  # type: ignore[no-untyped-call] # torch's own
        optimizer.step()

    return step, sum(p.numel() for p in model.parameters())


def learning(variant: str, folder: Path | None) -> Figures:
    """Images a second, ours and the peer's, turn by turn."""
    config, batch = LEARNING[variant]
    own, parameters = own_step(config, batch)
    steps, figures = {"own": own}, {"own_parameters": float(parameters)}
    if folder is not None:
        steps["peer"], parameters = peer_step(folder, variant, batch)
        figures["peer_parameters"] = float(parameters)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _, name in itertools.product(range(TURNS + 1), steps):
        times[name].append(seconds(steps[name]))
    figures |= {f"{name}_images_a_second": batch / statistics.median(ts[1:]) for name, ts in times.items()}
    if folder is not None:
        figures["ratio"] = statistics.median(p / o for o, p in zip(times["own"][1:], times["peer"][1:], strict=True))
    return figures


def everything(counts: list[int], folder: Path | None) -> Iterator[tuple[str, Figures]]:
    """All figures, one after the other."""
    for variant, count in itertools.product(DRAWING, counts):
        yield f"drawing {variant} n={count}", drawing(variant, count)
    for variant in LEARNING:
        yield f"learning {variant}", learning(variant, folder)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="a checkout of pytorch-generative")
    parser.add_argument("--counts", type=int, nargs="*", default=[1, 16])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Figures] = {}
    for name, figures in everything(arguments.counts, arguments.peer):
        found[name] = figures
        print(f"{name:28}" + "  ".join(f"{key} {value:.4g}" for key, value in figures.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
