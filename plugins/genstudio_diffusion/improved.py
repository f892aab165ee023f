"""Learning the variance of a DDPM's steps (Nichol and Dhariwal 2021, section 3.1).

The simple loss says nothing about variances. The hybrid loss adds a thousandth of the variational bound, of which only
the variances learn: the bound's gradient is kept from the means.
"""

import math

import torch
from torch import Tensor, nn

from genstudio.nn.likelihoods import discretised_gaussian
from genstudio_diffusion.levels import sigmas_of
from genstudio_diffusion.samplers import step_variances

SHARE = 1e-3  # of the bound in the hybrid loss, λ there


class StepBound(nn.Module):
    """The bound's terms, one for each step of a schedule: ᾱ float64 (T,)."""

    tables: Tensor

    def __init__(self, alphas: Tensor) -> None:
        super().__init__()
        sigmas = sigmas_of(alphas).tolist()
        variances = [step_variances(now, then) for now, then in zip(sigmas[1:], sigmas[:-1], strict=True)]
        # The last step ends at the picture itself; its small variance, 0, is taken from the step before it.
        last = variances[0][0] * float(alphas[0]), step_variances(sigmas[0], 0.0)[1]
        logarithms = torch.tensor([last, *variances], dtype=torch.float64).clamp_min(1e-30).log().float()
        tables = torch.cat([logarithms, torch.tensor([0.0, *sigmas[:-1]])[:, None]], 1)
        self.register_buffer("tables", tables, persistent=False)  # (T, 3): ln of both variances, the level after

    def forward(self, images: Tensor, clean: Tensor, spread: Tensor, steps: Tensor, sigma: Tensor) -> Tensor:
        """KL(q(x_{t-1} | x_t, x₀) || p(x_{t-1} | x_t)) in bits per number, (B,); at the last step -log p(x₀ | x₁).

        images, clean, spread: (B, C, H, W); steps: int64 (B,), t; sigma: (B,).
        """
        small, large, then = self.tables[steps][:, :, None, None, None].unbind(1)
        log_variance = spread * large + (1 - spread) * small
        keeps = (then / sigma.view(-1, 1, 1, 1)) ** 2
        apart = (1 - keeps) * (images - clean)  # of the means
        kl = 0.5 * (log_variance - small + torch.exp(small - log_variance) - 1 + apart**2 * torch.exp(-log_variance))
        last = -discretised_gaussian(images, clean, 0.5 * log_variance.clamp(-14, 14))
        nats = torch.where(then > 0, kl, last)
        return nats.flatten(1).mean(1) / math.log(2)
