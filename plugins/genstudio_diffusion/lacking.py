"""What a model cannot be asked for, because it was not told of it while training."""

from genstudio.api import Ability, DataSpec
from genstudio_diffusion.config import DenoisingConfig


def lacks(config: DenoisingConfig, spec: DataSpec) -> frozenset[Ability]:
    """Labels and words can be asked for where they were learned."""
    labels = frozenset() if config.by_label or config.guide else frozenset({Ability.CLASS_CONDITION})
    return labels if config.words and spec.captioned else labels | {Ability.TEXT_CONDITION}
