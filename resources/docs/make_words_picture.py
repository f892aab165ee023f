"""A picture of what a run draws by words: a row for each prompt, and whether it was trained on.

    .venv/bin/python resources/docs/make_words_picture.py PROJECT RUN OUT.png --prompts "red heart" "orange heart"

Prints how many pictures of each row are near copies of training pictures.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from genstudio.core.config import parse
from genstudio.data.dataset import ImageDataset, split
from genstudio.generation.sample import sample
from genstudio.jobs.copies import make_bench
from genstudio.jobs.given import dataset_folder
from genstudio.jobs.loading import load
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project

EDGE, GAP, LABEL = 72, 4, 176  # pixels of a picture, around it, and of the column of prompts
INK, GREY = (20, 20, 20), (110, 110, 110)


def drawn(loaded: Loaded, prompt: str, count: int, options: dict[str, str]) -> NDArray[np.uint8]:
    """Pictures of a prompt, uint8 (N, H, W, C)."""
    chosen = parse(loaded.family.sampling_type, options)
    chunks = sample(
        loaded.learner, seed=1, count=count, batch=count, options=chosen, label=None, device="cpu", text=prompt
    )
    return next(iter(chunks)).images


def fitted(picture: NDArray[np.uint8]) -> Image.Image:
    """A picture at the size it is shown at: small ones with their pixels, larger ones smoothly."""
    way = Image.Resampling.NEAREST if len(picture) <= EDGE else Image.Resampling.LANCZOS
    return Image.fromarray(picture).convert("RGBA").resize((EDGE, EDGE), way)


def sheet(rows: list[tuple[str, str, NDArray[np.uint8]]]) -> Image.Image:
    """Rows of pictures, each with its prompt and a word about it."""
    step, count = EDGE + GAP, len(rows[0][2])
    whole = Image.new("RGB", (LABEL + count * step, len(rows) * step), "white")
    draw, large, small = ImageDraw.Draw(whole), ImageFont.load_default(size=15), ImageFont.load_default(size=11)
    for row, (prompt, about, pictures) in enumerate(rows):
        draw.text((8, row * step + 16), prompt, fill=INK, font=large)
        draw.text((8, row * step + 36), about, fill=GREY, font=small)
        for column, picture in enumerate(pictures):
            shown = fitted(picture)
            whole.paste(shown, (LABEL + column * step, row * step + GAP // 2), shown)
    return whole


def held_out(ws: Workspace, loaded: Loaded) -> set[str]:
    """The captions of pictures that the run never saw, and of no others."""
    dataset = ImageDataset.open(dataset_folder(ws, loaded.checkpoint.run))
    training, unseen = split(len(dataset), dataset.fingerprint, float(loaded.header.settings["heldout"]))
    captions = dataset.captions or ("",) * len(dataset)
    return {captions[place] for place in unseen} - {captions[place] for place in training}


def about(prompt: str, captions: set[str], unseen: set[str]) -> str:
    """Whether a prompt is a caption, and of what."""
    if prompt not in captions:
        return "in no caption"
    return "held out" if prompt in unseen else "trained on"


def main() -> None:
    """Draw, look for copies, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("project", "run", "out"):
        parser.add_argument(name)
    parser.add_argument("--prompts", nargs="+", required=True)
    parser.add_argument("-n", type=int, default=8)
    parser.add_argument("--set", nargs="*", default=[])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    host = PluginHost()
    host.load()
    ws = Workspace(host, Project.open(Path(arguments.project)))
    loaded = load(ws, arguments.run, device="cpu")
    dataset = ImageDataset.open(dataset_folder(ws, loaded.checkpoint.run))
    captions, unseen = set(dataset.captions or ()), held_out(ws, loaded)
    options = dict(pair.split("=", 1) for pair in arguments.set)
    rows = [
        (prompt, about(prompt, captions, unseen), drawn(loaded, prompt, arguments.n, options))
        for prompt in arguments.prompts
    ]
    sheet(rows).save(arguments.out, optimize=True)
    bench = make_bench(ws, loaded.checkpoint.run, untold, never)
    for prompt, kind, pictures in rows:
        matches = bench.finder.match(pictures.transpose(0, 3, 1, 2))
        copies = sum(verdict.near for verdict in bench.verdicts(matches))
        print(f"{prompt} ({kind}): {copies} of {len(pictures)} near copies")
    ws.project.close()


if __name__ == "__main__":
    main()
