"""Pictures that are the same, and pictures that nearly are."""

import hashlib

import numpy as np
from numpy.typing import NDArray


class Seen:
    """Remembers pictures and finds the first that was the very same.

    The same means: the same pixels after treatment, the same label and the same caption. A picture that comes twice
    with different labels is two examples (a capital O and a zero of some fonts), and stays.
    """

    def __init__(self) -> None:
        self._first: dict[bytes, str] = {}

    def first(self, name: str, pixels: NDArray[np.uint8], label: str | None, caption: str) -> str | None:
        """Return the name of the same picture seen before, or None and remember this one."""
        digest = hashlib.blake2b(pixels.data, digest_size=16)
        digest.update(repr((label, caption)).encode("utf-8", "backslashreplace"))
        first = self._first.setdefault(digest.digest(), name)
        return None if first is name else first
