"""Layers that both networks are built from."""

import math
from typing import NamedTuple, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio_diffusion.condition import Condition

_Layer = TypeVar("_Layer", nn.Linear, nn.Conv2d)

AUGMENTATIONS = 6
"""Numbers that say what was done to a training picture; see `augment`."""


def zeroed(layer: _Layer) -> _Layer:
    """Let a layer begin by saying nothing, so that a deep network begins as a shallow one."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class PixelNorm(nn.Module):
    """Normalises the features of each pixel by themselves (Ba et al. 2016, over channels).

    Where features lie innermost in memory that is quick, nothing is taken over the whole picture, and it learned better
    than groups of features over the picture (decision 12).
    """

    def __init__(self, features: int, *, scales: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features, elementwise_affine=scales)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to the same."""
        normal: Tensor = self.norm(x.permute(0, 2, 3, 1))
        return normal.permute(0, 3, 1, 2)


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

    Labels have one row more than there are classes: the last stands for "any". `whole` is how many numbers stand for
    all of a text, 0 for none; its words are read by cross-attention in the blocks.
    """

    def __init__(self, width: int, classes: int, whole: int = 0) -> None:
        super().__init__()
        self.classes = classes
        self.waves = Waves(64)
        self.level = nn.Linear(64, width)
        self.label = nn.Embedding(classes + 1, width) if classes else None
        self.augmentation = nn.Linear(AUGMENTATIONS, width, bias=False)
        self.text = Whole(whole, width) if whole else None
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
        if self.text is not None:
            told = told + self.text(condition)
        mixed: Tensor = self.mix(F.silu(told))
        return F.silu(mixed)


class Whole(nn.Module):
    """All of a text as one vector, a learned one where there is no text. Both start at zero."""

    def __init__(self, whole: int, width: int) -> None:
        super().__init__()
        self.weigh = zeroed(nn.Linear(whole, width))
        self.nothing = nn.Parameter(torch.zeros(width))

    def forward(self, condition: Condition) -> Tensor:
        """(N, width), or (width,) for no texts at all."""
        if condition.whole is None or condition.known is None:
            return self.nothing
        said: Tensor = self.weigh(condition.whole * math.sqrt(condition.whole.shape[1]))  # numbers of about 1
        return torch.where(condition.known.any(1, keepdim=True), said, self.nothing)


class Text(NamedTuple):
    """What rows of a picture read: tokens (N, T, D), and bool (N, 1, 1, T), where there is one."""

    tokens: Tensor
    known: Tensor


class Words(nn.Module):
    """The words of a text, made alike in size; one learned token stands for no text."""

    def __init__(self, text: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(text)
        self.nothing = nn.Parameter(torch.randn(text))

    def forward(self, condition: Condition, count: int) -> Text:
        """The text of a condition for `count` pictures, one token longer; of which something is always known."""
        nothing = self.nothing.expand(count, 1, -1)
        if condition.tokens is None or condition.known is None:
            return Text(nothing, torch.ones(count, 1, 1, 1, dtype=torch.bool, device=nothing.device))
        known = torch.cat([~condition.known.any(1, keepdim=True), condition.known], 1)
        return Text(torch.cat([nothing, self.norm(condition.tokens)], 1), known[:, None, None])


def attended(query: Tensor, key: Tensor, value: Tensor, known: Tensor | None = None) -> Tensor:
    """softmax(Q Kᵀ / √d) V (Vaswani et al. 2017, equation 1), (N, heads, S, d) by (N, heads, T, d).

    known: bool, broadcasts to (N, heads, S, T), where may be looked. torch's own is used, but for numbers of half the
    size on a processor: its way back takes five times as long there as these products.
    """
    if not (query.dtype is torch.bfloat16 and query.device.type == "cpu"):
        return F.scaled_dot_product_attention(query, key, value, attn_mask=known)
    fits = query * query.shape[-1] ** -0.5 @ key.mT
    if known is not None:
        fits = fits.masked_fill(~known, -torch.inf)
    seen: Tensor = fits.softmax(-1) @ value
    return seen


class Attention(nn.Module):
    """Rows look at one another (Vaswani et al. 2017).

    Queries and keys are normalised, which keeps training steady (Dehghani et al. 2023). The result starts at zero.
    """

    def __init__(self, width: int, head: int = 64) -> None:
        super().__init__()
        self.heads = math.gcd(width, max(width // head, 1))
        self.qkv = nn.Linear(width, 3 * width)
        self.norms = nn.ModuleList([nn.LayerNorm(width // self.heads) for _ in range(2)])
        self.out = zeroed(nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        """(N, S, width) to the same."""
        query, key, value = (_split(part, self.heads) for part in self.qkv(x).chunk(3, -1))
        query, key = self.norms[0](query), self.norms[1](key)
        seen = attended(query, key, value)  # (N, heads, S, width / heads)
        out: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return out


class Reads(nn.Module):
    """Rows look at the words of a text (Rombach et al. 2022, section 3.3). The result starts at zero."""

    def __init__(self, width: int, text: int, head: int = 64) -> None:
        super().__init__()
        self.heads = math.gcd(width, max(width // head, 1))
        self.norm = nn.LayerNorm(width)
        self.query, self.text = nn.Linear(width, width), nn.Linear(text, 2 * width)
        self.norms = nn.ModuleList([nn.LayerNorm(width // self.heads) for _ in range(2)])
        self.out = zeroed(nn.Linear(width, width))

    def forward(self, x: Tensor, text: Text) -> Tensor:
        """(N, S, width) to the same."""
        key, value = (_split(part, self.heads) for part in self.text(text.tokens).chunk(2, -1))
        query, key = self.norms[0](_split(self.query(self.norm(x)), self.heads)), self.norms[1](key)
        seen = attended(query, key, value, text.known)
        out: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return out


def _split(rows: Tensor, heads: int) -> Tensor:
    return rows.view(*rows.shape[:2], heads, -1).transpose(1, 2)


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
