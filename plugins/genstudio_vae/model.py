"""The variational autoencoder (Kingma and Welling 2014; Rezende et al. 2014).

A picture x is thought to come about in two steps: first a few hidden numbers z, its latents, are drawn from a prior
p(z); then the decoder turns z into a distribution p(x | z) over pictures. Which z made a given x cannot be computed,
so that a second network, the encoder, guesses: q(z | x), a normal distribution for every picture. For any such guess

    log p(x)  >=  E_q[ log p(x | z) ]  -  KL( q(z | x) || p(z) )                           (equation 3 of the paper)

and training raises the right side, the bound. The first term asks for faithful redrawings. The second is the price of
the information about x that z carries; it keeps the latents where the prior will look for them when drawing. The gap
is KL(q || p(z | x)): the better the guess, the tighter the bound. Signs are turned here, so that figures are costs:

    bound = reconstruction + kl                                                             (nats per image)

Where this differs from the paper:

- p(x | z) is one of three (knob `likelihood`, see `distributions`). The two for levels integrate a density over each of
  the 256 levels, so that the bound is one on the probability of the picture as it is stored, and comparable between
  models. Their width is learned along with the rest, which sets the exchange rate between the two terms (Rybkin et al.
  2021, "σ-VAE").
- The prior is learned too (knob `bends`, see `prior`). With labels, every label has a region of its own; the decoder
  sees z alone: what a picture is, is where its latents are. One can draw by label, redraw pictures without one, and
  walk from one label to another.
- Drawing shows the mean of p(x | z) instead of a draw from it, which would only add noise of the learned width.

Its relatives have files of their own: partly labelled pictures `semi`, discrete codes `vq`, small maps in place of a
few numbers `kl`. Left out: hierarchies of latents, flows in the posterior.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
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
from genstudio_vae.config import VaeConfig, VaeSampling
from genstudio_vae.distributions import Bernoulli, Gaussian, Levels, likelihood
from genstudio_vae.networks import Down, Shape, Up
from genstudio_vae.oddity import SCORE, oddity
from genstudio_vae.prior import Prior

SILENT = 0.01
"""Nats: a latent that says less about a picture than this is silent."""


class Encoder(nn.Module):
    """q(z | x): pictures to normal distributions over latents."""

    def __init__(self, shape: Shape, depth: int, latents: int) -> None:
        super().__init__()
        self.down = Down(shape, depth)
        self.head = nn.Linear(math.prod(shape.smallest), 2 * latents)

    def forward(self, images: Tensor) -> Gaussian:
        """(B, C, H, W) in [-1, 1] to (B, Z)."""
        mean, log_var = self.head(self.down(images).flatten(1)).chunk(2, 1)
        return Gaussian(mean, log_var.clamp(-10.0, 10.0))


class Decoder(nn.Module):
    """Latents to the numbers that p(x | z) is made from."""

    def __init__(self, shape: Shape, depth: int, latents: int) -> None:
        super().__init__()
        self.smallest = shape.smallest
        self.head = nn.Linear(latents, math.prod(shape.smallest))
        self.up = Up(shape, depth)

    def forward(self, z: Tensor) -> Tensor:
        """(B, Z) to (B, C, H, W)."""
        outputs: Tensor = self.up(self.head(z).view(-1, *self.smallest))
        return outputs


@dataclass(frozen=True)
class Bound:
    """The two terms of the bound as costs in nats, (B,) each; `spoken` is what each latent says, (Z,)."""

    reconstruction: Tensor
    kl: Tensor
    spoken: Tensor

    @property
    def nats(self) -> Tensor:
        """At least minus log p(x) on average over the noise, (B,)."""
        return self.reconstruction + self.kl

    def active(self) -> Tensor:
        """How many latents are not silent, a scalar."""
        return (self.spoken > SILENT).sum().float()


class Vae(nn.Module):
    """Encoder, decoder, prior and likelihood put together. Any modules of the right shapes will do."""

    def __init__(
        self,
        encoder: Callable[[Tensor], Gaussian],
        decoder: Callable[[Tensor], Tensor],
        prior: Prior,
        likelihood: Levels | Bernoulli,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.prior, self.likelihood = encoder, decoder, prior, likelihood

    def forward(self, images: Tensor, labels: Tensor | None, noise: Tensor) -> Bound:
        """Both terms of the bound, with one draw from q (equation 7, one sample).

        images: (B, C, H, W). labels: (B,) or None. noise: standard normal (B, Z).
        """
        posterior = self.encoder(images)
        z = posterior.at(noise)
        kl = self.prior.divergence(posterior, z, labels)
        return Bound(self.correction(images, z).flatten(1).sum(1), kl, posterior.spoken().detach())

    def correction(self, images: Tensor, z: Tensor) -> Tensor:
        """What it costs to correct the redrawing from z, number by number in nats, (B, C, H, W)."""
        return -self.likelihood.log_prob(images, self.decoder(z))

    def log_weights(self, images: Tensor, labels: Tensor | None, noises: Iterator[Tensor]) -> Tensor:
        """Log p(x, z) / q(z | x) for as many draws of z as there are noises, (K, B)."""
        posterior = self.encoder(images)
        weights = []
        for noise in noises:
            z = posterior.at(noise)
            joint = self.prior.log_prob(z, labels) - self.correction(images, z).flatten(1).sum(1)
            weights.append(joint - posterior.log_prob(z))
        return torch.stack(weights)


def importance_bound(log_weights: Tensor) -> Tensor:
    """Lower bound on log p(x) in nats, (K, B) to (B,); it rises towards it with K (Burda et al. 2016, theorem 1)."""
    return torch.logsumexp(log_weights, 0) - math.log(len(log_weights))


def vae_of(config: VaeConfig, spec: DataSpec) -> Vae:
    """The networks a config asks for."""
    shape = Shape.of(spec, config.width)
    return Vae(
        Encoder(shape, config.depth, config.latents),
        Decoder(shape, config.depth, config.latents),
        Prior(config.latents, len(spec.classes) if config.by_label else 0, config.bends),
        likelihood(config.likelihood, spec.channels),
    )


def beta_at(config: VaeConfig, images_seen: int) -> float:
    """The weight of the second term: it rises from 0 over the first share of a run (Sønderby et al. 2016)."""
    rise = config.warmup * config.images
    return config.beta * min(1.0, images_seen / rise) if rise else config.beta


class VaeLearner(Learner):
    """Trains a `Vae`; everything is drawn and scored with the moving average of its weights."""

    likelihood_kind: Literal["exact", "lower bound"] = "lower bound"
    anomaly_score = SCORE

    def __init__(self, config: VaeConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config, self.dimensions = config, spec.dimensions
        self.vae = vae_of(config, spec)
        self.ema = Ema(self.vae, decay=0.999)
        self.updater = Updater(
            self.vae,
            lr=config.learning_rate,
            clip=1.0,
            schedule=warmup_cosine(config.images, min(100 * config.batch_size, config.images // 10)),
            ema=self.ema,
        )

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Lower the bound, its second term weighted by beta; reports the true one."""
        bound = self._bound(self.vae, batch)
        free = bound.kl.mean().clamp_min(self.config.free_bits * self.config.latents)  # Kingma et al. 2016, app. C.8
        loss = bound.reconstruction.mean() + beta_at(self.config, batch.images_seen) * free
        self.updater.step(loss / self.dimensions, batch.images_seen)
        return {name: values.detach().mean() for name, values in self._figures(bound).items()}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The same figures of the average's, picture by picture."""
        return self._figures(self._bound(self.ema.module, batch))

    def profiles(self, batch: Batch) -> Mapping[str, Tensor]:
        """What each latent says, in nats, (Z,)."""
        return {"latents": self.ema.module.encoder(batch.images).spoken()}

    def log_likelihood(self, batch: Batch) -> Tensor:
        """Importance-weighted lower bound on log p(image), or on log p(image | label) where labels are known."""
        noises = (self._noise(batch) for _ in range(self.config.bound_samples))
        return importance_bound(self.ema.module.log_weights(batch.images, batch.labels, noises))

    def anomaly(self, batch: Batch) -> Anomaly:
        """How far redrawings are from their pictures."""
        return oddity(batch.images, self.reconstruct(batch.images))

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Samples, and held-out pictures each followed by its redrawing."""
        yield "samples", self.sample(request.sample)
        originals = request.examples.images
        pairs = torch.stack([originals, self.reconstruct(originals)], 1)
        yield "reconstructions", pairs.flatten(0, 1)

    def sample(self, request: SampleRequest) -> Tensor:
        """Draw latents from the prior, and the expected picture of each."""
        return self.decode(self.draw_latents(request), request)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Redraw pictures from the means of their latents."""
        return self._pictures(self.ema.module.encoder(images).mean)

    def draw_latents(self, request: SampleRequest) -> Tensor:
        """(N, Z) in straight coordinates; with labels in the dataset but none asked for, each sample draws one."""
        assert isinstance(request.options, VaeSampling)
        noise = request.options.temperature * request.noise.normal(self.config.latents)
        prior, labels = self.ema.module.prior, request.labels
        if prior.classes and labels is None:
            labels = (request.noise.uniform() * prior.classes).long()
        return prior.of(labels).at(noise)

    def encode(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to (N, Z), the most probable latents in straight coordinates."""
        vae = self.ema.module
        return vae.prior.straighten(vae.encoder(images).mean)[0]

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        """(N, Z) in straight coordinates to (N, C, H, W)."""
        pictures = self._pictures(self.ema.module.prior.bend(latents))
        request.watch(1, 1, pictures)
        return pictures

    def _pictures(self, z: Tensor) -> Tensor:
        vae = self.ema.module
        return vae.likelihood.mean(vae.decoder(z))

    def _bound(self, vae: Vae, batch: Batch) -> Bound:
        bound: Bound = vae(batch.images, batch.labels, self._noise(batch))
        return bound

    def _noise(self, batch: Batch) -> Tensor:
        return torch.randn(len(batch), self.config.latents, generator=batch.generator, device=batch.images.device)

    def _figures(self, bound: Bound) -> dict[str, Tensor]:
        """Each (B,), named as in the family's series."""
        nats = bound.nats
        return {
            "bound": nats,
            "bits": bits_per_dimension(nats, self.dimensions),
            "reconstruction": bound.reconstruction,
            "kl": bound.kl,
            "active": bound.active().expand(len(nats)),
        }
