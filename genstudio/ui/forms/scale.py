"""Numbers as people read and write them, and the slider positions they stand at. No Qt."""

import math
import re
from dataclasses import dataclass

STEPS = 400
"""Positions of a slider: fine enough to be smooth, coarse enough for an arrow key to be felt."""

_SOFT_DECADES = 2.0
_SUFFIXES = {"k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9}
_TYPED = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([kmgb])?$", re.IGNORECASE)
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$")


@dataclass(frozen=True)
class Scale:
    """How a bounded number lies along a slider; `low` < `high`, both above 0 when `log`."""

    low: float
    high: float
    log: bool
    whole: bool

    @classmethod
    def around(cls, middle: float, low: float, high: float, *, log: bool, whole: bool) -> "Scale":
        """Make a scale within the bounds; a logarithmic one reaches two decades to either side of `middle`.

        Ten decades on one slider would make every pixel a leap; a value further away can still be typed.
        """
        if not log or low < 0:
            return cls(low, high, False, whole)
        bottom = low if low > 0 else min(high, 1.0 if whole else 1e-6)
        if middle > 0:
            bottom = max(bottom, 10 ** math.floor(math.log10(middle) - _SOFT_DECADES + 1e-9))
            high = min(high, 10 ** math.ceil(math.log10(middle) + _SOFT_DECADES - 1e-9))
        return cls(bottom, high, True, whole) if bottom < high else cls(low, high, False, whole)

    def position(self, value: float) -> int:
        """The slider position nearest to a value; values beyond the scale stand at its ends."""
        value = min(max(value, self.low), self.high)
        share = self._share(value)
        return round(share * STEPS)

    def value(self, position: int) -> float:
        """The value at a slider position, rounded to what a person would have typed."""
        share = min(max(position / STEPS, 0.0), 1.0)
        if share in (0.0, 1.0):
            return self.low if share == 0.0 else self.high
        exact = self.low * (self.high / self.low) ** share if self.log else self.low + share * (self.high - self.low)
        rounded = round_to(exact, self._grain(exact))
        return min(max(rounded, self.low), self.high)

    def _share(self, value: float) -> float:
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def _grain(self, value: float) -> float:
        span = value / 10 if self.log else (self.high - self.low) / 100
        grain = 10 ** math.floor(math.log10(span)) if span > 0 else 1.0
        return max(grain, 1.0) if self.whole else grain


def round_to(value: float, grain: float) -> float:
    """Round to a multiple of a power of ten, without the dust of binary fractions."""
    digits = max(0, -math.floor(math.log10(grain)))
    return round(round(value / grain) * grain, digits)


def nudged(value: float, steps: int, *, log: bool, whole: bool) -> float:
    """The value some presses of an arrow key away: a twentieth of its size when logarithmic, else its last digit."""
    size = abs(value)
    if log and size > 0:
        grain = 10 ** math.floor(math.log10(size) - 1 + 1e-9)
        moved = round_to(value, grain) + steps * max(grain, 1.0 if whole else 0.0)
        return moved if moved > 0 else value
    return value + steps * (1.0 if whole else _last_digit(value))


def _last_digit(value: float) -> float:
    text = f"{value:.6g}"
    if "e" in text or "." not in text:
        return 0.1
    return float(10 ** -len(text.split(".")[1]))


def written(value: object, *, whole: bool) -> str:
    """Write a number for a person: thousands apart by commas, tiny fractions as powers of ten."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return "" if value is None else str(value)
    if whole or (float(value).is_integer() and abs(value) >= 1000):
        return f"{round(value):,}"
    return f"{value:.6g}"


def read(text: str, *, whole: bool) -> int | float | str | None:
    """Read what a person typed: `20,000`, `20k`, `1.5m`, `2e-4`; a comma that cannot part thousands is a decimal one.

    Returns None for nothing and the text itself when it is no number, so that the config can say what is wrong.
    """
    plain = re.sub(r"[\s_']", "", text)
    if not plain:
        return None
    if _THOUSANDS.match(plain):
        plain = plain.replace(",", "")
    found = _TYPED.match(plain.replace(",", "."))
    if found is None:
        return text.strip()
    number = float(found[1]) * _SUFFIXES.get((found[2] or "").lower(), 1.0)
    return int(number) if whole and number.is_integer() else number
