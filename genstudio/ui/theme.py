"""How the window looks: our own dark and light colours, one type face, one small style sheet.

Every colour comes from `resources/themes/{dark,light}.json`; nothing else in the window names a colour. The palette
is set on the application as well, so that plain Qt widgets and painted ones agree.
"""

import json
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Template
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from genstudio.core import paths
from genstudio.ui.settings import Settings

GRID = 8
"""Distances in the window are multiples of this, in device-independent pixels (halves of it inside a control)."""

BODY, SMALL, TITLE = 13, 12, 22
"""The two text sizes and the title, in pixels at a text scale of 1."""

_SCALES = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


class ThemeChoice(StrEnum):
    """What a person may ask for."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class Tokens(NamedTuple):
    """The colours of one look, by what they are for. A `soft` colour is a background for its namesake."""

    window: str
    rail: str
    surface: str
    raised: str
    hover: str
    line: str
    strong_line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    on_accent: str
    good: str
    good_soft: str
    warning: str
    warning_soft: str
    bad: str
    bad_soft: str
    canvas: str
    shadow: str


@cache
def load_tokens(name: str) -> Tokens:
    """Read the colours of "dark" or "light"."""
    return Tokens(**json.loads((_folder() / f"{name}.json").read_text("utf-8")))


def token_colour(palette: QPalette, token: str) -> QColor:
    """Return a token's colour in the look that a palette belongs to; for painted widgets, which know no theme."""
    window = palette.color(QPalette.ColorRole.Window).lightness()
    name = "dark" if window < palette.color(QPalette.ColorRole.WindowText).lightness() else "light"
    return to_colour(getattr(load_tokens(name), token))


class Theme(QObject):
    """The look in use. `changed` is emitted after the application wears a new one."""

    changed = Signal()

    def __init__(self, app: QApplication, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._settings = settings
        self._family = _load_fonts()
        self._tokens = load_tokens("dark")
        self.dark = True
        self._wear()
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def tokens(self) -> Tokens:
        """The colours in use, as `#rrggbb` (the shadow as `#rrggbbaa`)."""
        return self._tokens

    def colour(self, token: str) -> QColor:
        """Return one of the colours in use, by its name in `Tokens`."""
        return to_colour(getattr(self._tokens, token))

    @property
    def choice(self) -> ThemeChoice:
        """What the person asked for."""
        stored = self._settings.get("theme", ThemeChoice.SYSTEM.value)
        return ThemeChoice(stored) if stored in set(ThemeChoice) else ThemeChoice.SYSTEM

    def choose(self, choice: ThemeChoice) -> None:
        """Wear this look from now on, and remember it."""
        self._settings.set("theme", choice.value)
        self._wear()

    @property
    def text_scale(self) -> float:
        """How large text is drawn, 0.8 to 2."""
        return min(max(self._settings.get("text scale", 1.0), _SCALES[0]), _SCALES[-1])

    def scale_text(self, steps: int) -> None:
        """Make text larger or smaller by so many steps; 0 goes back to the usual size."""
        here = min(range(len(_SCALES)), key=lambda index: abs(_SCALES[index] - self.text_scale))
        there = min(max(here + steps, 0), len(_SCALES) - 1)
        self._settings.set("text scale", _SCALES[there] if steps else 1.0)
        self._wear()

    def pixels(self, size: int) -> int:
        """Scale a text size (or a width that must follow it) by the text scale."""
        return round(size * self.text_scale)

    def _system_changed(self) -> None:
        if self.choice is ThemeChoice.SYSTEM:
            self._wear()

    def _wear(self) -> None:
        self.dark = self._wants_dark()
        name = "dark" if self.dark else "light"
        self._tokens = load_tokens(name)
        self._app.setFont(self._font())
        self._app.setPalette(make_palette(self._tokens))
        self._app.setStyleSheet(self._style_sheet(name))
        self.changed.emit()

    def _wants_dark(self) -> bool:
        if self.choice is not ThemeChoice.SYSTEM:
            return self.choice is ThemeChoice.DARK
        return self._app.styleHints().colorScheme() is not Qt.ColorScheme.Light

    def _font(self) -> QFont:
        font = QFont(self._family) if self._family else QFont()
        font.setPixelSize(self.pixels(BODY))
        return font

    def _style_sheet(self, name: str) -> str:
        sizes = {"body": self.pixels(BODY), "small": self.pixels(SMALL), "title": self.pixels(TITLE)}
        text = (_folder() / "studio.qss").read_text("utf-8")
        return Template(text).substitute(self._tokens._asdict(), **sizes, images=(_folder() / name).as_posix())


def to_colour(text: str) -> QColor:
    """Read `#rrggbb` or `#rrggbbaa` (Qt itself takes alpha first)."""
    colour = QColor(text[:7])
    if len(text) == 9:
        colour.setAlpha(int(text[7:], 16))
    return colour


def make_palette(tokens: Tokens) -> QPalette:
    """Turn colours into the palette that Fusion and painted widgets draw with."""
    role = QPalette.ColorRole
    roles = {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.raised,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.faint,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.bad,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Link: tokens.accent_text,
        role.LinkVisited: tokens.accent_text,
        role.Light: tokens.raised,
        role.Midlight: tokens.hover,
        role.Mid: tokens.line,
        role.Dark: tokens.strong_line,
        role.Shadow: tokens.canvas,
        role.Accent: tokens.accent,
    }
    palette = QPalette()
    for where, colour in roles.items():
        palette.setColor(where, to_colour(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, to_colour(tokens.faint))
    return palette


def _folder() -> Path:
    return paths.resources() / "themes"


def _load_fonts() -> str:
    families: list[str] = []
    for file in sorted((_folder() / "fonts").glob("*.otf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families += QFontDatabase.applicationFontFamilies(number)
    return families[0] if families else ""
