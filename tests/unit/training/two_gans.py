"""One of several processes that train a GAN together; `test_distributed_gan` starts them as torchrun would.

Each process has noise of its own, so that one process alone would see other noise. To compare them, all noise is drawn
here for the whole batch from one stream, of which each process takes its pictures' share: then nothing but the order
of additions differs.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genstudio.core.events import Metric
from genstudio.core.seeds import mixed_seed
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.nn.augmenting import Augmentation
from genstudio.testing.pictures import made_up
from genstudio.training.distributed import World
from genstudio.training.tensorfile import encode
from genstudio_gan import FAMILY
from genstudio_gan.config import GanConfig, GanSampling
from genstudio_gan.model import GanLearner
from tests.unit.training.support import Ran, run, snapshot

BATCH, STEPS = 8, 10
PICTURES = made_up(3, 16, 16, labelled=True)
DRAFT = FAMILY.presets["Draft"].replaced({"batch_size": BATCH, "width": 4, "latents": 6, "images": BATCH * STEPS})
CASES: dict[str, GanConfig] = {
    # Augmented from the second step on, penalties in one of four steps. The reward for variety compares neighbours
    # of a batch, which differ with its sharing; the other case has it.
    "one": DRAFT.replaced({"variety": 0.0, "augment_images": 100, "augment_target": 0.0}),
    "draft": DRAFT,
}


class OneStream(Augmentation):
    """Draws for the whole batch, and uses this process's part."""

    def __call__(self, images: Tensor, p: Tensor, generator: torch.Generator) -> Tensor:
        world = World.from_environment()
        # (real and generated ones, processes, pictures of each, channels, height, width)
        shape = (len(images) * world.size // BATCH, world.size, BATCH // world.size, *images.shape[1:])
        own = [torch.zeros_like(images)] * world.size
        own[world.rank] = images
        whole = torch.stack([part.view(shape[0], *shape[2:]) for part in own], 1)
        changed = super().__call__(whole.flatten(0, 2), p, generator)
        return changed.view(shape)[:, world.rank].flatten(0, 1)


class OneStreamGan(GanLearner):
    """Draws latents for the whole batch, and uses this process's part."""

    def __init__(self, config: GanConfig) -> None:
        super().__init__(config, PICTURES.spec)
        self.augmentation = OneStream(**vars(self.augmentation))

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        batch.generator.manual_seed(mixed_seed("everybody", batch.images_seen))
        return super().step(batch)

    def _latents(self, batch: Batch) -> Tensor:
        if not self.training:
            return super()._latents(batch)
        world = World.from_environment()
        z = torch.randn(BATCH, self.config.latents, generator=batch.generator).chunk(world.size)[world.rank]
        return self._labelled(z, batch.labels)


def train_here(case: str, world: World) -> tuple[Ran, GanLearner]:
    torch.manual_seed(world.rank)  # rank 0's first weights must win
    config = CASES[case]
    learner = OneStreamGan(config) if case == "one" else GanLearner(config, PICTURES.spec)
    source = BatchSource(
        PICTURES, np.arange(20), batch_size=BATCH, seed=3, device="cpu", rank=world.rank, world=world.size
    )
    return run(learner, budget=BATCH * STEPS, source=source, sampling=GanSampling()), learner


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    world = World.from_environment()
    world.join()
    for case in CASES:
        ran, learner = train_here(case, world)
        (folder / f"{case}-{world.rank}.safetensors").write_bytes(b"".join(encode(snapshot(learner), {})))
        reports = len(ran.of(Metric))
        said = {"outcome": ran.finished.outcome, "images_seen": ran.finished.images_seen, "reports": reports}
        (folder / f"{case}-{world.rank}.json").write_text(json.dumps(said))
    world.leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
