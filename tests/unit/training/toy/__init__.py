"""A toy family with every kind of state an engine must keep: weights, running statistics, an average, an optimizer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import (
    Ability,
    BuildContext,
    DataSpec,
    Family,
    FamilyConfig,
    Series,
    Taxonomy,
    hookimpl,
    knob,
)

if TYPE_CHECKING:
    from genstudio.api import Learner

GENSTUDIO_API = 1


class ToyConfig(FamilyConfig):
    """What a person may turn."""

    hidden: int = knob(16, title="Hidden", help="How much it can keep of a picture.", low=1, high=512)
    learning_rate: float = knob(0.01, title="Learning rate", help="How large each change is.", low=1e-6, high=1.0)


def refuse_tiny(spec: DataSpec) -> str | None:
    """Toys need something to look at."""
    return None if min(spec.height, spec.width) >= 8 else "A toy needs pictures of at least 8 × 8 pixels."


def build(config: ToyConfig, spec: DataSpec, context: BuildContext) -> "Learner":
    """Build the learner."""
    from tests.unit.training.toy.model import ToyLearner

    return ToyLearner(config, spec)


TOY: Family[ToyConfig] = Family(
    name="toy",
    title="Toy",
    summary="Squeezes pictures through a narrow door.",
    taxonomy=Taxonomy.APPROXIMATE,
    reference="none",
    config_type=ToyConfig,
    presets={
        "Draft": ToyConfig(images=2_000, batch_size=8),
        "Balanced": ToyConfig(images=20_000),
        "Quality": ToyConfig(images=200_000, hidden=64),
    },
    abilities=frozenset({Ability.SAMPLE, Ability.RECONSTRUCT}),
    series=(Series("loss", "Error", "squared levels"), Series("gradient", "Gradient norm", "1")),
    build=build,
    accepts=refuse_tiny,
)


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer the toy."""
    return [TOY]
