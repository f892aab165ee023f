"""Words and pictures as a GenStudio plugin: how it is listed. Torch begins in `build`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import Ability, BuildContext, DataSpec, Family, JudgedBy, Series, Taxonomy, hookimpl
from genstudio_clip.config import ClipConfig

if TYPE_CHECKING:
    from genstudio.api import Learner

GENSTUDIO_API = 1

_SMALLEST, _LARGEST = 8, 256


def _build(config: ClipConfig, spec: DataSpec, context: BuildContext) -> "Learner":
    from genstudio_clip.model import ClipLearner
    from genstudio_clip.pretrained import PretrainedLearner
    from genstudio_clip.towers import LENGTH, PIECES, SmallTowers
    from genstudio_clip.words import Words

    if config.pretrained:
        return PretrainedLearner.made(config, context)
    return ClipLearner(config, SmallTowers(config, spec), Words(LENGTH, PIECES))


def _misfit(spec: DataSpec) -> str | None:
    if not spec.captioned:
        return (
            "Words and pictures learns from captions; these pictures have none. A text file beside a picture becomes "
            "its caption (cat.txt beside cat.png): write some, and import the pictures again."
        )
    sides = (spec.height, spec.width)
    if min(sides) < _SMALLEST or max(sides) > _LARGEST:
        return (
            f"Words and pictures looks at pictures of {_SMALLEST} to {_LARGEST} pixels a side; "
            f"these are {spec.width} × {spec.height}. Import them at another size."
        )
    return None


FAMILY = Family(
    name="clip",
    title="Words and pictures",
    summary="Learns from captions which words and pictures fit: finds pictures by words, and lets other models draw by "
    "them; it draws nothing itself.",
    taxonomy=Taxonomy.HELPER,
    reference="Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision",
    config_type=ClipConfig,
    presets={
        "Draft": ClipConfig(images=100_000),
        "Balanced": ClipConfig(images=300_000, width=48),
        "Quality": ClipConfig(images=3_000_000, width=96, depth=2, batch_size=256),
    },
    abilities=frozenset({Ability.MATCH_TEXT}),
    series=(
        Series("loss", "Loss", "nats per picture", "What it costs to find each other's picture and text in a batch."),
        Series("found@1", "Found at once", "of 1", "How often a text's own picture fits it best of all looked at."),
        Series("found@5", "Found in five", "of 1", "How often a text's own picture is among the five that fit best."),
        Series("temperature", "Temperature", "of a fit", "How large a difference in fit it finds decisive."),
    ),
    build=_build,
    accepts=_misfit,
    judged_by=JudgedBy("found@5", highest=True),
)


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer one family."""
    return [FAMILY]
