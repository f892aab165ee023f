"""PixelRNN as people write it: skewed feature maps, a Python loop over time, plain autograd."""

import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.nn.masked import marked
from genstudio_pixelrnn.courses import Rows
from genstudio_pixelrnn.net import Layer, PixelRNN


def net_by_hand(net: PixelRNN, values: Tensor, condition: Tensor | None) -> Tensor:
    """What the network computes: (B, C, H, W) in [-1, 1] to logits (B, levels * C, H, W)."""
    x = net.first(marked(values))
    skips = torch.zeros_like(x)
    for layer in net.stack:
        gates = layer.inputs(x)
        if layer.told is not None and condition is not None:
            gates = gates + layer.told(condition)[:, :, None, None]
        above = rows_by_hand(layer, gates) if net.course is Rows else diagonals_by_hand(layer, gates)
        if layer.skip is not None:
            skips = skips + layer.skip(above)
        x = x + layer.widen(above)
    logits: Tensor = net.head(F.relu(net.last(F.relu(x + skips))))
    return logits


def rows_by_hand(layer: Layer, gates: Tensor) -> Tensor:
    """Row LSTM: what the gates get (B, 4 h, H, W) to states (B, h, H, W)."""
    return torch.stack(through_time(gates.unbind(2), kernel_of(layer, 0), (1, 1)), 2)


def diagonals_by_hand(layer: Layer, gates: Tensor) -> Tensor:
    """Diagonal BiLSTM: what the gates get (B, 2 * 4 h, H, W) to states (B, h, H, W)."""
    from_left, from_right = gates.chunk(2, 1)
    left = diagonal_by_hand(from_left, kernel_of(layer, 0))
    right = diagonal_by_hand(from_right.flip(3), kernel_of(layer, 1)).flip(3)
    return left + F.pad(right, (0, 0, 1, -1))


def diagonal_by_hand(gates: Tensor, kernel: Tensor) -> Tensor:
    """One direction: skew, go through the columns, skew back."""
    height, width = gates.shape[2:]
    states = torch.stack(through_time(skewed(gates).unbind(3), kernel, (1, 0)), 3)  # (B, h, H, W + H - 1)
    return unskewed(states, height, width)


def through_time(gates: tuple[Tensor, ...], kernel: Tensor, padding: tuple[int, int]) -> list[Tensor]:
    """An LSTM from line to line (B, 4 h, length), with a convolution along the line from state to state."""
    h = c = gates[0].new_zeros(gates[0].shape[0], kernel.shape[1], gates[0].shape[2])
    states = []
    for line in gates:
        o, f, i, g = (line + F.conv1d(F.pad(h, padding), kernel)).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        states.append(h)
    return states


def kernel_of(layer: Layer, direction: int) -> Tensor:
    """The state-to-state convolution as conv1d wants it, (4 h, h, taps)."""
    return layer.states[direction].view(-1, layer.hidden, 4 * layer.hidden).permute(2, 1, 0)


def skewed(x: Tensor) -> Tensor:
    """Move row i right by i places: (B, F, H, W) to (B, F, H, W + H - 1)."""
    count, features, height, width = x.shape
    flat = F.pad(x, (0, height)).reshape(count, features, -1)
    return flat[..., : height * (width + height - 1)].reshape(count, features, height, width + height - 1)


def unskewed(x: Tensor, height: int, width: int) -> Tensor:
    """The reverse."""
    flat = F.pad(x.flatten(2), (0, height))
    return flat.reshape(*x.shape[:2], height, width + height)[..., :width]
