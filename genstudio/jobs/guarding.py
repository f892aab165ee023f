"""Listens to a run in progress and says when it begins to learn its pictures by heart, whatever its family."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean, median

from genstudio.core import words
from genstudio.core.events import Emit, Event, Preview, Recovered, Warned
from genstudio.core.family import HELDOUT, AnyFamily
from genstudio.core.health import Curve, History, Verdict
from genstudio.jobs.copy_look import NEAR_COPIES
from genstudio.jobs.quality_words import share_words

BY_HEART, COPYING = "by heart", "copying"
KINDS = (BY_HEART, COPYING)

_SINCE = 5  # looks since the best one
_LATEST = 3  # of them, all of which have to be worse
_WORSE = 0.02  # of the best figure
_BEYOND_CHANCE = 4.0
_COPIES, _ALL_AT_ONCE = 0.15, 0.3  # of the pictures shown: in the mean of some looks, at a single one
_CLEAR = 3

Judge = Callable[[History], Verdict | None]


class Guarding:
    """An event sink in front of another that adds what `judges` find, by kind, and takes back what no longer holds.

    It looks whenever the run shows pictures, at a `history` that somebody behind it keeps. `standing` is what the run
    had been warned of by the point where it goes on.
    """

    def __init__(
        self, judges: Mapping[str, Judge], history: History, emit: Emit, standing: Mapping[str, str] | None = None
    ) -> None:
        self._judges, self._history, self._emit = judges, history, emit
        self._standing = dict(standing or {})
        self._clear = dict.fromkeys(judges, 0)
        self._looked_at = -1

    def __call__(self, event: Event) -> None:
        """Pass an event on, and say what it shows."""
        self._emit(event)
        if isinstance(event, Preview) and event.images_seen != self._looked_at:
            self._looked_at = event.images_seen
            for kind, judge in self._judges.items():
                self._hear(event, kind, judge(self._history))

    def _hear(self, event: Event, kind: str, verdict: Verdict | None) -> None:
        self._clear[kind] = 0 if verdict is not None else self._clear[kind] + 1
        if verdict is not None and kind not in self._standing:
            self._standing[kind] = verdict.text
            self._emit(Warned(event.run, event.images_seen, verdict.text, kind))
        elif self._clear[kind] >= _CLEAR and kind in self._standing:
            self._emit(Recovered(event.run, event.images_seen, kind, self._standing.pop(kind)))


@dataclass(frozen=True)
class LearnsByHeart:
    """Held-out pictures find a run worse and worse, though it still gets better at those it learns from."""

    family: AnyFamily

    def __call__(self, history: History) -> Verdict | None:
        """Say so, once the latest figures are worse than the best by clearly more than their usual unrest."""
        name, sign = self.family.judge, -1 if self.family.judged_by and self.family.judged_by.highest else 1
        curve = [(seen, sign * value) for seen, value in history.curves.get(name or "", []) if seen]
        if len(curve) <= _SINCE:
            return None
        at, best = min(curve, key=lambda point: (point[1], point[0]))
        after = [value for seen, value in curve if seen > at]
        latest = after[-_LATEST:]
        enough = max(_WORSE * abs(best), _BEYOND_CHANCE * unrest(curve))
        if len(after) < _SINCE or fmean(latest) - best <= enough or min(latest) <= best:
            return None
        return self._verdict(at, sign * best, sign * fmean(latest))

    def _verdict(self, at: int, best: float, now: float) -> Verdict:
        title = next(one.title for one in self.family.series if HELDOUT + one.name == self.family.judge)
        return Verdict(
            BY_HEART,
            "It has begun to learn your pictures by heart.",
            f"On held-out pictures “{title}” was best at {words.count(at)} images, {words.figure(best)}; now it is "
            f"{words.figure(now)}.",
            "Generate from the best checkpoint, which is kept; with more pictures, or with augmentation where the "
            "model offers it, it can learn for longer.",
        )


def copies(history: History) -> Verdict | None:
    """Many of the pictures it draws are nearly training pictures: said once several looks find it, or one for sure."""
    shares = [value for _, value in history.curves.get(NEAR_COPIES, [])[-_LATEST:]]
    share = fmean(shares) if shares else 0.0
    if not shares or shares[-1] < _COPIES or share < (_COPIES if len(shares) > 1 else _ALL_AT_ONCE):
        return None
    return Verdict(
        COPYING,
        "It has begun to copy your pictures.",
        f"Of the pictures it draws {share_words(share)} are near copies of training pictures; of new pictures hardly "
        "one in 100 would be.",
        "Give it more pictures, turn on augmentation where the model offers it, or stop it and generate from the best "
        "checkpoint.",
    )


def unrest(curve: Curve) -> float:
    """By how much the points of a curve stray from its course, as a standard deviation.

    Second differences know nothing of where the curve is going; their median ignores a few jumps.
    """
    values = [value for _, value in curve]
    bends = [abs(one - 2 * two + three) for one, two, three in zip(values, values[1:], values[2:], strict=False)]
    return median(bends) / (0.6745 * 6**0.5) if bends else 0.0
