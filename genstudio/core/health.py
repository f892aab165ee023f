"""How a run is doing, judged by the figures it has reported: what a family's doctor reads and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Curve = list[tuple[int, float]]
"""(images seen, value), in order."""

_MOST = 4096  # points kept of a curve


@dataclass(frozen=True)
class Verdict:
    """What is going wrong, as three plain sentences: the finding, the figures that show it, one change to try.

    `kind` is a stable word: while a verdict stands it is not said again, and it is taken back by its kind.
    """

    kind: str
    finding: str
    evidence: str
    advice: str

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.finding} {self.evidence} {self.advice}"


@dataclass
class History:
    """The figures of a run so far, by the names of the family's series (held-out ones as `heldout/<name>`)."""

    curves: dict[str, Curve] = field(default_factory=dict)
    images_seen: int = 0

    def add(self, images_seen: int, values: Mapping[str, float]) -> None:
        """Take up one report."""
        self.images_seen = images_seen
        for name, value in values.items():
            curve = self.curves.setdefault(name, [])
            curve.append((images_seen, value))
            if len(curve) > _MOST:
                curve[:] = _halved(curve)

    def mean(self, name: str, begin: float = 0.0, end: float = 1.0) -> float | None:
        """The mean of a curve over a stretch given in shares of the run so far; None when nothing was reported in it.

        `mean("diversity", 0.9)` is how varied pictures were over the last tenth.
        """
        low, high = begin * self.images_seen, end * self.images_seen
        total, weight, before = 0.0, 0, 0
        for seen, value in self.curves.get(name, []):
            if low <= seen <= high:  # each report is about the stretch since the one before
                total, weight = total + value * max(seen - before, 1), weight + max(seen - before, 1)
            before = seen
        return total / weight if weight else None

    def means(self, name: str, parts: int) -> list[float]:
        """The means over so many equal stretches; those without a report are left out."""
        stretches = (self.mean(name, part / parts, (part + 1) / parts) for part in range(parts))
        return [mean for mean in stretches if mean is not None]


def _halved(curve: Curve) -> Curve:
    """Half as many points: each the mean of two neighbours."""
    pairs = zip(curve[::2], curve[1::2], strict=False)
    return [((first[0] + second[0]) // 2, (first[1] + second[1]) / 2) for first, second in pairs]
