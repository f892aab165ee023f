"""PixelCNN, Gated PixelCNN and PixelCNN++ as a GenStudio plugin."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import Ability, BuildContext, DataSpec, Family, Series, Taxonomy, hookimpl
from genstudio.nn.pixels_config import PixelSampling

from .config import PRESETS, PixelCNNConfig

if TYPE_CHECKING:
    from genstudio.api import Learner

GENSTUDIO_API = 1

LARGEST = 128


def build(config: PixelCNNConfig, spec: DataSpec, context: BuildContext) -> "Learner":  # noqa: ARG001 - part of the door
    """Build the learner; only now is torch imported."""
    from .model import PixelCNNLearner

    return PixelCNNLearner(config, spec)


def accepts(spec: DataSpec) -> str | None:
    """Refuse pictures that would take minutes each to draw."""
    if max(spec.height, spec.width) <= LARGEST:
        return None
    return (
        f"PixelCNN draws one pixel after the other, too slow for {spec.width} × {spec.height}. "
        f"Import the pictures at {LARGEST} × {LARGEST} or smaller; 16 to 64 pixels are best."
    )


FAMILY = Family(
    name="pixelcnn",
    title="PixelCNN",
    summary="Draws pixel by pixel in reading order, each one guessed from all before it. You can watch it draw, let it "
    "finish a picture, and ask how probable a picture is.",
    taxonomy=Taxonomy.TRACTABLE,
    reference="van den Oord et al. 2016, “Pixel recurrent neural networks” and “Conditional image generation with "
    "PixelCNN decoders”; Salimans et al. 2017, “PixelCNN++”",
    config_type=PixelCNNConfig,
    sampling_type=PixelSampling,
    presets=PRESETS,
    abilities=frozenset(
        {Ability.SAMPLE, Ability.CLASS_CONDITION, Ability.LIKELIHOOD, Ability.COMPLETE, Ability.SURPRISE}
    ),
    series=(
        Series(
            "bits_per_dim",
            "Surprise",
            "bits per dimension",
            "How many bits it takes to tell one number of a picture to somebody who has the model; lower is better.",
        ),
    ),
    embeddings=True,
    build=build,
    accepts=accepts,
)


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer one family."""
    return [FAMILY]
