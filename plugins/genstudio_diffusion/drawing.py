"""Drawing with a trained denoiser: from sampling knobs to pictures."""

from dataclasses import dataclass

from torch import Tensor

from genstudio.api import SampleRequest
from genstudio_diffusion import samplers
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import DiffusionConfig, DiffusionSampling
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.guidance import Interval, clipped, plain, without_classifier
from genstudio_diffusion.levels import alphas_named, discrete_levels, flow_levels, karras_levels
from genstudio_diffusion.samplers import Denoise


@dataclass(frozen=True)
class Drawing:
    """One request, and everything needed to answer it. shape: (C, H, W)."""

    denoiser: Denoiser
    condition: Condition
    request: SampleRequest
    options: DiffusionSampling
    config: DiffusionConfig
    shape: tuple[int, int, int]

    def fresh(self) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1], from noise alone."""
        levels = self.levels()
        return self.run(levels[0] * self.noise(), levels)

    def noise(self) -> Tensor:
        """Standard normal noise (N, C, H, W) from the streams of the samples."""
        return self.request.noise.normal(*self.shape)

    def levels(self) -> list[float]:
        """The levels that the sampler visits."""
        steps = self.options.steps
        if self.options.sampler in ("ddpm", "ddim"):
            return discrete_levels(alphas_named(self.config.levels), steps, self.options.spacing)
        return flow_levels(steps) if self.options.sampler == "flow" else karras_levels(steps)

    def run(self, x: Tensor, levels: list[float]) -> Tensor:
        """Take the noise of the first level away."""
        total = len(levels) - 1

        def step(done: int, clean: Tensor) -> None:
            self.request.watch(done, total, clean.clamp(-1, 1))

        denoise, sampler = self.denoise(), self.options.sampler
        if sampler == "ddpm":
            out = samplers.ddpm(denoise, x, levels, step, variance=self.config.variance, fresh=self.noise)
        elif sampler == "ddim":
            out = samplers.ddim(denoise, x, levels, step, eta=self.options.eta, fresh=self.noise)
        else:
            ways = {
                "euler": samplers.euler,
                "flow": samplers.euler,
                "heun": samplers.heun,
                "dpm++": samplers.dpm_solver,
            }
            out = ways[sampler](denoise, x, levels, step)
        return out.clamp(-1, 1)

    def denoise(self) -> Denoise:
        """The denoiser with guidance."""
        interval = Interval(self.options.guide_above, self.options.guide_below)
        if self.condition.labels is None:
            guess = plain(self.denoiser, self.condition)
        else:
            elsewhere = self.condition.any_label()
            guess = without_classifier(self.denoiser, self.condition, elsewhere, self.options.guidance, interval)
        return clipped(guess) if self.options.clip else guess
