"""Eigenpictures: a linear autoencoder, the smallest model that redraws, blends and draws."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import Ability, BuildContext, DataSpec, Family, Series, Taxonomy, hookimpl

from .config import EigenConfig, EigenSampling

if TYPE_CHECKING:
    from genstudio.api import Learner
    from genstudio.ui.panels import PanelContext, TrainingPanel

GENSTUDIO_API = 1
__version__ = "1.2.0"


def build(config: EigenConfig, spec: DataSpec, context: BuildContext) -> "Learner":
    """Build the learner."""
    from .model import EigenLearner

    return EigenLearner(config, spec)


FAMILY = Family(
    name="eigenpictures",
    title="Eigenpictures",
    summary="Describes every picture as a mixture of a few typical ones.",
    taxonomy=Taxonomy.IMPLICIT,
    reference="Baldi and Hornik 1989, Neural networks and principal component analysis",
    config_type=EigenConfig,
    sampling_type=EigenSampling,
    presets={
        "Draft": EigenConfig(images=2_000),
        "Balanced": EigenConfig(images=20_000, parts=16),
        "Quality": EigenConfig(images=200_000, parts=64),
    },
    abilities=frozenset({Ability.SAMPLE, Ability.RECONSTRUCT, Ability.INTERPOLATE}),
    series=(Series("error", "Error", "squared difference per number", "How far redrawn pictures are off."),),
    build=build,
)


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer one family."""
    return [FAMILY]


@hookimpl
def genstudio_training_panel(family: Family[Any], context: "PanelContext") -> "TrainingPanel | None":
    """Offer a panel for it."""
    if family.name != FAMILY.name:
        return None
    from .panel import EigenPanel

    return EigenPanel()
