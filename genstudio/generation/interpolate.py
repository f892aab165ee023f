"""Walking through a latent space from one sample to another."""

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
    the shares begin with 0 and end with 1. (Nearly) parallel vectors are blended linearly.
    """
    lengths = start.norm(), end.norm()
    cosine = (start @ end / (lengths[0] * lengths[1]).clamp_min(1e-12)).clamp(-1, 1)
    angle = torch.arccos(cosine)
    t = shares[:, None]
    if float(torch.sin(angle)) < 1e-4:
        path = torch.lerp(start, end, t)
    else:
        turn = (torch.sin((1 - t) * angle) * start / lengths[0] + torch.sin(t * angle) * end / lengths[1]) / torch.sin(
            angle
        )
        path = turn * torch.lerp(lengths[0], lengths[1], t)
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
    watch: Watch = unwatched,
) -> Generated:
    """Draw a walk of `steps` pictures from the first sample of one seed to that of another.

    Raises `FamilyError` for a learner without a latent space, and `Cancelled`.
    """
    if not isinstance(learner, Interpolates):
        raise FamilyError("This model has no space between pictures to walk through.")
    labels = None if label is None else torch.full((steps,), label, dtype=torch.int64, device=device)
    with evaluating(learner):
        ends = [_latent(learner, seed, options, labels, device) for seed in (seed_a, seed_b)]
        shares = torch.linspace(0, 1, steps, device=device)
        path = slerp(ends[0].flatten(), ends[1].flatten(), shares).view(steps, *ends[0].shape[1:])
        request = SampleRequest(Noise(seed_a, [0] * steps, device), labels, options, watch)
        images = to_uint8(learner.decode(path, request))
    watch(1, 1)
    return Generated(images, range(steps))


def _latent(
    learner: Interpolates, seed: int, options: SamplingConfig, labels: Tensor | None, device: torch.device | str
) -> Tensor:
    one = None if labels is None else labels[:1]
    return learner.draw_latents(SampleRequest(Noise(seed, [0], device), one, options))
