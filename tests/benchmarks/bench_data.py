"""What a batch costs, and an import, against what people write by hand.

Run: python tests/benchmarks/bench_data.py [--json FILE]

Batches of 64, as float32 in [-1, 1], from the second epoch on, in one process with one torch thread, turn by turn:

ours      `BatchSource`: preallocated buffers, gathered, converted and scaled in place, seeded.
mapped    the usual tensor over a memory-mapped file: `(pixels[index].float() / 127.5) - 1`.
items     the usual Dataset of single pictures over a mapped file, and `torch.stack`.
decoding  the usual Dataset that opens, decodes and converts a PNG for every example.

`bandwidth` is the bytes a second, read and written, that ours moves, over those of a plain copy of 64 MB (above 1 where
a batch stays in the caches). Import: files a second of one thread against a loop of Pillow alone that decodes and
resizes the same PNGs of 256 pixels, and seconds to compare 50,000 pictures for near duplicates. Times are CPU time of
this process, medians; ratios above 1 mean ours is faster.
"""

import argparse
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from genstudio.data.dataset import ImageDataset
from genstudio.data.duplicates import near_pairs, sketches
from genstudio.data.options import ImportOptions
from genstudio.data.shuffle import shuffled
from genstudio.data.source import BatchSource
from genstudio.data.treat import image_of, treat

BATCH, TURNS = 64, 9
COUNTS = {32: 4096, 64: 2048, 256: 512}
Result = dict[str, float]
Step = Callable[[int], object]


def pictures(count: int, edge: int) -> NDArray[np.uint8]:
    """Smooth colours with some grain: they compress as drawings and photographs do."""
    chance = np.random.default_rng(0)
    coarse = chance.integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)
    large = [np.asarray(Image.fromarray(one).resize((edge, edge))) for one in coarse]
    grain = chance.integers(0, 8, (count, edge, edge, 3), dtype=np.uint8)
    pixels: NDArray[np.uint8] = np.maximum(np.stack(large), 8) - grain
    return pixels


def png(pixels: NDArray[np.uint8]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def positions(count: int, number: int) -> NDArray[np.int64]:
    return shuffled(count, "bench")[np.arange(number * BATCH, (number + 1) * BATCH) % count]


def ways(folder: Path, stored: NDArray[np.uint8]) -> dict[str, Step]:
    """The four ways to a batch of the same pictures (N, H, W, C); each is given the number of the batch."""
    count, edge = stored.shape[0], stored.shape[1]
    first = np.ascontiguousarray(stored.transpose(0, 3, 1, 2))
    first.tofile(folder / "pixels")
    mapped = torch.from_numpy(np.memmap(folder / "pixels", np.uint8, "c", shape=first.shape))
    files = [png(pixels) for pixels in stored]
    source = BatchSource(ImageDataset.in_memory(first), np.arange(count), batch_size=BATCH, seed=0, device="cpu")
    order = [torch.from_numpy(positions(count, number)) for number in range(count // BATCH)]

    def decoded(index: int) -> torch.Tensor:
        pixels = np.asarray(Image.open(io.BytesIO(files[index])).convert("RGB").resize((edge, edge)))
        return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float().div(127.5).sub(1)

    def turn(number: int) -> torch.Tensor:
        return order[number % len(order)]

    return {
        "ours": lambda number: source.batch(number * BATCH),
        "mapped": lambda number: mapped[turn(number)].float() / 127.5 - 1,
        "items": lambda number: torch.stack([mapped[one].float().div(127.5).sub(1) for one in turn(number).tolist()]),
        "decoding": lambda number: torch.stack([decoded(one) for one in turn(number).tolist()]),
    }


def cpu_seconds(step: Step, number: int) -> float:
    start = time.process_time()
    for at in range(number):
        step(at)
    return (time.process_time() - start) / number


def copy_rate() -> float:
    """Bytes a second, read and written, of a plain copy too large for the caches."""
    one, other = torch.zeros(2**26, dtype=torch.uint8), torch.zeros(2**26, dtype=torch.uint8)
    return 2 * one.numel() / statistics.median(cpu_seconds(lambda _: other.copy_(one), 3) for _ in range(TURNS))


def bench_batches(edge: int) -> Result:
    count = COUNTS[edge]
    with TemporaryDirectory() as folder:
        steps = ways(Path(folder), pictures(count, edge))
        numbers = {name: max(1, int(0.1 / cpu_seconds(step, 2))) for name, step in steps.items()}
        times: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(TURNS):
            for name, step in steps.items():
                times[name].append(cpu_seconds(step, numbers[name]))
    median = {name: statistics.median(values) for name, values in times.items()}
    moved = BATCH * 3 * edge * edge * (1 + 1 + 1 + 4 + 8 + 8)  # gathered, converted, centred, scaled
    return {
        "images/s": BATCH / median["ours"],
        "over mapped": median["mapped"] / median["ours"],
        "over items": median["items"] / median["ours"],
        "over decoding": median["decoding"] / median["ours"],
        "bandwidth": moved / median["ours"] / copy_rate(),
    }


def bench_import() -> Result:
    files = [png(pixels) for pixels in pictures(128, 256)]
    options = ImportOptions()

    def alone(_: int) -> None:
        for data in files:
            np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((32, 32), Image.Resampling.LANCZOS))

    def ours(_: int) -> None:
        for data in files:
            treat(image_of(data, options), options)

    times = [(cpu_seconds(ours, 1), cpu_seconds(alone, 1)) for _ in range(TURNS)]
    many = np.random.default_rng(0).normal(size=(50_000, sketches(np.zeros((1, 3, 32, 32), np.uint8)).shape[1]))
    unit = (many / np.linalg.norm(many, axis=1, keepdims=True)).astype(np.float32)
    comparing = cpu_seconds(lambda _: near_pairs(unit, lambda: None), 1)
    return {
        "files/s": len(files) / statistics.median(one for one, _ in times),
        "over Pillow alone": statistics.median(other / one for one, other in times),
        "near duplicates s": comparing,
    }


def show(title: str, results: dict[str, Result]) -> None:
    columns = list(next(iter(results.values())))
    print(f"\n{title:<8}" + "".join(f"{column:>19}" for column in columns))
    for name, row in results.items():
        print(f"{name:<8}" + "".join(f"{row[column]:>19,.2f}" for column in columns))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    batches = {str(edge): bench_batches(edge) for edge in COUNTS}
    imports = {"256 px": bench_import()}
    show("batches", batches)
    show("import", imports)
    if arguments.json:
        arguments.json.write_text(json.dumps({"batches": batches, "import": imports}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
