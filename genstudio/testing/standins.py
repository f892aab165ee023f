"""Stand-ins for trained runs, so that a family whose model stands on another run's can be checked alone.

One for each ability that a config may ask a run for (`knob(run_with=…)`): small, exact, and already trained.
"""

import math
import zlib
from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, FieldKind, describe
from genstudio.core.errors import FamilyError
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.training.learner import Learner, Reading

_BLOCK = 4  # pixels a side that become one place of a map
_TOKENS, _WORD, _WHOLE = 8, 12, 10  # of a text: how many at most, and the numbers of one and of all
_SEEN = 4  # places a side at which a picture is looked at


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


class StandInReader(StandIn):
    """A word is a fixed random vector, a text the mean of its words; a picture is how bright it is where."""

    begin: Tensor
    of_words: Tensor
    of_pictures: Tensor

    def __init__(self, spec: DataSpec) -> None:
        super().__init__()
        self.text_shape, self.match_width = (_TOKENS, _WORD), _WHOLE
        drawn = torch.Generator().manual_seed(0)
        self.register_buffer("begin", torch.randn(_WORD, generator=drawn))
        self.register_buffer("of_words", torch.randn(_WORD, _WHOLE, generator=drawn))
        self.register_buffer("of_pictures", torch.randn(spec.channels * _SEEN**2 + 1, _WHOLE, generator=drawn))

    def read(self, texts: Sequence[str]) -> Reading:
        """A token to begin with, and one for each word."""
        words, known = torch.zeros(len(texts), *self.text_shape), torch.zeros(len(texts), _TOKENS, dtype=torch.bool)
        for row, text in enumerate(texts):
            tokens = [self.begin.cpu(), *map(_of_word, text.lower().split())][:_TOKENS]
            words[row, : len(tokens)] = torch.stack(tokens)
            known[row, : len(tokens)] = True
        mean = words.sum(1) / known.sum(1, keepdim=True)
        words, known, mean = (part.to(self.begin.device) for part in (words, known, mean))
        return Reading(words, known, F.normalize(mean @ self.of_words, dim=1))

    def look(self, images: Tensor) -> Tensor:
        """Pictures (N, C, H, W) to (N, E) of length 1."""
        seen = F.adaptive_avg_pool2d(images, _SEEN).flatten(1)
        return F.normalize(F.pad(seen, (0, 1), value=1.0) @ self.of_pictures, dim=1)


def _of_word(word: str) -> Tensor:
    return torch.randn(_WORD, generator=torch.Generator().manual_seed(zlib.crc32(word.encode())))


STAND_INS: Mapping[Ability, Callable[[DataSpec], StandIn]] = {
    Ability.ENCODE: StandInAutoencoder,
    Ability.MATCH_TEXT: StandInReader,
}
"""How to make one of each, for pictures of a kind."""


def standing(config: FamilyConfig, *, optional: bool = False) -> FamilyConfig:
    """The config with the runs it needs, with `optional` all it may refer to: the name of one is the ability wanted."""
    fields = [field for field in describe(type(config)) if field.kind is FieldKind.RUN]
    wanted = {field.name: field.ability for field in fields if optional or not field.optional}
    known = {name: ability.value for name, ability in wanted.items() if ability and ability in STAND_INS}
    return config.replaced(known)


class StandIns:
    """The `BuildContext` of the suite: stand-ins that were trained on pictures of a kind."""

    def __init__(self, spec: DataSpec) -> None:
        self._spec = spec

    def kept(self, name: str) -> None:
        """Every learner of the suite is new."""

    def load_run(self, run: str) -> Learner:
        """Make a stand-in by its name, in eval mode and frozen, like any trained run."""
        made = {ability.value: make for ability, make in STAND_INS.items()}
        if run not in made:
            raise FamilyError(f"The suite has no run “{run}”, and no stand-in of this ability.")
        return made[run](self._spec).eval().requires_grad_(False)
