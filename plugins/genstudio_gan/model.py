"""Generative adversarial networks (Goodfellow et al. 2014): the learner, from its losses to what is drawn.

Two networks play a game. The generator G turns random numbers z into pictures; the discriminator D sees real and
generated pictures and says which are which. D learns to tell them apart, G to be taken for real:

    min_G max_D  E_x[ log D(x) ] + E_z[ log(1 - D(G(z))) ]                                  (equation 1 of the paper)

At the optimum of D the value is a distance between the two distributions of pictures (theorem 1), and G lowers it,
without anybody having to write a probability down. The other losses (`genstudio.nn.adversarial`) measure other
distances; the architectures are in `networks`.

A step is one of the discriminator, then (in one of `critic_steps`) one of the generator, on the same latents. What
makes the game hold on few pictures:

- R1 and R2 (Mescheder et al. 2018): D's slopes at real and at generated pictures are kept small. They are computed in
  one of k steps and weighted k times ("lazily", Karras et al. 2020b, appendix B).
- Augmentation that both kinds of pictures go through, as much of it as r_t asks for (Karras et al. 2020a, section 3):
  r_t = E[sign D(x)] rises when D begins to know its pictures by heart.
- G is paid for variety while its pictures are less varied than the real ones (after Mao et al. 2019): told the label,
  it would otherwise be content with one picture for each.
- Everything is drawn with a moving average of G's weights.

Latents are rows of Z standard normal numbers, followed by the shares of K labels where there are labels: a picture's
latents hold all that it is made from, so that a walk between two of them is also one between their labels.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from genstudio.api import Batch, DataSpec, Ema, Learner, SampleRequest, Updater, average_over_ranks
from genstudio.nn.adversarial import LOSSES, between, slope_penalty, squared_slopes
from genstudio.nn.augmenting import Augmentation
from genstudio_gan.config import GanConfig, GanSampling
from genstudio_gan.figures import distance, diversity, dullness, small
from genstudio_gan.networks import Discriminator, Generator, mixes_pictures
from genstudio_gan.projection import project

_QUIET_BY = 0.5  # of the run: when the noise on pictures is gone
_FOLLOW = 0.05  # how quickly r_t and the discriminator's successes are averaged


class GanLearner(Learner):
    """Trains a generator and a discriminator; everything is drawn with the moving average of the generator.

    Buffers: `strength` of augmentation (p); averaged over the last steps, `overfit` (r_t), `success` (the share of
    pictures the discriminator recognises) and `varied` (diversity); what the generator's latest step said (loss,
    gradient norm).
    """

    strength: Tensor
    overfit: Tensor
    success: Tensor
    varied: Tensor
    generator_said: Tensor

    def __init__(self, config: GanConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config, self.loss = config, LOSSES[config.loss]
        self.classes = len(spec.classes) if config.labels != "none" else 0
        self.generator = Generator(config, spec, self.classes)
        self.discriminator = Discriminator(config, spec, self.classes)
        for network in (self.generator, self.discriminator):
            # Convolutions are quicker when the channels of a place lie together: a step takes 5 to 9 % less.
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # torch's stubs know tensors only
        self.augmentation = Augmentation(
            config.augment_colour, config.augment_shift, config.augment_cut, config.augment_turn
        )
        self.ema = Ema(self.generator, decay=config.averaging)
        betas = (config.momentum, 0.99)
        self.generator_updater = Updater(self.generator, lr=config.generator_rate, betas=betas, ema=self.ema)
        self.discriminator_updater = Updater(self.discriminator, lr=config.discriminator_rate, betas=betas)
        self.register_buffer("strength", torch.tensor(config.augment_strength if config.augment == "fixed" else 0.0))
        self.register_buffer("overfit", torch.zeros(()))
        self.register_buffer("success", torch.full((), 0.5))
        self.register_buffer("varied", torch.zeros(()))
        self.register_buffer("generator_said", torch.zeros(2))
        self._clip()

    # ---- Learning

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """One step of the discriminator, and in one of `critic_steps` one of the generator."""
        number = batch.images_seen // self.config.batch_size
        learns = number % self.config.critic_steps == 0
        real, latents = self._real(batch), self._latents(batch)
        with torch.set_grad_enabled(learns):
            fake = self.generator(latents)
        figures = self._teach_discriminator(batch, real, fake.detach(), number)
        if learns:
            self._teach_generator(batch, real, fake, latents)
        loss, norm = self.generator_said.clone()
        seen = self._seen(batch, real, fake.detach())
        self._remember(seen["diversity"])
        return figures | {"g_loss": loss, "g_gradient": norm} | seen

    @torch.no_grad()
    def _remember(self, diversity: Tensor) -> None:
        """Average how varied pictures are over the last steps, and over all processes that train together."""
        shared = diversity.clone()
        average_over_ranks([shared])
        self.varied.lerp_(shared, _FOLLOW)

    def _teach_discriminator(self, batch: Batch, real: Tensor, fake: Tensor, number: int) -> dict[str, Tensor]:
        every = self.config.penalty_every
        penalised = self._slopes_held and number % every == 0
        pictures = torch.cat([real, fake]).requires_grad_(penalised)
        said = self._judge_both(pictures, batch)
        real_said, fake_said = said.chunk(2)
        value = self.loss.discriminator(real_said, fake_said, self.config.smoothing).mean()
        loss = value
        if penalised:
            at_real, at_fake = squared_slopes(said, pictures).chunk(2)
            loss = loss + every / 2 * (self.config.r1 * at_real.mean() + self.config.r2 * at_fake.mean())
        if self.config.loss == "wgan-gp":
            loss = loss + self.config.gradient_penalty * self._slope_penalty(batch, real, fake)
        norm = self.discriminator_updater.step(loss * self._awake(), batch.images_seen)
        self._clip()
        with torch.no_grad():
            return self._judged(real_said, fake_said) | {"d_loss": value.detach(), "d_gradient": norm}

    def _teach_generator(self, batch: Batch, real: Tensor, fake: Tensor, latents: Tensor) -> None:
        real_said = torch.zeros(len(batch), device=real.device)
        if self.loss.paired:
            with torch.no_grad():
                real_said = self._judge(real, batch.labels, batch)
        loss = self.loss.generator(self._judge(fake, batch.labels, batch), real_said).mean()
        wanting = (1 - self.varied).clamp_min(0)  # nothing is paid for more variety than the data has
        dull = self.config.variety * wanting * dullness(fake, latents, batch.labels) if self.config.variety else 0.0
        norm = self.generator_updater.step(loss + dull, batch.images_seen)
        said = loss.detach().clone()
        average_over_ranks([said])
        self.generator_said.copy_(torch.stack([said, norm]))

    def _judge(self, pictures: Tensor, labels: Tensor | None, batch: Batch) -> Tensor:
        """What the discriminator says of pictures the way it sees them: with noise, and augmented."""
        quiet = _QUIET_BY * self.config.images
        noise = self.config.noise * max(0.0, 1 - batch.images_seen / quiet)
        if noise:
            draw = torch.randn(pictures.shape, generator=batch.generator, device=pictures.device)
            pictures = pictures + noise * draw
        if self.augmentation and self.config.augment != "none":
            pictures = self.augmentation(pictures, self.strength, batch.generator)
        said: Tensor = self.discriminator(pictures, labels)
        return said

    def _judge_both(self, pictures: Tensor, batch: Batch) -> Tensor:
        """Of real and generated pictures, (2B, C, H, W) to (2B,): at once unless they would get mixed up."""
        if mixes_pictures(self.config):
            return torch.cat([self._judge(half, batch.labels, batch) for half in pictures.chunk(2)])
        labels = None if batch.labels is None else batch.labels.repeat(2)
        return self._judge(pictures, labels, batch)

    @property
    def _slopes_held(self) -> bool:
        """Whether R1 and R2 are used: the Wasserstein losses have ways of their own."""
        return not self.config.loss.startswith("wgan") and self.config.r1 + self.config.r2 > 0

    def _slope_penalty(self, batch: Batch, real: Tensor, fake: Tensor) -> Tensor:
        shares = torch.rand(len(batch), generator=batch.generator, device=real.device)
        points = between(real, fake, shares)
        return slope_penalty(self._judge(points, batch.labels, batch), points).mean()

    @torch.no_grad()
    def _clip(self) -> None:
        """Keep the weights of WGAN's first critic small (Arjovsky et al. 2017, algorithm 1)."""
        if self.config.loss == "wgan-clip":
            for parameter in self.discriminator.parameters():
                parameter.clamp_(-self.config.clip, self.config.clip)

    def _awake(self) -> Tensor:
        """1 while the discriminator learns, 0 while it rests because it wins too clearly."""
        return (self.success <= self.config.rest_above).float()

    @torch.no_grad()
    def _judged(self, real_said: Tensor, fake_said: Tensor) -> dict[str, Tensor]:
        """How often the discriminator is right; moves its averages and the strength of augmentation along."""
        middle = self.loss.middle(real_said, fake_said)
        average_over_ranks([middle])
        real_right, fake_right = (real_said > middle).float().mean(), (fake_said < middle).float().mean()
        shared = torch.stack([real_right, fake_right])
        average_over_ranks([shared])
        self.overfit.lerp_(2 * shared[0] - 1, _FOLLOW)
        self.success.lerp_(shared.mean(), _FOLLOW)
        if self.config.augment == "adaptive":
            move = self.config.batch_size / self.config.augment_images
            self.strength.add_(move * torch.sign(self.overfit - self.config.augment_target))
            self.strength.clamp_(0.0, self.config.augment_strength)
        return {
            "real_right": real_right,
            "fake_right": fake_right,
            "margin": real_said.mean() - fake_said.mean(),
            "overfit": self.overfit.clone(),
            "augment": self.strength.clone(),
        }

    @torch.no_grad()
    def _seen(self, batch: Batch, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """How near generated pictures are, and how varied, whatever the discriminator thinks of them."""
        given, drawn = small(real), small(fake)
        return {"distance": distance(given, drawn, batch.generator), "diversity": diversity(given, drawn)}

    def _real(self, batch: Batch) -> Tensor:
        """The batch's pictures; with `mirror`, about half of them mirrored."""
        if not self.config.mirror:
            return batch.images
        mirrored = torch.rand(len(batch), generator=batch.generator, device=batch.images.device) < 0.5
        return torch.where(mirrored.view(-1, 1, 1, 1), batch.images.flip(3), batch.images)

    def _latents(self, batch: Batch) -> Tensor:
        """As many as the batch has pictures, with the same labels."""
        shape = (len(batch), self.config.latents)
        z = torch.randn(shape, generator=batch.generator, device=batch.images.device)
        return self._labelled(z, batch.labels)

    def _labelled(self, z: Tensor, labels: Tensor | None) -> Tensor:
        """(N, Z) and (N,) to (N, Z + K)."""
        if not self.classes or labels is None:
            return z
        return torch.cat([z, torch.nn.functional.one_hot(labels, self.classes).to(z.dtype)], 1)

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """Held-out pictures beside drawings from fixed latents: how near, how varied, and what D thinks of them."""
        fake = self.ema.module(self._latents(batch))
        real_said, fake_said = (self.discriminator(pictures, batch.labels) for pictures in (batch.images, fake))
        middle = self.loss.middle(real_said, fake_said)
        alike = self._seen(batch, batch.images, fake)
        return {name: value.expand(len(batch)) for name, value in alike.items()} | {
            "real_right": (real_said > middle).float(),
            "fake_right": (fake_said < middle).float(),
        }

    # ---- Drawing

    def sample(self, request: SampleRequest) -> Tensor:
        """Draw latents, and the picture of each."""
        return self.decode(self.draw_latents(request), request)

    def draw_latents(self, request: SampleRequest) -> Tensor:
        """(N, Z + K): standard normal numbers, and one label; each sample draws its own where none is asked for."""
        assert isinstance(request.options, GanSampling)
        z = request.options.truncation * request.noise.normal(self.config.latents)
        labels = request.labels
        if self.classes and labels is None:
            labels = (request.noise.uniform() * self.classes).long()
        return self._labelled(z, labels)

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        """(N, Z + K) to (N, C, H, W); the latents alone say what is drawn, label included."""
        pictures: Tensor = self.ema.module(latents)
        request.watch(1, 1, pictures)
        return pictures

    def encode(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to (N, Z + K): the latents whose pictures come nearest, found by looking for them."""
        return project(self.ema.module, self.discriminator, images)
