"""PixelRNN (van den Oord, Kalchbrenner and Kavukcuoglu 2016, "Pixel recurrent neural networks", sections 3.1-3.5).

A 7 × 7 convolution that sees only pixels before (mask A) makes 2 h features. Each recurrent layer turns them into h
features that know what is above, and a 1 × 1 convolution back into 2 h that are added to what came in (figure 5,
right). Two 1 × 1 layers end in a softmax over the levels of each sub-pixel. Row LSTM and Diagonal BiLSTM differ in
their course through the picture alone; see `courses` for what each of them sees.

In the recurrent part feature maps are laid out (places, B, features): 1 × 1 convolutions are matrix products there,
and a step of the recurrence is a stretch of memory. Channel k of a map belongs to sub-pixel k mod C (see
`genstudio.nn.masked`); h is a multiple of C, so this holds within each gate by itself. What comes from states needs no
mask: they belong to whole pixels that come before.

What the paper leaves open: forget gates start with a bias of 1 (Jozefowicz et al. 2015); a condition (a class) shifts
what goes into all gates, as in the gated PixelCNN of the same authors (2016b, equation 3).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.nn.masked import MaskedConv2d, marked
from genstudio.nn.pixels_density import PixelNet

from .courses import Course
from .painter import RecurrentPainter
from .scan import scan


class Layer(nn.Module):
    """One recurrent layer with the 1 × 1 convolution after it, and another to the output if it `skips` there."""

    def __init__(self, course: type[Course], hidden: int, subpixels: int, condition: int, *, skips: bool) -> None:
        super().__init__()
        self.directions, self.hidden = course.directions, hidden
        wide = course.directions * 4 * hidden
        self.inputs = MaskedConv2d(2 * hidden, wide, "B", subpixels=subpixels, left=course.left)
        self.states = nn.Parameter(torch.empty(course.directions, course.taps * hidden, 4 * hidden))
        self.told = nn.Linear(condition, wide, bias=False) if condition else None
        self.widen = MaskedConv2d(hidden, 2 * hidden, "B", subpixels=subpixels, bias=False)
        self.skip = MaskedConv2d(hidden, 2 * hidden, "B", subpixels=subpixels, bias=False) if skips else None
        self._start()

    @torch.no_grad()
    def _start(self) -> None:
        nn.init.uniform_(self.states, -(self.states.shape[1] ** -0.5), self.states.shape[1] ** -0.5)
        assert self.inputs.bias is not None
        self.inputs.bias.view(self.directions, 4, self.hidden)[:, 1] = 1.0

    def forward(self, x: Tensor, course: Course, condition: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """(places, B, 2 h) to the same, and what goes to the output directly."""
        entering = course.enter(x)  # (G, places, B, (left + 1) * 2 h)
        inputs = torch.bmm(entering.flatten(1, 2), self._input_weight())
        states = scan(inputs, self._bias(len(entering[0, 0]), condition), self.states, course.steps)
        above = course.leave(states.view(*entering.shape[:3], -1))  # (places, B, h)
        return x + pointwise(self.widen, above), None if self.skip is None else pointwise(self.skip, above)

    def _input_weight(self) -> Tensor:
        """The input-to-state convolution as matrices (G, (left + 1) * 2 h, 4 h)."""
        weight = self.inputs.masked_weight.view(self.directions, 4 * self.hidden, 2 * self.hidden, -1)
        return weight.permute(0, 3, 2, 1).flatten(1, 2)

    def _bias(self, count: int, condition: Tensor | None) -> Tensor:
        """What the gates get everywhere, (G, B, 4 h)."""
        assert self.inputs.bias is not None
        bias = self.inputs.bias.expand(count, -1)
        if self.told is not None and condition is not None:
            bias = bias + self.told(condition)
        return bias.view(count, self.directions, -1).transpose(0, 1)


def pointwise(layer: MaskedConv2d, x: Tensor) -> Tensor:
    """Use a 1 × 1 convolution on features that come last: (..., inputs) to (..., outputs)."""
    return F.linear(x, layer.masked_weight[:, :, 0, 0], layer.bias)


class PixelRNN(PixelNet):
    """The whole network. `hidden` is a multiple of the channels, `condition` the width of a vector or 0."""

    def __init__(
        self,
        course: type[Course],
        channels: int,
        hidden: int,
        depth: int,
        outputs: int,
        condition: int,
        *,
        reach: int = 3,
        skips: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.course, self.channels, self.hidden, self.dropout = course, channels, hidden, nn.Dropout(dropout)
        self.first = MaskedConv2d(
            2 * channels, 2 * hidden, "A", subpixels=channels, above=reach, left=reach, right=reach
        )
        self.layers = nn.ModuleList(Layer(course, hidden, channels, condition, skips=skips) for _ in range(depth))
        self.last = MaskedConv2d(2 * hidden, 2 * hidden, "B", subpixels=channels)
        self.head = MaskedConv2d(2 * hidden, outputs, "B", subpixels=channels)

    @property
    def stack(self) -> list[Layer]:
        """The layers, as what they are."""
        return [layer for layer in self.layers if isinstance(layer, Layer)]

    def forward(self, values: Tensor, condition: Tensor | None) -> Tensor:
        """(B, C, H, W) in [-1, 1] to logits (B, levels * C, H, W)."""
        count, _, height, width = values.shape
        course = self.course(height, width, count, values.device)
        x = self.first(marked(values)).permute(2, 3, 0, 1).flatten(0, 1).contiguous()  # (places, B, 2 h)
        skips = []
        for layer in self.stack:
            x, skip = layer(x, course, condition)
            skips += [] if skip is None else [skip]
        x = sum(skips, x).view(height, width, count, -1).permute(2, 3, 0, 1)  # (B, 2 h, H, W)
        x = x.contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.head(F.relu(self.last(self.dropout(F.relu(x)))))
        return logits

    def painter(self, count: int, width: int, condition: Tensor | None) -> RecurrentPainter:
        """See `PixelNet.painter`."""
        return RecurrentPainter(self, count, width, condition)
