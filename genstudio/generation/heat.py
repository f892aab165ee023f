"""Numbers as colours: from dark blue over grey to pale yellow, lighter for more.

Lightness rises all the way, and blue against yellow is the pair that nearly everybody can tell apart, so that the
map reads the same for the colour-blind and in grey.
"""

import numpy as np
from numpy.typing import NDArray

STOPS = ((16, 24, 48), (36, 58, 102), (78, 94, 120), (124, 126, 128), (172, 162, 118), (217, 202, 98), (250, 240, 150))
"""Colours from nothing to `most`, evenly spaced."""

_LEAST = 1.0  # bits: a map without any surprise stays dark instead of being blown up


def full_scale(maps: NDArray[np.float32]) -> float:
    """The value shown lightest: what 99.5 % of these maps' pixels stay below, but at least one bit."""
    return max(_LEAST, float(np.percentile(maps, 99.5))) if maps.size else _LEAST


def heat(values: NDArray[np.float32], most: float) -> NDArray[np.uint8]:
    """Colour values (..., ) of 0 to `most`; larger ones look like `most`. Returns uint8 (..., 3)."""
    place = np.clip(values / most, 0, 1) * (len(STOPS) - 1)
    colours = [np.interp(place, np.arange(len(STOPS)), [stop[part] for stop in STOPS]) for part in range(3)]
    painted: NDArray[np.uint8] = np.rint(np.stack(colours, -1)).astype(np.uint8)
    return painted
