"""Figures in words that fit: tick labels, values under the pointer, counts of images."""

import math

MINUS = "\N{MINUS SIGN}"
SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
MOST_TICKS = 64


def value_text(value: float) -> str:
    """Write a figure with four digits that matter: 0.0123, 12.35, 1,235, 1.2e+09."""
    if not math.isfinite(value):
        return "\N{EM DASH}"
    size = abs(value)
    if size != 0 and not 1e-3 <= size < 1e6:
        return _minus(f"{value:.2e}")
    digits = 4 if size < 1 else max(3 - int(math.log10(size)), 0)
    return _minus(f"{value:,.{digits}f}")


def count_text(count: float) -> str:
    """Write a count in full: 12,480."""
    return _minus(f"{count:,.0f}")


def short_count(count: float, step: float) -> str:
    """Write a count on an axis whose ticks are ``step`` apart: 0, 500, 1.5k, 20k, 1.2M."""
    for scale, letter in SCALES:
        if abs(count) >= scale:
            digits = max(0, -math.floor(math.log10(step / scale) + 1e-9)) if step > 0 else 0
            return _minus(f"{count / scale:.{min(digits, 6)}f}{letter}")
    return _minus(f"{count:,.{_digits(step)}f}")


def tick_text(value: float, step: float) -> str:
    """Write a value on an axis whose ticks are ``step`` apart."""
    if value == 0:
        return "0"
    if not 1e-4 <= step < 1e6 or abs(value) >= 1e7:
        return _minus(f"{value:.3g}")
    return _minus(f"{value:,.{_digits(step)}f}")


def decade_text(exponent: float) -> str:
    """Write the value at ``exponent`` of a logarithmic axis: 0.01, 20, 1e+06."""
    if -4 < exponent < 6:
        return f"{float(f'{10.0**exponent:.1g}'):,.10g}"
    decade = math.floor(exponent + 1e-9)
    return _minus(f"{round(10.0 ** (exponent - decade))}e{decade:+03d}")


def nice_step(span: float, ticks: int) -> float:
    """Give the smallest of 1, 2, 5 x 10^k that cuts ``span`` into at most ``ticks`` pieces."""
    if not (math.isfinite(span) and span > 0):
        return 1.0
    rough = span / max(ticks, 1)
    decade: float = 10.0 ** math.floor(math.log10(rough))
    for factor in (1, 2, 5):
        if factor * decade >= rough * (1 - 1e-9):
            return factor * decade
    return 10 * decade


def linear_ticks(low: float, high: float, ticks: int) -> tuple[float, list[float]]:
    """Give a step and its multiples within [low, high]: never more than a screen can hold."""
    step = nice_step(high - low, ticks)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return step, [n * step for n in range(first, min(last, first + MOST_TICKS) + 1)]


def decade_ticks(low: float, high: float, ticks: int) -> list[float]:
    """Give the exponents to mark within [low, high] of a logarithmic axis.

    Whole decades, or every n-th when they are many; with the 2 and the 5 between when few.
    """
    every = max(1, math.ceil((high - low) / max(ticks, 1)))
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    decades = [float(n) for n in range(first, last + 1) if n % every == 0][:MOST_TICKS]
    if every > 1 or (high - low) * 3 > ticks:
        return decades
    between = (n + math.log10(m) for n in range(first - 1, last + 1) for m in (2, 5))
    return sorted(decades + [e for e in between if low <= e <= high])


def _digits(step: float) -> int:
    return min(max(0, -math.floor(math.log10(step) + 1e-9)), 10) if step > 0 else 0


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
