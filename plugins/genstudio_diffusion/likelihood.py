"""How likely pictures are under a denoiser: a bound that a few looks estimate, and the value along the flow.

The bound is that of infinitely many steps (Kingma et al. 2021, "Variational diffusion models", equation 18). With
σ falling from a level where nothing is left of the picture to one where nearly everything is,

    -log p(x)  <=  prior + ∫ E‖x - D(x + σ ε, σ)‖² / σ² d(ln σ) + reconstruction                      (nats)

It holds for any D, and is estimated with D at a few levels. All three terms are sums over the numbers of a picture, so
that the bound can be shown pixel by pixel.

The value along the flow (Song et al. 2021, "Score-based generative modeling", equation 39) follows every picture to
noise along dx / d(ln σ) = x - D and adds up by how much the flow spreads: -∫ div(x - D) d(ln σ).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

Clean = Callable[[Tensor, Tensor], Tensor]
"""Noisy pictures (N, C, H, W) at levels (N,) to clean ones."""

HIGHEST, LOWEST = 80.0, 0.003
_STEP = 2 / 255  # from one level of brightness to the next


def bound(denoise: Clean, images: Tensor, looks: int, generator: torch.Generator) -> Tensor:
    """At least minus log p of the stored levels in nats on average over the noise, number by number, (B, C, H, W).

    images: (B, C, H, W), whole levels in [-1, 1]. looks: at how many levels each picture is looked at.
    """
    prior = images.square() / (2 * HIGHEST**2)
    span = math.log(HIGHEST / LOWEST)
    total = prior + reconstruction(images, _normal(images, generator))
    starts = torch.rand(len(images), generator=generator, device=images.device)
    for look in range(looks):
        sigma = LOWEST * torch.exp(span * (look + starts) / looks)
        spread = sigma.view(-1, 1, 1, 1)
        clean = denoise(images + spread * _normal(images, generator), sigma)
        total = total + span / looks * ((images - clean) / spread).square()
    return total


def reconstruction(images: Tensor, noise: Tensor) -> Tensor:
    """Minus log p(stored level | x + σ ε) at the lowest level of noise, where all 256 were as likely before.

    Only levels near by matter: five noise's lengths are about two of them.
    """
    noisy = images + LOWEST * noise
    offsets = _STEP * torch.arange(-4, 5, device=images.device, dtype=images.dtype)
    others = images[..., None] + offsets
    scores = -0.5 * ((noisy[..., None] - others) / LOWEST).square()
    scores = scores.masked_fill(others.abs() > 1 + _STEP / 2, -torch.inf)
    return torch.logsumexp(scores, -1) - scores[..., 4]


def flow_log_density(
    denoise: Clean, x: Tensor, generator: torch.Generator, *, steps: int = 64, low: float = LOWEST
) -> Tensor:
    """Log-density of x (B, C, H, W) in nats, (B,), by Heun's method in ln σ.

    The divergence is estimated with one random vector of signs for each picture, the same in all steps (Hutchinson's
    trace estimator).
    """
    signs = torch.randint(0, 2, x.shape, generator=generator, device=x.device).to(x.dtype) * 2 - 1
    length = math.log(HIGHEST / low) / steps
    spread = torch.zeros(len(x), dtype=x.dtype, device=x.device)
    for i in range(steps):
        now = low * math.exp(i * length)
        slope, widening = _flow(denoise, x, now, signs)
        there, widening_there = _flow(denoise, x + length * slope, now * math.exp(length), signs)
        x = x + length / 2 * (slope + there)
        spread = spread + length / 2 * (widening + widening_there)
    dimensions = x[0].numel()
    ends = -0.5 * (x / HIGHEST).square().flatten(1).sum(1) - dimensions * math.log(HIGHEST * math.sqrt(2 * math.pi))
    return ends + spread


def flow_bound(denoise: Clean, images: Tensor, generator: torch.Generator) -> Tensor:
    """At most log p of the stored levels in nats, (B,), on average: the density of levels blurred to their width."""
    blur = torch.rand(images.shape, generator=generator, device=images.device) - 0.5
    density = flow_log_density(denoise, images + _STEP * blur, generator)
    return density + images[0].numel() * math.log(_STEP)


def _flow(denoise: Clean, x: Tensor, sigma: float, signs: Tensor) -> tuple[Tensor, Tensor]:
    """dx / d(ln σ), and an estimate of its divergence, (B,)."""
    with torch.inference_mode(False), torch.enable_grad():
        at = x.detach().clone().requires_grad_(True)
        slope = at - denoise(at, torch.full((len(at),), sigma, dtype=at.dtype, device=at.device))
        pushed = torch.autograd.grad(slope, at, signs)[0]
    return slope.detach(), (pushed * signs).flatten(1).sum(1)


def _normal(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=generator, device=like.device)
