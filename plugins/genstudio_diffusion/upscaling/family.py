"""How the upscaler is listed. Torch begins in `build`."""

from typing import TYPE_CHECKING

from genstudio.api import Ability, BuildContext, DataSpec, Family, Series, Taxonomy
from genstudio_diffusion.upscaling.config import SMALLEST, UpscalerConfig, UpscalerSampling

if TYPE_CHECKING:
    from genstudio.api import Learner


def _build(config: UpscalerConfig, spec: DataSpec, _context: BuildContext) -> "Learner":
    from genstudio_diffusion.upscaling.learner import UpscalerLearner

    return UpscalerLearner(config, spec)


def _misfit(spec: DataSpec) -> str | None:
    if min(spec.height, spec.width) < SMALLEST:
        return (
            f"The upscaler makes its small pictures itself, out of large ones of at least {SMALLEST} pixels a side; "
            f"these are {spec.width} × {spec.height}. Import them larger."
        )
    return None


UPSCALER = Family(
    name="diffusion-upscaler",
    title="Upscaler",
    summary="Learns what small pictures lack, and enlarges any picture with detail that fits it.",
    taxonomy=Taxonomy.APPROXIMATE,
    reference="Saharia et al. 2022, Image Super-Resolution via Iterative Refinement",
    config_type=UpscalerConfig,
    sampling_type=UpscalerSampling,
    presets={
        "Draft": UpscalerConfig(images=60_000, batch_size=32),
        "Balanced": UpscalerConfig(images=200_000, batch_size=32, width=40),
        "Quality": UpscalerConfig(images=4_000_000, batch_size=64, width=96, depth=2, crop=96, learning_rate=4e-3),
    },
    abilities=frozenset({Ability.UPSCALE}),
    series=(
        Series("loss", "Loss", "square error", "How wrong the network is, over all amounts of noise."),
        Series(
            "gain",
            "Gain",
            "dB over plain enlarging",
            "How much nearer its safest guess is to the real picture than plain enlarging; 3 dB is half the error.",
        ),
    ),
    build=_build,
    accepts=_misfit,
)
