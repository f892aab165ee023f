"""Stand-ins for trained runs, so that a family whose model stands on another run's can be checked alone.

One for each ability that a config may ask a run for (`knob(run_with=…)`): small, exact, and already trained.
"""

import math
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, FieldKind, describe
from genstudio.core.errors import FamilyError
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.training.learner import Learner

_BLOCK = 4  # pixels a side that become one place of a map


class StandIn(Learner):
    """A learner that has learned."""

    def step(self, batch: Batch) -> Mapping[str, Tensor]:  # noqa: ARG002 - the contract's
        """Refuse: what a model stands on stays as it is."""
        raise RuntimeError("A model must not train the run it stands on.")


class StandInAutoencoder(StandIn):
    """Every block of pixels becomes one place of a map, and back, without loss; sides that do not divide are padded."""

    scale: Tensor

    def __init__(self, spec: DataSpec) -> None:
        super().__init__()
        self.size = (spec.height, spec.width)
        height, width = (math.ceil(side / _BLOCK) for side in self.size)
        self.latent_shape = (spec.channels * _BLOCK**2, height, width)
        self.register_buffer("scale", torch.tensor(1.5))

    def to_latents(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to (N, 16 C, H / 4, W / 4)."""
        height, width = self.size
        padded = F.pad(images, (0, -width % _BLOCK, 0, -height % _BLOCK), mode="replicate")
        return F.pixel_unshuffle(padded, _BLOCK) * self.scale

    def from_latents(self, latents: Tensor) -> Tensor:
        """The other way round."""
        height, width = self.size
        return F.pixel_shuffle(latents / self.scale, _BLOCK)[:, :, :height, :width].clamp(-1, 1)


STAND_INS: Mapping[Ability, Callable[[DataSpec], StandIn]] = {
    Ability.ENCODE: StandInAutoencoder,
}
"""How to make one of each, for pictures of a kind."""


def standing(config: FamilyConfig) -> FamilyConfig:
    """The config with every run it may refer to chosen: the stand-in's name is the ability asked for."""
    wanted = {field.name: field.ability for field in describe(type(config)) if field.kind is FieldKind.RUN}
    known = {name: ability.value for name, ability in wanted.items() if ability and ability in STAND_INS}
    return config.replaced(known)


class StandIns:
    """The `BuildContext` of the suite: stand-ins that were trained on pictures of a kind."""

    def __init__(self, spec: DataSpec) -> None:
        self._spec = spec

    def load_run(self, run: str) -> Learner:
        """Make a stand-in by its name, in eval mode and frozen, like any trained run."""
        made = {ability.value: make for ability, make in STAND_INS.items()}
        if run not in made:
            raise FamilyError(f"The suite has no run “{run}”, and no stand-in of this ability.")
        return made[run](self._spec).eval().requires_grad_(False)
