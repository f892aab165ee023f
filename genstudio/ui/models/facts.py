"""What a run was told and what came of it, in words: its own frozen settings, and its latest figures."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QCoreApplication

from genstudio.core import words
from genstudio.core.abilities import Ability
from genstudio.core.config import FieldSpec, describe
from genstudio.core.family import AnyFamily
from genstudio.core.recipe import Recipe
from genstudio.jobs.classifying import ACCURACY, CHANCE, PLAIN_ACCURACY
from genstudio.jobs.copy_look import NEAR_COPIES
from genstudio.jobs.prompting import PROMPT, PROMPT_B
from genstudio.jobs.quality import PREFIX
from genstudio.store.records import RemarkRecord, RunRecord
from genstudio.ui.forms.editors import choice_title
from genstudio.ui.forms.scale import written
from genstudio.ui.models.runs_table import figure_text, started_text

HELDOUT = "heldout/"
"""What stands before the name of a series measured on pictures that were never trained on."""

_UNSHOWN = ("given", "latent", "shape", "stream", "streams", "labels")  # numbers that say nothing to people

Fact = tuple[str, str, str]
"""A title, what it is, and a sentence about it."""


def run_facts(run: RunRecord, family: AnyFamily | None, dataset: str) -> list[Fact]:
    """What a run is made of."""
    return [
        (_tr("Model"), family.title if family else run.family, family.summary if family else ""),
        (_tr("Data"), dataset, ""),
        (_tr("Seed"), str(run.settings.get("seed", "")), _tr("The same seed and settings give the same run again.")),
        (_tr("Started"), started_text(run.created), ""),
    ]


def config_facts(config: Mapping[str, object], family: AnyFamily | None) -> list[Fact]:
    """The values a run's config had when it started, by the titles of its form."""
    specs = {spec.name: spec for spec in describe(family.config_type)} if family else {}
    return [_config_fact(name, value, specs.get(name)) for name, value in config.items()]


def figure_facts(run: RunRecord, family: AnyFamily | None) -> list[Fact]:
    """A run's latest figures with their units; figures of held-out pictures stand beside the others.

    Those of the quality of its pictures have a card of their own.
    """
    facts: list[Fact] = []
    left = {name: value for name, value in run.figures.items() if not name.startswith(PREFIX)}
    for series in family.series if family else ():
        for name in (series.name, HELDOUT + series.name):
            if name in left:
                facts.append((series_title(name, series.title), figure_text(left.pop(name), series.unit), series.help))
    return facts + [_figure_fact(name, value) for name, value in left.items()]


def _figure_fact(name: str, value: float) -> Fact:
    """A figure that no series of the family explains."""
    held_out = _tr("Of held-out pictures, as “How often it names the right label” in Generate found it.")
    shares = {
        ACCURACY: _tr("Labels named right"),
        PLAIN_ACCURACY: _tr("Labels a plain classifier named right"),
        CHANCE: _tr("Share of the commonest label"),
    }
    if name == NEAR_COPIES:
        about = _tr("How many of the pictures it drew last are nearly one of those it learns from.")
        return _tr("Near copies"), f"{100 * value:.0f} %", about
    if name in shares:
        return shares[name], f"{100 * value:.1f} %", held_out
    return series_title(name, choice_title(_bare(name))), figure_text(value), ""


def remark_facts(remarks: Iterable[RemarkRecord]) -> list[Fact]:
    """What a run was warned of, and when that no longer held."""
    return [
        (
            _tr("At {images} images").format(images=words.count(remark.images_seen)),
            remark.text if remark.recovered is None else recovered_text(remark.recovered, remark.text),
            "",
        )
        for remark in remarks
    ]


def recovered_text(images_seen: int, warning: str) -> str:
    """Say that a warning no longer holds."""
    said = _tr("Recovered at {images} images. Until then: {warning}")
    return said.format(images=words.count(images_seen), warning=warning)


def recipe_facts(recipe: Recipe) -> list[Fact]:
    """How a picture was made."""
    known = {ability.value: ability.label for ability in Ability} | {"explore": _tr("Explore")}
    facts = [
        (_tr("Run"), recipe.run_name or recipe.run, ""),
        (_tr("Checkpoint"), _tr("{images} images").format(images=words.count(recipe.images_seen)), ""),
        (_tr("Tool"), known.get(recipe.ability, recipe.ability), ""),
        (_tr("Seed"), str(recipe.seed), ""),
        (_tr("Picture"), _tr("{number} of {count}").format(number=recipe.index + 1, count=recipe.count), ""),
    ]
    if recipe.label is not None:
        facts.append((_tr("Label"), recipe.label, ""))
    said = {PROMPT: _tr("In words"), PROMPT_B: _tr("In words, at the end")}
    facts += [(title, str(recipe.extra[name]), "") for name, title in said.items() if name in recipe.extra]
    return facts + [
        (choice_title(name), _value_text(value, None), "")
        for name, value in {**recipe.options, **recipe.extra}.items()
        if value is not None and name not in _UNSHOWN and name not in said
    ]


def series_title(name: str, title: str) -> str:
    """The title of a series; of one measured on held-out pictures it says so."""
    return _tr("{title}, held-out").format(title=title) if name.startswith(HELDOUT) else title


def _bare(name: str) -> str:
    return name.removeprefix(HELDOUT)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunFacts", text)


def _config_fact(name: str, value: object, spec: FieldSpec | None) -> Fact:
    title = spec.title if spec else choice_title(name)
    return title, _value_text(value, spec), spec.help if spec else ""


def _value_text(value: object, spec: FieldSpec | None) -> str:
    match value:
        case None:
            return _tr("automatic")
        case bool():
            return _tr("yes") if value else _tr("no")
        case int() | float():
            unit = spec.unit if spec else ""
            return f"{written(value, whole=isinstance(value, int))} {unit}".strip()
        case _:
            return choice_title(str(value)) if spec and spec.choices else str(value)
