"""Generative adversarial networks as a GenStudio plugin: how they are listed. Torch begins in `build`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import Ability, BuildContext, DataSpec, Family, Series, Taxonomy, hookimpl
from genstudio_gan.config import GanConfig, GanSampling
from genstudio_gan.health import gan_health

if TYPE_CHECKING:
    from genstudio.api import Learner

GENSTUDIO_API = 1

_SMALLEST, _LARGEST = 8, 256


def _build(config: GanConfig, spec: DataSpec, _context: BuildContext) -> "Learner":
    from genstudio_gan.model import GanLearner

    return GanLearner(config, spec)


def _misfit(spec: DataSpec) -> str | None:
    sides = (spec.height, spec.width)
    if min(sides) < _SMALLEST or max(sides) > _LARGEST:
        return (
            f"The GAN draws pictures of {_SMALLEST} to {_LARGEST} pixels a side; "
            f"these are {spec.width} × {spec.height}. Import them at another size."
        )
    return None


FAMILY = Family(
    name="gan",
    title="GAN",
    summary="Two networks in a game, one drawing and one judging: crisp pictures at once, but a game that can be lost.",
    taxonomy=Taxonomy.IMPLICIT,
    reference="Goodfellow et al. 2014, Generative Adversarial Nets",
    config_type=GanConfig,
    sampling_type=GanSampling,
    presets={
        "Draft": GanConfig(images=30_000, batch_size=32, width=12),
        "Balanced": GanConfig(images=120_000, batch_size=32),
        "Quality": GanConfig(images=2_000_000, batch_size=64, width=48, latents=128),
    },
    abilities=frozenset({Ability.SAMPLE, Ability.CLASS_CONDITION, Ability.INTERPOLATE}),
    series=(
        Series(
            "distance",
            "Distance",
            "levels",
            "How far the colours and rough shapes of generated pictures are from those of real ones.",
        ),
        Series(
            "diversity",
            "Diversity",
            "of the data's",
            "How varied generated pictures are: 1 is as varied as the real ones, 0 is always the same picture.",
        ),
        Series("real_right", "Real recognised", "share", "How many real pictures the discriminator takes for real."),
        Series(
            "fake_right", "Fakes recognised", "share", "How many generated pictures the discriminator sees through."
        ),
        Series(
            "overfit",
            "Overfitting (r_t)",
            "sureness",
            "How sure the discriminator is of real pictures: near 1 it begins to know them by heart.",
        ),
        Series("augment", "Augmentation", "probability", "How often each change is made to what it sees."),
        Series(
            "margin",
            "Critic's distance",
            "discriminator's units",
            "How much higher the discriminator rates real pictures; for WGAN, its estimate of the distance.",
        ),
        Series("d_loss", "Discriminator", "loss", "What the discriminator lowers, without penalties."),
        Series("g_loss", "Generator", "loss", "What the generator lowers; it need not fall while pictures get better."),
        Series("d_gradient", "Discriminator's gradient", "norm", "How hard the discriminator is being changed."),
        Series("g_gradient", "Generator's gradient", "norm", "How much the generator is still being told."),
    ),
    build=_build,
    accepts=_misfit,
    health=gan_health,
    judged_by=None,
)


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer one family."""
    return [FAMILY]
