"""The learner: a denoiser of the detail that plain enlarging lacks (Saharia et al. 2022, "SR3").

A large picture is the small one, plainly enlarged, and the rest. The rest is small and has no colour of its own, so it
is what is learned: noise is added to it and taken away again, given the enlarged picture. With nothing but noise left,
the denoiser's guess is the mean of all details that would fit, the safest picture there is; steps towards less noise
choose one of them.

While training, small pictures are made from large ones. Half of them are damaged, and the network is told how much, as
Ho et al. 2022 ("Cascaded diffusion models", section 4) do with noise: so it learns from clean ones what belongs there,
and from damaged ones what does not.
"""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from genstudio.api import Batch, DataSpec, Learner, PreviewRequest, Updater, UpscaleRequest, average_over_ranks
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import DiffusionConfig
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.emas import PowerEma
from genstudio_diffusion.levels import stratified
from genstudio_diffusion.training import Noisy, Objective
from genstudio_diffusion.upscaling.config import UpscalerConfig, UpscalerSampling
from genstudio_diffusion.upscaling.drawing import HIGHEST, DetailDrawing
from genstudio_diffusion.upscaling.network import LocalUNet
from genstudio_diffusion.upscaling.pictures import (
    consistent,
    cropped,
    damaged,
    enlarged,
    middle,
    shrunk,
    turned,
    unweighted,
    weighted,
)

_AVERAGE = 0.08  # of the run, over which weights are averaged
_MEASURED = 16  # batches over which the size of the detail is measured
_SIZE = 0.5  # the root mean square that detail is brought to: that of pictures
_LEVELS = DiffusionConfig(prediction="edm", level_mean=0.0, level_spread=1.2)
_LEAST = 1e-8  # mean square of detail in a picture that has none
_PREVIEWED = 128  # pixels a side of the part that is shown while training


class UpscalerLearner(Learner):
    """Trains a `Denoiser` of detail; enlarges with a moving average of its weights."""

    detail: Tensor

    def __init__(self, config: UpscalerConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config, self.upscale_factor = config, int(config.factor)
        self.objective = Objective(_LEVELS)
        levels = self.objective.levels
        network = LocalUNet(spec.channels, config.width, config.depth)
        self.denoiser = Denoiser(network, _LEVELS.prediction, low=levels.low, high=levels.high)
        self.ema = PowerEma(self.denoiser, _AVERAGE)
        self.updater = Updater(
            self.denoiser,
            lr=config.learning_rate,
            clip=1.0,
            schedule=self._rate,
            ema=self.ema,
            hidden=network.hidden(),
        )
        self.register_buffer("detail", torch.tensor(0.1))  # root mean square of what plain enlarging lacks

    # ---- Learning

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Learn to take noise away from the detail of one batch."""
        factor, generator = self.upscale_factor, batch.generator
        large = turned(cropped(weighted(batch.images), self.config.crop, factor, generator), generator)
        amounts = self._amounts(batch)
        base = enlarged(damaged(shrunk(large, factor), amounts, generator), factor)
        self._measure(large - base, batch.images_seen)
        noisy = self._noisy((large - base) * self._scale, generator)
        errors = self.objective.errors(self.denoiser, noisy, Condition(picture=base, augmentation=amounts[:, None]))
        loss = errors.loss.mean()
        self.updater.step(loss, batch.images_seen)
        noisiest = noisy.sigma.topk(max(1, len(batch) // 10)).indices
        return {"loss": loss.detach(), "gain": _decibels(errors.share[noisiest].mean())}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The average's loss, and how much nearer its safest guess is than plain enlarging; small pictures clean."""
        large = middle(weighted(batch.images), 2 * self.config.crop, self.upscale_factor)
        small = shrunk(large, self.upscale_factor)
        base = enlarged(small, self.upscale_factor)
        condition = Condition(picture=base)
        noisy = self._noisy((large - base) * self._scale, batch.generator)
        loss = self.objective.errors(self.ema.module, noisy, condition).loss
        alone = HIGHEST * torch.randn(base.shape, generator=batch.generator, device=base.device)
        guess = self.ema.module(alone, torch.full_like(noisy.sigma, HIGHEST), condition) / self._scale
        errors = [(large - base - found).square().flatten(1).mean(1) for found in (guess, torch.zeros_like(guess))]
        return {"loss": loss, "gain": _decibels((errors[0] + _LEAST) / (errors[1] + _LEAST))}

    @property
    def _scale(self) -> Tensor:
        """What detail is multiplied by before the denoiser sees it."""
        return _SIZE / self.detail

    def _amounts(self, batch: Batch) -> Tensor:
        """How damaged each small picture is, (B,): half of them not at all."""
        chances = torch.rand(2, len(batch), generator=batch.generator, device=batch.images.device)
        return torch.where(chances[0] < 0.5, 0.0, self.config.damage * chances[1])

    def _noisy(self, detail: Tensor, generator: torch.Generator) -> Noisy:
        return self.objective.noisy(detail, stratified(len(detail), generator, detail.device), generator)

    @torch.no_grad()
    def _measure(self, detail: Tensor, images_seen: int) -> None:
        """Measure the size of the detail on the first batches; all ranks alike."""
        size = self.config.batch_size
        if images_seen < _MEASURED * size:
            square = detail.square().mean() + _LEAST
            average_over_ranks([square])
            self.detail.copy_(torch.lerp(self.detail**2, square, size / (images_seen + size)).sqrt())

    def _rate(self, images_seen: int) -> float:
        """Rise over the first steps; in the last two fifths of the run fall in a straight line to a fiftieth."""
        config = self.config
        warmup = min(100 * config.batch_size, config.images // 10)
        rise = min(1.0, (images_seen + config.batch_size) / max(warmup, 1))
        left = max(0.0, 1 - images_seen / config.images)
        return rise * min(1.0, max(0.02, left / 0.4))

    # ---- Enlarging

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Held-out pictures made small and enlarged again, between plain enlarging and the pictures themselves."""
        factor, count = self.upscale_factor, len(request.sample)
        which = torch.arange(count, device=request.examples.images.device) % len(request.examples)
        large = middle(request.examples.images[which], _PREVIEWED, factor)
        small = unweighted(shrunk(weighted(large), factor), shrunk(large, factor)).clamp(-1, 1)
        yield "plainly enlarged", enlarged(small, factor).clamp(-1, 1)
        yield "enlarged", self.upscale(UpscaleRequest(request.sample, small))
        yield "original", large

    def upscale(self, request: UpscaleRequest) -> Tensor:
        """Draw the detail from noise and add it to the picture, plainly enlarged."""
        options, factor = request.sample.options, self.upscale_factor
        assert isinstance(options, UpscalerSampling)
        small = weighted(request.images)
        base = enlarged(small, factor)
        large = base + DetailDrawing(self.ema.module, request.sample, options, base, self._scale).detail()
        if options.faithful:
            large = consistent(large, small, factor)
        return unweighted(large.clamp(-1, 1), enlarged(request.images, factor).clamp(-1, 1))


def _decibels(share: Tensor) -> Tensor:
    """How far an error is below another one of which it is this share."""
    return -10 * share.log10()
