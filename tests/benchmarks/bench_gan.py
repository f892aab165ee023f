"""How fast a GAN learns and draws, against the same network and loss in loops as people write them.

Run: python -m tests.benchmarks.bench_gan [--peer FOLDER] [--json FILE]

Learning: one step (discriminator, then generator) of a DCGAN on 32 × 32 pictures with three losses, of ours and of a
plain loop over networks of the same shapes and weights: `zero_grad`, two passes through the discriminator, `backward`,
torch's Adam. Both keep nothing but weights in mind; ours keeps also its average and its figures. With a checkout of
PyTorch-GAN (github.com/eriklindernoren/PyTorch-GAN, MIT), its DCGAN script's networks take the same step as theirs.

Drawing: 64 pictures at once.

Turn by turn in one process with one torch thread; CPU time of this process, the median of several turns.
"""

import argparse
import ast
import json
import statistics
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.training.learner import SampleRequest
from genstudio.training.noise import Noise
from genstudio_gan.config import GanConfig, GanSampling
from genstudio_gan.model import GanLearner

EDGE, BATCH, TURNS = 32, 64, 9
PLAIN = {"augment": "none", "batch_size": BATCH, "latents": 100}
CONFIGS = {
    "dcgan, non-saturating": GanConfig(**PLAIN, architecture="dcgan", width=32, loss="non-saturating", r1=0, r2=0),
    "dcgan, wgan-gp": GanConfig(**PLAIN, architecture="dcgan", width=32, loss="wgan-gp"),
    "resnet, relativistic, r1 + r2 at every step": GanConfig(**PLAIN, width=16, penalty_every=1),
}
Step = Callable[[], object]


def seconds(work: Step) -> float:
    """The CPU time of some work."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def turn_by_turn(steps: dict[str, Step], turns: int = TURNS) -> dict[str, float]:
    """The median seconds of each."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(turns + 1):
        for name, step in steps.items():
            taken = seconds(step)
            if turn:
                times[name].append(taken)
    return {name: statistics.median(taken) for name, taken in times.items()}


def learner_of(config: GanConfig, channels: int) -> GanLearner:
    torch.manual_seed(0)
    return GanLearner(config, DataSpec(count=1, channels=channels, height=EDGE, width=EDGE)).train()


def own_step(learner: GanLearner, images: Tensor) -> Step:
    """One step of ours."""
    generator = torch.Generator().manual_seed(0)
    batch = Batch(images.to(torch.uint8), images, None, torch.arange(BATCH), 0, generator)
    return lambda: learner.step(batch)


def plain_step(learner: GanLearner, images: Tensor, loss: str) -> Step:
    """The same networks and loss in a plain loop."""
    generator, critic = learner.generator, learner.discriminator
    for net in (generator, critic):
        # As networks are unless somebody asks for more.
        net.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload] # torch's stubs know tensors only
    adams = [torch.optim.Adam(net.parameters(), lr=5e-4, betas=(0.0, 0.99)) for net in (generator, critic)]

    def step() -> None:
        fake = generator(torch.randn(BATCH, learner.config.latents))
        adams[1].zero_grad()
        judged(fake.detach()).backward()  # type: ignore[no-untyped-call] # torch's own
        adams[1].step()
        adams[0].zero_grad()
        wished(critic(fake, None)).mean().backward()  # type: ignore[no-untyped-call] # torch's own
        adams[0].step()

    def wished(said: Tensor) -> Tensor:
        if loss == "relativistic":
            return F.softplus(critic(images, None) - said)
        return -said if loss == "wgan-gp" else F.softplus(-said)

    def judged(fake: Tensor) -> Tensor:
        if loss == "relativistic":
            real, drawn = images.clone().requires_grad_(True), fake.clone().requires_grad_(True)
            real_said, fake_said = critic(real, None), critic(drawn, None)
            return F.softplus(fake_said - real_said).mean() + 0.1 * (
                squares(real_said, real) + squares(fake_said, drawn)
            )
        real_said, fake_said = critic(images, None), critic(fake, None)
        value: Tensor = (fake_said - real_said).mean()
        if loss == "non-saturating":
            return F.softplus(-real_said).mean() + F.softplus(fake_said).mean()
        share = torch.rand(BATCH, 1, 1, 1)
        mixed = (share * images + (1 - share) * fake).requires_grad_(True)
        (slope,) = torch.autograd.grad(critic(mixed, None).sum(), mixed, create_graph=True)
        penalty: Tensor = ((slope.flatten(1).norm(2, 1) - 1) ** 2).mean()
        return value + 10 * penalty

    return step


def squares(said: Tensor, inputs: Tensor) -> Tensor:
    """The mean squared slope, as people write it."""
    (slope,) = torch.autograd.grad(said.sum(), inputs, create_graph=True)
    return slope.flatten(1).square().sum(1).mean()


def peer_networks(folder: Path) -> tuple[nn.Module, nn.Module]:
    """The classes of the peer's DCGAN script, without running the script."""
    script = ast.parse((folder / "implementations/dcgan/dcgan.py").read_text())
    script.body = [node for node in script.body if isinstance(node, ast.ClassDef)]
    names: dict[str, type[nn.Module]] = {}
    options = Namespace(img_size=EDGE, latent_dim=100, channels=1)
    exec(compile(script, "dcgan.py", "exec"), {"nn": nn, "opt": options}, names)
    names["Generator"].__init__.__globals__.update(names)
    return names["Generator"](), names["Discriminator"]()


def peer_steps(folder: Path, images: Tensor) -> tuple[Step, Step]:
    """The peer's own step, and ours with its networks in place of ours."""
    theirs = peer_networks(folder)
    adams = [torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999)) for net in theirs]
    right, wrong = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)

    def step() -> None:
        generator, critic = theirs
        adams[0].zero_grad()
        fake = generator(torch.randn(BATCH, 100))
        F.binary_cross_entropy(critic(fake), right).backward()  # type: ignore[no-untyped-call] # torch's own
        adams[0].step()
        adams[1].zero_grad()
        said = F.binary_cross_entropy(critic(images), right), F.binary_cross_entropy(critic(fake.detach()), wrong)
        ((said[0] + said[1]) / 2).backward()  # type: ignore[no-untyped-call] # torch's own
        adams[1].step()

    learner = learner_of(CONFIGS["dcgan, non-saturating"].replaced({"momentum": 0.5}), 1)
    generator, critic = peer_networks(folder)
    critic.adv_layer = nn.Sequential(*list(critic.get_submodule("adv_layer").children())[:1])  # without its sigmoid
    own = _with(learner, generator, critic)
    return step, own_step(own, images)


def _with(learner: GanLearner, generator: nn.Module, critic: nn.Module) -> GanLearner:
    from genstudio.training.ema import Ema
    from genstudio.training.updater import Updater

    class Judge(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = critic

        def forward(self, pictures: Tensor, _: Tensor | None) -> Tensor:
            said: Tensor = self.body(pictures)[:, 0]
            return said

    learner.generator, learner.discriminator = generator, Judge()  # type: ignore[assignment] # any pair will do
    learner.ema = Ema(learner.generator)
    learner.generator_updater = Updater(learner.generator, lr=2e-4, betas=(0.5, 0.999), ema=learner.ema)
    learner.discriminator_updater = Updater(learner.discriminator, lr=2e-4, betas=(0.5, 0.999))
    return learner.train()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, help="a checkout of PyTorch-GAN")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    figures: dict[str, dict[str, float]] = {}
    for name, config in CONFIGS.items():
        images = torch.rand(BATCH, 3, EDGE, EDGE) * 2 - 1
        steps = {"own": own_step(learner_of(config, 3), images)}
        steps["plain"] = plain_step(learner_of(config, 3), images, config.loss)
        figures[f"learning: {name}"] = _told(name, turn_by_turn(steps))
    if arguments.peer:
        images = torch.rand(BATCH, 1, EDGE, EDGE) * 2 - 1
        peer, own = peer_steps(arguments.peer, images)
        figures["learning: the peer's dcgan"] = _told("the peer's networks", turn_by_turn({"own": own, "plain": peer}))
    figures["drawing"] = _told("drawing 64, dcgan", turn_by_turn(_drawing()))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2))
    return 0


def _drawing() -> dict[str, Step]:
    learner = learner_of(CONFIGS["dcgan, non-saturating"], 3).eval()
    request = SampleRequest(Noise(0, range(BATCH)), None, GanSampling())

    def own() -> None:
        with torch.no_grad():
            learner.sample(request)

    def plain() -> None:
        with torch.no_grad():
            learner.ema.module(torch.randn(BATCH, 100))

    return {"own": own, "plain": plain}


def _told(name: str, times: dict[str, float]) -> dict[str, float]:
    own, plain = BATCH / times["own"], BATCH / times["plain"]
    print(f"{name}: ours {own:,.0f} images/s, a plain loop {plain:,.0f}: {own / plain:.2f} times", flush=True)
    return {"own_images_a_second": own, "plain_images_a_second": plain, "ratio": own / plain}


if __name__ == "__main__":
    sys.exit(main())
