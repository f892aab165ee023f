"""One of several processes that train together; `test_distributed` starts them as torchrun would."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from genstudio.core.control import Control
from genstudio.core.events import Event, Metric
from genstudio.data.batches import Batch
from genstudio.training.distributed import World
from genstudio.training.learner import Learner
from genstudio.training.tensorfile import encode
from genstudio.training.updater import Ema, Updater
from tests.unit.training.support import DATASET, Ran, make_source, run, snapshot

BATCH = 4
CASES = ("train", "stop", "diverge")


class Plain(Learner):
    """Learns without noise, so that how a batch is shared among processes makes no difference."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(DATASET.spec.dimensions, 8), nn.Tanh(), nn.Linear(8, 3))
        self.ema = Ema(self.net)
        self.update = Updater(self.net, lr=0.01, weight_decay=0.1, clip=0.5, ema=self.ema)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        assert batch.labels is not None
        loss = nn.functional.cross_entropy(self.net(batch.images), batch.labels)
        self.update.step(loss, batch.images_seen)
        return {"loss": loss.detach()}


class Spoilt(Plain):
    """From the third step on, the last process meets a loss that is not finite."""

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        if batch.images_seen >= 2 * BATCH and World.from_environment().rank == 1:
            batch.images.fill_(math.nan)
        return super().step(batch)


def train_here(case: str, world: World) -> tuple[Ran, Learner]:
    torch.manual_seed(world.rank)  # rank 0's first weights must win
    learner = Spoilt() if case == "diverge" else Plain()
    control = Control()

    def stop(event: Event) -> None:
        if case == "stop" and isinstance(event, Metric) and event.images_seen > 0:
            control.stop()

    source = make_source(batch_size=BATCH, rank=world.rank, world=world.size)
    budget = 10**7 if case == "stop" else 6 * BATCH
    return run(learner, budget=budget, source=source, control=control, on_event=stop), learner


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    world = World.from_environment()
    world.check_batch(BATCH)
    world.join()
    for case in CASES:
        ran, learner = train_here(case, world)
        (folder / f"{case}-{world.rank}.safetensors").write_bytes(b"".join(encode(snapshot(learner), {})))
        said = {
            "outcome": ran.finished.outcome,
            "images_seen": ran.finished.images_seen,
            "events": len(ran.events),
            "saved": list(ran.host.saved),
        }
        (folder / f"{case}-{world.rank}.json").write_text(json.dumps(said))
    world.leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
