"""Drawing the detail of pictures of any size: from noise, in a few steps, window by window."""

from dataclasses import dataclass

import torch
from torch import Tensor

from genstudio.api import SampleRequest
from genstudio_diffusion import samplers
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.denoiser import Denoiser, Guess
from genstudio_diffusion.levels import karras_levels
from genstudio_diffusion.upscaling.config import UpscalerSampling
from genstudio_diffusion.upscaling.network import STRIDE
from genstudio_diffusion.upscaling.tiling import Window, blended, windows

HIGHEST, LOWEST = 10.0, 0.4
"""Levels of drawing; at the highest a guess is the mean of all that fits.

The lowest is high, as levels go: what the guess there leaves out is fainter than the grain that further steps leave.
"""

_WATCHED = 512 * 512  # pixels of the largest pictures that can be watched while they are drawn


@dataclass(frozen=True)
class DetailDrawing:
    """One request. base: pictures (N, C, H, W), plainly enlarged. scale: what detail is multiplied by inside."""

    denoiser: Denoiser
    request: SampleRequest
    options: UpscalerSampling
    base: Tensor
    scale: Tensor

    def detail(self) -> Tensor:
        """What is to be added to the base: between the safest guess, the mean of all that fits, and one of them."""
        levels, safest = self._levels(), list[Tensor]()
        parts = windows(self.base.shape[2], self.base.shape[3], STRIDE)
        total, looks = (len(levels) - 1) * len(parts), 0

        def denoise(x: Tensor, sigma: float) -> Guess:
            def look(part: Window) -> Tensor:
                nonlocal looks
                said = self._look(part, x, sigma)
                looks += 1
                if looks < total:
                    self.request.watch(looks, total)
                return said

            return Guess(blended(look, parts, x.shape), None)

        def step(done: int, clean: Tensor) -> None:
            if not safest:
                safest.append(clean)
            self._show(done * len(parts), total, clean)

        noise = self.request.noise.normal(*self.base.shape[1:])
        drawn = samplers.dpm_solver(denoise, levels[0] * noise, levels, step)
        return torch.lerp(safest[0], drawn, self.options.detail) / self.scale

    def _levels(self) -> list[float]:
        """The safest guess alone takes one look."""
        return karras_levels(self.options.steps, HIGHEST, LOWEST) if self.options.detail else [HIGHEST, 0.0]

    def _look(self, part: Window, x: Tensor, sigma: float) -> Tensor:
        count = len(x)
        damage = x.new_full((count, 1), self.options.damage)
        condition = Condition(picture=part.of(self.base), augmentation=damage)
        guess: Tensor = self.denoiser(part.of(x), x.new_full((count,), sigma), condition)
        return guess

    def _show(self, done: int, total: int, clean: Tensor) -> None:
        height, width = self.base.shape[2:]
        shown = (self.base + clean / self.scale).clamp(-1, 1) if height * width <= _WATCHED else None
        self.request.watch(done, total, shown)
