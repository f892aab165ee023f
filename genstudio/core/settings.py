"""How a run is run, apart from what its family is told: seed, budget, rhythm."""

from pydantic import Field

from genstudio.core.config import Knobs


class RunSettings(Knobs):
    """The settings of a run that mean the same for every family.

    `minutes` ends training after so much training time, whatever the config's length says. `preview_every` is in
    images; None means early ones close together and later ones further apart. `heldout` is the share of the dataset
    that is never trained on.
    """

    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    minutes: float | None = Field(default=None, gt=0)
    preview_every: int | None = Field(default=None, ge=1)
    preview_count: int = Field(default=16, ge=1, le=256)
    checkpoint_seconds: float = Field(default=60.0, gt=0)
    heldout: float = Field(default=0.05, ge=0, le=0.5)
    device: str = "auto"
