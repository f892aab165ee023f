"""KL-autoencoder: a picture as a small map of numbers, for another model to learn (Rombach et al. 2022, section 3.1).

A variational autoencoder whose latents are a map, and so cheap that they keep nearly everything: the second term of the
bound (see `model`) has a small weight and only keeps the map's numbers near 0 and their order smooth. Nothing can be
drawn from such a prior; latent diffusion learns the maps instead, where a pixel costs it 1 / 4^halvings as much.

Beside the deep networks there is a plain way there and back: the mean colour of every place, weighed linearly. Shapes
then have the right colours from the beginning; the deep way alone learns them last, long after edges, so that short
runs redraw purple in grey.

Sharpness comes from two more terms, neither of which needs weights from elsewhere (`texture`):

    loss = -log p(x | z) / D + kl * KL(q(z | x) || N(0, 1)) / D + texture * T(x, x') + critic * (-C(x'))

with D the numbers in a picture and x' its redrawing.
"""

from collections.abc import Iterator, Mapping

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
    Updater,
    average_over_ranks,
    warmup_cosine,
)
from genstudio.nn.likelihoods import bits_per_dimension
from genstudio_vae.distributions import Gaussian, likelihood
from genstudio_vae.networks import Down, Shape, Up
from genstudio_vae.oddity import SCORE, oddity
from genstudio_vae.relatives import KlConfig
from genstudio_vae.texture import Critic, Texture, hinge

_QUIET = -4.0  # the logarithm of the variance that numbers of a map begin with


class ToMap(nn.Module):
    """Pictures (B, C, H, W) to `numbers` at every place of a map, (B, numbers, h, w): the deep way plus the plain."""

    def __init__(self, shape: Shape, depth: int, numbers: int) -> None:
        super().__init__()
        self.shape = shape
        self.deep = nn.Sequential(Down(shape, depth), nn.Conv2d(shape.smallest[0], numbers, 1))
        self.plain = nn.Conv2d(shape.channels, numbers, 1)

    def forward(self, images: Tensor) -> Tensor:
        """What the deep network finds, and the mean colour of each place."""
        colours = F.avg_pool2d(self.shape.padded(images), self.shape.step)
        found: Tensor = self.deep(images) + self.plain(colours)
        return found


class FromMap(nn.Module):
    """Maps (B, numbers, h, w) to what pictures are made from, (B, C, H, W), the same two ways back."""

    def __init__(self, shape: Shape, depth: int, numbers: int) -> None:
        super().__init__()
        self.shape = shape
        self.deep = nn.Sequential(nn.Conv2d(numbers, shape.smallest[0], 3, padding=1), Up(shape, depth))
        self.plain = nn.Conv2d(numbers, shape.channels, 1)

    def forward(self, maps: Tensor) -> Tensor:
        """Blurred colours of the places, corrected by the deep network."""
        colours = F.interpolate(self.plain(maps), scale_factor=self.shape.step, mode="bilinear")
        drawn: Tensor = self.deep(maps) + colours[:, :, : self.shape.height, : self.shape.width]
        return drawn


class MapVae(nn.Module):
    """Encoder to a map of normal distributions, decoder, and the map's mean and spread of late."""

    mean: Tensor
    square: Tensor
    weight: Tensor

    def __init__(self, config: KlConfig, spec: DataSpec) -> None:
        super().__init__()
        shape = Shape.of(spec, config.width, config.halvings)
        self.map_shape = (config.channels, *shape.smallest[1:])
        self.encoder = ToMap(shape, config.depth, 2 * config.channels)
        self.decoder = FromMap(shape, config.depth, config.channels)
        self._begin(config.channels)
        self.likelihood = likelihood(config.likelihood, spec.channels)
        for name, size in (("mean", config.channels), ("square", config.channels), ("weight", 1)):
            self.register_buffer(name, torch.zeros(size))

    @torch.no_grad()
    def _begin(self, numbers: int) -> None:
        """Begin with colours as they are on the plain way, and with so little noise on maps that they pass."""
        there, back = self.encoder.plain, self.decoder.plain
        for plain in (there, back):
            nn.init.eye_(plain.weight.flatten(1))
        assert there.bias is not None and back.bias is not None
        nn.init.zeros_(back.bias)
        there.bias.copy_(torch.tensor([0.0] * numbers + [_QUIET] * numbers))
        there.weight[numbers:] = 0

    def hidden(self) -> list[nn.Parameter]:
        """Kernels between layers of features, for Muon."""
        down, up = self.encoder.deep[0], self.decoder.deep[1]
        assert isinstance(down, Down) and isinstance(up, Up)
        return [*down.hidden(), *up.hidden()]

    def posterior(self, images: Tensor) -> Gaussian:
        """q(z | x), whose mean and log_var are (B, c, h, w)."""
        mean, log_var = self.encoder(images).chunk(2, 1)
        return Gaussian(mean, log_var.clamp(-10.0, 4.0))

    @torch.no_grad()
    def remember(self, maps: Tensor, blocked: Tensor) -> None:
        """Take the maps (B, c, h, w) of a step into the running mean and spread, unless `blocked`."""
        news = (maps.mean((0, 2, 3)), maps.square().mean((0, 2, 3)), torch.ones_like(self.weight))
        average_over_ranks(news)
        for kept, new in zip((self.mean, self.square, self.weight), news, strict=True):
            kept.copy_(torch.where(blocked, kept, kept.lerp(new, 0.01)))

    def spread(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of each number of the map, (c, 1, 1) each; 0 and 1 before anything was seen."""
        weight = self.weight.clamp_min(1e-6)
        mean = self.mean / weight
        variance = (self.square / weight - mean.square()).clamp_min(1e-8)
        deviation = torch.where(self.weight > 0, variance, torch.ones_like(variance)).sqrt()
        return mean[:, None, None], deviation[:, None, None]


class KlLearner(Learner):
    """Trains a `MapVae`, with a critic if one is asked for; pictures are redrawn with the average of its weights."""

    anomaly_score = SCORE

    def __init__(self, config: KlConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config, self.dimensions = config, spec.dimensions
        self.vae = MapVae(config, spec)
        self.latent_shape = self.vae.map_shape
        self.texture = Texture(spec.channels)
        self.ema = Ema(self.vae, decay=0.999)
        schedule = warmup_cosine(config.images, min(100 * config.batch_size, config.images // 10))
        self.updater = Updater(
            self.vae,
            lr=config.learning_rate,
            clip=1.0,
            schedule=schedule,
            ema=self.ema,
            hidden=self.vae.hidden(),
        )
        if config.critic:
            self.critic = Critic(spec.channels, 2 * config.width)
            self.critic_updater = Updater(self.critic, lr=config.learning_rate / 4, betas=(0.5, 0.99), clip=1.0)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Redraw better; then let the critic look."""
        posterior = self.vae.posterior(batch.images)
        shape, device = posterior.mean.shape, batch.images.device
        z = posterior.at(torch.randn(shape, generator=batch.generator, device=device))
        outputs = self.vae.decoder(z)
        redrawn = self.vae.likelihood.mean(outputs)
        figures = self._figures(self.vae, batch.images, outputs, posterior)
        loss = (figures["reconstruction"] + self.config.kl * figures["kl"]).mean() / self.dimensions
        loss = loss + self.config.texture * figures["texture"].mean() + self._unconvinced(redrawn, batch.images_seen)
        self.updater.step(loss, batch.images_seen)
        self.vae.remember(posterior.mean.detach(), self.updater.blocked)
        doubt = self._look(batch, redrawn.detach())
        return {name: values.detach().mean() for name, values in figures.items()} | {"critic": doubt}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The same figures of the average's, redrawn from the likeliest maps."""
        vae = self.ema.module
        posterior = vae.posterior(batch.images)
        return self._figures(vae, batch.images, vae.decoder(posterior.mean), posterior)

    def anomaly(self, batch: Batch) -> Anomaly:
        """How far redrawings are from their pictures."""
        return oddity(batch.images, self.reconstruct(batch.images))

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Held-out pictures, each followed by its redrawing."""
        originals = request.examples.images
        yield "reconstructions", torch.stack([originals, self.reconstruct(originals)], 1).flatten(0, 1)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Redraw pictures from their likeliest maps."""
        return self._pictures(self.ema.module.posterior(images).mean)

    def to_latents(self, images: Tensor) -> Tensor:
        """The likeliest maps of pictures, evened out."""
        mean, deviation = self.ema.module.spread()
        return (self.ema.module.posterior(images).mean - mean) / deviation

    def from_latents(self, latents: Tensor) -> Tensor:
        """Redraw evened-out maps."""
        mean, deviation = self.ema.module.spread()
        return self._pictures(latents * deviation + mean)

    def _pictures(self, maps: Tensor) -> Tensor:
        return self.ema.module.likelihood.mean(self.ema.module.decoder(maps))

    def _figures(self, vae: MapVae, images: Tensor, outputs: Tensor, posterior: Gaussian) -> dict[str, Tensor]:
        """Each (B,), named as in the family's series."""
        correction = -vae.likelihood.log_prob(images, outputs).flatten(1).sum(1)
        standard = Gaussian(torch.zeros_like(posterior.mean), torch.zeros_like(posterior.mean))
        redrawn = vae.likelihood.mean(outputs)
        return {
            "reconstruction": correction,
            "bits": bits_per_dimension(correction, self.dimensions),
            "kl": posterior.divergence(standard).flatten(1).sum(1),
            "texture": self.texture(images, redrawn),
        }

    def _heard(self, images_seen: int) -> bool:
        return bool(self.config.critic) and images_seen >= self.config.critic_from * self.config.images

    def _unconvinced(self, redrawn: Tensor, images_seen: int) -> Tensor:
        """What the redrawings still have to gain with the critic, weighted; 0 while it is not heard."""
        if not self._heard(images_seen):
            return redrawn.new_zeros(())
        doubted: Tensor = self.critic(redrawn)
        return -self.config.critic * doubted.mean()

    def _look(self, batch: Batch, redrawn: Tensor) -> Tensor:
        """Let the critic learn; returns its loss, a scalar: 2 when it cannot tell."""
        if not self._heard(batch.images_seen):
            return redrawn.new_full((), 2.0)
        loss = hinge(self.critic(batch.images), self.critic(redrawn))
        self.critic_updater.step(loss, batch.images_seen)
        return loss.detach()
