"""The Transformer that both towers of the paper are made of (Radford et al. 2021, section 2.4; Vaswani et al. 2017).

Names of parameters are those of the common layout of CLIP weights, so that a file of them can be loaded as it is.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Activation = Callable[[Tensor], Tensor]


def quick_gelu(x: Tensor) -> Tensor:
    """The cheap GELU that CLIP was trained with: x σ(1.702 x) (Hendrycks and Gimpel 2016, section 2)."""
    return x * torch.sigmoid(1.702 * x)


class Attention(nn.Module):
    """Rows look at one another; in a causal one, at those before them only."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        """(N, S, width) to the same."""
        query, key, value = (self._split(part(x)) for part in (self.q_proj, self.k_proj, self.v_proj))
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        out: Tensor = self.out_proj(seen.transpose(1, 2).flatten(2))
        return out

    def _split(self, rows: Tensor) -> Tensor:
        return rows.view(*rows.shape[:2], self.heads, -1).transpose(1, 2)


class Dense(nn.Module):
    """Two layers for each row by itself."""

    def __init__(self, width: int, inner: int, activation: Activation) -> None:
        super().__init__()
        self.fc1, self.fc2, self.activation = nn.Linear(width, inner), nn.Linear(inner, width), activation

    def forward(self, x: Tensor) -> Tensor:
        """(N, S, width) to the same."""
        out: Tensor = self.fc2(self.activation(self.fc1(x)))
        return out


class Layer(nn.Module):
    """Attention and dense layers, each beside a way around it and after a norm."""

    def __init__(self, width: int, heads: int, inner: int, activation: Activation, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(width, epsilon), nn.LayerNorm(width, epsilon)
        self.self_attn = Attention(width, heads)
        self.mlp = Dense(width, inner, activation)

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        """(N, S, width) to the same."""
        x = x + self.self_attn(self.layer_norm1(x), causal)
        out: Tensor = x + self.mlp(self.layer_norm2(x))
        return out


class Transformer(nn.Module):
    """Layers one after another."""

    def __init__(
        self, width: int, depth: int, heads: int, inner: int, activation: Activation, epsilon: float = 1e-5
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(width, heads, inner, activation, epsilon) for _ in range(depth))

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        """(N, S, width) to the same."""
        for layer in self.layers:
            x = layer(x, causal)
        return x
