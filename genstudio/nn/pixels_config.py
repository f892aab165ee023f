"""The knobs that all families of pixels in order have alike. No torch here: they are shown before it is loaded."""

from genstudio.core.config import FamilyConfig, SamplingConfig, knob


class PixelConfig(FamilyConfig):
    """How they learn."""

    dropout: float = knob(
        0.1,
        title="Dropout",
        help="How much it must learn to do without; more keeps it from learning few pictures by heart.",
        low=0.0,
        high=0.9,
        advanced=True,
    )
    hidden_labels: float = knob(
        0.1,
        title="Hidden labels",
        help="The share of pictures whose label it is not told, so that it can also draw without one.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    learning_rate: float = knob(
        4e-3,
        title="Learning rate",
        help="How large each change is; too large and the loss jumps about, too small and it crawls.",
        low=1e-5,
        high=1e-1,
        log=True,
        advanced=True,
    )
    averaging: float = knob(
        0.999,
        title="Averaging",
        help="How long the average of past weights reaches back that pictures are drawn with.",
        low=0.0,
        high=0.99999,
        advanced=True,
    )


class PixelSampling(SamplingConfig):
    """How they draw."""

    temperature: float = knob(
        1.0,
        title="Temperature",
        help="Below 1 it keeps to what is likely and draws cleaner; above 1 it dares more and errs more.",
        low=0.1,
        high=2.0,
    )
    guidance: float = knob(
        1.0,
        title="Guidance",
        help="Above 1 it exaggerates what is special about the chosen label; takes twice as long.",
        low=1.0,
        high=5.0,
    )
