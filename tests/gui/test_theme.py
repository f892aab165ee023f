"""The two looks: complete, readable, switchable, remembered."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication

from genstudio.core import paths
from genstudio.ui.icons import icon
from genstudio.ui.settings import Settings
from genstudio.ui.theme import Theme, ThemeChoice, Tokens, load_tokens, to_colour, token_colour

READABLE, VISIBLE = 4.5, 3.0


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(front: str, back: str) -> float:
    light, dark = sorted((luminance(to_colour(front)), luminance(to_colour(back))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("text", "window", READABLE),
        ("text", "surface", READABLE),
        ("text", "raised", READABLE),
        ("text", "accent_soft", READABLE),
        ("muted", "window", READABLE),
        ("muted", "surface", READABLE),
        ("muted", "rail", READABLE),
        ("muted", "raised", READABLE),
        ("accent_text", "surface", READABLE),
        ("on_accent", "accent", READABLE),
        ("on_accent", "accent_hover", READABLE),
        ("bad", "surface", READABLE),
        ("good", "good_soft", READABLE),
        ("warning", "warning_soft", READABLE),
        ("bad", "bad_soft", READABLE),
        ("accent", "surface", VISIBLE),
        ("faint", "surface", VISIBLE),
    ],
)
def test_that_text_can_be_read_on_what_lies_behind_it(name: str, front: str, back: str, least: float) -> None:
    tokens = load_tokens(name)
    assert contrast(getattr(tokens, front), getattr(tokens, back)) >= least


@pytest.mark.parametrize("choice", [ThemeChoice.DARK, ThemeChoice.LIGHT])
def test_that_a_chosen_look_is_worn_and_remembered(qapp: QApplication, tmp_path: Path, choice: ThemeChoice) -> None:
    settings = Settings(tmp_path / "s.json")
    theme = Theme(qapp, settings)
    heard: list[bool] = []
    theme.changed.connect(lambda: heard.append(theme.dark))
    theme.choose(choice)
    assert heard == [choice is ThemeChoice.DARK]
    assert qapp.palette().window().color() == theme.colour("window")
    assert token_colour(qapp.palette(), "accent") == theme.colour("accent")
    settings.save()
    assert Theme(qapp, Settings(tmp_path / "s.json")).choice is choice


def test_that_text_grows_and_goes_back(qapp: QApplication, settings: Settings) -> None:
    theme = Theme(qapp, settings)
    usual = qapp.font().pixelSize()
    theme.scale_text(2)
    assert qapp.font().pixelSize() > usual
    for _ in range(20):
        theme.scale_text(1)
    assert theme.text_scale == 2.0
    theme.scale_text(0)
    assert qapp.font().pixelSize() == usual


def test_that_the_style_sheet_names_only_colours_that_exist() -> None:
    text = (paths.resources() / "themes" / "studio.qss").read_text("utf-8")
    used = set(re.findall(r"\$\{?(\w+)", text))
    assert used <= {*Tokens._fields} | {"body", "small", "title", "images"}
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", text), "a colour belongs into dark.json and light.json"


def icon_files() -> list[str]:
    return sorted(file.stem for file in (paths.resources() / "icons").glob("*.svg"))


@pytest.mark.parametrize("name", icon_files())
def test_that_every_icon_is_of_the_family_and_draws_something(qapp: QApplication, name: str) -> None:
    text = (paths.resources() / "icons" / f"{name}.svg").read_text("utf-8")
    for mark in ('viewBox="0 0 24 24"', 'stroke="currentColor"', 'stroke-linecap="round"'):
        assert mark in text
    image = icon(name).pixmap(QSize(24, 24)).toImage()
    inked = sum(image.pixelColor(x, y).alpha() > 0 for x in range(24) for y in range(24))
    assert 8 < inked < 24 * 24 * 0.8


def test_that_icons_follow_the_palette_and_are_crisp_at_two_hundred_percent(
    qapp: QApplication, settings: Settings
) -> None:
    theme, drawing = Theme(qapp, settings), icon("plus")

    def ink(state: QIcon.Mode = QIcon.Mode.Normal) -> QColor:
        return drawing.pixmap(QSize(24, 24), 2.0, state).toImage().pixelColor(24, 24)

    assert drawing.pixmap(QSize(24, 24), 2.0, QIcon.Mode.Normal).size() == QSize(48, 48)
    for choice in (ThemeChoice.DARK, ThemeChoice.LIGHT):
        theme.choose(choice)
        assert ink().name() == theme.colour("text").name()
        assert ink(QIcon.Mode.Disabled).name() == theme.colour("faint").name()


def test_that_an_icon_that_does_not_exist_is_noticed_at_once(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no such drawing")
