"""Walking through a latent space from one sample to another."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from genstudio.core.config import SamplingConfig
from genstudio.core.errors import FamilyError
from genstudio.generation.sample import Generated
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
) -> Generated:
    """Draw a walk of `steps` pictures from one sample to another, each named by its seed, index and label.

    The first and the last picture are the two samples to the bit, as drawn alone. Between them only the latent
    changes: noise that a family adds while decoding stays that of the first. Raises `FamilyError` for a learner
    without a latent space, and `Cancelled`.
    """
    if not isinstance(learner, Interpolates):
        raise FamilyError("This model has no space between pictures to walk through.")
    start = _End(learner, options, device, seed_a, index_a, label)
    end = _End(learner, options, device, seed_b, index_b, label if label_b == "same" else label_b)
    with evaluating(learner):
        origin, first = start.drawn()
        if steps < 2:
            return Generated(to_uint8(first), range(1))
        goal, last = end.drawn()
        shares = torch.linspace(0, 1, steps, device=origin.device)[1:-1]
        path = slerp(origin.flatten(), goal.flatten(), shares).view(-1, *origin.shape[1:])
        between = [start.decoded(part, labels, watch) for part, labels in _parts(path, start.label, end.label)]
        images = to_uint8(torch.cat([first, *between, last]))
    return Generated(images, range(steps))


def _parts(path: Tensor, label: int | None, label_b: int | None) -> list[tuple[Tensor, int | None]]:
    """The path, and what to call the pictures on it: where the ends have two labels, each half is called by its end."""
    if label == label_b or label is None or label_b is None:
        return [(path, label if label == label_b else None)] if len(path) else []
    half = len(path) // 2
    return [(part, called) for part, called in ((path[:half], label), (path[half:], label_b)) if len(part)]


@dataclass(frozen=True)
class _End:
    """One of the two samples of a walk."""

    learner: Interpolates
    options: SamplingConfig
    device: torch.device | str
    seed: int
    index: int
    label: int | None

    def drawn(self) -> tuple[Tensor, Tensor]:
        """Its latent and its picture, (1, ...) and (1, C, H, W)."""
        request = self._request(1, self.label, unwatched)
        latent = self.learner.draw_latents(request)
        return latent, self.learner.decode(latent, request)

    def decoded(self, path: Tensor, label: int | None, watch: Watch) -> Tensor:
        """Pictures of other latents (S, ...), with this sample's noise."""
        request = self._request(len(path), label, watch)
        self.learner.draw_latents(request)  # moves the streams to where decoding goes on with them
        return self.learner.decode(path, request)

    def _request(self, count: int, label: int | None, watch: Watch) -> SampleRequest:
        labels = None if label is None else torch.full((count,), label, dtype=torch.int64, device=self.device)
        return SampleRequest(Noise(self.seed, [self.index] * count, self.device), labels, self.options, watch)
