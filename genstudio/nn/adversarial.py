"""Two networks against each other: the losses by which they learn, and the penalties that keep the critic smooth.

A discriminator (for Wasserstein losses: a critic) gives every picture one number, larger for real ones. What is done
with the numbers of real pictures r and of generated ones f is all that tells these losses apart. Here, softplus(x) is
log(1 + exp(x)), so that minus log sigmoid(x) is softplus(-x).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

DiscriminatorLoss = Callable[[Tensor, Tensor, float], Tensor]
"""(r, f, smoothing) to one loss each, (B,), (B,) to (B,). Smoothing is the doubt about real pictures, 0 for none."""

GeneratorLoss = Callable[[Tensor, Tensor], Tensor]
"""(f, r) to one loss each, (B,), (B,) to (B,); `r` gets no gradient."""


@dataclass(frozen=True)
class AdversarialLoss:
    """What both sides lower.

    `boundary` is the number at which the discriminator is undecided; None where differences alone mean something.
    `paired` says that the generator's loss needs the numbers of real pictures too.
    """

    discriminator: DiscriminatorLoss
    generator: GeneratorLoss
    boundary: float | None
    paired: bool = False

    def middle(self, real: Tensor, fake: Tensor) -> Tensor:
        """Where the discriminator is undecided, a scalar: the boundary, or half way between the two means."""
        if self.boundary is None:
            return (real.mean() + fake.mean()) / 2
        return torch.full_like(real.mean(), self.boundary)


def cross_entropy(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """-(1 - s) log D(x) - s log(1 - D(x)) - log(1 - D(G(z))) (Goodfellow et al. 2014, equation 1; Salimans 2016)."""
    return (1 - smoothing) * F.softplus(-real) + smoothing * F.softplus(real) + F.softplus(fake)


def least_squares(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """Half the squared distance from 1 and 0 (Mao et al. 2017, equation 9)."""
    return 0.5 * (real - (1 - smoothing)).square() + 0.5 * fake.square()


def hinge(real: Tensor, fake: Tensor, _: float) -> Tensor:
    """Nothing to gain beyond a margin of 1 (Lim and Ye 2017; Miyato et al. 2018, equation 16)."""
    return F.relu(1 - real) + F.relu(1 + fake)


def earth_mover(real: Tensor, fake: Tensor, _: float) -> Tensor:
    """Minus the critic's estimate of the Wasserstein-1 distance (Arjovsky et al. 2017, equation 3)."""
    return fake - real


def relativistic(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """A real picture beside a generated one: which is which (Jolicoeur-Martineau 2019; Huang et al. 2024, eq. 2)."""
    return (1 - smoothing) * F.softplus(fake - real) + smoothing * F.softplus(real - fake)


LOSSES = {
    "minimax": AdversarialLoss(cross_entropy, lambda fake, _: -F.softplus(fake), boundary=0.0),
    "non-saturating": AdversarialLoss(cross_entropy, lambda fake, _: F.softplus(-fake), boundary=0.0),
    "lsgan": AdversarialLoss(least_squares, lambda fake, _: 0.5 * (fake - 1).square(), boundary=0.5),
    "hinge": AdversarialLoss(hinge, lambda fake, _: -fake, boundary=0.0),
    "wgan-clip": AdversarialLoss(earth_mover, lambda fake, _: -fake, boundary=None),
    "wgan-gp": AdversarialLoss(earth_mover, lambda fake, _: -fake, boundary=None),
    "relativistic": AdversarialLoss(
        relativistic, lambda fake, real: F.softplus(real - fake), boundary=None, paired=True
    ),
}
"""Every loss by its name. The Wasserstein ones differ in how the critic is kept smooth."""


def squared_slopes(scores: Tensor, inputs: Tensor) -> Tensor:
    """‖∂ score_i / ∂ input_i‖² for every example, (B,); it can be differentiated again.

    scores: (B,), of which each depends on its own input alone. inputs: (B, ...), requiring gradients. R1 is half its
    mean over real pictures, R2 over generated ones (Mescheder et al. 2018, equations 9 and 10).
    """
    (slopes,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    return slopes.flatten(1).square().sum(1)


def between(real: Tensor, fake: Tensor, shares: Tensor) -> Tensor:
    """Points on the straight lines from real to generated examples, (B, ...); shares: (B,) in [0, 1]."""
    return torch.lerp(real, fake, shares.view(-1, *[1] * (real.ndim - 1))).detach().requires_grad_(True)


def slope_penalty(scores: Tensor, inputs: Tensor) -> Tensor:
    """(‖slope‖ - 1)² for every example, (B,), the gradient penalty (Gulrajani et al. 2017, equation 3)."""
    return ((squared_slopes(scores, inputs) + 1e-12).sqrt() - 1).square()
