"""The variational autoencoder as a GenStudio plugin: how it is listed. Torch begins in `build`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import Ability, BuildContext, DataSpec, Family, Series, Taxonomy, hookimpl
from genstudio_vae.config import VaeConfig, VaeSampling

if TYPE_CHECKING:
    from genstudio.api import Learner

GENSTUDIO_API = 1

_SMALLEST, _LARGEST = 8, 256


def _build(config: VaeConfig, spec: DataSpec, _context: BuildContext) -> "Learner":
    from genstudio_vae.model import VaeLearner

    return VaeLearner(config, spec)


def _misfit(spec: DataSpec) -> str | None:
    sides = (spec.height, spec.width)
    if min(sides) < _SMALLEST or max(sides) > _LARGEST:
        return (
            f"The variational autoencoder draws pictures of {_SMALLEST} to {_LARGEST} pixels a side; "
            f"these are {spec.width} × {spec.height}. Import them at another size."
        )
    return None


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
    abilities=frozenset(
        {
            Ability.SAMPLE,
            Ability.CLASS_CONDITION,
            Ability.RECONSTRUCT,
            Ability.INTERPOLATE,
            Ability.LIKELIHOOD,
            Ability.SCORE_ANOMALY,
        }
    ),
    series=(
        Series(
            "bound", "Bound", "nats per image", "The most bits the pictures can cost: redrawing and latents together."
        ),
        Series("bits", "Bound", "bits per dimension", "The same, shared out over all numbers of a picture."),
        Series("reconstruction", "Redrawing", "nats per image", "What it costs to correct the redrawings."),
        Series("kl", "Latents", "nats per image", "What the latents say about a picture that the prior did not know."),
        Series("active", "Active latents", "latents", "How many latents say something about a picture."),
    ),
    build=_build,
    accepts=_misfit,
)


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer one family."""
    return [FAMILY]
