"""Diffusion as a GenStudio plugin: how it is listed. Torch begins in `build`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import Ability, BuildContext, DataSpec, Family, Taxonomy, hookimpl
from genstudio_diffusion.config import DiffusionConfig, DiffusionSampling
from genstudio_diffusion.latent.family import LATENT
from genstudio_diffusion.listing import DRAWING, SERIES, lacks
from genstudio_diffusion.upscaling.family import UPSCALER

if TYPE_CHECKING:
    from genstudio.api import Learner

GENSTUDIO_API = 1

_SMALLEST, _LARGEST = 8, 256


def _build(config: DiffusionConfig, spec: DataSpec, context: BuildContext) -> "Learner":
    from genstudio_diffusion.model import DiffusionLearner
    from genstudio_diffusion.words import reader_of

    return DiffusionLearner(config, spec, reader_of(config, spec, context))


def _misfit(spec: DataSpec) -> str | None:
    sides = (spec.height, spec.width)
    if min(sides) < _SMALLEST or max(sides) > _LARGEST:
        return (
            f"Diffusion draws pictures of {_SMALLEST} to {_LARGEST} pixels a side; "
            f"these are {spec.width} × {spec.height}. Import them at another size."
        )
    return None


FAMILY = Family(
    name="diffusion",
    title="Diffusion",
    summary="Learns to take noise away, and draws by taking noise away from nothing but noise: varied, and patient.",
    taxonomy=Taxonomy.APPROXIMATE,
    reference="Ho et al. 2020, Denoising Diffusion Probabilistic Models",
    config_type=DiffusionConfig,
    sampling_type=DiffusionSampling,
    presets={
        "Draft": DiffusionConfig(images=100_000, batch_size=32),
        "Balanced": DiffusionConfig(images=300_000, batch_size=32, width=24),
        "Quality": DiffusionConfig(images=8_000_000, batch_size=128, width=64, depth=2, attention=16),
    },
    abilities=DRAWING | {Ability.LIKELIHOOD, Ability.SURPRISE},
    series=SERIES,
    build=_build,
    accepts=_misfit,
    lacks=lacks,
    partial_labels=True,
)


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer two that draw and one that enlarges."""
    return [FAMILY, LATENT, UPSCALER]
