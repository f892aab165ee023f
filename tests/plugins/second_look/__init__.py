"""Second look: corrects the colours of what another run's model redraws; a model that stands on another."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genstudio.api import (
    Ability,
    BuildContext,
    DataSpec,
    Family,
    FamilyConfig,
    FamilyError,
    Series,
    Taxonomy,
    hookimpl,
    knob,
)

if TYPE_CHECKING:
    from genstudio.api import Learner

GENSTUDIO_API = 1


class SecondLookConfig(FamilyConfig):
    """Knobs of training."""

    base: str | None = knob(
        None,
        title="Base",
        help="The trained run whose pictures it corrects.",
        run_with=Ability.RECONSTRUCT,
        same_pictures=True,
    )
    batch_size: int = knob(16, title="Batch", help="Pictures a step looks at.", low=1, high=512)


def build(config: SecondLookConfig, spec: DataSpec, context: BuildContext) -> "Learner":
    """Build on the chosen run."""
    from .model import SecondLookLearner

    if config.base is None:
        raise FamilyError("A second look needs a run to look at. Choose one as its base.")
    return SecondLookLearner(context.load_run(config.base), spec)


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer one family."""
    return [
        Family(
            name="second-look",
            title="Second look",
            summary="Corrects the colours of what another model redraws.",
            taxonomy=Taxonomy.IMPLICIT,
            reference="None: an example",
            config_type=SecondLookConfig,
            presets={name: SecondLookConfig(images=1_000) for name in ("Draft", "Balanced", "Quality")},
            abilities=frozenset({Ability.RECONSTRUCT}),
            series=(Series("error", "Error", "squared difference per number"),),
            build=build,
        )
    ]
