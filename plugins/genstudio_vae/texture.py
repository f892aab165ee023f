"""What makes a redrawing look right beyond its pixels: textures compared, and a critic of patches.

Nothing here was trained on other people's pictures: filters are drawn by chance, the critic learns along.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.nn.blocks import group_norm

_LEVELS = 3
_FILTERS = 24


class Texture(nn.Module):
    """How much redrawings differ from pictures in the strength of their edges and textures, whatever their exact place.

    Pictures are split into bands of detail (a Laplacian pyramid, Burt and Adelson 1983). In each band the strength with
    which fixed filters respond, averaged over 4 x 4 pixels, is compared: a blurred edge responds less than a sharp one,
    a shifted one nearly as much. After the statistics of Portilla and Simoncelli 2000, with filters drawn by chance
    (which serve well, Ulyanov et al. 2018) in place of steered ones.
    """

    filters: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        stream = torch.Generator().manual_seed(0)
        filters = torch.randn(_FILTERS, channels, 3, 3, generator=stream)
        filters -= filters.mean((2, 3), keepdim=True)  # blind to plain areas
        filters /= filters.flatten(1).norm(dim=1)[:, None, None, None]
        self.register_buffer("filters", filters, persistent=False)

    def forward(self, pictures: Tensor, redrawn: Tensor) -> Tensor:
        """(B, C, H, W) twice in [-1, 1] to (B,)."""
        difference = pictures.new_zeros(len(pictures))
        for band, other in zip(self._bands(pictures), self._bands(redrawn), strict=True):
            strength, others = self._strength(band), self._strength(other)
            difference = difference + (strength - others).abs().flatten(1).mean(1)
        return difference

    def _bands(self, pictures: Tensor) -> list[Tensor]:
        bands: list[Tensor] = []
        while len(bands) < _LEVELS - 1 and min(pictures.shape[2:]) >= 8:
            coarse = F.avg_pool2d(pictures, 2, ceil_mode=True)
            again = F.interpolate(coarse, size=pictures.shape[2:], mode="bilinear", align_corners=False)
            bands.append(pictures - again)
            pictures = coarse
        return [*bands, pictures]

    def _strength(self, band: Tensor) -> Tensor:
        responses = F.conv2d(F.pad(band, (1, 1, 1, 1), mode="replicate"), self.filters).abs()
        return F.avg_pool2d(responses, min(4, *band.shape[2:]), stride=2)


class Critic(nn.Sequential):
    """Tells patches of about 16 x 16 pixels of pictures from redrawn ones (Isola et al. 2017, "PatchGAN").

    (B, C, H, W) to (B, 1, h, w), higher for real.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            group_norm(2 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 1, 3, padding=1),
        )


def hinge(real: Tensor, fake: Tensor) -> Tensor:
    """The critic's loss (Lim and Ye 2017, equation 6), a scalar."""
    return F.relu(1.0 - real).mean() + F.relu(1.0 + fake).mean()
