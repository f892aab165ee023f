"""The two towers of a small model: pictures and texts to vectors of one kind.

The tower of pictures is a convolutional network with residual blocks (He et al. 2016) in place of the paper's ViT, that
needs far more than a few thousand pictures. The tower of texts is the paper's: a causal Transformer, and what it says
at the end of a text stands for the whole of it (Radford et al. 2021, section 2.4). What comes after a token can
therefore not change it, padding least of all.
"""

import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.api import DataSpec, Reading
from genstudio_clip.config import ClipConfig
from genstudio_clip.tokens import Tokens
from genstudio_clip.transformer import Transformer, quick_gelu

LENGTH = 24
"""Tokens of a text at most: words, and the end."""
PIECES = 8192
"""How many different pieces words are made of."""
_MATCH = 128  # width of what is compared
_START = math.log(1 / 0.07)  # of the inverse temperature (section 2.5 of the paper)
_MOST = math.log(100.0)
_HEAD = 32  # features of one head of attention
_SMALLEST = 4  # sides of the last map, in pixels


class Block(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for _ in range(2))
        convs = [nn.Conv2d(width, width, 3, padding=1) for _ in range(2)]
        nn.init.zeros_(convs[1].weight)
        self.convs = nn.ModuleList(convs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to the same."""
        inner = x
        for norm, conv in zip(self.norms, self.convs, strict=True):
            inner = conv(F.silu(norm(inner)))
        return x + inner


class PictureTower(nn.Module):
    """Pictures (N, 4, H, W) to (N, E): colours over mid grey, and opacity."""

    def __init__(self, side: int, width: int, depth: int, out: int, dropout: float) -> None:
        super().__init__()
        stages: list[nn.Module] = [nn.Conv2d(4, width, 4, stride=2, padding=1)]
        side = -(-side // 2)
        stages += [Block(width) for _ in range(depth)]
        while side > _SMALLEST:
            wider = min(2 * width, 8 * _HEAD)
            stages += [nn.Conv2d(width, wider, 3, stride=2, padding=1), *(Block(wider) for _ in range(depth))]
            width, side = wider, -(-side // 2)
        self.stages = nn.Sequential(*stages, nn.GroupNorm(8, width), nn.SiLU())
        self.weigh = nn.Conv2d(width, 8, 1)
        self.out = nn.Sequential(nn.Dropout(dropout), nn.Linear(8 * width, out, bias=False))

    def forward(self, pictures: Tensor) -> Tensor:
        """Each of eight looks weighs the places of the last map by itself."""
        maps = self.stages(pictures)
        weights = self.weigh(maps).flatten(2).softmax(2)  # (N, 8, H' W')
        seen = weights @ maps.flatten(2).transpose(1, 2)  # (N, 8, C)
        out: Tensor = self.out(seen.flatten(1))
        return out


class TextTower(nn.Module):
    """Tokens to a vector for each token, (N, T, D), and one for the whole, (N, E)."""

    def __init__(self, pieces: int, length: int, width: int, depth: int, out: int, dropout: float) -> None:
        super().__init__()
        self.pieces = nn.EmbeddingBag(pieces, width, mode="mean", padding_idx=0)
        self.places = nn.Parameter(torch.randn(length, width) * 0.1)
        self.layers = Transformer(width, depth, max(width // _HEAD, 1), 4 * width, quick_gelu)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(width, out, bias=False)

    def forward(self, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """See the class."""
        rows = F.embedding(tokens.rows, self.pieces(tokens.table)) + self.places[: tokens.rows.shape[1]]
        words = self.norm(self.layers(self.dropout(rows), True))
        return words, self.out(self.dropout(last(words, tokens.known)))


def last(words: Tensor, known: Tensor) -> Tensor:
    """What is said at the end of each text: (N, T, D) to (N, D)."""
    ends = known.sum(1) - 1
    return words.gather(1, ends[:, None, None].expand(-1, 1, words.shape[2]))[:, 0]


def layered(images: Tensor) -> Tensor:
    """Grey, RGB or RGBA pictures (N, C, H, W) in [-1, 1] as colours laid over mid grey, and opacity: (N, 4, H, W)."""
    colours = images[:, :3] if images.shape[1] >= 3 else images[:, :1].expand(-1, 3, -1, -1)
    if images.shape[1] == 4:
        opacity = (images[:, 3:] + 1) / 2
        return torch.cat([colours * opacity, opacity], 1)
    return torch.cat([colours, torch.ones_like(colours[:, :1])], 1)


class Towers(nn.Module, ABC):
    """Both towers and the temperature.

    text_shape: (T, D) of a text's tokens. match_width: E of what is compared.
    """

    text_shape: tuple[int, int]
    match_width: int
    logit_scale: nn.Parameter

    @abstractmethod
    def see(self, pictures: Tensor) -> Tensor:
        """Pictures of any size as `layered` gives them, (N, 4, H, W), to (N, E)."""

    @abstractmethod
    def hear(self, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """Tokens to a vector for each, (N, T, D), and one for the whole text, (N, E)."""

    def look(self, pictures: Tensor) -> Tensor:
        """Pictures as `layered` gives them to (N, E) of length 1."""
        return F.normalize(self.see(pictures), dim=1)

    def read(self, tokens: Tokens) -> Reading:
        """Tokens to a reading of as many tokens."""
        words, whole = self.hear(tokens)
        return Reading(words, tokens.known, F.normalize(whole, dim=1))

    def scale(self) -> Tensor:
        """The inverse temperature, at most 100; at the bound the gradient still passes, so that it can come back."""
        held = self.logit_scale.clamp(max=_MOST)
        return (self.logit_scale + (held - self.logit_scale).detach()).exp()


class SmallTowers(Towers):
    """The towers of a model that begins from nothing, for pictures of the size of its dataset."""

    def __init__(self, config: ClipConfig, spec: DataSpec) -> None:
        super().__init__()
        self.size = (spec.height, spec.width)
        self.text_shape, self.match_width = (LENGTH, config.text_width), _MATCH
        self.pictures = PictureTower(max(self.size), config.width, config.depth, _MATCH, config.dropout)
        width, depth = config.text_width, config.text_depth
        self.texts = TextTower(PIECES, LENGTH, width, depth, _MATCH, config.dropout)
        self.logit_scale = nn.Parameter(torch.tensor(_START))

    def see(self, pictures: Tensor) -> Tensor:
        """Pictures of another size are resized."""
        if pictures.shape[2:] != self.size:
            pictures = F.interpolate(pictures, self.size, mode="bicubic", antialias=True, align_corners=False)
        seen: Tensor = self.pictures(pictures)
        return seen

    def hear(self, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """See the base class."""
        heard: tuple[Tensor, Tensor] = self.texts(tokens)
        return heard
