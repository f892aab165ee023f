"""VQ-VAE: a picture as a small map of whole numbers (van den Oord et al. 2017, "Neural discrete representation
learning").

The encoder turns a picture into a map of vectors; each is rounded to the nearest of a few learned ones, its code; the
decoder redraws the picture from codes alone. Rounding has no gradient: it is passed by as if nothing had happened.

    loss = -log p(x | codes) + commitment |features - sg(codes)|²                                  (equation 3)

Codes themselves are moving averages of what is rounded to them (`codebook`). Because one picture has one map of codes,
what a picture costs at most is what its corrections cost and what its codes cost under their order (`code_prior`):

    -log p(x)  <=  -log p(x | codes) - log p(codes)                                        (nats per image)

The order is learned at the same time, from codes that keep changing, and does not touch the autoencoder.

Left out: hierarchies of codes (VQ-VAE-2), several codebooks a place.
"""

from collections.abc import Iterator, Mapping
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
from genstudio_vae.code_prior import CodePrior
from genstudio_vae.codebook import Codebook, Rounded, perplexity
from genstudio_vae.distributions import likelihood
from genstudio_vae.networks import Down, Shape, Up
from genstudio_vae.oddity import SCORE, oddity
from genstudio_vae.relatives import VqConfig, VqSampling

_HIDDEN = 0.1  # the share of labels that the order is not told, so that it can do without


class VqVae(nn.Module):
    """Encoder, codebook, decoder."""

    def __init__(self, config: VqConfig, spec: DataSpec) -> None:
        super().__init__()
        shape = Shape.of(spec, config.width, config.halvings)
        features, height, width = shape.smallest
        self.map_shape = (height, width)
        self.encoder = nn.Sequential(Down(shape, config.depth), nn.Conv2d(features, config.dimensions, 1))
        self.codebook = Codebook(config.codes, config.dimensions)
        self.decoder = nn.Sequential(nn.Conv2d(config.dimensions, features, 3, padding=1), Up(shape, config.depth))
        self.likelihood = likelihood(config.likelihood, spec.channels)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Rounded]:
        """Pictures (B, C, H, W) to what correcting each number costs, features (B, D, h, w), and those rounded."""
        features = self.encoder(images)
        rounded = self.codebook(features)
        return -self.likelihood.log_prob(images, self.decoder(rounded.vectors)), features, rounded

    def pictures(self, vectors: Tensor) -> Tensor:
        """Vectors (N, D, h, w) to the expected pictures."""
        return self.likelihood.mean(self.decoder(vectors))


class VqLearner(Learner):
    """Trains a `VqVae` and the order of its codes; everything is drawn and scored with averages of the weights."""

    likelihood_kind: Literal["exact", "lower bound"] = "lower bound"
    anomaly_score = SCORE

    def __init__(self, config: VqConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config, self.dimensions = config, spec.dimensions
        self.vae = VqVae(config, spec)
        self.code_count, self.code_shape = config.codes, self.vae.map_shape
        self.latent_shape = (config.dimensions, *self.code_shape)
        classes = len(spec.classes) if config.by_label else 0
        self.order = CodePrior(config.codes, self.code_shape, classes, config.prior_width, config.prior_depth)
        self.ema, self.order_ema = Ema(self.vae, decay=0.999), Ema(self.order, decay=0.999)
        schedule = warmup_cosine(config.images, min(100 * config.batch_size, config.images // 10))
        self.updater = Updater(self.vae, lr=config.learning_rate, clip=1.0, schedule=schedule, ema=self.ema)
        self.order_updater = Updater(
            self.order, lr=config.learning_rate, clip=1.0, schedule=schedule, ema=self.order_ema, weight_decay=0.01
        )

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Redraw better, round better, and learn in which order codes stand."""
        correction, features, rounded = self.vae(batch.images)
        reconstruction = correction.flatten(1).sum(1)
        loss = reconstruction.mean() / self.dimensions + self.config.commitment * rounded.commitment.mean()
        self.updater.step(loss, batch.images_seen)
        self.vae.codebook.learn(features, rounded.codes, self.updater.blocked, batch.generator)
        nats = self.order.nats(rounded.codes, self._some_labels(batch))
        self.order_updater.step(nats.mean(), batch.images_seen)
        figures = self._figures(reconstruction, nats.flatten(1).sum(1), rounded)
        return {name: values.detach().mean() for name, values in figures.items()}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The same figures of the averages', picture by picture."""
        correction, _, rounded = self.ema.module(batch.images)
        nats = self.order_ema.module.nats(rounded.codes, batch.labels)
        return self._figures(correction.flatten(1).sum(1), nats.flatten(1).sum(1), rounded)

    def profiles(self, batch: Batch) -> Mapping[str, Tensor]:
        """How often each code is used, as shares of all patches, (K,)."""
        counts = torch.bincount(self.codes(batch.images).flatten(), minlength=self.code_count).float()
        return {"codes": counts / counts.sum()}

    def log_likelihood(self, batch: Batch) -> Tensor:
        """Lower bound on log p(image), or on log p(image | label) where labels are known."""
        return -self.evaluate(batch)["bound"]

    def anomaly(self, batch: Batch) -> Anomaly:
        """How far redrawings are from their pictures."""
        return oddity(batch.images, self.reconstruct(batch.images))

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Samples, and held-out pictures each followed by its redrawing."""
        yield "samples", self.sample(request.sample)
        originals = request.examples.images
        yield "reconstructions", torch.stack([originals, self.reconstruct(originals)], 1).flatten(0, 1)

    def sample(self, request: SampleRequest) -> Tensor:
        """Draw codes in their order, and redraw them."""
        return self.decode(self.draw_latents(request), request)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Redraw pictures from their codes."""
        return self.decode_codes(self.codes(images))

    def codes(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to int64 (N, h, w)."""
        vae = self.ema.module
        codes: Tensor = vae.codebook.nearest(vae.encoder(images))
        return codes

    def decode_codes(self, codes: Tensor) -> Tensor:
        """Int64 (N, h, w) to (N, C, H, W)."""
        vae = self.ema.module
        return vae.pictures(vae.codebook.look_up(codes))

    def draw_latents(self, request: SampleRequest) -> Tensor:
        """Vectors of drawn codes, (N, D, h, w)."""
        assert isinstance(request.options, VqSampling)
        drawn = self.order_ema.module.draw(request, request.labels, request.options.temperature)
        return self.ema.module.codebook.look_up(drawn)

    def encode(self, images: Tensor) -> Tensor:
        """Vectors of the codes of pictures, (N, D, h, w)."""
        return self.ema.module.codebook.look_up(self.codes(images))

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        """Vectors (N, D, h, w), which need not be codes, to (N, C, H, W)."""
        pictures = self.ema.module.pictures(latents)
        request.watch(1, 1, pictures)
        return pictures

    def to_latents(self, images: Tensor) -> Tensor:
        """Maps before rounding, evened out; what is drawn of them is rounded again in `from_latents`."""
        mean, deviation = self._spread()
        maps: Tensor = self.ema.module.encoder(images)
        return (maps - mean) / deviation

    def from_latents(self, latents: Tensor) -> Tensor:
        """Round, and redraw."""
        mean, deviation = self._spread()
        return self.decode_codes(self.ema.module.codebook.nearest(latents * deviation + mean))

    def _spread(self) -> tuple[Tensor, Tensor]:
        mean, deviation = self.ema.module.codebook.spread()
        return mean[:, None, None], deviation[:, None, None]

    def _some_labels(self, batch: Batch) -> Tensor | None:
        """Labels, a few of them hidden."""
        if batch.labels is None:
            return None
        hidden = torch.rand(len(batch), generator=batch.generator, device=batch.images.device) < _HIDDEN
        return torch.where(hidden, -1, batch.labels)

    def _figures(self, reconstruction: Tensor, codes: Tensor, rounded: Rounded) -> dict[str, Tensor]:
        """Each (B,), named as in the family's series."""
        nats = reconstruction + codes
        return {
            "bound": nats,
            "bits": bits_per_dimension(nats, self.dimensions),
            "reconstruction": reconstruction,
            "codes": codes,
            "commitment": rounded.commitment,
            "used": perplexity(rounded.codes, self.config.codes).expand(len(nats)),
        }
