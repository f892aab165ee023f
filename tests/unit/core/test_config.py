from enum import StrEnum
from typing import Literal

import pytest

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, FieldKind, describe, knob, missing_runs, parse
from genstudio.core.errors import ConfigError


class Mode(StrEnum):
    FAST = "fast"
    SLOW = "slow"


class Example(FamilyConfig):
    layers: int = knob(4, title="Layers", help="How deep it is.", low=1, high=12)
    rate: float = knob(
        1e-3, title="Rate", help="How large each change is.", low=1e-6, high=1.0, log=True, advanced=True
    )
    tie: bool = knob(True, title="Tie", help="Shares weights.")
    loss: Literal["mse", "l1"] = knob(
        "mse", title="Loss", help="What it minimises.", choices={"mse": "Squares.", "l1": "Magnitudes."}
    )
    mode: Mode = knob(Mode.FAST, title="Mode", help="How it runs.")
    base: str | None = knob(None, title="Base", help="A run it stands on.", run_with=Ability.RECONSTRUCT)


def test_that_every_field_is_described_for_a_form() -> None:
    specs = {spec.name: spec for spec in describe(Example)}
    assert list(specs) == ["images", "batch_size", "layers", "rate", "tie", "loss", "mode", "base"]
    assert (specs["layers"].kind, specs["layers"].low, specs["layers"].high) == (FieldKind.INT, 1, 12)
    assert specs["rate"].log and specs["rate"].advanced
    assert [choice.help for choice in specs["loss"].choices] == ["Squares.", "Magnitudes."]
    assert [choice.value for choice in specs["mode"].choices] == ["fast", "slow"]
    assert (
        specs["base"].kind is FieldKind.RUN and specs["base"].ability is Ability.RECONSTRUCT and specs["base"].optional
    )
    assert specs["images"].unit == "images"


class Standing(FamilyConfig):
    base: str = knob("", title="Base", help="Train one first.", run_with=Ability.ENCODE, same_pictures=True)
    other: str | None = knob(None, title="Other", help="May be left out.", run_with=Ability.RECONSTRUCT)


def test_that_a_run_that_must_be_chosen_is_missed_until_it_is() -> None:
    assert [field.name for field in missing_runs(Standing())] == ["base"]
    assert missing_runs(Standing(base="a run")) == ()
    assert missing_runs(Example()) == ()


def test_that_a_field_says_whether_its_run_must_know_the_same_pictures() -> None:
    assert [field.same_pictures for field in describe(Standing) if field.ability] == [True, False]


def test_that_text_from_a_command_line_is_understood() -> None:
    config = parse(Example, {"layers": "6", "rate": "0.01", "tie": "false", "loss": "l1"})
    assert (config.layers, config.rate, config.tie, config.loss) == (6, 0.01, False, "l1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("layers", 99),
        ("layers", "many"),
        ("rate", float("nan")),
        ("rate", float("inf")),
        ("loss", "huber"),
        ("depth", 3),
    ],
)
def test_that_a_bad_value_is_named_with_a_sentence(field: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(Example, {field: value})
    assert list(caught.value.fields) == [field]
    assert caught.value.fields[field].endswith(".")
    assert field in str(caught.value)


def test_that_several_bad_values_are_all_named() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(Example, {"layers": 0, "rate": 5.0})
    assert set(caught.value.fields) == {"layers", "rate"}


def test_that_a_config_survives_json() -> None:
    config = Example(layers=7, mode=Mode.SLOW)
    assert Example.model_validate_json(config.model_dump_json()) == config


def test_that_replacing_checks_like_parsing() -> None:
    assert Example().replaced({"layers": 5}).layers == 5
    with pytest.raises(ConfigError):
        Example().replaced({"layers": -1})


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("layers", 0, "“Layers” must be at least 1."),
        ("layers", 13, "“Layers” must be at most 12."),
        ("images", 10**12, "“Length” must be at most 10,000,000,000."),
        ("layers", "many", "“Layers” must be a whole number."),
        ("layers", 1.5, "“Layers” must be a whole number."),
        ("rate", "fast", "“Rate” must be a number."),
        ("tie", "perhaps", "“Tie” must be yes or no."),
        ("loss", "l7", "“Loss” must be one of 'mse' or 'l1'."),
        ("base", 3, "“Base” must be a text."),
    ],
)
def test_that_what_is_wrong_is_said_by_the_title_of_the_knob(field: str, value: object, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(Example, {field: value})
    assert caught.value.fields == {field: sentence}
