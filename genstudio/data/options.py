"""How pictures are treated on import."""

import re
from typing import Literal

from pydantic import field_validator

from genstudio.core.config import Knobs, knob

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

CHANNELS = {"grey": 1, "rgb": 3, "rgba": 4}


class ImportOptions(Knobs):
    """Size, fit and colour mode of a dataset; every picture of it ends up alike."""

    width: int = knob(
        32,
        title="Width",
        help="How wide every picture becomes; training time grows with the number of pixels.",
        unit="pixels",
        low=8,
        high=512,
    )
    height: int = knob(
        32,
        title="Height",
        help="How tall every picture becomes; training time grows with the number of pixels.",
        unit="pixels",
        low=8,
        high=512,
    )
    fit: Literal["crop", "pad", "stretch"] = knob(
        "crop",
        title="Fit",
        help="What happens to pictures of another shape.",
        choices={
            "crop": "Fills the frame and cuts off what sticks out on two sides.",
            "pad": "Shows the whole picture and fills the rest of the frame with the background.",
            "stretch": "Squeezes the picture into the frame, whatever that does to its proportions.",
        },
    )
    mode: Literal["grey", "rgb", "rgba"] = knob(
        "rgb",
        title="Colours",
        help="Which colours the model learns; fewer channels learn faster.",
        choices={
            "grey": "Shades of grey.",
            "rgb": "Full colour on a solid background.",
            "rgba": "Full colour with transparency.",
        },
    )
    background: str = knob(
        "#ffffff",
        title="Background",
        help="The colour that shows where a picture is transparent or has been padded, written like #ffffff.",
    )

    @field_validator("background")
    @classmethod
    def _is_colour(cls, value: str) -> str:
        if not _COLOUR.fullmatch(value):
            raise ValueError("Write a colour as # and six digits, for example #ffffff for white")
        return value.lower()

    @property
    def channels(self) -> int:
        """1, 3 or 4."""
        return CHANNELS[self.mode]

    @property
    def background_rgb(self) -> tuple[int, int, int]:
        """The background as three levels, 0 to 255."""
        red, green, blue = bytes.fromhex(self.background[1:])
        return red, green, blue
