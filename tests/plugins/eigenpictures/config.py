"""What a person may turn."""

from genstudio.api import FamilyConfig, SamplingConfig, knob


class EigenConfig(FamilyConfig):
    """Knobs of training."""

    batch_size: int = knob(16, title="Batch", help="Pictures a step looks at.", low=1, high=512)
    parts: int = knob(
        4, title="Parts", help="How many typical pictures it mixes; more keep more detail.", low=1, high=256
    )
    learning_rate: float = knob(
        0.02, title="Learning rate", help="How large each change is.", low=1e-5, high=1.0, log=True, advanced=True
    )


class EigenSampling(SamplingConfig):
    """Knobs of generating."""

    spread: float = knob(1.0, title="Spread", help="How far pictures are from the average one.", low=0.0, high=3.0)
