"""Where the suite builds and trains a family: made-up pictures, a small config, the studio's own sources and guard."""

from collections.abc import Iterator
from functools import cached_property
from typing import NoReturn

import numpy as np
import torch
from torch import Tensor

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, SamplingConfig
from genstudio.core.errors import FamilyError
from genstudio.core.family import AnyFamily
from genstudio.core.seeds import mixed_seed
from genstudio.core.spec import DataSpec
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.testing.pictures import CLASSES, COUNT, made_for
from genstudio.testing.report import Broken, require
from genstudio.testing.standins import StandIns, standing
from genstudio.training.checkpoint import learner_tensors
from genstudio.training.guard import Guard
from genstudio.training.learner import Learner, SampleRequest, Samples
from genstudio.training.noise import Noise
from genstudio.training.preparing import prepare
from genstudio.training.previews import evaluating

BATCH = 8
CPU = torch.device("cpu")


def _spec(channels: int, height: int, width: int, *, labelled: bool, captioned: bool = False) -> DataSpec:
    classes = CLASSES if labelled else ()
    return DataSpec(count=COUNT, channels=channels, height=height, width=width, classes=classes, captioned=captioned)


SPECS = (
    _spec(3, 16, 16, labelled=True),
    _spec(1, 16, 16, labelled=False),
    _spec(4, 16, 16, labelled=False, captioned=True),
    _spec(1, 28, 28, labelled=True, captioned=True),
    _spec(3, 15, 18, labelled=False, captioned=True),
    _spec(3, 32, 32, labelled=False),
    _spec(3, 64, 64, labelled=False),
)
"""What families are offered: grey, RGB and RGBA, with and without labels and captions, sides odd, unequal and even."""


class NoRuns:
    """A `BuildContext` without other runs, for families that stand alone."""

    def load_run(self, run: str) -> NoReturn:
        """Refuse."""
        raise FamilyError(f"There is no run “{run}” here.")

    def kept(self, name: str) -> None:
        """Every learner is new."""


class Lab:
    """Builds and trains one family.

    `steps` is how long it may learn one batch by heart, `every_run` whether it is lent the runs it can do without.
    """

    def __init__(self, family: AnyFamily, spec: DataSpec | None, steps: int, *, every_run: bool = False) -> None:
        self.family, self.steps, self._spec, self._every_run = family, steps, spec, every_run

    def places(self) -> Iterator["Lab"]:
        """This one, and others in which the family's models may be able to do more: with labels, captions and runs."""
        yield self
        for spec in SPECS:
            if self.family.misfit(spec) is None:
                yield Lab(self.family, spec, self.steps, every_run=spec.captioned)

    @property
    def able(self) -> frozenset[Ability]:
        """What the models built here can do."""
        return self.family.able(self.config, self.spec)

    @cached_property
    def spec(self) -> DataSpec:
        """The pictures of all checks but one: the ones asked for, or the first kind the family accepts."""
        for spec in (self._spec,) if self._spec else SPECS:
            if self.family.misfit(spec) is None:
                return spec
        raise Broken("It accepts none of the kinds of pictures it was offered.")

    @cached_property
    def dataset(self) -> ImageDataset:
        """Pictures of that kind."""
        return made_for(self.spec)

    @cached_property
    def config(self) -> FamilyConfig:
        """The Draft preset (else the first), cut down to a few small batches, with stand-ins for other runs."""
        presets = self.family.presets
        require(bool(presets), "It has no presets.")
        preset: FamilyConfig = presets.get("Draft", next(iter(presets.values())))
        small = preset.replaced({"batch_size": BATCH, "images": BATCH * self.steps})
        return standing(small, optional=self._every_run)

    def learner(self, seed: int = 0, spec: DataSpec | None = None) -> Learner:
        """Build as the studio does; the first weights follow from the seed."""
        torch.manual_seed(mixed_seed("weights", seed))
        chosen = spec or self.spec
        learner: Learner = self.family.build(self.config, chosen, StandIns(chosen))
        require(isinstance(learner, Learner), f"build returned a {type(learner).__name__}; a Learner is needed.")
        source = self.source(made_for(chosen))
        prepare(learner, source, source.indices[:0])
        return learner.train()

    def source(self, dataset: ImageDataset | None = None) -> BatchSource:
        """Batches as a run gets them."""
        chosen = dataset or self.dataset
        return BatchSource(chosen, np.arange(len(chosen)), batch_size=BATCH, seed=0, device=CPU)

    def train(self, learner: Learner, *, start: int = 0, steps: int = 1) -> list[dict[str, Tensor]]:
        """Take steps as the studio's loop does; returns what each reported."""
        source, guard = self.source(), Guard(learner, start * BATCH, CPU)
        clock = range(start * BATCH, (start + steps) * BATCH, BATCH)
        return [dict(guard.step(source.batch(images_seen), BATCH)) for images_seen in clock]

    def request(self, seed: int, indices: range, labels: Tensor | None = None) -> SampleRequest:
        """Ask for samples with the family's default options."""
        options: SamplingConfig = self.family.sampling_type()
        return SampleRequest(Noise(seed, indices, CPU), labels, options)

    def sample(self, learner: Learner, seed: int, indices: range, labels: Tensor | None = None) -> Tensor:
        """Draw as the studio does; torch's own random numbers are stirred first, for they must not matter."""
        torch.seed()
        if not isinstance(learner, Samples):
            raise Broken("Its learner has no method sample.")
        with evaluating(learner):
            return learner.sample(self.request(seed, indices, labels))

    def check_pictures(self, images: Tensor, count: int, what: str, spec: DataSpec | None = None) -> None:
        """Require pictures as the studio shows them."""
        chosen = spec or self.spec
        wanted = (count, chosen.channels, chosen.height, chosen.width)
        require(tuple(images.shape) == wanted, f"{what}: the shape is {tuple(images.shape)}, it must be {wanted}.")
        require(images.is_floating_point(), f"{what}: the numbers are {images.dtype}, they must be floating point.")
        require(bool(torch.isfinite(images).all()), f"{what}: some numbers are not finite.")
        low, high = float(images.min()), float(images.max())
        require(low >= -1 and high <= 1, f"{what}: the numbers reach from {low:.3g} to {high:.3g}, beyond [-1, 1].")


def state(learner: Learner) -> dict[str, Tensor]:
    """A copy of everything a checkpoint holds."""
    return {name: tensor.clone() for name, tensor in learner_tensors(learner).items()}


def differing(one: dict[str, Tensor], other: dict[str, Tensor]) -> Iterator[str]:
    """Names of tensors that are not the same bits (NaN equals NaN)."""
    for name, tensor in one.items():
        if not torch.equal(tensor.nan_to_num(), other[name].nan_to_num()):
            yield name
