"""How good enlarged pictures are, against plain (bicubic) enlarging.

Run: python -m tests.benchmarks.bench_upscaling [--project FOLDER --run RUN] [--images N] [--json FILE]

Without a run, an upscaler is trained on patches of one photograph of scikit-learn's (china.jpg) and measured on parts
of another (flower.jpg). With one, it is measured on the pictures that run held back. Small pictures are made from large
ones, clean, antialiased. Colours count by their opacity.

psnr      peak signal-to-noise ratio in dB, of all pixels and channels together: plainly enlarged, the safest guess
          (detail 0), the mean of four versions (detail 1), the default, one version (detail 1)
texture   sliced Wasserstein distance of Laplacian bands to the true pictures, by side of the level; smaller is nearer.
          `real` is that of one half of the true pictures to the other
afar      dB of the result, made small again, to the given picture: one version, faithful or not
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genstudio.core.settings import RunSettings
from genstudio.data.dataset import ImageDataset, split
from genstudio.data.source import BatchSource
from genstudio.evaluation.wasserstein import compare_slices
from genstudio.jobs.loading import load
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project
from genstudio.training.learner import SampleRequest, UpscaleRequest
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating
from genstudio_diffusion.upscaling.config import UpscalerConfig, UpscalerSampling
from genstudio_diffusion.upscaling.learner import UpscalerLearner
from genstudio_diffusion.upscaling.pictures import enlarged, middle, shrunk, unweighted, weighted

SIDE, VERSIONS, AT_ONCE = 64, 4, 32
IMAGES = 20_000
Figures = dict[str, float]


def photograph(name: str, step: int) -> ImageDataset:
    """All squares of a photograph that begin at multiples of a step."""
    from sklearn.datasets import load_sample_image

    pixels = load_sample_image(name).transpose(2, 0, 1)
    places = [
        (top, left)
        for top in range(0, pixels.shape[1] - SIDE + 1, step)
        for left in range(0, pixels.shape[2] - SIDE + 1, step)
    ]
    return ImageDataset.in_memory(np.stack([pixels[:, top : top + SIDE, left : left + SIDE] for top, left in places]))


def trained(images: int, dataset: ImageDataset) -> UpscalerLearner:
    """Train as Draft does."""
    torch.manual_seed(0)
    config = UpscalerConfig(images=images, batch_size=32)
    learner, device = UpscalerLearner(config, dataset.spec).train(), torch.device("cpu")
    source = BatchSource(dataset, np.arange(len(dataset)), batch_size=32, seed=0, device=device)
    for images_seen in range(0, images, 32):
        learner.step(source.batch(images_seen))
    return learner


def of_run(folder: Path, run: str) -> tuple[UpscalerLearner, Tensor]:
    """A trained run, and what it held back, (N, C, H, W) in [-1, 1]."""
    host = PluginHost()
    host.load()
    ws = Workspace(host, Project.open(folder))
    record = ws.project.run(run)
    loaded = load(ws, record.id, None, "cpu")
    dataset = ImageDataset.open(ws.project.path(ws.project.dataset(record.dataset).folder))
    _, heldout = split(len(dataset), dataset.fingerprint, RunSettings.model_validate(record.settings).heldout)
    pictures = torch.from_numpy(np.array(dataset.pixels[heldout])).float() / 127.5 - 1
    ws.project.close()
    assert isinstance(loaded.learner, UpscalerLearner)
    return loaded.learner, pictures


def drawn(learner: UpscalerLearner, small: Tensor, seed: int = 0, **options: float) -> Tensor:
    """Enlarge pictures, each by its own noise."""
    sampling, parts = UpscalerSampling.model_validate(options), []
    with evaluating(learner):
        for start in range(0, len(small), AT_ONCE):
            some = small[start : start + AT_ONCE]
            noise = Noise(seed, range(start, start + len(some)))
            parts.append(learner.upscale(UpscaleRequest(SampleRequest(noise, None, sampling), some)))
    return torch.cat(parts)


def figures(learner: UpscalerLearner, large: Tensor) -> dict[str, Figures]:
    """All of them."""
    factor = learner.upscale_factor
    large = middle(large, 10**6, factor)
    small = rounded(unweighted(shrunk(weighted(large), factor).clamp(-1, 1), shrunk(large, factor)))
    seconds, usual = timed(lambda: drawn(learner, small))
    versions = torch.stack([drawn(learner, small, seed, detail=1) for seed in range(VERSIONS)])
    one = versions[0]
    safest = drawn(learner, small, detail=0)
    plain = enlarged(weighted(small), factor).clamp(-1, 1)
    mean = weighted(versions.flatten(0, 1)).view(versions.shape).mean(0)
    seen = {"plain": plain, "safest": weighted(safest), "mean": mean, "usual": weighted(usual), "one": weighted(one)}
    true, halves = weighted(large), [weighted(large[start::2]) for start in (0, 1)]
    unfaithful = weighted(drawn(learner, small, detail=1, faithful=False))
    return {
        "psnr": {name: psnr(pictures, true) for name, pictures in seen.items()},
        **{f"texture {name}": texture(pictures, true) for name, pictures in seen.items() if name != "mean"},
        "texture real": texture(*halves),
        "afar": {
            "one": psnr(shrunk(seen["one"], factor), weighted(small)),
            "not faithful": psnr(shrunk(unfaithful, factor), weighted(small)),
        },
        "time": {"pictures": float(len(large)), "seconds_a_picture": seconds / len(large)},
    }


def by_steps(learner: UpscalerLearner, large: Tensor) -> dict[str, Figures]:
    """How the number of steps matters."""
    factor, true, found = learner.upscale_factor, weighted(large), {}
    small = rounded(unweighted(shrunk(true, factor).clamp(-1, 1), shrunk(large, factor)))
    for steps in (2, 4, 6, 12):
        one = weighted(drawn(learner, small, steps=steps, detail=1))
        found[f"steps {steps}"] = {"psnr": psnr(one, true), **texture(one, true)}
    return found


def rounded(pictures: Tensor) -> Tensor:
    """As files have them, in whole levels."""
    return (pictures.clamp(-1, 1) * 127.5 + 127.5).round() / 127.5 - 1


def psnr(pictures: Tensor, true: Tensor) -> float:
    """Of all pixels of all pictures together, in dB."""
    return float(-10 * ((pictures - true) / 2).square().mean().log10())


def texture(pictures: Tensor, true: Tensor) -> Figures:
    """By level."""
    levels = compare_slices((pictures + 1) / 2, (true + 1) / 2).levels
    return {str(side): distance for side, distance in levels.items()}


def timed(work: Callable[[], Tensor]) -> tuple[float, Tensor]:
    """CPU seconds, and what came of them."""
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--run")
    parser.add_argument("--images", type=int, default=IMAGES, help="how many patches to train with")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if arguments.run:
        learner, large = of_run(arguments.project, arguments.run)
    else:
        begin = time.process_time()
        learner = trained(arguments.images, photograph("china.jpg", 16))
        print(f"trained with {arguments.images:,} patches in {time.process_time() - begin:.0f} s")
        large = torch.from_numpy(photograph("flower.jpg", SIDE).pixels.copy()).float() / 127.5 - 1
    found = figures(learner, large) | by_steps(learner, large)
    for name, some in found.items():
        print(f"{name:16}" + "  ".join(f"{key} {value:.4g}" for key, value in some.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
