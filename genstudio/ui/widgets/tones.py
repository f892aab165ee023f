"""The tones a message can have, each with a drawing, so that colour is never the only sign."""

from enum import StrEnum

from genstudio.ui.widgets.icon_view import IconView


class Tone(StrEnum):
    """How a message is meant."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


DRAWINGS: dict[Tone, tuple[str, str]] = {
    Tone.PLAIN: ("info", "muted"),
    Tone.GOOD: ("check", "good"),
    Tone.WARNING: ("warning", "warning"),
    Tone.BAD: ("error", "bad"),
}
"""The icon's name and the token of its colour."""


def tone_icon(tone: Tone) -> IconView:
    """Make the drawing that stands beside a message of this tone."""
    return IconView(*DRAWINGS[tone])
