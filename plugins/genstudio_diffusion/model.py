"""The learners: a denoiser trained on what is noisy, and everything that can be drawn and said with it."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from genstudio.api import (
    Batch,
    CompletionRequest,
    DataSpec,
    Ema,
    Learner,
    RestyleRequest,
    SampleRequest,
    Updater,
)
from genstudio_diffusion.augment import augmented
from genstudio_diffusion.condition import Condition, Leaning
from genstudio_diffusion.config import DenoisingConfig, DenoisingSampling, DiffusionConfig, DiffusionSampling
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.drawing import Drawing
from genstudio_diffusion.emas import TwoEmas
from genstudio_diffusion.guidance import Interval, clipped, plain, with_classifier, without_classifier
from genstudio_diffusion.guide import Guide
from genstudio_diffusion.levels import karras_levels, stratified
from genstudio_diffusion.likelihood import bound, flow_bound
from genstudio_diffusion.networks import denoising_network, guide
from genstudio_diffusion.samplers import Denoise, inverted
from genstudio_diffusion.space import Pixels, Space
from genstudio_diffusion.training import Noisy, Objective

BANDS = ("fine", "middle", "coarse")
_MEASURED = 16  # batches over which the size of the data is measured
_INVERTING = 24  # steps from a picture to its noise
_TURNS = 2
_SCORED_WITH = DenoisingSampling().average


class DenoisingLearner(Learner):
    """Trains a `Denoiser` in a `Space`; everything is drawn with a moving average of its weights."""

    usual = DenoisingSampling()
    """How `encode` looks for noise."""

    def __init__(self, config: DenoisingConfig, classes: int, space: Space) -> None:
        super().__init__()
        self.config, self.space = config, space
        self.classes = classes if config.by_label else 0
        self.leaning = Leaning(self.classes, math.prod(space.shape)) if self.classes else None
        self.objective = Objective(config)
        levels = self.objective.levels
        network = denoising_network(config, space.shape, self.classes)
        learns_variance = config.variance == "learned"
        self.denoiser = Denoiser(network, config.prediction, low=levels.low, high=levels.high, spreads=learns_variance)
        self.emas = TwoEmas(self.denoiser)
        self.updater = Updater(self.denoiser, lr=config.learning_rate, clip=1.0, schedule=self._rate, ema=self.emas)
        self.guide: Guide | None = guide(config, space.shape, classes) if config.guide and classes else None
        if self.guide is not None:
            self.guide_ema = Ema(self.guide)
            self.guide_updater = Updater(
                self.guide, lr=config.learning_rate / 4, clip=1.0, schedule=self._rate, ema=self.guide_ema
            )

    # ---- Learning

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Learn to take noise away from one batch."""
        seen, size = batch.images_seen, self.config.batch_size
        if seen < _MEASURED * size:
            self.denoiser.measure(self._clean(batch), size / (seen + size))
        clean, condition = self._prepared(batch)
        quantiles = stratified(len(batch), batch.generator, clean.device)
        noisy = self.objective.noisy(clean, quantiles, batch.generator)
        errors = self.objective.errors(self.denoiser, noisy, condition)
        loss = errors.loss.mean()
        self.updater.step(loss, batch.images_seen)
        guide = self._guide_step(noisy, batch)
        return {"loss": loss.detach(), **_by_band(quantiles, errors.share), "guide": guide}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The same figures of the average's, every picture once in each band of levels."""
        denoiser, condition, clean = self.emas.at(_SCORED_WITH), self._condition(batch.labels), self._clean(batch)
        figures: dict[str, Tensor] = {}
        losses = []
        for band, name in enumerate(BANDS):
            quantiles = (band + stratified(len(batch), batch.generator, batch.images.device)) / len(BANDS)
            noisy = self.objective.noisy(clean, quantiles, batch.generator)
            errors = self.objective.errors(denoiser, noisy, condition)
            figures[name] = errors.share
            losses.append(errors.loss)
        return {"loss": torch.stack(losses).mean(0), **figures}

    def _prepared(self, batch: Batch) -> tuple[Tensor, Condition]:
        """What is to be drawn, and what the network is told of it while training."""
        labels = None
        if self.classes and batch.labels is not None:
            chance = torch.rand(len(batch), generator=batch.generator, device=batch.images.device)
            labels = torch.where(chance < self.config.label_dropout, -1, batch.labels)
        varied, done = self._varied(batch)
        return varied, Condition(labels, augmentation=done)

    def _clean(self, batch: Batch) -> Tensor:
        """What stands for the pictures of a batch."""
        return self.space.inside(batch.images)

    def _varied(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """The same as it is learned from, changed at random, and what was done to it."""
        return self._clean(batch), None

    def _guide_step(self, noisy: Noisy, batch: Batch) -> Tensor:
        """Let the guide learn from the same noisy pictures; returns what the label costs it in nats."""
        if self.guide is None or batch.labels is None:
            return noisy.sigma.new_zeros(())
        known = (batch.labels >= 0).sum().clamp_min(1)
        loss = -self.guide.log_probability(noisy.x, noisy.sigma, batch.labels).sum() / known
        self.guide_updater.step(loss, batch.images_seen)
        return loss.detach()

    def _rate(self, images_seen: int) -> float:
        """Rise over the first steps; from the middle of the run fall with the square root (Karras et al. 2024)."""
        config = self.config
        warmup = min(100 * config.batch_size, config.images // 10)
        rise = min(1.0, (images_seen + config.batch_size) / max(warmup, 1))
        return rise * min(1.0, math.sqrt(0.5 * config.images / max(images_seen, 1)))

    # ---- Drawing

    def sample(self, request: SampleRequest) -> Tensor:
        """Take noise away from nothing but noise."""
        return self.decode(self.draw_latents(request), request)

    def draw_latents(self, request: SampleRequest) -> Tensor:
        """The noise that samples begin with, (N, C, H, W)."""
        return request.noise.normal(*self.space.shape)

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        """Take the noise away, (N, C, H, W) to the same. Where no label is asked for, each noise has one of its own."""
        return self._drawing(replace(request, labels=self._labels(latents, request.labels))).from_noise(latents)

    def encode(self, images: Tensor) -> Tensor:
        """The noise that `decode` would draw pictures from with its default settings and no label asked for.

        Which label noise leans to depends on the noise, and the noise on the label: they are found in turns.
        """
        options, levels, clean = self.usual, karras_levels(_INVERTING), self.space.inside(images)
        noise = inverted(self._denoise(None, options), clean, levels)
        for _ in range(_TURNS if self.leaning else 0):
            noise = inverted(self._denoise(self._labels(noise, None), options), clean, levels)
        return noise

    def restyle(self, request: RestyleRequest) -> Tensor:
        """Add noise to given pictures and take it away again; with strength 1, draw as if there were none."""
        if request.strength >= 1:
            return self.sample(request.sample)
        return self._drawing(request.sample).near(request.images, request.strength)

    def complete(self, request: CompletionRequest) -> Tensor:
        """Draw what is not known of pictures."""
        drawing = self._drawing(request.sample)
        return drawing.around(request.images, request.known, drawing.options.rounds)

    def completion_note(self, known: Tensor) -> str:  # noqa: ARG002 - it is the same for every mask
        """Completing by repainting is near to sampling given the known pixels, and nearer with more rounds."""
        return "Diffusion fits what it draws to what is given step by step; more rounds when completing fit better."

    def _drawing(self, request: SampleRequest) -> Drawing:
        options = request.options
        assert isinstance(options, DenoisingSampling)
        return Drawing(self._denoise(request.labels, options), request, options, self.config, self.space)

    def _denoise(self, labels: Tensor | None, options: DenoisingSampling) -> Denoise:
        """The denoiser with guidance."""
        denoiser, condition = self.emas.at(options.average), self._condition(labels)
        interval = Interval(options.guide_above, options.guide_below)
        denoise = plain(denoiser, condition)
        if condition.labels is not None:
            denoise = without_classifier(denoiser, condition, condition.any_label(), options.guidance, interval)
        if self.guide is not None and labels is not None and options.guide_weight:
            judged = partial(self.guide_ema.module.log_probability, labels=labels)
            denoise = with_classifier(denoise, judged, options.guide_weight, interval)
        return denoise

    def _labels(self, noise: Tensor, labels: Tensor | None) -> Tensor | None:
        """The labels asked for, and where there are none those the noise leans to."""
        return self.leaning.of(noise, labels) if self.leaning else labels

    def _condition(self, labels: Tensor | None) -> Condition:
        return Condition(labels if self.classes else None)


class DiffusionLearner(DenoisingLearner):
    """Takes noise away from pictures themselves, and says how likely they are."""

    config: DiffusionConfig
    usual = DiffusionSampling()
    likelihood_kind: Literal["exact", "lower bound"] = "lower bound"

    def __init__(self, config: DiffusionConfig, spec: DataSpec) -> None:
        super().__init__(config, len(spec.classes), Pixels((spec.channels, spec.height, spec.width)))

    def _varied(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Pictures mirrored, moved, turned and resized."""
        if not self.config.augment:
            return batch.images, None
        return augmented(batch.images, self.config.augment, batch.generator, wraps=self.config.seamless)

    def _denoise(self, labels: Tensor | None, options: DenoisingSampling) -> Denoise:
        """Guesses within black and white, where that is asked for."""
        denoise = super()._denoise(labels, options)
        return clipped(denoise) if isinstance(options, DiffusionSampling) and options.clip else denoise

    # ---- Scoring

    def log_likelihood(self, batch: Batch) -> Tensor:
        """A lower bound on log p(image), or on log p(image | label) where labels are known."""
        if self.config.likelihood == "bound":
            return -self._costs(batch).flatten(1).sum(1)
        denoiser, condition = self.emas.at(_SCORED_WITH), self._condition(batch.labels)
        found = flow_bound(lambda x, sigma: denoiser(x, sigma, condition), batch.images, batch.generator)
        return found.clamp_max(0)

    def surprise(self, batch: Batch) -> Tensor:
        """The bound, pixel by pixel."""
        return self._costs(batch).sum(1)

    def _costs(self, batch: Batch) -> Tensor:
        """The bound in nats, number by number, (B, C, H, W)."""
        denoiser, condition = self.emas.at(_SCORED_WITH), self._condition(batch.labels)

        def clean(x: Tensor, sigma: Tensor) -> Tensor:
            return denoiser.guess(x, sigma, condition).clean.clamp(-1, 1)

        return bound(clean, batch.images, self.config.looks, batch.generator)


def _by_band(quantiles: Tensor, errors: Tensor) -> dict[str, Tensor]:
    """Means over the pictures in each band of levels; 0 where a small batch has none there."""
    band = (quantiles * len(BANDS)).long()
    within = [(band == number).float() for number in range(len(BANDS))]
    return {name: (errors * some).sum() / some.sum().clamp_min(1) for name, some in zip(BANDS, within, strict=True)}
