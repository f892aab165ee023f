"""A few of many, evenly spread: datasets lie sorted by label, so their first few are all alike."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def spread(things: Sequence[T], count: int) -> list[T]:
    """At most `count` things, evenly spread from the first to the last."""
    if len(things) <= count:
        return list(things)
    return [things[index * (len(things) - 1) // max(count - 1, 1)] for index in range(count)]
