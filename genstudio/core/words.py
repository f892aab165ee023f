"""Numbers in words, the same in the window and on the command line."""


def duration(seconds: float) -> str:
    """Say a length of time the way people do: "8 s", "3 min 20 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, rest = divmod(whole // 60, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def count(number: int) -> str:
    """Write a whole number with thousands apart: "12,800"."""
    return f"{number:,}"


def size(number_of_bytes: int) -> str:
    """Write a size in decimal units: "640 kB", "1.2 GB"."""
    value = float(number_of_bytes)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit != "MB" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def figure(value: float) -> str:
    """Write a measured figure with as many digits as a person reads: "104.2", "0.0312", "3.1e-06"."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        digits = 4 if abs(value) < 1 else 2 if abs(value) < 100 else 1
        return f"{value:.{digits}f}"
    return f"{value:.2e}"
