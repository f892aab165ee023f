"""Layers that both networks are built from."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio_diffusion.condition import Condition

AUGMENTATIONS = 6
"""Numbers that say what was done to a training picture; see `augment`."""


def zeroed(layer: nn.Linear) -> nn.Linear:
    """Let a layer begin by saying nothing, so that a deep network begins as a shallow one."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Waves(nn.Module):
    """A number as sines and cosines of many wavelengths (Vaswani et al. 2017, section 3.5), for ln σ of about ±7."""

    frequencies: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        spread = torch.logspace(math.log10(0.1), math.log10(10.0), width // 2)
        self.register_buffer("frequencies", spread, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N,) to (N, width)."""
        angles = x[:, None] * self.frequencies
        return torch.cat([angles.cos(), angles.sin()], 1)


class Told(nn.Module):
    """Everything a network is told about a picture but its pixels, as one vector: level, label, augmentation, text.

    Labels have one row more than there are classes: the last stands for "any". `text` is the width of the tokens; the
    mean of them is told here, and each by cross-attention in the blocks.
    """

    def __init__(self, width: int, classes: int, text: int = 0) -> None:
        super().__init__()
        self.classes = classes
        self.waves = Waves(64)
        self.level = nn.Linear(64, width)
        self.label = nn.Embedding(classes + 1, width) if classes else None
        self.augmentation = nn.Linear(AUGMENTATIONS, width, bias=False)
        self.text = nn.Linear(text, width) if text else None
        self.mix = nn.Linear(width, width)
        if self.label is not None:
            nn.init.normal_(self.label.weight, std=0.5)

    def forward(self, log_sigma: Tensor, condition: Condition) -> Tensor:
        """(N,) to (N, width)."""
        told = self.level(self.waves(log_sigma))
        if self.label is not None:
            labels = condition.labels
            known = torch.full_like(log_sigma, -1, dtype=torch.int64) if labels is None else labels
            told = told + self.label(torch.where(known < 0, self.classes, known))
        if condition.augmentation is not None:
            told = told + self.augmentation(condition.augmentation)
        if self.text is not None and condition.tokens is not None:
            told = told + self.text(condition.tokens.mean(1))
        mixed: Tensor = self.mix(F.silu(told))
        return F.silu(mixed)


class Attention(nn.Module):
    """Rows look at one another, and at the rows of a text where there is one (Vaswani et al. 2017).

    Queries and keys are normalised, which keeps training steady (Dehghani et al. 2023). The result starts at zero.
    """

    def __init__(self, width: int, text: int = 0, head: int = 32) -> None:
        super().__init__()
        self.heads = math.gcd(width, max(width // head, 1))
        self.qkv = nn.Linear(width, 3 * width)
        self.text = nn.Linear(text, 2 * width) if text else None
        self.norms = nn.ModuleList([nn.LayerNorm(width // self.heads) for _ in range(2)])
        self.out = zeroed(nn.Linear(width, width))

    def forward(self, x: Tensor, tokens: Tensor | None = None) -> Tensor:
        """(N, S, width), and tokens (N, T, text) or None, to (N, S, width)."""
        query, key, value = (self._split(part) for part in self.qkv(x).chunk(3, -1))
        if self.text is not None and tokens is not None:
            more = [self._split(part) for part in self.text(tokens).chunk(2, -1)]
            key, value = torch.cat([key, more[0]], 2), torch.cat([value, more[1]], 2)
        query, key = self.norms[0](query), self.norms[1](key)
        seen = F.scaled_dot_product_attention(query, key, value)  # (N, heads, S, width / heads)
        out: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return out

    def _split(self, rows: Tensor) -> Tensor:
        return rows.view(*rows.shape[:2], self.heads, -1).transpose(1, 2)


class Fold(nn.Module):
    """Pictures to maps of patches and back; sides that do not divide are padded by repeating, and cut off again."""

    def __init__(self, height: int, width: int, step: int, patch: int, *, wraps: bool) -> None:
        super().__init__()
        self.height, self.width, self.patch = height, width, patch
        self.more = (0, -width % step, 0, -height % step)
        self.mode = "circular" if wraps else "replicate"

    def fold(self, pictures: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C · patch², H', W')."""
        padded = F.pad(pictures, self.more, mode=self.mode) if any(self.more) else pictures
        return F.pixel_unshuffle(padded, self.patch)

    def unfold(self, maps: Tensor) -> Tensor:
        """And back."""
        return F.pixel_shuffle(maps, self.patch)[:, :, : self.height, : self.width]
