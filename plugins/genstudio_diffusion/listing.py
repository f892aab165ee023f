"""What both families that draw say of themselves: abilities, curves, and what a run cannot be asked for."""

from genstudio.api import Ability, DataSpec, Series
from genstudio_diffusion.config import DenoisingConfig

DRAWING = frozenset(
    {
        Ability.SAMPLE,
        Ability.CLASS_CONDITION,
        Ability.TEXT_CONDITION,
        Ability.IMAGE_TO_IMAGE,
        Ability.INTERPOLATE,
        Ability.COMPLETE,
    }
)

SERIES = (
    Series("loss", "Loss", "weighted square error", "How wrong the network is, over all amounts of noise."),
    Series("fine", "Little noise", "of a plain guess", "Error in fine detail; 1 is no better than a plain guess."),
    Series("middle", "Some noise", "of a plain guess", "Error in shapes; 1 is no better than a plain guess."),
    Series("coarse", "Much noise", "of a plain guess", "Error in the layout; 1 is no better than a plain guess."),
    Series("guide", "Guide", "nats per label", "What the true label costs the guide; 0 where none is trained."),
    Series("quick", "Few steps", "root mean square", "How far off its twin for few steps is; 0 without one."),
)


def lacks(config: DenoisingConfig, spec: DataSpec) -> frozenset[Ability]:
    """Labels and words can be asked for where they were learned."""
    labels = frozenset() if config.by_label or config.guide else frozenset({Ability.CLASS_CONDITION})
    return labels if config.words and spec.captioned else labels | {Ability.TEXT_CONDITION}
