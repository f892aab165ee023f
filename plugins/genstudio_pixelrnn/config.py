"""What a person may turn before training."""

from typing import Literal

from genstudio.api import knob
from genstudio.nn.pixels_config import PixelConfig


class PixelRNNConfig(PixelConfig):
    """The two networks and their sizes."""

    variant: Literal["row-lstm", "diagonal-bilstm"] = knob(
        "diagonal-bilstm",
        title="Network",
        help="In which order the network goes through a picture, and so what it remembers of it.",
        choices={
            "row-lstm": "Row by row: quick, but remembers a triangle above each pixel only.",
            "diagonal-bilstm": "Along the diagonals, from both sides: remembers all that is above. Draws best.",
        },
    )
    levels: int = knob(
        16,
        title="Levels",
        help="How many shades of each colour it tells apart; fewer learn faster and draw crisper.",
        unit="levels",
        low=2,
        high=256,
    )
    features: int = knob(
        32,
        title="Width",
        help="How many things each layer can remember at a place; more draw better and take longer.",
        unit="features",
        low=4,
        high=512,
        log=True,
    )
    depth: int = knob(
        3,
        title="Depth",
        help="How many recurrent layers follow each other; more draw better and take longer.",
        unit="layers",
        low=1,
        high=20,
    )
    reach: int = knob(
        3,
        title="First look",
        help="How far the first layer looks around a pixel; 3 pixels make a window of 7 × 7.",
        unit="pixels",
        low=1,
        high=7,
        advanced=True,
    )
    skips: bool = knob(
        False,
        title="Skip connections",
        help="Lets every layer speak to the output directly; helps when there are many layers.",
        advanced=True,
    )


PRESETS = {
    "Draft": PixelRNNConfig(
        images=20_000, batch_size=16, levels=8, features=24, depth=2, dropout=0.0, learning_rate=1e-2
    ),
    "Balanced": PixelRNNConfig(images=120_000, batch_size=16, dropout=0.0, learning_rate=5e-3),
    "Quality": PixelRNNConfig(
        images=3_000_000,
        batch_size=64,
        levels=256,
        features=64,
        depth=7,
        skips=True,
        dropout=0.2,
        learning_rate=1e-3,
        averaging=0.9995,
    ),
}
