"""What a person may turn: before training, and when drawing."""

from typing import Literal

from genstudio.api import FamilyConfig, SamplingConfig, knob


class PixelCNNConfig(FamilyConfig):
    """The three networks and their sizes."""

    variant: Literal["pixelcnn", "gated", "pixelcnn++"] = knob(
        "gated",
        title="Network",
        help="How the network looks at the pixels it has drawn so far.",
        choices={
            "pixelcnn": "The first one: one stack of layers, quick, but blind to a corner on the upper right.",
            "gated": "Two stacks and gates: sees everything before a pixel. Best for few levels and clean shapes.",
            "pixelcnn++": "Works at three sizes at once and knows that neighbouring levels are alike. Best for colour.",
        },
    )
    levels: int = knob(
        32,
        title="Levels",
        help="How many shades of each colour it tells apart; fewer learn faster and draw crisper.",
        unit="levels",
        low=2,
        high=256,
    )
    features: int = knob(
        48,
        title="Width",
        help="How many things each layer can notice at a place; more draw better and take longer.",
        unit="features",
        low=4,
        high=512,
        log=True,
    )
    depth: int = knob(
        6,
        title="Depth",
        help="How many layers follow each other; more see further. In PixelCNN++, at each size on the way down and up.",
        unit="layers",
        low=2,
        high=40,
    )
    mixtures: int = knob(
        5,
        title="Mixture",
        help="PixelCNN++ only: how many different ideas it may have about one pixel.",
        unit="components",
        low=1,
        high=32,
        advanced=True,
    )
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
        1e-3,
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


class PixelCNNSampling(SamplingConfig):
    """How it draws."""

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


PRESETS = {
    "Draft": PixelCNNConfig(images=20_000, batch_size=32, levels=16, features=32, depth=4),
    "Balanced": PixelCNNConfig(images=150_000, batch_size=32, levels=16, features=32, depth=6),
    "Quality": PixelCNNConfig(
        images=5_000_000,
        batch_size=128,
        variant="pixelcnn++",
        levels=256,
        features=128,
        depth=4,
        mixtures=10,
        dropout=0.5,
        learning_rate=5e-4,
        averaging=0.9995,
    ),
}
