"""Drawing with a trained denoiser: from sampling knobs to pictures, from nothing or from a given picture."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from genstudio.api import SampleRequest
from genstudio_diffusion import samplers
from genstudio_diffusion.config import DenoisingConfig, DenoisingSampling
from genstudio_diffusion.guidance import keeping
from genstudio_diffusion.levels import alphas_named, discrete_levels, flow_levels, karras_levels, thinned
from genstudio_diffusion.quick import LEVELS, MOST_STEPS
from genstudio_diffusion.samplers import Denoise
from genstudio_diffusion.space import Space
from genstudio_diffusion.training import training_levels


@dataclass(frozen=True)
class Drawing:
    """One request, and everything needed to answer it.

    denoise: the denoiser with its condition and guidance. space: where it draws.
    """

    denoise: Denoise
    request: SampleRequest
    options: DenoisingSampling
    config: DenoisingConfig
    space: Space

    def noise(self) -> Tensor:
        """Standard normal noise (N, C, H, W) from the streams of the samples."""
        return self.request.noise.normal(*self.space.shape)

    def levels(self, least: int = 1) -> list[float]:
        """The levels that the sampler visits, in so many steps at least."""
        steps = max(self.options.steps, least)
        if self.options.sampler in ("ddpm", "ddim"):
            return discrete_levels(alphas_named(self.config.levels), steps, self.options.spacing)
        if self.options.sampler == "quick":
            return flow_levels(min(steps, MOST_STEPS))
        if self.options.sampler == "flow":
            return flow_levels(steps)
        return karras_levels(steps, low=training_levels(self.config).last)

    def _levels_from(self, start: float) -> list[float]:
        """The levels to visit from a level on, as close together as they usually are; never none."""
        usual, sampler = self.levels(), self.options.sampler
        below = [level for level in usual if 0 < level < start]
        if sampler in ("ddpm", "ddim"):
            alphas = alphas_named(self.config.levels)
            return thinned(discrete_levels(alphas, len(alphas), "trailing"), start, max(1, len(below)))
        if sampler == "quick":
            return thinned(LEVELS, start, max(1, len(below)))
        if sampler == "flow" or not below:
            return flow_levels(1 + len(below), start)
        return karras_levels(1 + len(below), min(start, usual[0]), usual[-2])

    def from_noise(self, noise: Tensor) -> Tensor:
        """Take the noise away from noise alone, (N, C, H, W) standard normal: pictures in [-1, 1]."""
        levels = self.levels()
        return self._run(levels[0] * noise, levels)

    def near(self, images: Tensor, strength: float) -> Tensor:
        """Draw given pictures anew: noise is added up to a level, and taken away (Meng et al. 2022, "SDEdit").

        `strength` is the share of noise in what it begins with, the time of a rectified flow; 0 gives the pictures
        back.
        """
        if strength == 0:
            return images
        levels = self._levels_from(strength / (1 - strength))
        return self._run(self.space.inside(images) + levels[0] * self.noise(), levels)

    def around(self, images: Tensor, known: Tensor, rounds: int) -> Tensor:
        """Draw what is not known of pictures; known: bool (N, H, W), those pixels stay as they are.

        Guesses at the clean picture have the known pixels put in. Each step is taken back, with fresh noise, and taken
        again, `rounds` times in all, so that what is drawn agrees with what is known (Lugmayr et al. 2022, "RePaint").
        The last guess shows what came of it; so there are two at least.
        """
        levels = self.levels(least=2)
        drawn = samplers.repaint(
            keeping(self.denoise, partial(self.space.fitted, images=images, known=known), levels[-2]),
            levels[0] * self.noise(),
            levels,
            self._step(levels),
            rounds,
            self.noise,
        )
        return self.space.joined(self.space.outside(drawn), images, known)

    def _run(self, x: Tensor, levels: list[float]) -> Tensor:
        step, sampler = self._step(levels), self.options.sampler
        if sampler == "ddpm":
            variance = self.config.variance
            out = samplers.ddpm(self.denoise, x, levels, step, variance=variance, fresh=self.noise)
        elif sampler == "ddim":
            out = samplers.ddim(self.denoise, x, levels, step, eta=self.options.eta, fresh=self.noise)
        elif sampler == "quick":
            out = samplers.jumps(self.denoise, x, levels, step, fresh=self.noise)
        else:
            out = _WITHOUT_CHANCE[sampler](self.denoise, x, levels, step)
        return self.space.outside(out)

    def _step(self, levels: list[float]) -> samplers.Step:
        """Tells of every step, and shows the guess unless looks are dear and this is none of the few."""
        total = len(levels) - 1
        apart = max(1, total // self.space.looks)

        def step(done: int, clean: Tensor) -> None:
            shown = done == total or done % apart == 0
            self.request.watch(done, total, self.space.outside(clean) if shown else None)

        return step


_WITHOUT_CHANCE: dict[str, Callable[[Denoise, Tensor, list[float], samplers.Step], Tensor]] = {
    "euler": samplers.euler,
    "flow": samplers.euler,
    "heun": samplers.heun,
    "dpm++": samplers.dpm_solver,
}
