"""Diffusion: a network that takes noise away, trained and drawn with."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from genstudio.api import Batch, DataSpec, Ema, Learner, SampleRequest, Updater
from genstudio_diffusion.augment import augmented
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import DiffusionConfig, DiffusionSampling
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.drawing import Drawing
from genstudio_diffusion.levels import Discrete, LogNormal, TrainingLevels, alphas_named, stratified
from genstudio_diffusion.unet import UNet, UNetPlan

BANDS = ("fine", "middle", "coarse")
_MEASURED = 16  # batches over which the size of the data is measured


def unet(config: DiffusionConfig, spec: DataSpec, classes: int) -> nn.Module:
    """The network a config asks for."""
    outputs = spec.channels * (2 if config.variance == "learned" else 1)
    return UNet(
        UNetPlan(
            inputs=spec.channels,
            outputs=outputs,
            height=spec.height,
            width=spec.width,
            features=config.width,
            depth=config.depth,
            patch=config.patch,
            attention=config.attention,
            dropout=config.dropout,
            classes=classes,
            wraps=config.seamless,
        )
    )


def training_levels(config: DiffusionConfig) -> TrainingLevels:
    """The levels a config trains with."""
    if config.levels == "continuous":
        return LogNormal(config.level_mean, config.level_spread)
    return Discrete(alphas_named(config.levels))


class DiffusionLearner(Learner):
    """Trains a `Denoiser`; everything is drawn and scored with the moving average of its weights."""

    def __init__(self, config: DiffusionConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config, self.shape = config, (spec.channels, spec.height, spec.width)
        self.classes = len(spec.classes) if config.by_label else 0
        self.levels = training_levels(config)
        denoiser = Denoiser(
            unet(config, spec, self.classes),
            config.prediction,
            low=self.levels.low,
            high=self.levels.high,
            spreads=config.variance == "learned",
        )
        self.denoiser, self.ema = denoiser, Ema(denoiser, decay=0.999)
        self.updater = Updater(denoiser, lr=config.learning_rate, clip=1.0, schedule=self._rate, ema=self.ema)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Learn to denoise one batch."""
        if batch.images_seen < _MEASURED * len(batch):
            self.denoiser.measure(batch.images, len(batch) / (batch.images_seen + len(batch)))
        images, condition = self._prepared(batch)
        quantiles = stratified(len(batch), batch.generator, images.device)
        losses, errors = self._losses(self.denoiser, images, quantiles, condition, batch.generator)
        loss = losses.mean()
        self.updater.step(loss, batch.images_seen)
        return {"loss": loss.detach(), **self._bands(quantiles, errors.detach())}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """Every picture once in each band of levels."""
        condition = self._condition(batch.labels)
        figures, losses = {}, []
        for band, name in enumerate(BANDS):
            quantiles = (band + stratified(len(batch), batch.generator, batch.images.device)) / len(BANDS)
            loss, figures[name] = self._losses(self.ema.module, batch.images, quantiles, condition, batch.generator)
            losses.append(loss)
        return {"loss": torch.stack(losses).mean(0), **figures}

    def sample(self, request: SampleRequest) -> Tensor:
        """Take noise away from nothing but noise."""
        return self._drawing(request).fresh()

    def _drawing(self, request: SampleRequest) -> Drawing:
        assert isinstance(request.options, DiffusionSampling)
        condition = self._condition(request.labels)
        return Drawing(self.ema.module, condition, request, request.options, self.config, self.shape)

    def _condition(self, labels: Tensor | None) -> Condition:
        return Condition(labels if self.classes else None)

    def _prepared(self, batch: Batch) -> tuple[Tensor, Condition]:
        """Pictures and what the network is told of them while training."""
        labels, images, done = None, batch.images, None
        if self.classes and batch.labels is not None:
            forget = torch.rand(len(batch), generator=batch.generator, device=images.device) < self.config.label_dropout
            labels = torch.where(forget, -1, batch.labels)
        if self.config.augment:
            images, done = augmented(images, self.config.augment, batch.generator, wraps=self.config.seamless)
        return images, Condition(labels, augmentation=done)

    def _losses(
        self, denoiser: Denoiser, images: Tensor, quantiles: Tensor, condition: Condition, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """What training lowers, and the error in units of a plain guess's, each (B,)."""
        sigma = self.levels.at(quantiles)
        noise = torch.randn(images.shape, generator=generator, device=images.device)
        factors = denoiser.factors(sigma)
        x = images + sigma.view(-1, 1, 1, 1) * noise
        output, _ = denoiser.output(factors.inside * x, sigma, condition)
        wanted = (images - factors.skip * x) / factors.out
        square = (output - wanted).square().flatten(1).mean(1)
        size = denoiser.size
        plain = (sigma * size) ** 2 / (sigma**2 + size**2)
        return square, square * factors.out.flatten() ** 2 / plain

    @staticmethod
    def _bands(quantiles: Tensor, errors: Tensor) -> dict[str, Tensor]:
        band = (quantiles * len(BANDS)).long()
        return {name: (errors * (band == i)).sum() / (band == i).sum().clamp_min(1) for i, name in enumerate(BANDS)}

    def _rate(self, images_seen: int) -> float:
        """Rise over the first steps; from the middle of the run fall with the square root (Karras et al. 2024)."""
        config = self.config
        warmup = min(100 * config.batch_size, config.images // 10)
        rise = min(1.0, (images_seen + config.batch_size) / max(warmup, 1))
        return rise * min(1.0, math.sqrt(0.5 * config.images / max(images_seen, 1)))
