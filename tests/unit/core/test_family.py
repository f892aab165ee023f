"""What a run of a family can do depends on its settings and its data."""

from typing import NoReturn

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, knob
from genstudio.core.family import Family, Series, Taxonomy
from genstudio.core.spec import DataSpec
from genstudio.jobs.able import able

SPEC = DataSpec(count=4, channels=1, height=8, width=8)
LABELLED = SPEC.model_copy(update={"classes": ("a", "b")})


class Config(FamilyConfig):
    """One knob that decides what can be done."""

    words: str | None = knob(None, title="Words from", help="A run.", run_with=Ability.MATCH_TEXT)


def never(*_: object) -> NoReturn:
    raise AssertionError


FAMILY = Family(
    name="toy",
    title="Toy",
    summary="A toy.",
    taxonomy=Taxonomy.IMPLICIT,
    reference="none",
    config_type=Config,
    presets={},
    abilities=frozenset({Ability.SAMPLE, Ability.CLASS_CONDITION, Ability.TEXT_CONDITION}),
    series=(Series("loss", "Loss", "nats"),),
    build=never,
    lacks=lambda config, _: frozenset() if config.words else frozenset({Ability.TEXT_CONDITION}),
)


def test_that_a_run_can_do_what_its_settings_and_data_leave() -> None:
    assert FAMILY.able(Config(), SPEC) == {Ability.SAMPLE}
    assert FAMILY.able(Config(words="run-1"), SPEC) == {Ability.SAMPLE, Ability.TEXT_CONDITION}
    assert FAMILY.able(Config(words="run-1"), LABELLED) == FAMILY.abilities


def test_that_labels_a_family_does_not_see_cannot_be_asked_for() -> None:
    partly = LABELLED.model_copy(update={"unlabelled": 2})
    assert Ability.CLASS_CONDITION not in FAMILY.able(Config(), partly)


def test_that_a_run_whose_data_or_settings_are_unknown_may_do_all() -> None:
    assert able(FAMILY, {"words": None}, None) == FAMILY.abilities
    assert able(FAMILY, {"gone": 1}, LABELLED) == FAMILY.abilities
    assert able(FAMILY, {"words": None}, LABELLED) == {Ability.SAMPLE, Ability.CLASS_CONDITION}
