"""The variational autoencoder (Kingma and Welling 2014; Rezende et al. 2014), from its blocks up.

A picture x is thought to come about in two steps: first a few hidden numbers z, its latents, are drawn from a prior
p(z); then the decoder turns z into a distribution p(x | z) over pictures. Which z made a given x cannot be computed,
so that a second network, the encoder, guesses: q(z | x), a normal distribution for every picture. For any such guess

    log p(x)  >=  E_q[ log p(x | z) ]  -  KL( q(z | x) || p(z) )                           (equation 3 of the paper)

and training raises the right side, the bound. The first term asks for faithful redrawings. The second is the price of
the information about x that z carries; it keeps the latents where the prior will look for them when drawing. The gap
is KL(q || p(z | x)): the better the guess, the tighter the bound. Signs are turned here, so that figures are costs:

    bound = reconstruction + kl                                                             (nats per image)

Where this differs from the paper:

- p(x | z) is one of three (knob `likelihood`). The two for levels integrate a density over each of the 256 levels, so
  that the bound is one on the probability of the picture as it is stored, and comparable between models. Their width
  is learned along with the rest, which sets the exchange rate between the two terms (Rybkin et al. 2021, "σ-VAE").
- With labels, every label has a normal distribution of its own as prior, p(z | label), learned as well (as in Jiang et
  al. 2017, with labels in place of clusters). The decoder sees z alone: what a picture is, is where its latents are.
  One can draw by label, redraw pictures without one, and walk from one label to another.
- Drawing shows the mean of p(x | z) instead of a draw from it, which would only add noise of the learned width.

Left out: hierarchies of latents, flows in the posterior, discrete codes.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.api import (
    Batch,
    DataSpec,
    Ema,
    FamilyError,
    Learner,
    PreviewRequest,
    SampleRequest,
    Updater,
    warmup_cosine,
)
from genstudio.nn.blocks import Downsample, ResidualBlock, Upsample, group_norm
from genstudio.nn.likelihoods import bits_per_dimension, discretised_gaussian, discretised_logistic
from genstudio_vae.config import VaeConfig, VaeSampling

# A step of Adam moves any number by about the learning rate, whatever its gradient. A few lone numbers have further to
# go than weights have; they are stored divided by this, and so arrive as many times sooner.
_QUICK = 10.0


# ---- Normal distributions over latents


@dataclass(frozen=True)
class Gaussian:
    """Independent normal distributions: `mean` and `log_var` are (B, Z), or broadcast to it."""

    mean: Tensor
    log_var: Tensor

    def at(self, noise: Tensor) -> Tensor:
        """Turn standard normal noise (B, Z) into a draw, so that gradients reach the parameters (equation 4)."""
        return self.mean + torch.exp(0.5 * self.log_var) * noise

    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density at z, (B, Z) to (B,)."""
        scaled = (z - self.mean) ** 2 * torch.exp(-self.log_var)
        return -0.5 * (scaled + self.log_var + math.log(2 * math.pi)).sum(-1)

    def divergence(self, other: "Gaussian") -> Tensor:
        """KL(self || other) in nats, latent by latent, (B, Z) (appendix B of the paper, for any two)."""
        shift = (self.mean - other.mean) ** 2
        widths = self.log_var - other.log_var
        return 0.5 * (shift * torch.exp(-other.log_var) + torch.exp(widths) - 1.0 - widths)


class Prior(nn.Module):
    """p(z): standard normal, or one learned normal distribution for each label."""

    def __init__(self, latents: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        if classes:
            self.mean = nn.Parameter(0.5 / _QUICK * torch.randn(classes, latents))
            self.log_var = nn.Parameter(torch.zeros(classes, latents))
        else:
            self.register_buffer("origin", torch.zeros(1, latents), persistent=False)

    def of(self, labels: Tensor | None) -> Gaussian:
        """The prior of each label (B,). Raises `FamilyError` when there are classes but no labels."""
        if self.classes:
            if labels is None:
                raise FamilyError("This model was trained by label, and these pictures have none.")
            every = self.each()
            return Gaussian(every.mean[labels], every.log_var[labels])
        return Gaussian(self.get_buffer("origin"), self.get_buffer("origin"))

    def each(self) -> Gaussian:
        """The priors of all classes, (K, Z)."""
        return Gaussian(_QUICK * self.mean, (_QUICK * self.log_var).clamp(-8.0, 4.0))

    def log_prob(self, z: Tensor, labels: Tensor | None) -> Tensor:
        """Log-density at z, (B, Z) to (B,); where labels are not known, any is as likely as another."""
        if self.classes and labels is None:
            return torch.logsumexp(self.each().log_prob(z[:, None]), 1) - math.log(self.classes)
        return self.of(labels).log_prob(z)


# ---- Distributions over pictures: what the decoder's numbers mean


class Levels(nn.Module):
    """A bell of learned width, one for each channel, integrated over the levels: sums to 1 over all 256 of them."""

    def __init__(self, distribution: Callable[[Tensor, Tensor, Tensor], Tensor], channels: int) -> None:
        super().__init__()
        self.distribution = distribution
        self.log_width = nn.Parameter(torch.full((channels, 1, 1), -1.0 / _QUICK))

    def log_prob(self, images: Tensor, outputs: Tensor) -> Tensor:
        """Log p(image) in nats, (B, C, H, W) twice to (B,)."""
        width = (_QUICK * self.log_width).clamp(-7.0, 2.0)
        return self.distribution(images, outputs, width).flatten(1).sum(1)

    def mean(self, outputs: Tensor) -> Tensor:
        """The expected picture, in [-1, 1]."""
        return outputs.clamp(-1.0, 1.0)


class Bernoulli(nn.Module):
    """Black and white: level l is read as the probability l / 255 of white (appendix C.1).

    For pictures of pure black and white this is their probability. For others it is the expected log-probability of
    pictures drawn with those probabilities: a cost, but not one of the 256 levels.
    """

    def log_prob(self, images: Tensor, outputs: Tensor) -> Tensor:
        """Log p(image) in nats, (B, C, H, W) twice to (B,)."""
        white = (images + 1.0) / 2.0
        return -F.binary_cross_entropy_with_logits(outputs, white, reduction="none").flatten(1).sum(1)

    def mean(self, outputs: Tensor) -> Tensor:
        """The expected picture, in [-1, 1]."""
        return torch.tanh(outputs / 2.0)  # 2 σ(outputs) - 1


def likelihood(kind: Literal["logistic", "gaussian", "bernoulli"], channels: int) -> Levels | Bernoulli:
    """The distribution a config asks for."""
    if kind == "bernoulli":
        return Bernoulli()
    return Levels(discretised_logistic if kind == "logistic" else discretised_gaussian, channels)


# ---- The two networks


@dataclass(frozen=True)
class Shape:
    """How a picture becomes smaller on its way to the latents.

    It is halved until its shorter side is about four pixels. Sides that do not divide are padded on the right and at
    the bottom, and cut off again behind the decoder. Features double with every halving, up to eight times `width`.
    """

    channels: int
    height: int
    width: int
    features: tuple[int, ...]

    @classmethod
    def of(cls, spec: DataSpec, width: int) -> "Shape":
        """Plan for a dataset's pictures."""
        halvings = max(1, round(math.log2(min(spec.height, spec.width) / 4)))
        return cls(spec.channels, spec.height, spec.width, tuple(width * min(2**i, 8) for i in range(halvings)))

    @property
    def smallest(self) -> tuple[int, int, int]:
        """Features, height and width of the smallest map."""
        step = 2 ** len(self.features)
        return self.features[-1], -(-self.height // step), -(-self.width // step)

    def padded(self, images: Tensor) -> Tensor:
        """Repeat the last row and column until every halving divides."""
        step = 2 ** len(self.features)
        return F.pad(images, (0, -self.width % step, 0, -self.height % step), mode="replicate")


class Encoder(nn.Module):
    """q(z | x): pictures to normal distributions over latents."""

    def __init__(self, shape: Shape, depth: int, latents: int) -> None:
        super().__init__()
        self.shape = shape
        layers: list[nn.Module] = []
        for inputs, outputs in zip((shape.channels, *shape.features), shape.features, strict=False):
            layers += [Downsample(inputs, outputs), *(ResidualBlock(outputs) for _ in range(depth))]
        self.layers = nn.Sequential(*layers, group_norm(shape.features[-1]), nn.SiLU(), nn.Flatten())
        self.head = nn.Linear(math.prod(shape.smallest), 2 * latents)

    def forward(self, images: Tensor) -> Gaussian:
        """(B, C, H, W) in [-1, 1] to (B, Z)."""
        mean, log_var = self.head(self.layers(self.shape.padded(images))).chunk(2, 1)
        return Gaussian(mean, log_var.clamp(-10.0, 10.0))


class Decoder(nn.Module):
    """Latents to the numbers that p(x | z) is made from.

    At full size there is one convolution only, whose outputs are four neighbours of each channel: nearly all of the
    work happens at half size and below.
    """

    def __init__(self, shape: Shape, depth: int, latents: int) -> None:
        super().__init__()
        self.shape = shape
        self.head = nn.Linear(latents, math.prod(shape.smallest))
        sizes = shape.features[::-1]
        layers: list[nn.Module] = []
        for inputs, outputs in zip(sizes, (*sizes[1:], None), strict=True):
            layers += [ResidualBlock(inputs) for _ in range(depth)]
            layers += [] if outputs is None else [Upsample(inputs, outputs)]
        last = nn.Conv2d(sizes[-1], 4 * shape.channels, 3, padding=1)
        self.layers = nn.Sequential(*layers, group_norm(sizes[-1]), nn.SiLU(), last, nn.PixelShuffle(2))

    def forward(self, z: Tensor) -> Tensor:
        """(B, Z) to (B, C, H, W)."""
        outputs: Tensor = self.layers(self.head(z).view(-1, *self.shape.smallest))
        return outputs[:, :, : self.shape.height, : self.shape.width]


# ---- The model


@dataclass(frozen=True)
class Bound:
    """The two terms of the bound as costs in nats: `reconstruction` (B,), `kl` (B, Z) latent by latent.

    `latents` are the means of q(z | x), (B, Z).
    """

    reconstruction: Tensor
    kl: Tensor
    latents: Tensor

    @property
    def nats(self) -> Tensor:
        """At least minus log p(x) on average over the noise, (B,)."""
        return self.reconstruction + self.kl.sum(1)

    def active(self) -> Tensor:
        """How many latents change from picture to picture, a scalar (Burda et al. 2016, section 5: variance > 0.01)."""
        return (self.latents.var(0, correction=0) > 0.01).sum().float()


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
        """Both terms of the bound, with one draw from q (equation 7, one sample; the second term exactly).

        images: (B, C, H, W). labels: (B,) or None. noise: standard normal (B, Z).
        """
        posterior = self.encoder(images)
        outputs = self.decoder(posterior.at(noise))
        kl = posterior.divergence(self.prior.of(labels))
        return Bound(-self.likelihood.log_prob(images, outputs), kl, posterior.mean)

    def log_weights(self, images: Tensor, labels: Tensor | None, noises: Iterator[Tensor]) -> Tensor:
        """Log p(x, z) / q(z | x) for as many draws of z as there are noises, (K, B)."""
        posterior = self.encoder(images)
        weights = []
        for noise in noises:
            z = posterior.at(noise)
            joint = self.likelihood.log_prob(images, self.decoder(z)) + self.prior.log_prob(z, labels)
            weights.append(joint - posterior.log_prob(z))
        return torch.stack(weights)


def importance_bound(log_weights: Tensor) -> Tensor:
    """Lower bound on log p(x) in nats, (K, B) to (B,); it rises towards it with K (Burda et al. 2016, theorem 1)."""
    return torch.logsumexp(log_weights, 0) - math.log(len(log_weights))


# ---- Learning


def beta_at(config: VaeConfig, images_seen: int) -> float:
    """The weight of the second term: it rises from 0 over the first share of a run (Sønderby et al. 2016)."""
    rise = config.warmup * config.images
    return config.beta * min(1.0, images_seen / rise) if rise else config.beta


class VaeLearner(Learner):
    """Trains a `Vae`; everything is drawn and scored with the moving average of its weights."""

    likelihood_kind: Literal["exact", "lower bound"] = "lower bound"

    def __init__(self, config: VaeConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config, self.dimensions = config, spec.dimensions
        shape = Shape.of(spec, config.width)
        vae = Vae(
            Encoder(shape, config.depth, config.latents),
            Decoder(shape, config.depth, config.latents),
            Prior(config.latents, len(spec.classes) if config.by_label else 0),
            likelihood(config.likelihood, spec.channels),
        )
        self.vae, self.ema = vae, Ema(vae, decay=0.999)
        warmup = min(100 * config.batch_size, config.images // 10)
        self.updater = Updater(
            vae,
            lr=config.learning_rate,
            clip=1.0,
            schedule=warmup_cosine(config.images, warmup),
            ema=self.ema,
        )

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Lower the bound, its second term weighted by beta; reports the true one."""
        bound = self._bound(self.vae, batch)
        free = bound.kl.mean(0).clamp_min(self.config.free_bits).sum()  # Kingma et al. 2016, appendix C.8
        loss = bound.reconstruction.mean() + beta_at(self.config, batch.images_seen) * free
        self.updater.step(loss / self.dimensions, batch.images_seen)
        return {name: values.detach().mean() for name, values in self._figures(bound).items()}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The same figures of the average's, picture by picture."""
        return self._figures(self._bound(self.ema.module, batch))

    def log_likelihood(self, batch: Batch) -> Tensor:
        """Importance-weighted lower bound on log p(image), or on log p(image | label) where labels are known."""
        noises = (self._noise(batch) for _ in range(self.config.bound_samples))
        return importance_bound(self.ema.module.log_weights(batch.images, batch.labels, noises))

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
        return self._pictures(self.encode(images))

    def draw_latents(self, request: SampleRequest) -> Tensor:
        """(N, Z); with labels in the dataset but none asked for, each sample draws one of its own."""
        assert isinstance(request.options, VaeSampling)
        noise = request.options.temperature * request.noise.normal(self.config.latents)
        prior, labels = self.ema.module.prior, request.labels
        if prior.classes and labels is None:
            labels = (request.noise.uniform() * prior.classes).long()
        return prior.of(labels).at(noise)

    def encode(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to (N, Z), the most probable latents."""
        return self.ema.module.encoder(images).mean

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        """(N, Z) to (N, C, H, W)."""
        pictures = self._pictures(latents)
        request.watch(1, 1, pictures)
        return pictures

    def _pictures(self, latents: Tensor) -> Tensor:
        vae = self.ema.module
        return vae.likelihood.mean(vae.decoder(latents))

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
            "kl": bound.kl.sum(1),
            "active": bound.active().expand(len(nats)),
        }
