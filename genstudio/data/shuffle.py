"""Orders that depend on a seed alone, the same on every machine and in every release."""

import numpy as np
from numpy.typing import NDArray

from genstudio.core.seeds import mixed_seed

_GOLDEN = 0x9E3779B97F4A7C15


def shuffled(count: int, *parts: int | str) -> NDArray[np.int64]:
    """Return the numbers 0 to `count` - 1 in an order that depends on `parts` alone.

    Every number is given a 64-bit key by SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
    generators") and the keys are sorted. Library generators promise no stable stream across releases; this is one.
    """
    keys = np.arange(count, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(mixed_seed(*parts))
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.argsort(keys ^ (keys >> np.uint64(31)), kind="stable").astype(np.int64)


def split(count: int, fingerprint: str, heldout: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide a dataset's positions into those trained on and those held out, both sorted.

    `heldout` is the share (0 to 1) never trained on. Neither side is ever empty: of three pictures or more at least
    one is held out and one trained on. With one or two pictures, or a share of 0, every picture is on both sides, so
    that there is always something to evaluate and preview; figures of held-out data then mean training data.
    """
    if count < 3 or heldout <= 0:
        everything = np.arange(count, dtype=np.int64)
        return everything, everything.copy()
    kept_back = min(max(round(count * heldout), 1), count - 1)
    order = shuffled(count, "split", fingerprint)
    return np.sort(order[kept_back:]), np.sort(order[:kept_back])
