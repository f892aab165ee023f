"""A codebook: the few vectors that every place of a map is rounded to (van den Oord et al. 2017, "VQ-VAE")."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genstudio.api import average_over_ranks


@dataclass(frozen=True)
class Rounded:
    """What became of features (B, D, h, w).

    vectors: (B, D, h, w), the nearest codes; gradients pass as if nothing had been rounded (straight-through, section
    3.2). codes: int64 (B, h, w). commitment: (B,), mean square distance of the features from their codes, with
    gradients for the features alone (the last term of equation 3).
    """

    vectors: Tensor
    codes: Tensor
    commitment: Tensor


class Codebook(nn.Module):
    """K vectors of D numbers, each the moving average of the features that were rounded to it (appendix A.1).

    A code that hardly any feature is rounded to would stay where it is for ever. It begins anew at a feature of the
    present batch (as in Dhariwal et al. 2020, "Jukebox", section 3.1); so do all of them at the very first step.
    """

    vectors: Tensor
    counts: Tensor
    sums: Tensor

    def __init__(self, codes: int, dimensions: int, decay: float = 0.99, fewest: float = 0.03) -> None:
        """`fewest` is the share of the average use below which a code begins anew."""
        super().__init__()
        self.decay, self.fewest = decay, fewest
        self.register_buffer("vectors", torch.randn(codes, dimensions))
        self.register_buffer("counts", torch.zeros(codes))
        self.register_buffer("sums", torch.zeros(codes, dimensions))

    def forward(self, features: Tensor) -> Rounded:
        """Round features (B, D, h, w) to the nearest codes."""
        codes = self.nearest(features.detach())
        vectors = self.look_up(codes)
        commitment = (features - vectors).square().flatten(1).mean(1)
        return Rounded(features + (vectors - features).detach(), codes, commitment)

    def nearest(self, features: Tensor) -> Tensor:
        """(B, D, h, w) to int64 (B, h, w)."""
        flat = features.permute(0, 2, 3, 1)  # (B, h, w, D)
        return (self.vectors.square().sum(1) - 2.0 * flat @ self.vectors.T).argmin(-1)

    def look_up(self, codes: Tensor) -> Tensor:
        """Int64 (B, h, w) to vectors (B, D, h, w)."""
        return self.vectors[codes].permute(0, 3, 1, 2)

    @torch.no_grad()
    def learn(self, features: Tensor, codes: Tensor, blocked: Tensor, generator: torch.Generator) -> None:
        """Move towards the features that were rounded to each code, unless `blocked` (a bool on the device).

        Under torch.distributed all ranks move alike.
        """
        flat, chosen = features.permute(0, 2, 3, 1).flatten(0, 2), codes.flatten()  # (M, D), (M,)
        hits = torch.zeros_like(self.counts).index_add_(0, chosen, torch.ones_like(flat[:, 0]))
        sums = torch.zeros_like(self.sums).index_add_(0, chosen, flat)
        picked = flat[torch.randint(len(flat), (len(hits),), generator=generator, device=flat.device)]
        average_over_ranks([hits, sums, picked])
        counts = self.counts.lerp(hits, 1 - self.decay)
        sums = self.sums.lerp(sums, 1 - self.decay)
        usual = len(chosen) / len(counts)  # features a step and code, if all were used alike
        dead = counts < self.fewest * usual
        counts = torch.where(dead, usual, counts)
        sums = torch.where(dead[:, None], picked * usual, sums)
        new = (sums / counts[:, None], counts, sums)
        for old, value in zip((self.vectors, self.counts, self.sums), new, strict=True):
            old.copy_(torch.where(blocked, old, value))

    def spread(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of each dimension over the pictures of late, (D,) each."""
        weights = (self.counts / self.counts.sum().clamp_min(1e-6))[:, None]
        mean = (weights * self.vectors).sum(0)
        return mean, (weights * (self.vectors - mean).square()).sum(0).clamp_min(1e-12).sqrt()


def perplexity(codes: Tensor, count: int) -> Tensor:
    """How many codes are in use, a scalar: `count` if all are used alike, 1 if it is always the same one."""
    shares = torch.bincount(codes.flatten(), minlength=count).float() / codes.numel()
    return torch.exp(-torch.xlogy(shares, shares).sum())
