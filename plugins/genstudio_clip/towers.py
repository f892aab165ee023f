"""The two towers of a small model: pictures and texts to vectors of one kind.

The tower of pictures is a convolutional network with residual blocks (He et al. 2016) in place of the paper's ViT, that
needs far more than a few thousand pictures. The tower of texts is the paper's: a causal Transformer, and what it says
at the end of a text stands for the whole of it (Radford et al. 2021, section 2.4). What comes after a token can
therefore not change it, padding least of all.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio_clip.transformer import Transformer, quick_gelu
from genstudio_clip.words import Tokens

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

    def __init__(self, side: int, width: int, depth: int, out: int) -> None:
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
        self.out = nn.Linear(8 * width, out, bias=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Each of eight looks weighs the places of the last map by itself."""
        maps = self.stages(pictures)
        weights = self.weigh(maps).flatten(2).softmax(2)  # (N, 8, H' W')
        seen = weights @ maps.flatten(2).transpose(1, 2)  # (N, 8, C)
        out: Tensor = self.out(seen.flatten(1))
        return out


class TextTower(nn.Module):
    """Tokens to a vector for each token, (N, T, D), and one for the whole, (N, E)."""

    def __init__(self, pieces: int, length: int, width: int, depth: int, out: int) -> None:
        super().__init__()
        self.pieces = nn.EmbeddingBag(pieces, width, mode="mean", padding_idx=0)
        self.places = nn.Parameter(torch.randn(length, width) * 0.1)
        self.layers = Transformer(width, depth, max(width // _HEAD, 1), 4 * width, quick_gelu)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, out, bias=False)

    def forward(self, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """See the class."""
        rows = F.embedding(tokens.rows, self.pieces(tokens.table)) + self.places[: tokens.rows.shape[1]]
        words = self.norm(self.layers(rows, True))
        ends = tokens.known.sum(1) - 1
        whole = words.gather(1, ends[:, None, None].expand(-1, 1, words.shape[2]))[:, 0]
        return words, self.out(whole)
