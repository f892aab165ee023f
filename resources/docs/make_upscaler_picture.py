"""A picture of what an upscaler makes of held-out pictures: given, plainly enlarged, by the upscaler, and the true one.

    .venv/bin/python resources/docs/make_upscaler_picture.py PROJECT RUN OUT.png [-n 12] [--columns 2]

They are the first of those that the run never saw; small ones are made of them, as in training.
"""

import argparse
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from genstudio_diffusion.upscaling.pictures import enlarged, shrunk, unweighted, weighted
from tests.benchmarks.bench_upscaling import drawn, of_run, rounded

EDGE, GAP, COLOURS = 128, 6, 200  # pixels of a picture and around it; colours of the file


def pixels(pictures: Tensor, edge: int) -> list[Image.Image]:
    """Pictures (N, C, H, W) in [-1, 1] on white, `edge` pixels wide, with their pixels to be seen."""
    levels = ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    found = []
    for one in levels:
        drawn_over = Image.fromarray(one).convert("RGBA").resize((edge, edge), Image.Resampling.NEAREST)
        white = Image.new("RGBA", drawn_over.size, "white")
        white.alpha_composite(drawn_over)
        found.append(white.convert("RGB"))
    return found


def main() -> None:
    """Enlarge and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("run")
    parser.add_argument("out", type=Path)
    parser.add_argument("-n", type=int, default=12)
    parser.add_argument("--columns", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    learner, pictures = of_run(arguments.project, arguments.run)
    true, factor = pictures[: arguments.n], learner.upscale_factor
    small = rounded(unweighted(shrunk(weighted(true), factor).clamp(-1, 1), shrunk(true, factor)))
    plain = enlarged(small, factor).clamp(-1, 1)
    four = [pixels(some, EDGE) for some in (small, plain, drawn(learner, small), true)]
    width, height = 4 * (EDGE + GAP) + GAP, EDGE + GAP
    rows = -(-arguments.n // arguments.columns)
    sheet = Image.new("RGB", (arguments.columns * width, rows * height + GAP), "white")
    for number, given in enumerate(zip(*four, strict=True)):
        left, top = number % arguments.columns * width + GAP, number // arguments.columns * height + GAP
        for turn, one in enumerate(given):
            sheet.paste(one, (left + turn * (EDGE + GAP), top))
    sheet.quantize(COLOURS).save(arguments.out, optimize=True)


if __name__ == "__main__":
    main()
