"""A classifier that reads noisy pictures, for classifier guidance (Dhariwal and Nichol 2021, section 4).

It is trained beside the denoiser on the very same noisy pictures, so that it knows every level there is; it has an
updater of its own, and its gradient never reaches the denoiser.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio_diffusion.condition import Condition
from genstudio_diffusion.layers import Fold, PixelNorm, Told
from genstudio_diffusion.unet import Block, UNetPlan, conv


class Guide(nn.Module):
    """The first half of a U-Net, and a label in place of the second."""

    def __init__(self, plan: UNetPlan, classes: int) -> None:
        super().__init__()
        sizes, told = plan.sizes, plan.told
        step = plan.patch * 2 ** (len(sizes) - 1)
        self.fold = Fold(plan.height, plan.width, step, plan.patch, wraps=plan.wraps)
        self.told = Told(told, 0)
        self.layers = nn.ModuleList([conv(plan.inputs * plan.patch**2, sizes[0], plan)])
        for level, features in enumerate(sizes):
            self.layers.append(Block(features, features, told, plan, looks=plan.looks(level)))
            if level < len(sizes) - 1:
                self.layers.append(conv(features, sizes[level + 1], plan, stride=2))
        self.norm = PixelNorm(sizes[-1])
        self.last = nn.Linear(sizes[-1], classes)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # torch's stubs know tensors only

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Noisy pictures (N, C, H, W) at levels (N,) to the logits of labels (N, K)."""
        told = self.told(sigma.log(), Condition())
        scaled = x * torch.rsqrt(1 + sigma.view(-1, 1, 1, 1) ** 2)
        h = self.fold.fold(scaled).contiguous(memory_format=torch.channels_last)
        for layer in self.layers:
            h = layer(h, told, None) if isinstance(layer, Block) else layer(h)
        logits: Tensor = self.last(F.silu(self.norm(h)).mean((2, 3)))
        return logits

    def log_probability(self, x: Tensor, sigma: Tensor, labels: Tensor) -> Tensor:
        """Log p(label | x) in nats, (N,); 0 for the label -1, which stands for any."""
        return -F.cross_entropy(self(x, sigma), labels, ignore_index=-1, reduction="none")
