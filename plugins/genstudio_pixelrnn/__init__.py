"""PixelRNN, as Row LSTM and as Diagonal BiLSTM, as a GenStudio plugin."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import Ability, BuildContext, DataSpec, Family, Series, Taxonomy, hookimpl
from genstudio.nn.pixels_config import PixelSampling

from .config import PRESETS, PixelRNNConfig

if TYPE_CHECKING:
    from genstudio.api import Learner

GENSTUDIO_API = 1

LARGEST = 48


def build(config: PixelRNNConfig, spec: DataSpec, context: BuildContext) -> "Learner":  # noqa: ARG001 - part of the door
    """Build the learner; only now is torch imported."""
    from .model import PixelRNNLearner

    return PixelRNNLearner(config, spec)


def accepts(spec: DataSpec) -> str | None:
    """Refuse pictures that would take too long to learn from, one step after the other."""
    if max(spec.height, spec.width) <= LARGEST:
        return None
    return (
        f"PixelRNN goes through a picture step by step, too slow for {spec.width} × {spec.height}. "
        f"Import the pictures at {LARGEST} × {LARGEST} or smaller; 16 to 32 pixels are best."
    )


FAMILY = Family(
    name="pixelrnn",
    title="PixelRNN",
    summary="Draws pixel by pixel in reading order, with a memory it carries through the picture. You can watch it "
    "draw, let it finish a picture, and ask how probable a picture is. Best at 16 to 32 pixels.",
    taxonomy=Taxonomy.TRACTABLE,
    reference="van den Oord et al. 2016, “Pixel recurrent neural networks”",
    config_type=PixelRNNConfig,
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
