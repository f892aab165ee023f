"""Forms made from the fields of a config."""

from collections.abc import Sequence
from typing import Literal

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, FieldSpec, knob
from genstudio.ui.forms import KnobsForm, RunOption
from genstudio.ui.forms.editors import choice_title, same
from genstudio.ui.forms.numbers import NumberBox, NumberSlider
from genstudio.ui.forms.scale import STEPS, Scale, nudged, read, written
from genstudio.ui.forms.switch import Switch
from genstudio.ui.widgets.numbers import ComboBox
from genstudio.ui.widgets.segments import Segments

CANARY = "<b>bold</b><img src='file:///etc/passwd'>"


class ToyConfig(FamilyConfig):
    """One field of every kind."""

    rate: float = knob(0.01, title="Rate", help="How big each step is.", low=1e-6, high=1.0, log=True)
    kind: Literal["soft", "hard"] = knob(
        "soft", title="Kind", help="How edges look.", choices={"soft": "Blurred edges.", "hard": CANARY}
    )
    many: Literal["a", "b", "c", "d", "e"] = knob("a", title="Many", help="One of many.", choices={})
    flip: bool = knob(True, title="Mirror", help="Also learns from mirrored pictures.")
    note: str = knob("", title=CANARY, help=CANARY)
    free: float | None = knob(None, title="Free", help="Costs nothing.", low=0, high=8, advanced=True)
    base: str | None = knob(
        None, title="Stands on", help="A finished model.", run_with=Ability.RECONSTRUCT, advanced=True
    )


def some_runs(field: FieldSpec) -> Sequence[RunOption]:
    return [RunOption("run-1", "Faces")] if field.ability is Ability.RECONSTRUCT else []


@pytest.fixture
def form(qtbot: QtBot) -> KnobsForm:
    form = KnobsForm(ToyConfig(), runs=some_runs)
    qtbot.addWidget(form)
    form.resize(360, 1200)
    form.show()
    return form


def box(form: KnobsForm, name: str) -> NumberBox:
    return form.row(name).findChildren(NumberBox)[0]


def test_that_the_form_gives_back_the_config_it_was_shown(form: KnobsForm) -> None:
    assert form.check(ToyConfig) == ToyConfig()
    assert form.changes() == {}


def test_that_every_kind_of_control_turns_its_value(form: KnobsForm) -> None:
    QTest.mouseClick(form.row("flip").findChildren(Switch)[0], Qt.MouseButton.LeftButton)
    QTest.mouseClick(form.row("kind").findChildren(Segments)[0].button("hard"), Qt.MouseButton.LeftButton)
    combo = form.row("many").findChildren(ComboBox)[0]
    QTest.keyClick(combo, Qt.Key.Key_Down)
    QTest.keyClicks(form.row("note").targets()[0], "hello")
    rate = box(form, "rate")
    rate.selectAll()
    QTest.keyClicks(rate, "2e-4")
    config = form.check(ToyConfig)
    assert config is not None
    assert (config.flip, config.kind, config.many, config.note, config.rate) == (False, "hard", "b", "hello", 2e-4)


def test_that_a_run_can_be_chosen_for_a_field_that_stands_on_one(form: KnobsForm) -> None:
    combo = form.row("base").findChildren(ComboBox)[0]
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert form.values()["base"] == "run-1"
    form.turn({"base": "a run that is gone"})
    assert form.values()["base"] is None


def test_that_a_field_without_any_run_to_stand_on_says_so(qtbot: QtBot) -> None:
    form = KnobsForm(ToyConfig())
    qtbot.addWidget(form)
    texts = " ".join(label.text() for label in form.row("base").findChildren(QLabel))
    assert Ability.RECONSTRUCT.sentence in texts


class StandingConfig(FamilyConfig):
    """Needs a run."""

    base: str = knob("", title="Stands on", help="Train one first.", run_with=Ability.RECONSTRUCT)


def test_that_a_run_that_must_be_chosen_is_asked_for(qtbot: QtBot) -> None:
    form = KnobsForm(StandingConfig(), runs=some_runs)
    qtbot.addWidget(form)
    combo = form.row("base").findChildren(ComboBox)[0]
    assert combo.currentText() == "Choose a run"
    assert form.check(StandingConfig) == StandingConfig() and not form.changes()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert form.values()["base"] == "run-1"


def test_that_a_changed_field_is_marked_and_goes_back_to_the_preset(form: KnobsForm) -> None:
    form.turn({"rate": 0.5, "free": 2.0})
    row = form.row("rate")
    reset = row.targets()[-1]
    assert row.is_changed() and reset.isVisible()
    QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert not row.is_changed() and not reset.isVisible()
    assert form.changes() == {"free": 2.0}


def test_that_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(form: KnobsForm) -> None:
    images = box(form, "images")
    images.selectAll()
    QTest.keyClicks(images, "lots")
    images.clearFocus()
    assert form.check(ToyConfig) is None
    assert "number" in form.row("images").error() or "integer" in form.row("images").error()
    assert images.text() == "lots"
    assert form.row("rate").error() == ""


def test_that_an_error_in_a_folded_field_unfolds_it(form: KnobsForm) -> None:
    assert not form.row("free").isVisible()
    form.show_errors({"free": "Too much."})
    assert form.row("free").isVisible() and form.row("free").error() == "Too much."
    form.show_errors({})
    assert form.row("free").error() == ""


def test_that_an_error_of_no_field_is_shown_at_the_end(form: KnobsForm) -> None:
    form.show_errors({"": "These do not go together."})
    assert any(label.text() == "These do not go together." and label.isVisible() for label in form.findChildren(QLabel))


def test_that_scrolling_over_a_control_changes_nothing(form: KnobsForm) -> None:
    before = form.values()
    for kind in (NumberBox, NumberSlider, ComboBox, Switch):
        for control in form.findChildren(kind):
            turn_wheel(control)
    assert form.values() == before


def turn_wheel(widget: QWidget) -> None:
    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre,
        centre,
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_that_the_tab_key_goes_through_the_fields_in_order(form: KnobsForm, qtbot: QtBot) -> None:
    qtbot.waitExposed(form)
    form.activateWindow()
    box(form, "images").setFocus()
    seen: list[str] = []
    for _ in range(40):
        focus = form.focusWidget()
        name = focus.accessibleName() if focus is not None else ""
        if name and (not seen or seen[-1] != name):
            seen.append(name)
        form.focusNextChild()
    rows = ["Length", "Rate", "Kind: Soft", "Many", "Mirror", CANARY, "Advanced"]
    assert [name for name in seen if name in rows][: len(rows)] == rows


def test_that_every_control_has_a_name_and_a_description(form: KnobsForm) -> None:
    for name in ToyConfig.model_fields:
        for target in form.row(name).targets():
            assert target.accessibleName(), name
    assert box(form, "rate").accessibleDescription() == "How big each step is."


def test_that_titles_and_sentences_are_plain_text(form: KnobsForm) -> None:
    for label in form.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
    assert CANARY in form.row("note").findChildren(QLabel)[0].text()


def test_that_arrow_keys_and_the_slider_turn_a_number(form: KnobsForm) -> None:
    rate = box(form, "rate")
    QTest.keyClick(rate, Qt.Key.Key_Up)
    assert rate.value() == pytest.approx(0.011)
    slider = form.row("rate").findChildren(QSlider)[0]
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert rate.value() == 1.0
    assert form.row("rate").is_changed()


def test_that_a_preset_is_shown_whole_and_hidden_fields_are_kept(qtbot: QtBot) -> None:
    form = KnobsForm(ToyConfig(images=7), hidden=("images",))
    assert form.values()["images"] == 7
    form.show_config(ToyConfig(images=9, rate=0.5))
    assert form.values()["rate"] == 0.5
    assert form.values()["images"] == 9
    form.deleteLater()


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [
        ("20 000", True, 20_000),
        ("20,000", True, 20_000),
        ("20k", True, 20_000),
        ("1.5m", True, 1_500_000),
        ("2e-4", False, 2e-4),
        ("0,5", False, 0.5),
        ("1.5", True, 1.5),
        ("", True, None),
        ("lots", False, "lots"),
    ],
)
def test_that_numbers_are_read_as_people_write_them(text: str, whole: bool, value: object) -> None:
    assert read(text, whole=whole) == value


@pytest.mark.parametrize("value", [0, 1, 42, 20_000, 12_345_678])
def test_that_a_written_whole_number_reads_back(value: int) -> None:
    assert read(written(value, whole=True), whole=True) == value


@pytest.mark.parametrize("value", [0.0, 1.0, 2.5e-7, 0.123456, 4000.0, 1234.5, -3.25])
def test_that_a_written_number_reads_back(value: float) -> None:
    assert read(written(value, whole=False), whole=False) == pytest.approx(value)


@pytest.mark.parametrize("log", [True, False])
def test_that_a_slider_keeps_within_bounds_and_its_place(log: bool) -> None:
    scale = Scale.around(64, 2, 512, log=log, whole=True)
    values = [scale.value(position) for position in range(STEPS + 1)]
    assert values == sorted(values)
    assert all(2 <= value <= 512 and value == int(value) for value in values)
    assert scale.value(scale.position(64)) == pytest.approx(64, abs=2)


def test_that_a_logarithmic_slider_reaches_two_decades_about_its_value() -> None:
    scale = Scale.around(20_000, 1, 1e10, log=True, whole=True)
    assert scale.low == 100 and scale.high == 10_000_000
    assert scale.position(3) == 0 and scale.position(1e10) == STEPS


def test_that_nudging_keeps_a_number_above_zero_on_a_logarithmic_scale() -> None:
    value = 1e-3
    for _ in range(200):
        value = nudged(value, -1, log=True, whole=False)
    assert 0 < value < 1e-3


def test_that_values_are_compared_as_people_do() -> None:
    assert same(1, 1.0) and not same(True, 1) and same(None, None) and not same("", None)


def test_that_config_values_become_titles() -> None:
    assert choice_title("discretised-logistic") == "Discretised logistic"
