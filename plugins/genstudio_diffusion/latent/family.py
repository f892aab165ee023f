"""How latent diffusion is listed. Torch begins in `build`."""

from typing import TYPE_CHECKING

from genstudio.api import BuildContext, DataSpec, Family, FamilyError, Taxonomy
from genstudio_diffusion.latent.config import LatentConfig, LatentSampling
from genstudio_diffusion.listing import DRAWING, SERIES, lacks

if TYPE_CHECKING:
    from genstudio.api import Learner

_SMALLEST, _LARGEST = 16, 256


def _build(config: LatentConfig, spec: DataSpec, context: BuildContext) -> "Learner":
    from genstudio_diffusion.latent.learner import LatentLearner
    from genstudio_diffusion.words import reader_of

    if not config.autoencoder:
        raise FamilyError(
            "Latent diffusion learns from the small maps of an autoencoder. Train a KL-autoencoder or a VQ-VAE on "
            "these pictures first, then choose it as “Autoencoder”."
        )
    autoencoder = context.load_run(config.autoencoder)
    return LatentLearner(config, spec, autoencoder, reader_of(config, spec, context))


def _misfit(spec: DataSpec) -> str | None:
    sides = (spec.height, spec.width)
    if min(sides) < _SMALLEST or max(sides) > _LARGEST:
        return (
            f"Latent diffusion draws pictures of {_SMALLEST} to {_LARGEST} pixels a side; these are {spec.width} × "
            f"{spec.height}. Import them at another size, or choose Diffusion, which draws small ones as well."
        )
    return None


LATENT = Family(
    name="latent-diffusion",
    title="Latent diffusion",
    summary="Diffusion among the small maps of an autoencoder that was trained before: large pictures in less time.",
    taxonomy=Taxonomy.APPROXIMATE,
    reference="Rombach et al. 2022, High-Resolution Image Synthesis with Latent Diffusion Models",
    config_type=LatentConfig,
    sampling_type=LatentSampling,
    presets={
        "Draft": LatentConfig(images=120_000, batch_size=32),
        "Balanced": LatentConfig(images=300_000, batch_size=32, width=48),
        "Quality": LatentConfig(images=8_000_000, batch_size=128, width=96, depth=2, attention=16),
    },
    abilities=DRAWING,
    series=SERIES,
    build=_build,
    accepts=_misfit,
    lacks=lacks,
    partial_labels=True,
)
