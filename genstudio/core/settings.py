"""How a run is run, apart from what its family is told: seed, budget, rhythm."""

from pydantic import Field

from genstudio.core.config import Knobs, knob


class RunSettings(Knobs):
    """The settings of a run that mean the same for every family.

    `minutes` ends training after so much training time, whatever the config's length says. `preview_every` is in
    images; None means early ones close together and later ones further apart. `heldout` is the share of the dataset
    that is never trained on.
    """

    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    minutes: float | None = knob(
        None,
        title="Time limit",
        help="Ends training after so much time, however many images it has seen by then; empty for no limit.",
        unit="min",
        low=0.001,
    )
    preview_every: int | None = knob(
        None,
        title="Preview every",
        help="How many images it looks at from one preview to the next; empty for early ones close together.",
        unit="images",
        low=1,
    )
    preview_count: int = Field(default=16, ge=1, le=256)
    checkpoint_seconds: float = Field(default=60.0, gt=0)
    heldout: float = knob(
        0.05,
        title="Held out",
        help="The share of the pictures it never trains on, to measure it on pictures it has not seen.",
        low=0,
        high=0.5,
    )
    device: str = "auto"
