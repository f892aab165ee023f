"""Walking through a latent space from one sample to another."""

from dataclasses import dataclass

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
    watch: Watch = unwatched,
) -> Generated:
    """Draw a walk of `steps` pictures from one sample to another, each named by its seed and index.

    The first and the last picture are the two samples to the bit, as drawn alone. Between them only the latent
    changes: noise that a family adds while decoding stays that of the first. Raises `FamilyError` for a learner
    without a latent space, and `Cancelled`.
    """
    if not isinstance(learner, Interpolates):
        raise FamilyError("This model has no space between pictures to walk through.")
    walk = _Walk(learner, options, label, device, watch)
    with evaluating(learner):
        start, first = walk.end(seed_a, index_a)
        if steps < 2:
            return Generated(to_uint8(first), range(1))
        end, last = walk.end(seed_b, index_b)
        shares = torch.linspace(0, 1, steps, device=start.device)[1:-1]
        path = slerp(start.flatten(), end.flatten(), shares).view(-1, *start.shape[1:])
        images = to_uint8(torch.cat([first, walk.between(path, seed_a, index_a), last]))
    return Generated(images, range(steps))


@dataclass(frozen=True)
class _Walk:
    """What all pictures of a walk have in common."""

    learner: Interpolates
    options: SamplingConfig
    label: int | None
    device: torch.device | str
    watch: Watch

    def end(self, seed: int, index: int) -> tuple[Tensor, Tensor]:
        """The latent and the picture of one sample, (1, ...) and (1, C, H, W)."""
        request = self._request(seed, index, 1, unwatched)
        latent = self.learner.draw_latents(request)
        return latent, self.learner.decode(latent, request)

    def between(self, path: Tensor, seed: int, index: int) -> Tensor:
        """Pictures of latents (S, ...), with the noise of one sample."""
        if not len(path):
            return path.new_empty(0)
        request = self._request(seed, index, len(path), self.watch)
        self.learner.draw_latents(request)  # moves the streams to where decoding goes on with them
        return self.learner.decode(path, request)

    def _request(self, seed: int, index: int, count: int, watch: Watch) -> SampleRequest:
        labels = None
        if self.label is not None:
            labels = torch.full((count,), self.label, dtype=torch.int64, device=self.device)
        return SampleRequest(Noise(seed, [index] * count, self.device), labels, self.options, watch)
