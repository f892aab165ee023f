"""The semi-supervised variational autoencoder, "M2" (Kingma et al. 2014, "Semi-supervised learning with deep generative
models"): a model of pictures and their labels that learns from pictures of which only some have one.

A picture has a label y as well as latents z. A classifier q(y | x) guesses the label as the encoder guesses latents.
Where the label is known, the bound is that of a picture with its label,

    J(x, y)  =  -log p(x | y, z) - log p(y) + KL( q(z | x, y) || p(z | y) )                          (equation 6)

and where it is not, all labels are weighed by how likely the classifier thinks them:

    U(x)  =  Σ_y q(y | x) J(x, y)  -  H( q(y | x) )                                                  (equation 7)

so that the classifier learns from unlabelled pictures too: it had better guess the label under which a picture is
cheap. Known labels train it directly as well, with a weight (equation 9).

What a label changes is a choice (knob `told`). In the paper it is the decoder, and p(z | y) = p(z). Or it is where the
latents lie, p(z | y), with p(x | z) for all labels, as in `model`: then J needs one decoding whatever the labels.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.api import (
    Anomaly,
    Batch,
    DataSpec,
    Ema,
    Learner,
    PreviewRequest,
    SampleRequest,
    Updater,
    warmup_cosine,
)
from genstudio.nn.likelihoods import bits_per_dimension
from genstudio_vae.config import VaeSampling
from genstudio_vae.distributions import Gaussian, likelihood
from genstudio_vae.model import SILENT, beta_at, importance_bound
from genstudio_vae.networks import Down, Shape, Up
from genstudio_vae.oddity import SCORE, oddity
from genstudio_vae.prior import Prior
from genstudio_vae.relatives import SemiConfig


class Classifier(nn.Module):
    """q(y | x)."""

    def __init__(self, shape: Shape, depth: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.down, self.dropout = Down(shape, depth), nn.Dropout(dropout)
        self.head = nn.Linear(math.prod(shape.smallest), classes)

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, H, W) to log q(y | x), (B, K)."""
        return torch.log_softmax(self.head(self.dropout(self.down(images).flatten(1))), 1)


class SemiVae(nn.Module):
    """Classifier, encoder, decoder and prior of pictures with K labels.

    Labels are given as shares (B, K) that add up to 1; only where the decoder is told do they reach the networks.
    """

    def __init__(self, config: SemiConfig, spec: DataSpec) -> None:
        super().__init__()
        shape, self.classes, self.latents = Shape.of(spec, config.width), len(spec.classes), config.latents
        self.told_decoder = config.told == "decoder"
        told = self.classes if self.told_decoder else 0
        self.smallest, size = shape.smallest, math.prod(shape.smallest)
        self.classifier = Classifier(shape, config.depth, self.classes, config.dropout)
        self.down, self.up = Down(shape, config.depth), Up(shape, config.depth)
        self.encode_head = nn.Linear(size + told, 2 * config.latents)
        self.decode_head = nn.Linear(config.latents + told, size)
        self.prior = Prior(config.latents, 0 if told else self.classes, config.bends)
        self.likelihood = likelihood(config.likelihood, spec.channels)

    def posterior(self, features: Tensor, labels: Tensor | None) -> Gaussian:
        """q(z | x, y) from the features of pictures, (B, F)."""
        mean, log_var = self.encode_head(self._told(features, labels)).chunk(2, 1)
        return Gaussian(mean, log_var.clamp(-10.0, 10.0))

    def decoder(self, z: Tensor, labels: Tensor | None) -> Tensor:
        """(B, Z) and labels to the numbers that p(x | y, z) is made from, (B, C, H, W)."""
        outputs: Tensor = self.up(self.decode_head(self._told(z, labels)).view(-1, *self.smallest))
        return outputs

    def _told(self, x: Tensor, labels: Tensor | None) -> Tensor:
        return torch.cat((x, labels), 1) if self.told_decoder and labels is not None else x

    def features(self, images: Tensor) -> Tensor:
        """What the encoder sees of pictures, (B, F)."""
        features: Tensor = self.down(images).flatten(1)
        return features

    def under_each(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Gaussian]:
        """Both terms of J(x, y) in nats under every label, (B, K) each, without -log p(y); and q(z | x, ·) of all."""
        if not self.told_decoder:
            return self._under_each_at_once(images, noise)
        count = len(images)
        each = torch.eye(self.classes, device=images.device).repeat_interleave(count, 0)  # (K B, K)
        posterior = self.posterior(self.features(images).repeat(self.classes, 1), each)
        z = posterior.at(noise.repeat(self.classes, 1))
        cost = self._correction(images.repeat(self.classes, 1, 1, 1), self.decoder(z, each))
        kl = self.prior.divergence(posterior, z, None)
        return cost.view(-1, count).T, kl.view(-1, count).T, posterior

    def _under_each_at_once(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Gaussian]:
        posterior = self.posterior(self.features(images), None)
        z = posterior.at(noise)
        cost = self._correction(images, self.decoder(z, None))
        kl = -posterior.entropy()[:, None] - self.prior.log_prob_of_each(z)
        return cost[:, None].expand_as(kl), kl, posterior

    def _correction(self, images: Tensor, outputs: Tensor) -> Tensor:
        return -self.likelihood.log_prob(images, outputs).flatten(1).sum(1)

    def log_weights(self, images: Tensor, noise: Tensor) -> Tensor:
        """Log p(x, z | y) / q(z | x, y) for a draw of z under every label, (B, K)."""
        cost, _, posterior = self.under_each(images, noise)
        z = posterior.at(noise.repeat(len(posterior.mean) // len(noise), 1))
        guess = posterior.log_prob(z).view(-1, len(images)).T  # (B, K) or (B, 1)
        if self.told_decoder:
            density = self.prior.log_prob(z, None).view(-1, len(images)).T
        else:
            density = self.prior.log_prob_of_each(z)
        return density - cost - guess


class SemiLearner(Learner):
    """Trains a `SemiVae`; everything is drawn and scored with the moving average of its weights.

    The latents that the studio walks through are straight coordinates, (N, Z); where the decoder is told labels, their
    shares follow them, (N, Z + K).
    """

    likelihood_kind: Literal["exact", "lower bound"] = "lower bound"
    anomaly_score = SCORE

    def __init__(self, config: SemiConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config, self.dimensions, self.classes = config, spec.dimensions, len(spec.classes)
        self.vae = SemiVae(config, spec)
        self.ema = Ema(self.vae, decay=0.999)
        schedule = warmup_cosine(config.images, min(100 * config.batch_size, config.images // 10))
        self.updater = Updater(self.vae, lr=config.learning_rate, clip=1.0, schedule=schedule, ema=self.ema)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Lower J where labels are known and U where they are not, and name the known ones."""
        labels, known = self._labels(batch)
        names = self.vae.classifier(batch.images)
        cost, kl, posterior = self.vae.under_each(batch.images, self._noise(batch))
        certain = F.one_hot(labels, self.classes).to(cost)
        shares = torch.where(known[:, None], certain, names.exp())
        priced = cost + beta_at(self.config, batch.images_seen) * kl
        unsure = torch.where(known, 0.0, (names.exp() * names).sum(1))
        naming = torch.where(known, -names.gather(1, labels[:, None])[:, 0], 0.0)
        loss = ((shares * priced).sum(1) + unsure + self.config.naming * naming).mean()
        self.updater.step(loss / self.dimensions, batch.images_seen)
        figures = self._figures(cost, kl, posterior, names)
        accuracy = self._accuracy(names, labels, known)
        return {name: values.detach().mean() for name, values in figures.items()} | {"accuracy": accuracy.mean()}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The figures of the average's, labels unseen; pictures without a label count as right as the others are."""
        vae = self.ema.module
        names = vae.classifier(batch.images)
        cost, kl, posterior = vae.under_each(batch.images, self._noise(batch))
        labels = torch.full_like(batch.index, -1) if batch.labels is None else batch.labels
        accuracy = self._accuracy(names, labels.clamp_min(0), labels >= 0)
        return self._figures(cost, kl, posterior, names) | {"accuracy": accuracy}

    def profiles(self, batch: Batch) -> Mapping[str, Tensor]:
        """What each latent says, in nats, (Z,), under the labels that the classifier gives."""
        vae = self.ema.module
        posterior = vae.posterior(vae.features(batch.images), vae.classifier(batch.images).exp())
        return {"latents": posterior.spoken()}

    def class_log_probabilities(self, images: Tensor) -> Tensor:
        """What the classifier thinks, (B, K)."""
        names: Tensor = self.ema.module.classifier(images)
        return names

    def log_likelihood(self, batch: Batch) -> Tensor:
        """Importance-weighted lower bound on log p(image), or on log p(image | label) where a label is known."""
        draws = max(1, self.config.bound_samples // (self.classes if self.vae.told_decoder else 1))
        weights = [self.ema.module.log_weights(batch.images, self._noise(batch)) for _ in range(draws)]
        each = importance_bound(torch.stack(weights))  # (B, K)
        anyone = torch.logsumexp(each, 1) - math.log(self.classes)
        if batch.labels is None:
            return anyone
        known = each.gather(1, batch.labels.clamp_min(0)[:, None])[:, 0]
        return torch.where(batch.labels < 0, anyone, known)

    def anomaly(self, batch: Batch) -> Anomaly:
        """How far redrawings are from their pictures."""
        return oddity(batch.images, self.reconstruct(batch.images))

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Samples, and held-out pictures each followed by its redrawing."""
        yield "samples", self.sample(request.sample)
        originals = request.examples.images
        yield "reconstructions", torch.stack([originals, self.reconstruct(originals)], 1).flatten(0, 1)

    def sample(self, request: SampleRequest) -> Tensor:
        """Draw a label and latents, and the expected picture of each."""
        return self.decode(self.draw_latents(request), request)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Redraw pictures from the means of their latents under the labels that the classifier gives them."""
        return self._pictures(self.encode(images))

    def draw_latents(self, request: SampleRequest) -> Tensor:
        """See the class; with no label asked for, each sample draws one of its own."""
        assert isinstance(request.options, VaeSampling)
        noise = request.options.temperature * request.noise.normal(self.config.latents)
        drawn = (request.noise.uniform() * self.classes).long()
        labels = drawn if request.labels is None else torch.where(request.labels < 0, drawn, request.labels)
        if not self.vae.told_decoder:
            return self.ema.module.prior.of(labels).at(noise)
        return torch.cat((noise, F.one_hot(labels, self.classes).to(noise)), 1)

    def encode(self, images: Tensor) -> Tensor:
        """The likeliest latents, and what the classifier thinks."""
        vae = self.ema.module
        shares = vae.classifier(images).exp()
        straight, _ = vae.prior.straighten(vae.posterior(vae.features(images), shares).mean)
        return torch.cat((straight, shares), 1) if vae.told_decoder else straight

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        """Latents to (N, C, H, W)."""
        pictures = self._pictures(latents)
        request.watch(1, 1, pictures)
        return pictures

    def _pictures(self, latents: Tensor) -> Tensor:
        vae = self.ema.module
        straight, shares = latents[:, : self.config.latents], latents[:, self.config.latents :]
        return vae.likelihood.mean(vae.decoder(vae.prior.bend(straight), shares))

    def _labels(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Labels (B,), 0 where none is known, and whether it is; which ones are used follows from the places alone."""
        if batch.labels is None:
            return torch.zeros_like(batch.index), torch.zeros_like(batch.index, dtype=torch.bool)
        place = (batch.index * 2_654_435_769 % 2**32).float() / 2**32  # neighbours fall evenly over 0 to 1
        known = (batch.labels >= 0) & (place < self.config.labels_used)
        return batch.labels.clamp_min(0), known

    def _noise(self, batch: Batch) -> Tensor:
        return torch.randn(len(batch), self.config.latents, generator=batch.generator, device=batch.images.device)

    def _accuracy(self, names: Tensor, labels: Tensor, known: Tensor) -> Tensor:
        """Whether each label was named right, (B,); where it is not known, the mean of the others of the batch."""
        right = (names.argmax(1) == labels).float()
        mean = (right * known).sum() / known.sum().clamp_min(1)
        return torch.where(known, right, mean)

    def _figures(self, cost: Tensor, kl: Tensor, posterior: Gaussian, names: Tensor) -> dict[str, Tensor]:
        """The terms of U, labels unseen: each (B,), named as in the family's series."""
        shares = names.exp()
        reconstruction = (shares * cost).sum(1)
        latents = (shares * (kl + names + math.log(self.classes))).sum(1)
        nats = reconstruction + latents
        return {
            "bound": nats,
            "bits": bits_per_dimension(nats, self.dimensions),
            "reconstruction": reconstruction,
            "kl": latents,
            "active": (posterior.spoken() > SILENT).sum().float().expand(len(nats)),
        }
