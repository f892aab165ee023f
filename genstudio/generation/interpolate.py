"""Walking through a latent space from one sample to another."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from genstudio.core.config import SamplingConfig
from genstudio.core.errors import FamilyError
from genstudio.generation.sample import Generated, texts_of
from genstudio.training.learner import Interpolates, Learner, SampleRequest, Watch, unwatched
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating, to_uint8


def slerp(start: Tensor, end: Tensor, shares: Tensor) -> Tensor:
    """Go from `start` to `end` (both (D,)) along the great circle, and linearly in length (White 2016, section 2).

    shares: (S,) in [0, 1], ascending. Returns (S, D); the first and last rows are `start` and `end` themselves when
    the shares begin with 0 and end with 1. Vectors that are (nearly) parallel or zero are blended linearly.
    """
    lengths = start.norm(), end.norm()
    t = shares[:, None]
    cosine = start @ end / (lengths[0] * lengths[1]).clamp_min(1e-12)
    angle = torch.arccos(cosine.clamp(-1, 1))
    if float(torch.sin(angle) * min(lengths)) < 1e-4:
        path = torch.lerp(start, end, t)
    else:
        ways = torch.sin((1 - t) * angle) * start / lengths[0] + torch.sin(t * angle) * end / lengths[1]
        path = ways / torch.sin(angle) * torch.lerp(lengths[0], lengths[1], t)
    return torch.where(t <= 0, start, torch.where(t >= 1, end, path))


def interpolate(
    learner: Learner,
    *,
    seed_a: int,
    seed_b: int,
    steps: int,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    index_a: int = 0,
    index_b: int = 0,
    label_b: int | Literal["same"] | None = "same",
    watch: Watch = unwatched,
    text: str | None = None,
    text_b: str | None = None,
) -> Generated:
    """Draw a walk of `steps` pictures from one sample to another, each named by its seed, index, label and text.

    The first and the last picture are the two samples to the bit, as drawn alone. Between them only the latent
    changes: noise that a family adds while decoding stays that of the first. Raises `FamilyError` for a learner
    without a latent space, and `Cancelled`.
    """
    if not isinstance(learner, Interpolates):
        raise FamilyError("This model has no space between pictures to walk through.")
    goal_label = label if label_b == "same" else label_b
    start = _End(learner, options, device, seed_a, index_a, _Told(label, text))
    end = _End(learner, options, device, seed_b, index_b, _Told(goal_label, text_b))
    with evaluating(learner):
        origin, first = start.drawn()
        if steps < 2:
            return Generated(to_uint8(first), range(1))
        goal, last = end.drawn()
        shares = torch.linspace(0, 1, steps, device=origin.device)[1:-1]
        path = slerp(origin.flatten(), goal.flatten(), shares).view(-1, *origin.shape[1:])
        between = [start.decoded(part, told, watch) for part, told in _parts(path, start.told, end.told)]
        images = to_uint8(torch.cat([first, *between, last]))
    return Generated(images, range(steps))


class _Told(NamedTuple):
    """What a picture is to show."""

    label: int | None
    text: str | None


def _parts(path: Tensor, start: _Told, end: _Told) -> list[tuple[Tensor, _Told]]:
    """The path, and what is told of it: where the ends have two labels or two texts, each half is told its end's."""
    two_labels = start.label != end.label and start.label is not None and end.label is not None
    if start.text == end.text and not two_labels:
        told = _Told(start.label if start.label == end.label else None, start.text)
        return [(path, told)] if len(path) else []
    half = len(path) // 2
    return [(part, told) for part, told in ((path[:half], start), (path[half:], end)) if len(part)]


@dataclass(frozen=True)
class _End:
    """One of the two samples of a walk."""

    learner: Interpolates
    options: SamplingConfig
    device: torch.device | str
    seed: int
    index: int
    told: _Told

    def drawn(self) -> tuple[Tensor, Tensor]:
        """Its latent and its picture, (1, ...) and (1, C, H, W)."""
        request = self._request(1, self.told, unwatched)
        latent = self.learner.draw_latents(request)
        return latent, self.learner.decode(latent, request)

    def decoded(self, path: Tensor, told: _Told, watch: Watch) -> Tensor:
        """Pictures of other latents (S, ...), with this sample's noise."""
        request = self._request(len(path), told, watch)
        self.learner.draw_latents(request)  # moves the streams to where decoding goes on with them
        return self.learner.decode(path, request)

    def _request(self, count: int, told: _Told, watch: Watch) -> SampleRequest:
        label = told.label
        labels = None if label is None else torch.full((count,), label, dtype=torch.int64, device=self.device)
        noise = Noise(self.seed, [self.index] * count, self.device)
        return SampleRequest(noise, labels, self.options, watch, texts=texts_of(told.text, count))
