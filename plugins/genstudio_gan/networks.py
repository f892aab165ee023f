"""The two networks, in three architectures: fully connected, DCGAN, residual.

Each architecture gives two bodies: from a vector to a picture, and from a picture to features. What is the same for
all of them, latents and labels on one side, the verdict on the other, is put around the bodies here.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from genstudio.api import DataSpec
from genstudio_gan.config import Architecture, GanConfig

_SLOPE = 0.2  # of the leaky rectifiers, as in the DCGAN paper
_LABEL_PLANES = 8  # further channels that tell the label


@dataclass(frozen=True)
class Plan:
    """How pictures become smaller: halved until the shorter side is about four, with padding where it must be.

    `features` are those after each halving, doubling up to eight times the first.
    """

    channels: int
    height: int
    width: int
    features: tuple[int, ...]
    depth: int

    @classmethod
    def of(cls, spec: DataSpec, width: int, depth: int) -> "Plan":
        """Plan for a dataset's pictures."""
        halvings = max(1, round(math.log2(min(spec.height, spec.width) / 4)))
        features = tuple(width * min(2**i, 8) for i in range(halvings))
        return cls(spec.channels, spec.height, spec.width, features, depth)

    @property
    def smallest(self) -> tuple[int, int, int]:
        """Features, height and width of the smallest map."""
        step = 2 ** len(self.features)
        return self.features[-1], -(-self.height // step), -(-self.width // step)

    @property
    def padded(self) -> tuple[int, int]:
        """Height and width that every halving divides."""
        step = 2 ** len(self.features)
        return self.smallest[1] * step, self.smallest[2] * step


# ---- Fully connected (Goodfellow et al. 2014, section 5)


def mlp(sizes: Sequence[int]) -> nn.Sequential:
    """Linear layers with leaky rectifiers between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(_SLOPE)]
    return nn.Sequential(*layers[:-1])


def _mlp_generator(plan: Plan, inputs: int) -> nn.Module:
    picture = (plan.channels, *plan.padded)
    hidden = [16 * plan.features[0]] * (plan.depth + 1)
    return nn.Sequential(mlp([inputs, *hidden, math.prod(picture)]), nn.Unflatten(1, picture))


def _mlp_discriminator(plan: Plan, inputs: int) -> tuple[nn.Module, int]:
    hidden = [16 * plan.features[0]] * (plan.depth + 1)
    body = nn.Sequential(nn.Flatten(), mlp([inputs * math.prod(plan.padded), *hidden]), nn.LeakyReLU(_SLOPE))
    return body, hidden[-1]


# ---- DCGAN (Radford et al. 2016, section 3)


def _dcgan_generator(plan: Plan, inputs: int) -> nn.Module:
    sizes = plan.features[::-1]
    layers: list[nn.Module] = [nn.Linear(inputs, math.prod(plan.smallest)), nn.Unflatten(1, plan.smallest)]
    for here, there in zip(sizes, (*sizes[1:], plan.channels), strict=True):
        layers += [nn.BatchNorm2d(here), nn.ReLU(), nn.ConvTranspose2d(here, there, 4, stride=2, padding=1)]
    return nn.Sequential(*layers).apply(_start_as_dcgan)


def _dcgan_discriminator(plan: Plan, inputs: int, normalised: bool) -> tuple[nn.Module, int]:
    layers: list[nn.Module] = []
    for i, (here, there) in enumerate(zip((inputs, *plan.features), plan.features, strict=False)):
        layers.append(nn.Conv2d(here, there, 4, stride=2, padding=1))
        layers += [nn.BatchNorm2d(there)] if normalised and i else []  # not on its input
        layers.append(nn.LeakyReLU(_SLOPE))
    return nn.Sequential(*layers, nn.Flatten()).apply(_start_as_dcgan), math.prod(plan.smallest)


def _start_as_dcgan(module: nn.Module) -> None:
    """Weights from N(0, 0.02²), gains from N(1, 0.02²)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear | nn.BatchNorm2d):
        nn.init.normal_(module.weight, float(isinstance(module, nn.BatchNorm2d)), 0.02)
        nn.init.constant_(module.get_parameter("bias"), 0.0)


# ---- Residual, without normalisation (after Huang et al. 2024, "The GAN is dead; long live the GAN!", section 4)


class Residual(nn.Module):
    """x + f(x): two 3x3 convolutions, the last of which starts at zero; nothing is normalised."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.inner = _convolution(features, features)
        self.outer = _convolution(features, features)
        nn.init.zeros_(self.outer.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(B, F, H, W) to the same."""
        h: Tensor = self.outer(_leaky(self.inner(_leaky(x))))
        return x + h


class Larger(nn.Module):
    """(B, inputs, H, W) to (B, outputs, 2H, 2W): convolved, then blended to twice the size.

    Repeated pixels in place of blended ones left stripes two pixels wide in pictures of few colours.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolve = _convolution(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Double height and width."""
        return F.interpolate(self.convolve(_leaky(x)), scale_factor=2.0, mode="bilinear", align_corners=False)


class Smaller(nn.Module):
    """(B, inputs, H, W) to (B, outputs, H/2, W/2): a convolution of every second place.

    An average over 2x2 pixels would hide the finest stripes from the discriminator.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolve = _convolution(inputs, outputs, kernel=4, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Halve height and width."""
        halved: Tensor = self.convolve(_leaky(x))
        return halved


def _convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """Keeps or halves the size; its start keeps the spread of what leaky rectifiers let through (He et al. 2015)."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding=1)
    nn.init.kaiming_normal_(layer.weight, a=_SLOPE)
    return layer


def _leaky(x: Tensor) -> Tensor:
    return F.leaky_relu(x, _SLOPE)


def _blocks(features: int, depth: int) -> list[nn.Module]:
    return [Residual(features) for _ in range(depth)]


def _residual_generator(plan: Plan, inputs: int) -> nn.Module:
    """At full size there is one thin layer only: nearly all the work happens at half size and below."""
    sizes, thin = plan.features[::-1], max(plan.features[0] // 2, 4)
    layers: list[nn.Module] = [nn.Linear(inputs, math.prod(plan.smallest)), nn.Unflatten(1, plan.smallest)]
    for here, there in zip(sizes, (*sizes[1:], thin), strict=True):
        layers += [*_blocks(here, plan.depth), Larger(here, there)]
    return nn.Sequential(*layers, nn.LeakyReLU(_SLOPE), _convolution(thin, plan.channels))


def _residual_discriminator(plan: Plan, inputs: int) -> tuple[nn.Module, int]:
    thin = max(plan.features[0] // 2, 4)
    layers: list[nn.Module] = [_convolution(inputs, thin)]
    for here, there in zip((thin, *plan.features), plan.features, strict=False):
        layers += [Smaller(here, there), *_blocks(there, plan.depth)]
    return nn.Sequential(*layers, nn.LeakyReLU(_SLOPE), nn.Flatten()), math.prod(plan.smallest)


# ---- The same for all


def _generator_body(architecture: Architecture, plan: Plan, inputs: int) -> nn.Module:
    return {"mlp": _mlp_generator, "dcgan": _dcgan_generator, "resnet": _residual_generator}[architecture](plan, inputs)


def _discriminator_body(architecture: Architecture, plan: Plan, inputs: int, normalised: bool) -> tuple[nn.Module, int]:
    if architecture == "dcgan":
        return _dcgan_discriminator(plan, inputs, normalised)
    return (_mlp_discriminator if architecture == "mlp" else _residual_discriminator)(plan, inputs)


class Generator(nn.Module):
    """Latents (B, Z + K) to pictures (B, C, H, W) in [-1, 1]: Z random numbers and the shares of K labels."""

    def __init__(self, config: GanConfig, spec: DataSpec, classes: int) -> None:
        super().__init__()
        self.plan, self.latents, self.classes = Plan.of(spec, config.width, config.depth), config.latents, classes
        self.label = nn.Linear(classes, config.latents, bias=False) if classes else None
        self.body = _generator_body(config.architecture, self.plan, config.latents * (2 if classes else 1))
        if self.label is not None:
            nn.init.normal_(self.label.weight, std=0.1)

    def forward(self, latents: Tensor) -> Tensor:
        """Draw."""
        z = latents[:, : self.latents]
        if self.label is not None:
            shares = latents[:, self.latents :].clamp_min(0)
            told: Tensor = self.label(shares / shares.sum(1, keepdim=True).clamp_min(1e-6))
            z = torch.cat([z, told], 1)
        pictures: Tensor = self.body(z)
        return torch.tanh(pictures[:, :, : self.plan.height, : self.plan.width])


class Discriminator(nn.Module):
    """Pictures (B, C, H, W), and labels (B,) where there are classes, to one number each, (B,): larger for real ones.

    Labels come in as further planes of the picture (Mirza and Osindero 2014), or are compared with the features
    (Miyato and Koyama 2018, equation 4).
    """

    def __init__(self, config: GanConfig, spec: DataSpec, classes: int) -> None:
        super().__init__()
        self.plan, self.batch_spread = Plan.of(spec, config.width, config.depth), config.batch_spread
        projects = classes and config.labels == "projection"
        self.planes = nn.Embedding(classes, _LABEL_PLANES) if classes and not projects else None
        channels = spec.channels + (_LABEL_PLANES if self.planes is not None else 0)
        self.body, features = _discriminator_body(config.architecture, self.plan, channels, normalised(config))
        self.head = nn.Linear(features + int(self.batch_spread), 1)
        self.by_label = nn.Embedding(classes, features) if projects else None
        if self.by_label is not None:
            nn.init.zeros_(self.by_label.weight)
        if config.spectral_norm or config.loss == "hinge":
            self.apply(_hold)

    def forward(self, pictures: Tensor, labels: Tensor | None) -> Tensor:
        """Judge."""
        features = self.features(pictures, labels)
        told = features
        if self.batch_spread:
            told = torch.cat([features, _spread(features)], 1)
        scores: Tensor = self.head(told)[:, 0]
        if self.by_label is not None and labels is not None:
            scores = scores + (self.by_label(labels) * features).sum(1) / math.sqrt(features.shape[1])
        return scores

    def features(self, pictures: Tensor, labels: Tensor | None) -> Tensor:
        """What it looks at, (B, F); labels may be left out."""
        height, width = self.plan.padded
        pictures = F.pad(pictures, (0, width - pictures.shape[3], 0, height - pictures.shape[2]), mode="replicate")
        if self.planes is not None:
            told = pictures.new_zeros(len(pictures), _LABEL_PLANES) if labels is None else self.planes(labels)
            pictures = torch.cat([pictures, told[:, :, None, None].expand(-1, -1, height, width)], 1)
        features: Tensor = self.body(pictures)
        return features


def normalised(config: GanConfig) -> bool:
    """Whether the discriminator of a DCGAN has batch normalisation.

    It has by the paper's rules. A penalty on slopes asks how each number depends on its own picture alone, so that
    there it has none (Gulrajani et al. 2017, section 4).
    """
    penalised = config.loss == "wgan-gp" or (config.loss != "wgan-clip" and config.r1 + config.r2 > 0)
    return config.architecture == "dcgan" and not penalised


def mixes_pictures(config: GanConfig) -> bool:
    """Whether a picture's number depends on the others beside it, so that real and generated ones go in apart."""
    return config.batch_spread or normalised(config)


def _spread(features: Tensor) -> Tensor:
    """The mean spread of the features over the batch, (B, 1) (Karras et al. 2018, section 3)."""
    spread = torch.sqrt(features.var(0, correction=0) + 1e-8).mean()
    return spread.expand(len(features), 1)


def _hold(module: nn.Module) -> None:
    """Divide a layer's weights by their largest singular value (Miyato et al. 2018, section 2).

    Layers that start at zero start anywhere here: nothing cannot be divided by its size.
    """
    if isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding):
        if not bool(module.weight.any()):
            nn.init.normal_(module.weight)
        spectral_norm(module)
