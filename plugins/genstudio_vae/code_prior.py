"""Which codes stand beside which: a small PixelCNN over maps of codes (van den Oord et al. 2017, section 3.3).

A VQ-VAE by itself cannot draw: codes thrown by chance decode to patchwork. This learns their order while the codes
are still being found, at a fraction of their cost, because the map is small.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.api import SampleRequest
from genstudio.nn.masked import MaskedConv2d


class GatedLayer(nn.Module):
    """x + f(x) with a gate; f sees what comes before in reading order, and the place itself."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.conv = MaskedConv2d(width, 2 * width, "B", subpixels=1, above=2, left=2, right=2)
        self.out = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(B, F, h, w) to the same; each place is normalised by itself, so that nothing is seen ahead of time."""
        normal = F.layer_norm(x.permute(0, 2, 3, 1), (self.width,)).permute(0, 3, 1, 2)
        main, gate = self.conv(normal).chunk(2, 1)
        outputs: Tensor = x + self.out(torch.tanh(main) * torch.sigmoid(gate))
        return outputs


class CodePrior(nn.Module):
    """p(codes | label), code by code in reading order. Labels (B,) may be None or -1: it is not known which."""

    def __init__(self, codes: int, shape: tuple[int, int], classes: int, width: int, depth: int) -> None:
        super().__init__()
        self.codes, self.shape, self.classes = codes, shape, classes
        self.embed = nn.Embedding(codes, width)
        self.place = nn.Parameter(0.02 * torch.randn(width, *shape))
        self.label = nn.Embedding(classes + 1, width)  # the last stands for a label that is not known
        self.first = MaskedConv2d(width, width, "A", subpixels=1, above=3, left=3, right=3)
        self.layers = nn.Sequential(*(GatedLayer(width) for _ in range(depth)))
        self.last = nn.Conv2d(width, codes, 1)

    def forward(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Log p(each code | those before it), codes int64 (B, h, w) to (B, K, h, w); fewer rows will do."""
        x = self.first(self.embed(codes).permute(0, 3, 1, 2)) + self.place[:, : codes.shape[1]]
        unknown = codes.new_full((len(codes),), self.classes)
        known = unknown if labels is None or not self.classes else torch.where(labels < 0, unknown, labels)
        x = x + self.label(known)[:, :, None, None]
        return torch.log_softmax(self.last(F.silu(self.layers(x))), 1)

    def nats(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Minus log p of each code, int64 (B, h, w) to (B, h, w)."""
        return F.nll_loss(self(codes, labels), codes, reduction="none")

    def draw(self, request: SampleRequest, labels: Tensor | None, temperature: float) -> Tensor:
        """Draw codes, int64 (N, h, w), from the streams of the request; tells it after every row."""
        height, width = self.shape
        thresholds = request.noise.uniform(height, width)
        codes = torch.zeros(len(request), height, width, dtype=torch.int64, device=thresholds.device)
        for row in range(height):
            for column in range(width):
                # Rows below do not matter yet, and need not be computed.
                logits = self(codes[:, : row + 1], labels)[:, :, row, column]
                chances = torch.softmax(logits / max(temperature, 1e-3), 1).cumsum(1)
                picked = (chances < thresholds[:, row, column, None] * chances[:, -1:]).sum(1)
                codes[:, row, column] = picked.clamp(max=self.codes - 1)
            request.watch(row + 1, height)
        return codes
