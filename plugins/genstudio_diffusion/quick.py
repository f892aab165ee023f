"""Few steps: a twin of the denoiser learns where the noise leads.

Seen through much noise, a picture may be any of many, and the denoiser guesses their mean; that is why it has to go in
small steps. Along its own way from noise to picture, though, every point has one end. The twin guesses that end: it is
the consistency function of Song et al. 2023 ("Consistency models", section 3). It could learn it from its own guesses
at the next point; with small data it learns faster from the ends themselves (Luhman and Luhman 2021, "Knowledge
distillation in iterative generative models"): the denoiser's average goes some ways while it trains, with guidance, and
the twin learns from all points of each.

To draw, its guess is noised again, to a lower level each time, and guessed anew (algorithm 1 of Song et al.): see
`samplers.jumps`.
"""

import copy
from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise

import torch
from torch import Tensor, nn

from genstudio.api import FamilyError
from genstudio.nn.transfer import sent
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import DenoisingConfig
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.emas import LONG, PowerEma
from genstudio_diffusion.levels import flow_levels
from genstudio_diffusion.samplers import Denoise

POINTS = 8
"""Points of a way, at even times: what 1, 2, 4 and 8 steps visit is among them."""

MOST_STEPS = 4
LEVELS = flow_levels(POINTS)
_RISE = 20  # steps over which the learning rate rises


class Quick(nn.Module):
    """The twin of a denoiser with an average of its own, and when it learns: in the last share of the training."""

    def __init__(self, denoiser: Denoiser, config: DenoisingConfig) -> None:
        super().__init__()
        self.twin = twin_of(denoiser)
        self.average = PowerEma(self.twin, LONG)
        self.images, self.batch = config.images, config.batch_size
        self.first = round((1 - config.quick) * config.images)

    def learns(self, images_seen: int, usual: Denoiser) -> bool:
        """Whether it learns at this reading of the clock. When it begins, it begins as the denoiser that draws.

        A run that goes on beyond the end it was laid out for leaves it as it is: its learning rate has come to nothing.
        """
        if self.first <= images_seen < self.first + self.batch:
            self.twin.load_state_dict(usual.state_dict())
        return self.first <= images_seen < self.images

    def rate(self, images_seen: int) -> float:
        """Rise over a few steps, and fall to nothing over the second half."""
        done = (images_seen - self.first) / max(self.images - self.first, 1)
        rise = (images_seen - self.first + self.batch) / (_RISE * self.batch)
        return max(0.0, min(1.0, rise, 2 * (1 - done)))

    def trained(self) -> Denoiser:
        """The twin to draw with. Raises `FamilyError` when it has not begun to learn."""
        if not self.average.updates:
            raise FamilyError(
                "This model learns to draw in few steps in the last part of its training, which had not begun here. "
                "Choose another sampler, or train on."
            )
        return self.average.module


def twin_of(denoiser: Denoiser) -> Denoiser:
    """A copy that learns on its own. It leaves no features out: what it is to learn has one answer."""
    twin = copy.deepcopy(denoiser).requires_grad_(True)
    for part in twin.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return twin


@torch.no_grad()
def ways(denoise: Denoise, noise: Tensor, levels: Sequence[float] = LEVELS) -> tuple[Tensor, Tensor]:
    """Go from standard normal noise (N, C, H, W) to its ends, in Euler's steps.

    Returns the points passed (S, N, C, H, W), one for each level but the last, and the ends (N, C, H, W).
    """
    x, points = levels[0] * noise, []
    for now, then in pairwise(levels):
        points.append(x)
        clean = denoise(x, now).clean
        x = clean + then / now * (x - clean)
    return torch.stack(points), x


def repeated(condition: Condition, count: int) -> Condition:
    """The same for `count` points of each picture: all pictures at one level, then at the next."""
    told = {field.name: getattr(condition, field.name) for field in fields(condition)}
    return Condition(**{name: None if one is None else torch.cat([one] * count) for name, one in told.items()})


def miss(
    twin: Denoiser, points: Tensor, ends: Tensor, condition: Condition, levels: Sequence[float] = LEVELS
) -> tuple[Tensor, Tensor]:
    """How far a twin's guesses at the ends of some ways lie from them; see `ways` for the shapes.

    condition: of each point, those of one level after the other (`repeated`). Returns two numbers: the loss, in the
    square units of what the network is asked for, and the mean square distance of the pictures.
    """
    count = len(points)
    sigma = sent(torch.tensor(levels[:-1]), points.device).repeat_interleave(points.shape[1])
    guess = twin(points.flatten(0, 1), sigma, condition)
    square = (guess - ends.repeat(count, 1, 1, 1)).square().flatten(1).mean(1)
    return (square / twin.factors(sigma).out.flatten() ** 2).mean(), square.detach().mean()
