"""How fast diffusion learns and draws, against a public trainer's network and loop.

Run: python -m tests.benchmarks.bench_diffusion [--peer FOLDER] [--json FILE]

The peer is a checkout of denoising-diffusion-pytorch (github.com/lucidrains/denoising-diffusion-pytorch, MIT; it needs
einops, scipy, tqdm and torchvision's names). A step of it is what its trainer does on a processor: loss, backward,
clip, Adam, and its average of the weights every tenth step.

- "same network": the peer's U-Net in our step (levels, parameterisation, clip, optimizer, two averages) and in its own.
- "own network": our U-Net of as many parameters against the peer's.
- "64 px": a step of Draft on pixels against one of latent Draft on the maps of a KL-autoencoder, which are made
  beforehand (how long that takes is said too), and drawing with both. What the autoencoder costs to train is not in it.
- "drawing": ancestral sampling with 1000 steps, as the peer does by default, against the default sampler here. Time
  goes with the number of network evaluations, which are counted.

Turn by turn in one process with one torch thread; times are CPU time of this process, medians of several turns.
"""

import argparse
import copy
import itertools
import json
import statistics
import sys
import time
import types
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.testing.lab import NoRuns
from genstudio.training.learner import SampleRequest
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating
from genstudio.training.updater import Updater
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import DenoisingSampling, DiffusionConfig, DiffusionSampling
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.emas import TwoEmas
from genstudio_diffusion.latent.config import LatentSampling
from genstudio_diffusion.latent.family import LATENT
from genstudio_diffusion.latent.learner import LatentLearner
from genstudio_diffusion.model import DenoisingLearner, DiffusionLearner
from genstudio_vae.families import KL

EDGE, LARGE, BATCH, TURNS = 32, 64, 16, 7
SPEC = DataSpec(count=1, channels=3, height=EDGE, width=EDGE)
LIKE_THE_PEER = DiffusionConfig(width=32, depth=2, patch=1, attention=16, augment=0.0, dropout=0.0)
DRAFT = DiffusionConfig()
Figures = dict[str, float]
Work = Callable[[], object]


def seconds(work: Work) -> float:
    """The CPU time of some work."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def turns(works: dict[str, Work]) -> dict[str, list[float]]:
    """The CPU time of each, turn by turn; the first turn is not counted."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _, name in itertools.product(range(TURNS + 1), works):
        times[name].append(seconds(works[name]))
    return {name: spent[1:] for name, spent in times.items()}


def parameters_of(module: nn.Module) -> int:
    """How many numbers a module learns."""
    return sum(parameter.numel() for parameter in module.parameters())


class Peers(nn.Module):
    """The peer's U-Net as a network here: it is told ln σ in place of its step."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
        out: Tensor = self.network(x, log_sigma)
        return out


def peer_unet(folder: Path) -> nn.Module:
    """The peer's U-Net, without what its package would import besides."""
    package = types.ModuleType("denoising_diffusion_pytorch")
    package.__path__ = [str(folder / "denoising_diffusion_pytorch")]
    sys.modules["denoising_diffusion_pytorch"] = package
    for name in ("torchvision", "torchvision.transforms", "torchvision.utils", "accelerate", "ema_pytorch"):
        stub: Any = types.ModuleType(name)
        stub.transforms = stub.utils = stub.Accelerator = stub.EMA = None
        sys.modules.setdefault(name, stub)
    module = import_module("denoising_diffusion_pytorch.denoising_diffusion_pytorch")
    unet: nn.Module = module.Unet(dim=32, dim_mults=(1, 2, 4), channels=3)
    return unet


def peer_step(unet: nn.Module) -> Work:
    """A step as the peer's trainer takes it: predicting noise on a thousand levels."""
    model, average = copy.deepcopy(unet), copy.deepcopy(unet)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, betas=(0.9, 0.99))
    images, alphas = torch.rand(BATCH, 3, EDGE, EDGE) * 2 - 1, torch.linspace(0.999, 0.001, 1000)
    done = itertools.count(1)

    def step() -> None:
        times, noise = torch.randint(0, 1000, (BATCH,)), torch.randn_like(images)
        alpha = alphas[times].view(-1, 1, 1, 1)
        guess = model(alpha.sqrt() * images + (1 - alpha).sqrt() * noise, times)
        (guess - noise).square().mean().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if next(done) % 10 == 0:
            for mine, theirs in zip(average.parameters(), model.parameters(), strict=True):
                mine.data.lerp_(theirs.data, 0.005)

    return step


def batch_of(spec: DataSpec) -> Batch:
    """Pictures of noise."""
    pixels = torch.randint(0, 256, (BATCH, spec.channels, spec.height, spec.width), dtype=torch.uint8)
    images = pixels.float().sub(127.5).div(127.5)
    return Batch(pixels, images, None, torch.arange(BATCH), 10**6, torch.Generator())


def own_step(learner: DenoisingLearner, spec: DataSpec = SPEC) -> Work:
    """A step of ours."""
    batch = batch_of(spec)
    return lambda: learner.train().step(batch)


def with_network(network: nn.Module) -> DiffusionLearner:
    """Our learner around somebody else's network."""
    learner = DiffusionLearner(LIKE_THE_PEER, SPEC)
    learner.denoiser = Denoiser(Peers(network), "edm", low=0.01, high=100.0)
    learner.emas = TwoEmas(learner.denoiser)
    learner.updater = Updater(learner.denoiser, lr=1e-4, clip=1.0, ema=learner.emas)
    return learner


def learning(folder: Path | None) -> dict[str, Figures]:
    """Images a second of our step and the peer's, with the peer's network and with ours."""
    torch.manual_seed(0)
    own, draft = DiffusionLearner(LIKE_THE_PEER, SPEC), DiffusionLearner(DRAFT, SPEC)
    works = {"own network": own_step(own), "draft": own_step(draft)}
    sizes = {"own network": parameters_of(own.denoiser), "draft": parameters_of(draft.denoiser)}
    if folder is not None:
        unet = peer_unet(folder)
        works |= {"same network": own_step(with_network(copy.deepcopy(unet))), "peer": peer_step(unet)}
        sizes |= {"same network": parameters_of(unet), "peer": parameters_of(unet)}
    times = turns(works)
    found = {
        name: {"images_a_second": BATCH / statistics.median(spent), "parameters": float(sizes[name])}
        for name, spent in times.items()
    }
    for name in found if folder is not None else ():
        found[name]["ratio"] = statistics.median(p / o for o, p in zip(times[name], times["peer"], strict=True))
    return {f"learning, {name}": figures for name, figures in found.items()}


def large() -> dict[str, Figures]:
    """Images a second of a step, of making maps and of drawing, on colour pictures with transparency of 64 x 64."""
    torch.manual_seed(0)
    spec = DataSpec(count=BATCH, channels=4, height=LARGE, width=LARGE)
    maps = KL.build(KL.presets["Draft"], spec, NoRuns())
    latent, batch = LatentLearner(LATENT.presets["Draft"], spec, maps), batch_of(spec)
    latent.prepare(BATCH, iter([batch]))
    works: dict[str, Work] = {"64 px, making maps": lambda: latent.prepare(BATCH, iter([batch]))}
    learners: tuple[tuple[str, DenoisingLearner, DenoisingSampling], ...] = (
        ("pixels", DiffusionLearner(DRAFT, spec), DiffusionSampling()),
        ("maps", latent, LatentSampling()),
    )
    for name, learner, options in learners:
        works[f"64 px, a step on {name}"] = own_step(learner, spec)
        works[f"64 px, drawing by {name}"] = partial(
            drawn, learner, SampleRequest(Noise(0, range(BATCH)), None, options)
        )
    return {name: {"images_a_second": BATCH / statistics.median(spent)} for name, spent in turns(works).items()}


def drawn(learner: DenoisingLearner, request: SampleRequest) -> None:
    """Draw."""
    with evaluating(learner):
        learner.sample(request)


def drawing() -> dict[str, Figures]:
    """Network evaluations and seconds for 16 pictures, by sampler."""
    learner, found = DiffusionLearner(DRAFT.replaced({"quick": 0.2}), SPEC), {}
    assert learner.quick is not None
    learner.quick.average.updates.fill_(1)  # as if it had begun to learn
    calls = itertools.count()
    for part in (learner.emas.module, learner.quick.average.module):
        part.network.register_forward_pre_hook(lambda *_: (next(calls), None)[1])
    for sampler, steps in (("quick", 1), ("quick", 4), ("dpm++", 20), ("heun", 18), ("ddim", 50), ("ddpm", 200)):
        options = DiffusionSampling(sampler=sampler, steps=steps, average=0.05)
        before = next(calls)
        with evaluating(learner):
            spent = seconds(lambda: learner.sample(SampleRequest(Noise(0, range(16)), None, options)))  # noqa: B023
        evaluations = next(calls) - before - 1
        found[f"drawing, {sampler} {steps}"] = {
            "evaluations": float(evaluations), "seconds": spent, "images_a_second": 16 / spent,
            "fewer_than_ancestral_1000": 1000 / evaluations,
        }  # fmt: skip
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="a checkout of denoising-diffusion-pytorch")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    found = learning(arguments.peer) | drawing() | large()
    for name, figures in found.items():
        print(f"{name:28}" + "  ".join(f"{key} {value:.4g}" for key, value in figures.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
