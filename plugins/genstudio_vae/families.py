"""The four autoencoders as they are listed; torch begins when one of them is built."""

from typing import TYPE_CHECKING

from genstudio.api import Ability, BuildContext, DataSpec, Family, Profile, Series, Taxonomy
from genstudio_vae.config import VaeConfig, VaeSampling
from genstudio_vae.health import collapsed, crowded
from genstudio_vae.relatives import KlConfig, SemiConfig, VqConfig, VqSampling

if TYPE_CHECKING:
    from genstudio.api import Learner

_SMALLEST, _LARGEST = 8, 256

_BOUND = Series(
    "bound", "Bound", "nats per image", "The most bits the pictures can cost: redrawing and latents together."
)
_BITS = Series("bits", "Bound", "bits per dimension", "The same, shared out over all numbers of a picture.")
_REDRAWING = Series("reconstruction", "Redrawing", "nats per image", "What it costs to correct the redrawings.")
_KL = Series("kl", "Latents", "nats per image", "What the latents say about a picture that the prior did not know.")
_ACTIVE = Series("active", "Active latents", "latents", "How many latents say something about a picture.")

_SPOKEN = Profile(
    "latents",
    "What each latent says",
    "latents",
    "nats",
    0.01,
    "Of held-out pictures; a latent without a bar is silent. When all bars are gone, every redrawing looks alike.",
)
_USED = Profile(
    "codes",
    "How often each code is used",
    "codes",
    "of all patches",
    0.0,
    "Of held-out pictures; a code without a bar is in none of them.",
)

_EVERY = frozenset({Ability.RECONSTRUCT, Ability.SCORE_ANOMALY})
_DRAWN = _EVERY | {Ability.SAMPLE, Ability.CLASS_CONDITION, Ability.INTERPOLATE, Ability.LIKELIHOOD}


def _misfit(spec: DataSpec) -> str | None:
    sides = (spec.height, spec.width)
    if min(sides) < _SMALLEST or max(sides) > _LARGEST:
        return (
            f"Autoencoders redraw pictures of {_SMALLEST} to {_LARGEST} pixels a side; "
            f"these are {spec.width} × {spec.height}. Import them at another size."
        )
    return None


def _semi_misfit(spec: DataSpec) -> str | None:
    if len(spec.classes) < 2:
        return (
            "The semi-supervised one learns labels that some pictures have; these have none. Put pictures of each "
            "label into a folder of its own, or choose the variational autoencoder."
        )
    return _misfit(spec)


def _vae(config: VaeConfig, spec: DataSpec, _context: BuildContext) -> "Learner":
    from genstudio_vae.model import VaeLearner

    return VaeLearner(config, spec)


def _semi(config: SemiConfig, spec: DataSpec, _context: BuildContext) -> "Learner":
    from genstudio_vae.semi import SemiLearner

    return SemiLearner(config, spec)


def _vq(config: VqConfig, spec: DataSpec, _context: BuildContext) -> "Learner":
    from genstudio_vae.vq import VqLearner

    return VqLearner(config, spec)


def _kl(config: KlConfig, spec: DataSpec, _context: BuildContext) -> "Learner":
    from genstudio_vae.kl import KlLearner

    return KlLearner(config, spec)


FAMILY = Family(
    name="vae",
    title="Variational autoencoder",
    summary="Boils every picture down to a few numbers and learns to redraw it from them: fast, steady, a little soft.",
    taxonomy=Taxonomy.APPROXIMATE,
    reference="Kingma and Welling 2014, Auto-Encoding Variational Bayes",
    config_type=VaeConfig,
    sampling_type=VaeSampling,
    presets={
        "Draft": VaeConfig(images=80_000, batch_size=32),
        "Balanced": VaeConfig(images=300_000, batch_size=32, width=24),
        "Quality": VaeConfig(images=3_000_000, batch_size=64, width=48, depth=2, latents=64),
    },
    abilities=_DRAWN,
    series=(_BOUND, _BITS, _REDRAWING, _KL, _ACTIVE),
    profiles=(_SPOKEN,),
    build=_vae,
    accepts=_misfit,
    health=collapsed,
)

SEMI = Family(
    name="vae-semi",
    title="Semi-supervised VAE (M2)",
    summary="A variational autoencoder that learns labels from the few pictures that have one, and names the others.",
    taxonomy=Taxonomy.APPROXIMATE,
    reference="Kingma et al. 2014, Semi-supervised Learning with Deep Generative Models",
    config_type=SemiConfig,
    sampling_type=VaeSampling,
    presets={
        "Draft": SemiConfig(images=80_000, batch_size=32),
        "Balanced": SemiConfig(images=300_000, batch_size=32, width=24),
        "Quality": SemiConfig(images=3_000_000, batch_size=64, width=48, depth=2, latents=64),
    },
    abilities=_DRAWN,
    series=(
        _BOUND,
        _BITS,
        _REDRAWING,
        Series("kl", "Latents and label", "nats per image", "What latents and label say that nobody knew before."),
        _ACTIVE,
        Series("accuracy", "Named right", "of 1", "The share of pictures with a label that it names right."),
    ),
    profiles=(_SPOKEN,),
    build=_semi,
    accepts=_semi_misfit,
    partial_labels=True,
    health=collapsed,
)

VQ = Family(
    name="vq-vae",
    title="VQ-VAE",
    summary="Writes a picture as a small map of patches out of a book of its own, and learns which stand side by side.",
    taxonomy=Taxonomy.APPROXIMATE,
    reference="van den Oord et al. 2017, Neural Discrete Representation Learning",
    config_type=VqConfig,
    sampling_type=VqSampling,
    presets={
        "Draft": VqConfig(images=80_000, batch_size=32),
        "Balanced": VqConfig(images=300_000, batch_size=32, width=24, prior_width=96, prior_depth=6),
        "Quality": VqConfig(
            images=3_000_000, batch_size=64, width=64, depth=2, codes=512, prior_width=256, prior_depth=12
        ),
    },
    abilities=_DRAWN | {Ability.ENCODE, Ability.TOKENISE},
    series=(
        Series("bound", "Bound", "nats per image", "The most bits pictures can cost: redrawing and codes together."),
        _BITS,
        _REDRAWING,
        Series("codes", "Codes", "nats per image", "What it costs to say a picture's codes, knowing their order."),
        Series("commitment", "Rounding", "squared distance", "How far the encoder's vectors are from their codes."),
        Series("used", "Codes in use", "codes", "How many codes a batch makes use of, weighed by how often."),
    ),
    profiles=(_USED,),
    build=_vq,
    accepts=_misfit,
    partial_labels=True,
    health=crowded,
)

KL = Family(
    name="kl-autoencoder",
    title="KL-autoencoder",
    summary="Shrinks pictures to small maps and redraws them sharply; latent diffusion learns from it, alone it draws "
    "nothing new.",
    taxonomy=Taxonomy.APPROXIMATE,
    reference="Rombach et al. 2022, High-Resolution Image Synthesis with Latent Diffusion Models, section 3.1",
    config_type=KlConfig,
    presets={
        "Draft": KlConfig(images=30_000, batch_size=16),
        "Balanced": KlConfig(images=150_000, batch_size=16, width=32, critic=0.1),
        "Quality": KlConfig(images=3_000_000, batch_size=64, width=64, depth=2, critic=0.1),
    },
    abilities=_EVERY | {Ability.ENCODE},
    series=(
        _REDRAWING,
        Series("bits", "Redrawing", "bits per dimension", "The same, shared out over all numbers of a picture."),
        Series("kl", "Map", "nats per image", "What the map says about a picture; it is cheap and may be much."),
        Series("texture", "Texture", "difference", "How much weaker or stronger textures and edges became."),
        Series("critic", "Critic", "hinge loss", "2: it cannot tell redrawings from pictures. 0: it always can."),
    ),
    build=_kl,
    accepts=_misfit,
)

FAMILIES = (FAMILY, SEMI, VQ, KL)
