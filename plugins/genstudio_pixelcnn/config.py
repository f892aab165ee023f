"""What a person may turn before training."""

from typing import Literal

from genstudio.api import knob
from genstudio.nn.pixels_config import PixelConfig


class PixelCNNConfig(PixelConfig):
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


PRESETS = {
    "Draft": PixelCNNConfig(images=20_000, batch_size=16, levels=16, features=32, depth=4),
    "Balanced": PixelCNNConfig(images=150_000, batch_size=16, levels=16, features=32, depth=6),
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
