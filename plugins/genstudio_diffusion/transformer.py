"""A small diffusion transformer (Peebles and Xie 2023): the picture as rows of patches that look at one another.

What the network is told scales, shifts and gates every block ("adaLN-Zero", section 3.2 there); the tokens of a text
are read by every block. Patches carry their place as fixed sines and cosines.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio_diffusion.condition import Condition
from genstudio_diffusion.layers import Attention, Fold, Reads, Text, Told, Words, zeroed


@dataclass(frozen=True)
class TransformerPlan:
    """Sizes. inputs, outputs: channels.

    text, whole: how many numbers stand for a token of a text and for all of it, 0 where it reads none.
    """

    inputs: int
    outputs: int
    height: int
    width: int
    features: int
    depth: int
    patch: int
    dropout: float
    classes: int = 0
    text: int = 0
    whole: int = 0

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        return -(-self.height // self.patch), -(-self.width // self.patch)


class Layer(nn.Module):
    """Attention and two dense layers, each scaled, shifted and gated by what is told."""

    def __init__(self, plan: TransformerPlan) -> None:
        super().__init__()
        width = plan.features
        self.told = zeroed(nn.Linear(width, 6 * width))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.look = Attention(width)
        nn.init.xavier_uniform_(self.look.out.weight)  # the gates begin at zero already
        self.read = Reads(width, plan.text) if plan.text else None
        self.think = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(plan.dropout), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor, told: Tensor, text: Text | None) -> Tensor:
        """(N, S, width) and (N, width) to (N, S, width)."""
        parts: Tensor = self.told(told)[:, None]
        shift, scale, gate, shift_2, scale_2, gate_2 = parts.chunk(6, -1)
        seen: Tensor = self.look(torch.addcmul(shift, self.norm(x), scale + 1))
        x = x + gate * seen
        if self.read is not None and text is not None:
            x = x + self.read(x, text)
        thought: Tensor = self.think(torch.addcmul(shift_2, self.norm(x), scale_2 + 1))
        return x + gate_2 * thought


class Transformer(nn.Module):
    """See the module."""

    places: Tensor

    def __init__(self, plan: TransformerPlan) -> None:
        super().__init__()
        width, patch = plan.features, plan.patch
        self.fold = Fold(plan.height, plan.width, patch, patch, wraps=False)
        self.grid = plan.grid
        self.told = Told(width, plan.classes, plan.whole)
        self.words = Words(plan.text) if plan.text else None
        self.first = nn.Linear(plan.inputs * patch**2, width)
        self.layers = nn.ModuleList(Layer(plan) for _ in range(plan.depth))
        self.final = zeroed(nn.Linear(width, 2 * width))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.last = zeroed(nn.Linear(width, plan.outputs * patch**2))
        self.register_buffer("places", places(*plan.grid, width), persistent=False)

    def hidden(self) -> list[nn.Parameter]:
        """Matrices between layers of features."""
        return [parameter for parameter in self.layers.parameters() if parameter.ndim > 1]

    def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
        """(N, inputs, H, W) and (N,) to (N, outputs, H, W)."""
        told = self.told(log_sigma, condition)
        text = self.words(condition, len(x)) if self.words is not None else None
        rows = self.first(self.fold.fold(x).flatten(2).transpose(1, 2)) + self.places  # (N, S, width)
        for layer in self.layers:
            rows = layer(rows, told, text)
        shift, scale = self.final(told)[:, None].chunk(2, -1)
        rows = self.last(torch.addcmul(shift, self.norm(rows), scale + 1))
        return self.fold.unfold(rows.transpose(1, 2).unflatten(2, self.grid))


def places(rows: int, columns: int, width: int) -> Tensor:
    """Where each patch is, (rows · columns, width): a half of the features for the row, a half for the column."""
    waves = torch.logspace(0, -3, width // 4)
    halves = []
    for count in (rows, columns):
        angles = torch.arange(count)[:, None] * waves
        halves.append(torch.cat([angles.sin(), angles.cos()], 1))
    row, column = halves[0][:, None].expand(-1, columns, -1), halves[1][None].expand(rows, -1, -1)
    both = torch.cat([row, column], 2).flatten(0, 1)
    return F.pad(both, (0, width - both.shape[1]))
