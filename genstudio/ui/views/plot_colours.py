"""The fixed colours of curves, told apart by every kind of colour vision, on dark and on light.

The hues follow Okabe and Ito, "Color Universal Design" (2008), moved until each stands out from
its background by at least 3 : 1 (WCAG 2.2, 1.4.11) and the first six lie well apart for usual,
protan and deutan sight; a test holds both.
"""

from PySide6.QtGui import QColor, QFont, QPalette

ON_LIGHT = ("#1f6fbf", "#db6303", "#0f9d6b", "#b3408f", "#854f02", "#2b95c9", "#5a5a5a", "#6b3410")
ON_DARK = ("#4aa3e0", "#ff8a3c", "#33c79b", "#e39ac8", "#f0d43a", "#9fddfa", "#a8a8a8", "#b5764a")

FAINT = 90
SMALLER = 0.88


def is_dark(palette: QPalette) -> bool:
    """Tell whether text lies light on dark."""
    return palette.base().color().lightness() < palette.text().color().lightness()


def slot_colour(slot: int, dark: bool) -> QColor:
    """Give the colour of a slot; slots past the last begin again."""
    colours = ON_DARK if dark else ON_LIGHT
    return QColor(colours[slot % len(colours)])


def faint(colour: QColor) -> QColor:
    """Give the same colour as raw figures are drawn in, behind the smoothed curve."""
    pale = QColor(colour)
    pale.setAlpha(FAINT)
    return pale


def mixed(front: QColor, back: QColor, share: float) -> QColor:
    """Give the opaque colour that ``share`` of ``front`` over ``back`` makes."""
    parts = zip(front.getRgb()[:3], back.getRgb()[:3], strict=True)  # type: ignore[index]  # Qt's stub says object; it is a tuple
    return QColor(*(round(share * f + (1 - share) * b) for f, b in parts))


def smaller(font: QFont) -> QFont:
    """Give the same font for labels; sizes are in pixels or points, whichever it was set in."""
    small = QFont(font)
    if font.pixelSize() > 0:
        small.setPixelSize(round(font.pixelSize() * SMALLER))
    else:
        small.setPointSizeF(font.pointSizeF() * SMALLER)
    return small
