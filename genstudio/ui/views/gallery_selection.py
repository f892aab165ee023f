"""Which pictures of a gallery are chosen, and what each kind of click makes of that."""

from collections.abc import Iterable


class Selection:
    """A set of places, the current place (where the keyboard is) and the anchor of a range."""

    def __init__(self) -> None:
        self.chosen: set[int] = set()
        self.current = -1
        self._anchor = -1
        self._before_band: set[int] = set()

    def clear(self) -> None:
        """Choose nothing; the current place stays."""
        self.chosen = set()

    def only(self, index: int) -> None:
        """Choose one picture."""
        self.chosen = {index}
        self.current = self._anchor = index

    def toggle(self, index: int) -> None:
        """Choose a picture besides the others, or no longer."""
        self.chosen ^= {index}
        self.current = self._anchor = index

    def extend(self, index: int) -> None:
        """Choose everything from the anchor to here."""
        anchor = self._anchor if self._anchor >= 0 else index
        self.chosen = set(range(min(anchor, index), max(anchor, index) + 1))
        self._anchor, self.current = anchor, index

    def go(self, index: int) -> None:
        """Make a place current without choosing it."""
        self.current = index

    def all(self, count: int) -> None:
        """Choose everything."""
        self.chosen = set(range(count))

    def begin_band(self, keep: bool) -> None:
        """Start a rubber band; what was chosen stays, or is let go."""
        self._before_band = set(self.chosen) if keep else set()
        self.chosen = set(self._before_band)

    def band(self, inside: Iterable[int]) -> None:
        """Choose what the band holds now."""
        self.chosen = self._before_band.union(inside)

    def inserted(self, first: int, count: int) -> None:
        """Follow the pictures when others come in before them."""
        self.chosen = {i + count if i >= first else i for i in self.chosen}
        self.current += count if self.current >= first else 0
        self._anchor += count if self._anchor >= first else 0

    def removed(self, first: int, count: int, left: int) -> None:
        """Follow the pictures when some are gone and ``left`` remain."""
        end = first + count
        kept = (i for i in self.chosen if not first <= i < end)
        self.chosen = {i - count if i >= end else i for i in kept}
        self.current = min(_after_removal(self.current, first, end), left - 1)
        self._anchor = min(_after_removal(self._anchor, first, end), left - 1)


def _after_removal(index: int, first: int, end: int) -> int:
    if index < first:
        return index
    return index - (end - first) if index >= end else first
