"""How fast PixelRNN learns and draws, against the same network as people write it and the naive way to draw.

Run: python -m tests.benchmarks.bench_pixelrnn [--counts N ...] [--json FILE]

Learning: forward and backward of one batch. By hand means skewed feature maps, a Python loop over the columns (or
rows) with conv1d from state to state, and plain autograd. Before anything is timed both must give the same loss and
gradients. `scan_share` is the part of our step spent in the recurrence; `gflops` is what its matrix products alone
come to in a second, `sgemm_gflops` what one large product reaches in the same process.

Drawing: pictures all at once. The naive method runs the whole network for every sub-pixel; its time is that of a few
runs, times how many it would need. Before anything is timed both must give the same probabilities.

Turn by turn in one process with one torch thread. Times are CPU time of this process; of several turns the median is
taken for learning and the least for drawing.
"""

import argparse
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.nn.pixels_density import PixelDensity
from genstudio_pixelrnn.config import PixelRNNConfig
from genstudio_pixelrnn.model import density
from genstudio_pixelrnn.net import PixelRNN
from genstudio_pixelrnn.scan import scan
from tests.families.pixelrnn_by_hand import net_by_hand
from tests.families.pixels_by_hand import most_apart

TURNS = 5
VARIANTS = ("row-lstm", "diagonal-bilstm")
LEARNING = {"16 px grey": (1, 16, 32, 3, 16), "28 px grey": (1, 28, 16, 7, 16)}  # channels, edge, h, layers, batch
DRAWING = {"16 px grey": (1, 16, 32, 3), "32 px colour": (3, 32, 24, 3)}
Figures = dict[str, float]


def seconds(work: Callable[[], object]) -> float:
    """The CPU time of some work."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def made(variant: str, channels: int, edge: int, features: int, depth: int) -> PixelDensity:
    """A network with random weights."""
    torch.manual_seed(0)
    config = PixelRNNConfig.model_validate(
        {"variant": variant, "levels": 16, "features": features, "depth": depth, "dropout": 0.0}
    )
    return density(config, DataSpec(count=1, channels=channels, height=edge, width=edge))


def own_loss(model: PixelDensity, pixels: Tensor) -> Tensor:
    loss: Tensor = -model(pixels, None).mean()
    return loss


def loss_by_hand(model: PixelDensity, pixels: Tensor) -> Tensor:
    assert isinstance(model.net, PixelRNN)
    levels = model.levels.of_pixels(pixels)
    return -model.head.log_prob(net_by_hand(model.net, model.levels.values(levels), None), levels).mean()


def gradients(loss: Tensor, model: PixelDensity) -> tuple[Tensor, ...]:
    return torch.autograd.grad(loss, list(model.parameters()))


def check_alike(model: PixelDensity, pixels: Tensor) -> None:
    """Stop unless both ways learn the same."""
    pairs = zip(*(gradients(loss(model, pixels), model) for loss in (own_loss, loss_by_hand)), strict=True)
    apart = max(float((one - other).abs().max() / other.abs().max().clamp_min(1e-3)) for one, other in pairs)
    if apart > 1e-4:
        raise SystemExit(f"The gradients of the two ways differ by {apart}")


def learning(variant: str, channels: int, edge: int, features: int, depth: int, batch: int) -> Figures:
    """Images a second, both ways, turn by turn."""
    model = made(variant, channels, edge, features, depth)
    pixels = torch.randint(256, (batch, channels, edge, edge), dtype=torch.uint8)
    check_alike(model, pixels)
    ways = {
        "own": lambda: gradients(own_loss(model, pixels), model),
        "by_hand": lambda: gradients(loss_by_hand(model, pixels), model),
        "scan": scanning(model, edge, batch),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _, name in itertools.product(range(TURNS), ways):
        times[name].append(seconds(ways[name]))
    own, by_hand, scans = (statistics.median(times[name]) for name in ways)
    return {
        "own_images_a_second": batch / own,
        "by_hand_images_a_second": batch / by_hand,
        "ratio": statistics.median(b / o for o, b in zip(times["own"], times["by_hand"], strict=True)),
        "scan_share": depth * scans / own,
        "gflops": products(model, edge, batch) / scans / 1e9,
        "sgemm_gflops": sgemm(),
    }


def scanning(model: PixelDensity, edge: int, batch: int) -> Callable[[], object]:
    """The recurrence of one layer, there and back."""
    assert isinstance(model.net, PixelRNN)
    layer, course = model.net.stack[0], model.net.course(edge, edge, batch, torch.device("cpu"))
    inputs = torch.randn(course.directions, edge * edge * batch, 4 * layer.hidden, requires_grad=True)
    bias = torch.randn(course.directions, batch, 4 * layer.hidden)

    def there_and_back() -> None:
        states = scan(inputs, bias, layer.states, course.steps)
        torch.autograd.grad(states, (inputs, layer.states), torch.ones_like(states))

    return there_and_back


def products(model: PixelDensity, edge: int, batch: int) -> int:
    """Operations of the matrix products of one layer's recurrence: there, back to the states, and to the weights."""
    assert isinstance(model.net, PixelRNN)
    return 3 * 2 * edge * edge * batch * model.net.stack[0].states.numel()


def sgemm() -> float:
    """What a large matrix product reaches, in GFLOP/s."""
    one = torch.randn(1024, 1024)
    return 2 * 1024**3 / min(seconds(lambda: one @ one) for _ in range(5)) / 1e9


def drawing(variant: str, channels: int, edge: int, features: int, depth: int, count: int) -> Figures:
    """Quick and naive seconds for `count` pictures."""
    model = made(variant, channels, edge, features, depth).eval()
    apart = most_apart(model, torch.rand(2, channels, 5, 5).mul(2).sub(1), None)
    if apart > 1e-5:
        raise SystemExit(f"{variant}: the quick way and the naive way differ by {apart}")
    uniforms, values = torch.rand(count, edge, edge, channels), torch.rand(count, channels, edge, edge)
    quick = min(seconds(lambda: model.draw(uniforms, None)) for _ in range(2))
    with torch.inference_mode():
        naive = min(seconds(lambda: model.net(values, None)) for _ in range(2)) * edge * edge * channels
    return {"quick_seconds": quick, "naive_seconds": naive, "ratio": naive / quick, "images_a_second": count / quick}


def everything(counts: list[int]) -> Iterator[tuple[str, Figures]]:
    """All figures, one after the other."""
    for variant, (name, sizes) in itertools.product(VARIANTS, LEARNING.items()):
        yield f"learning {variant} {name}", learning(variant, *sizes)
    for variant, (name, shape), count in itertools.product(VARIANTS, DRAWING.items(), counts):
        yield f"drawing {variant} {name} n={count}", drawing(variant, *shape, count)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="*", default=[1, 16])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Figures] = {}
    for name, figures in everything(arguments.counts):
        found[name] = figures
        print(f"{name:44}" + "  ".join(f"{key} {value:.4g}" for key, value in figures.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
