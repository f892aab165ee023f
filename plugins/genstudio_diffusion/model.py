"""The learners: a denoiser trained on what is noisy, and everything that can be drawn and said with it."""

import math
from collections.abc import Mapping, Sequence
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
    FamilyError,
    Learner,
    RestyleRequest,
    SampleRequest,
    Updater,
    worth_halving,
)
from genstudio_diffusion.augment import augmented
from genstudio_diffusion.condition import Condition, Leaning, worded
from genstudio_diffusion.config import DenoisingConfig, DenoisingSampling, DiffusionConfig, DiffusionSampling
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.drawing import Drawing
from genstudio_diffusion.emas import LONG, TwoEmas
from genstudio_diffusion.guidance import Interval, clipped, fit_of_guess, plain, with_classifier, without_classifier
from genstudio_diffusion.guide import Guide
from genstudio_diffusion.levels import karras_levels, stratified
from genstudio_diffusion.likelihood import bound, flow_bound
from genstudio_diffusion.networks import denoising_network, guide
from genstudio_diffusion.quick import POINTS, Quick, miss, repeated, ways
from genstudio_diffusion.samplers import Denoise, inverted
from genstudio_diffusion.space import Pixels, Space
from genstudio_diffusion.training import Errors, Noisy, Objective
from genstudio_diffusion.transformer import Transformer
from genstudio_diffusion.unet import UNet
from genstudio_diffusion.words import Reader

BANDS = ("fine", "middle", "coarse")
_MEASURED = 16  # batches over which the size of the data is measured
_INVERTING = 24  # steps from a picture to its noise
_TURNS = 2
_LABELS_LEFT_OUT = 0.5  # the share of labels a model that reads texts is not told
_SCORED_WITH = DenoisingSampling().average

Texts = Sequence[str] | None


class DenoisingLearner(Learner):
    """Trains a `Denoiser` in a `Space`; everything is drawn with a moving average of its weights."""

    usual = DenoisingSampling()
    """How `encode` looks for noise."""

    def __init__(self, config: DenoisingConfig, classes: int, space: Space, reader: Reader | None = None) -> None:
        super().__init__()
        self.config, self.space, self.reader = config, space, reader
        self.classes = classes if config.by_label else 0
        self.leaning = Leaning(self.classes, math.prod(space.shape)) if self.classes else None
        self.objective = Objective(config)
        levels = self.objective.levels
        read = {} if reader is None else {"text": reader.text, "whole": reader.whole}
        network = denoising_network(config, space.shape, self.classes, **read)
        self.denoiser = Denoiser(
            network,
            config.prediction,
            low=levels.low,
            high=levels.high,
            spreads=config.variance == "learned",
            neighbours=True,
            wraps=config.wraps,
        )
        self.emas = TwoEmas(self.denoiser)
        self.updater = Updater(
            self.denoiser,
            lr=config.learning_rate,
            clip=1.0,
            schedule=self._rate,
            ema=self.emas,
            hidden=network.hidden(),
        )
        self.guide: Guide | None = guide(config, space.shape, classes) if config.guide and classes else None
        if self.guide is not None:
            self.guide_ema = Ema(self.guide)
            self.guide_updater = Updater(
                self.guide, lr=config.learning_rate / 4, clip=1.0, schedule=self._rate, ema=self.guide_ema
            )
        self.quick = Quick(self.denoiser, config) if config.quick else None
        if self.quick is not None:
            twin, average = self.quick.twin, self.quick.average
            assert isinstance(twin.network, UNet | Transformer)
            self.quick_updater = Updater(
                twin,
                lr=config.learning_rate / 4,
                clip=1.0,
                schedule=self.quick.rate,
                ema=average,
                hidden=twin.network.hidden(),
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
        errors = self._descend(noisy, condition, seen)
        guide, quick = self._guide_step(noisy, batch), self._quick_step(batch)
        return {"loss": errors.loss.mean(), **_by_band(quantiles, errors.share), "guide": guide, "quick": quick}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The same figures of the average's, every picture once in each band of levels."""
        denoiser, clean = self.emas.at(_SCORED_WITH), self._clean(batch)
        condition = self._condition(batch.labels, batch.captions, clean.device)
        figures: dict[str, Tensor] = {}
        losses = []
        for band, name in enumerate(BANDS):
            quantiles = (band + stratified(len(batch), batch.generator, batch.images.device)) / len(BANDS)
            noisy = self.objective.noisy(clean, quantiles, batch.generator)
            errors = self.objective.errors(denoiser, noisy, condition)
            figures[name] = errors.share
            losses.append(errors.loss)
        return {"loss": torch.stack(losses).mean(0), **figures}

    def _descend(self, noisy: Noisy, condition: Condition, images_seen: int) -> Errors:
        """Take a step against the errors of a batch; on several cores both halves of it at once.

        Features that are left out at random come from one shared stream: with dropout the batch stays whole.
        """
        count = len(noisy.x)
        if self.config.dropout or not worth_halving(noisy.x.device, count):
            errors = self.objective.errors(self.denoiser, noisy, condition)
            self.updater.step(errors.loss.mean(), images_seen)
            return errors.detached()
        found: dict[int, Errors] = {}

        def loss_of(part: slice) -> Tensor:
            errors = self.objective.errors(self.denoiser, noisy.part(part), condition.part(part))
            found[part.start] = errors.detached()
            return errors.loss.sum() / count

        halves = slice(0, count // 2), slice(count // 2, count)
        self.updater.step_on_halves([partial(loss_of, half) for half in halves], images_seen)
        return found[0].beside(found[count // 2])

    def _prepared(self, batch: Batch) -> tuple[Tensor, Condition]:
        """What is to be drawn, and what the network is told of it while training."""
        condition = self._forgetful(self._condition(batch.labels, batch.captions, batch.images.device), batch)
        varied, done = self._varied(batch)
        return varied, replace(condition, augmentation=done)

    def _forgetful(self, condition: Condition, batch: Batch) -> Condition:
        """Leave out labels and texts now and then, labels often where there is a text: for most ask in words alone."""
        dropped, labels, known = self.config.label_dropout, condition.labels, condition.known
        if labels is not None:
            chance = torch.rand(len(batch), generator=batch.generator, device=labels.device)
            share = dropped if known is None else max(dropped, _LABELS_LEFT_OUT)
            labels = torch.where(chance < share, -1, labels)
        if known is not None:
            chance = torch.rand(len(batch), 1, generator=batch.generator, device=known.device)
            known = known & (chance >= dropped)
        return replace(condition, labels=labels, known=known)

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

    def _quick_step(self, batch: Batch) -> Tensor:
        """Go some ways from noise, and let the twin learn where they end; returns how far off its guesses are.

        Of a model that reads texts every other way is told the text alone, the others the label; from step to step
        they change places, so that both have their turn where there is but one way.
        """
        device, count = batch.images.device, max(1, len(batch) // POINTS)
        if self.quick is None or not self.quick.learns(batch.images_seen, self.emas.at(LONG)):
            return torch.zeros((), device=device)
        noise = torch.randn((count, *self.space.shape), generator=batch.generator, device=device)
        captions = batch.captions if self.reader is not None else None
        turn = batch.images_seen // self.config.batch_size
        texts = None if captions is None else ["" if (i + turn) % 2 else captions[i] for i in range(count)]
        told = worded(texts or [""] * count, device)
        known = None if batch.labels is None else torch.where(told, -1, batch.labels[:count])
        labels = self._labels(noise, known, texts)
        points, ends = ways(self._denoise(labels, texts, self.usual), noise)
        condition = repeated(self._condition(labels, texts, device), POINTS)
        loss, apart = miss(self.quick.twin, points, ends, condition)
        self.quick_updater.step(loss, batch.images_seen)
        return apart.sqrt()

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
        return self._drawing(replace(request, labels=self._labels(latents, request.labels, request.texts))).from_noise(
            latents
        )

    def encode(self, images: Tensor) -> Tensor:
        """The noise that `decode` would draw pictures from with its default settings and no label asked for.

        Which label noise leans to depends on the noise, and the noise on the label: they are found in turns.
        """
        options, levels, clean = self.usual, karras_levels(_INVERTING), self.space.inside(images)
        noise = inverted(self._denoise(None, None, options), clean, levels)
        for _ in range(_TURNS if self.leaning else 0):
            noise = inverted(self._denoise(self._labels(noise, None, None), None, options), clean, levels)
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
        ask = self._jump if options.sampler == "quick" else self._denoise
        denoise = ask(request.labels, request.texts, options)
        return Drawing(denoise, request, options, self.config, self.space)

    def _denoise(self, labels: Tensor | None, texts: Texts, options: DenoisingSampling) -> Denoise:
        """The denoiser with guidance."""
        denoiser = self.emas.at(options.average)
        condition = self._condition(labels, texts, denoiser.size.device)
        interval = Interval(options.guide_above, options.guide_below)
        denoise = plain(denoiser, condition)
        if condition.asks:
            # What is where is settled in the very noise, which words say and labels hardly do.
            early = None if condition.known is None else condition.known.any(1)
            denoise = without_classifier(denoiser, condition, condition.unasked(), options.guidance, interval, early)
        weight = options.guide_weight or (0.0 if self.classes else 1.0)  # labels that nothing else heeds
        if self.guide is not None and labels is not None and weight:
            judged = partial(self.guide_ema.module.log_probability, labels=labels)
            denoise = with_classifier(denoise, judged, weight, interval)
        if self.reader is not None and condition.whole is not None and options.words_weight:
            fitting = fit_of_guess(denoiser, condition, lambda clean: self._fit(clean, condition))
            denoise = with_classifier(denoise, fitting, options.words_weight, interval)
        return self._bounded(denoise, options)

    def _jump(self, labels: Tensor | None, texts: Texts, options: DenoisingSampling) -> Denoise:
        """The twin, which has learned the ends of guided ways; no other guidance."""
        if self.quick is None:
            raise FamilyError(
                "This model was not trained for few steps. Choose another sampler, or set “Train for few steps” and "
                "train anew."
            )
        twin = self.quick.trained()
        return self._bounded(plain(twin, self._condition(labels, texts, twin.size.device)), options)

    def _bounded(self, denoise: Denoise, options: DenoisingSampling) -> Denoise:  # noqa: ARG002 - for those with bounds
        """Guesses within what can be."""
        return denoise

    def _fit(self, clean: Tensor, condition: Condition) -> Tensor:
        """How well guesses fit the texts of a condition, (N,)."""
        assert self.reader is not None and condition.whole is not None
        return self.reader.fit(self.space.outside(clean), condition.whole)

    def _labels(self, noise: Tensor, labels: Tensor | None, texts: Texts) -> Tensor | None:
        """The labels asked for, and where neither label nor text is asked for, those the noise leans to."""
        if self.leaning is None:
            return labels
        leaning = self.leaning.of(noise, labels)
        if self.reader is None or texts is None:
            return leaning
        told = worded(texts, noise.device)
        return torch.where(told, torch.full_like(leaning, -1) if labels is None else labels, leaning)

    def _condition(self, labels: Tensor | None, texts: Texts, device: torch.device) -> Condition:
        """What a network is told; of texts nothing, where none of them has a word."""
        told = Condition(labels if self.classes else None)
        if self.reader is None or texts is None or not any(map(str.strip, texts)):
            return told
        read = self.reader.read(texts, device)
        return replace(told, tokens=read.words, known=read.known, whole=read.whole)


class DiffusionLearner(DenoisingLearner):
    """Takes noise away from pictures themselves, and says how likely they are."""

    config: DiffusionConfig
    usual = DiffusionSampling()
    likelihood_kind: Literal["exact", "lower bound"] = "lower bound"

    def __init__(self, config: DiffusionConfig, spec: DataSpec, reader: Reader | None = None) -> None:
        super().__init__(config, len(spec.classes), Pixels((spec.channels, spec.height, spec.width)), reader)

    def _varied(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Pictures mirrored, moved, turned and resized."""
        if not self.config.augment:
            return batch.images, None
        return augmented(batch.images, self.config.augment, batch.generator, wraps=self.config.seamless)

    def _bounded(self, denoise: Denoise, options: DenoisingSampling) -> Denoise:
        """Guesses within black and white, where that is asked for."""
        return clipped(denoise) if isinstance(options, DiffusionSampling) and options.clip else denoise

    # ---- Scoring

    def log_likelihood(self, batch: Batch) -> Tensor:
        """A lower bound on log p(image), or on log p(image | label) where labels are known; texts are not told."""
        if self.config.likelihood == "bound":
            return -self._costs(batch).flatten(1).sum(1)
        denoiser = self.emas.at(_SCORED_WITH).exactly()
        condition = self._condition(batch.labels, None, batch.images.device)
        found = flow_bound(lambda x, sigma: denoiser(x, sigma, condition), batch.images, batch.generator)
        return found.clamp_max(0)

    def surprise(self, batch: Batch) -> Tensor:
        """The bound, pixel by pixel."""
        return self._costs(batch).sum(1)

    def _costs(self, batch: Batch) -> Tensor:
        """The bound in nats, number by number, (B, C, H, W)."""
        denoiser = self.emas.at(_SCORED_WITH).exactly()
        condition = self._condition(batch.labels, None, batch.images.device)

        def clean(x: Tensor, sigma: Tensor) -> Tensor:
            return denoiser.guess(x, sigma, condition).clean.clamp(-1, 1)

        return bound(clean, batch.images, self.config.looks, batch.generator)


def _by_band(quantiles: Tensor, errors: Tensor) -> dict[str, Tensor]:
    """Means over the pictures in each band of levels; 0 where a small batch has none there."""
    band = (quantiles * len(BANDS)).long()
    within = [(band == number).float() for number in range(len(BANDS))]
    return {name: (errors * some).sum() / some.sum().clamp_min(1) for name, some in zip(BANDS, within, strict=True)}
