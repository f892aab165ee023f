"""PixelCNN++ (Salimans, Karpathy, Chen and Kingma 2017).

Two streams, causal by shifting in place of masks (section 2.4 of the paper and its figure 2). The stream u sees the
rows above; the stream ul sees those through u, and the row so far. Both pass through gated residual layers at three
sizes, each half the one before, and back up, with connections across at equal places. All sub-pixels of a pixel come
from one run of the network: what they know of each other is in the head, a mixture of discretised logistics
(`genstudio.nn.pixels_heads.MixtureHead`). Dropout of one half is what keeps it from learning the pictures by heart.

Filters are normalised (Salimans and Kingma 2016); their gains start at 1, where the paper looks at a first batch to
set them: with filters of length one, what comes out is about as large as what goes in. Pictures of odd size are cut
back to it on the way up. A condition (a class), spread over the places of the picture, is added to what both streams
start from; the authors' code adds it to every layer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.nn.pixels_condition import Scene
from genstudio.nn.pixels_density import PixelNet
from genstudio.nn.pixels_heads import MixtureHead

from .plusplus_painter import PlusPlusPainter

SMALLER_SIZES = 2


class NormedConv2d(nn.Module):
    """A convolution whose filters have length `gain`, a number learned for each; `sides` is (left, right, above, 0)."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int] = (1, 1),
        sides: tuple[int, int, int, int] = (0, 0, 0, 0),
        *,
        stride: int = 1,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.sides, self.stride = sides, stride
        self.direction = nn.Parameter(0.05 * torch.randn(outputs, inputs, *kernel))
        self.gain = nn.Parameter(torch.full((outputs, 1, 1, 1), gain))
        self.bias = nn.Parameter(torch.zeros(outputs))

    @property
    def weight(self) -> Tensor:
        """The filters (outputs, inputs, rows, columns)."""
        return torch._weight_norm(self.direction, self.gain)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride), rounded up."""
        return F.conv2d(F.pad(x, self.sides) if any(self.sides) else x, self.weight, self.bias, self.stride)


class Grow(nn.Module):
    """Twice the size: every pixel becomes 2 × 2, for the stream u smoothed along rows (a transposed convolution)."""

    def __init__(self, features: int, columns: int) -> None:
        super().__init__()
        self.direction = nn.Parameter(0.05 * torch.randn(features, features, 2, columns))
        self.gain = nn.Parameter(torch.ones(1, features, 1, 1))
        self.bias = nn.Parameter(torch.zeros(features))
        self.cut = (columns - 1) // 2

    @property
    def weight(self) -> Tensor:
        """The filters (inputs, outputs, 2, columns)."""
        return torch._weight_norm(self.direction, self.gain, 1)

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        """(B, features, H, W) to the height and width of `like`, at most 2 H and 2 W."""
        grown = F.conv_transpose2d(x, self.weight, self.bias, stride=2)
        return grown[:, :, : like.shape[2], self.cut : self.cut + like.shape[3]]


Convolution = Callable[..., NormedConv2d]


def above(inputs: int, outputs: int, *, stride: int = 1, gain: float = 1.0) -> NormedConv2d:
    """2 × 3: its own row and the one above, from one column left to one right. For the stream u."""
    return NormedConv2d(inputs, outputs, (2, 3), (1, 1, 1, 0), stride=stride, gain=gain)


def above_left(inputs: int, outputs: int, *, stride: int = 1, gain: float = 1.0) -> NormedConv2d:
    """2 × 2: its own row and the one above, its own column and the one on the left. For the stream ul."""
    return NormedConv2d(inputs, outputs, (2, 2), (1, 0, 1, 0), stride=stride, gain=gain)


@dataclass(frozen=True)
class Features:
    """Features x (B, n, H, W), and `active` (B, 2 n, H, W): ELU of x and of -x, which all layers start from."""

    x: Tensor
    active: Tensor


def activated(x: Tensor) -> Features:
    """Shang et al. 2016 with an exponential unit: no sign is lost."""
    return Features(x, doubled(x))


def doubled(x: Tensor) -> Tensor:
    """ELU of x and of -x, (B, n, ...) to (B, 2 n, ...)."""
    return F.elu(torch.cat((x, -x), 1))


class Residual(nn.Module):
    """A gated residual layer of either stream. `asides` counts the features it is shown besides, at the same place."""

    def __init__(self, features: int, conv: Convolution, asides: int, dropout: float) -> None:
        super().__init__()
        self.enter = conv(2 * features, features)
        self.aside = NormedConv2d(2 * features * asides, features) if asides else None
        self.leave = conv(2 * features, 2 * features, gain=0.1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Features, *asides: Features) -> Features:
        """Add a gated change to the features."""
        inner = self.enter(features.active)
        if self.aside is not None:
            inner = inner + self.aside(torch.cat([aside.active for aside in asides], 1))
        change = self.leave(self.dropout(doubled(inner)))  # (B, 2 n, H, W)
        signal, valve = change.chunk(2, dim=1)
        return activated(features.x + signal * torch.sigmoid(valve))


@dataclass(frozen=True)
class Both:
    """The features of both streams."""

    u: Features
    ul: Features


class Layer(nn.Module):
    """A residual layer in both streams; on the way up they are also shown what the way down left at the same place."""

    def __init__(self, features: int, dropout: float, *, up: bool) -> None:
        super().__init__()
        self.u = Residual(features, above, int(up), dropout)
        self.ul = Residual(features, above_left, 1 + int(up), dropout)

    def forward(self, both: Both, left: Both | None = None) -> Both:
        """Pass the features on."""
        if left is None:
            u = self.u(both.u)
            return Both(u, self.ul(both.ul, u))
        u = self.u(both.u, left.u)
        return Both(u, self.ul(both.ul, u, left.ul))


class Size(nn.Module):
    """All layers at one size, `depth` on the way down, around those at half the size if there are `smaller` ones."""

    def __init__(self, features: int, depth: int, dropout: float, smaller: int) -> None:
        super().__init__()
        self.down = nn.ModuleList(Layer(features, dropout, up=False) for _ in range(depth))
        ups = depth + 1 if smaller else depth
        self.up = nn.ModuleList(Layer(features, dropout, up=True) for _ in range(ups))
        self.inner = Inner(features, depth, dropout, smaller - 1) if smaller else None

    @property
    def ways(self) -> tuple[list[Layer], list[Layer]]:
        """The layers of the way down and of the way up, as what they are."""
        down, up = ([x for x in way if isinstance(x, Layer)] for way in (self.down, self.up))
        return down, up

    def forward(self, both: Both) -> Both:
        """Down, through the smaller sizes, and up again."""
        down, up = self.ways
        left = [both]
        for layer in down:
            left.append(layer(left[-1]))
        both = left.pop() if self.inner is None else self.inner(left[-1])
        for layer in up:
            both = layer(both, left.pop())
        return both


class Inner(nn.Module):
    """The way to the next smaller size, all that happens there, and the way back."""

    def __init__(self, features: int, depth: int, dropout: float, smaller: int) -> None:
        super().__init__()
        self.shrink_u = above(features, features, stride=2)
        self.shrink_ul = above_left(features, features, stride=2)
        self.size = Size(features, depth, dropout, smaller)
        self.grow_u, self.grow_ul = Grow(features, columns=3), Grow(features, columns=2)

    def forward(self, both: Both) -> Both:
        """Return features of the size that was given."""
        small = Both(activated(self.shrink_u(both.u.x)), activated(self.shrink_ul(both.ul.x)))
        small = self.size(small)
        u, ul = self.grow_u(small.u.x, both.u.x), self.grow_ul(small.ul.x, both.ul.x)
        return Both(activated(u), activated(ul))


class PixelCNNPlusPlus(PixelNet):
    """The whole network; `depth` counts layers at each size, on each way."""

    def __init__(
        self,
        channels: int,
        features: int,
        depth: int,
        head: MixtureHead,
        scene: Scene,
        dropout: float,
    ) -> None:
        super().__init__()
        self.channels, self.features, self.head, self.scene = channels, features, head, scene
        self.told_u = nn.Conv2d(scene.features, features, 1, bias=False)
        self.told_ul = nn.Conv2d(scene.features, features, 1, bias=False)
        seen = channels + 1
        self.first_u = above(seen, features)
        self.first_above = NormedConv2d(seen, features, (1, 3), (1, 1, 0, 0))
        self.first_left = NormedConv2d(seen, features, (2, 1), (0, 0, 1, 0))
        self.size = Size(features, depth, dropout, smaller=SMALLER_SIZES)
        self.last = NormedConv2d(features, head.outputs)

    @property
    def sizes(self) -> list[Size]:
        """All sizes, the largest first."""
        sizes = [self.size]
        while sizes[-1].inner is not None:
            sizes.append(sizes[-1].inner.size)
        return sizes

    def forward(self, values: Tensor, condition: Tensor | None) -> Tensor:
        """(B, C, H, W) in [-1, 1] to the parameters (B, outputs, H, W) of a `MixtureHead`."""
        x = torch.cat((values, torch.ones_like(values[:, :1])), 1)  # ones tell a grey pixel from the border
        x = x.contiguous(memory_format=torch.channels_last)
        scene = self.scene(condition)
        u = F.pad(self.first_u(x), (0, 0, 1, -1))  # shifted down
        ul = F.pad(self.first_above(x), (0, 0, 1, -1)) + F.pad(self.first_left(x), (1, -1))  # shifted right
        both = self.size(Both(activated(u + self.told_u(scene)), activated(ul + self.told_ul(scene))))
        parameters: Tensor = self.last(F.elu(both.ul.x))
        return parameters

    def painter(self, count: int, width: int, condition: Tensor | None) -> PlusPlusPainter:
        """See `PixelNet.painter`."""
        return PlusPlusPainter(self, count, width, condition)
