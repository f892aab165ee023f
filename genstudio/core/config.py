"""Typed hyper-parameters, and a description of them that a form and a command line are made from.

A family declares one subclass of `FamilyConfig`; each field is a `knob` with a title, a plain sentence, bounds and
a unit. `describe` turns the class into `FieldSpec`s, which carry no Qt and no pydantic: the window draws its form
from them, the command line its help.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from genstudio.core.abilities import Ability
from genstudio.core.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ConfigT = TypeVar("ConfigT", bound="Knobs")


class FieldKind(StrEnum):
    """Which control a field is edited with."""

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    CHOICE = "choice"
    TEXT = "text"
    RUN = "run"


@dataclass(frozen=True)
class Choice:
    """One value of a choice field, with the sentence that says what choosing it does."""

    value: str
    help: str


@dataclass(frozen=True)
class FieldSpec:
    """One field of a config, described for people.

    `low` and `high` are inclusive bounds or None. `log` asks for a logarithmic slider. `ability` is set for fields
    of kind RUN: the field holds the id of a finished run that has this ability, and with `same_pictures` one that was
    trained on pictures of the same size and colour mode. `only_with` is set for fields that are of no use where a run
    has not got the ability.
    """

    name: str
    title: str
    help: str
    kind: FieldKind
    default: object
    unit: str = ""
    low: float | None = None
    high: float | None = None
    log: bool = False
    advanced: bool = False
    optional: bool = False
    choices: tuple[Choice, ...] = ()
    ability: Ability | None = None
    same_pictures: bool = False
    only_with: Ability | None = None


def knob(
    default: object,
    *,
    title: str,
    help: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
    advanced: bool = False,
    choices: Mapping[str, str] | None = None,
    run_with: Ability | None = None,
    same_pictures: bool = False,
    only_with: Ability | None = None,
) -> Any:
    """Declare one field of a config.

    `help` is one plain sentence saying what turning the knob does. `choices` maps every value of a Literal field to
    its sentence. `run_with` makes a field refer to a finished run that has this ability: a `str | None` field may do
    without, a `str` field begins as "" and must be chosen before training starts. `same_pictures` leaves only runs on
    pictures of the same size and colour mode as those to learn from. `only_with` hides a knob of generating where the
    run has not got this ability.
    """
    extra: dict[str, Any] = {"unit": unit, "log": log, "advanced": advanced}
    if choices is not None:
        extra["choices"] = dict(choices)
    if run_with is not None:
        extra |= {"run_with": run_with.value, "same_pictures": same_pictures}
    if only_with is not None:
        extra["only_with"] = only_with.value
    return Field(default=default, title=title, description=help, ge=low, le=high, json_schema_extra=extra)


class Knobs(BaseModel):
    """Base of every set of values a person may turn: immutable, strict about names, finite."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_default=True,
        protected_namespaces=(),
    )

    def replaced(self, changes: Mapping[str, object]) -> Self:
        """Return a copy with some fields changed.

        Raises `ConfigError` with a sentence per field when a name is unknown or a value out of bounds.
        """
        return parse(type(self), {**self.model_dump(), **changes})


class FamilyConfig(Knobs):
    """What every family's config has: how long to train, and how many images a step looks at."""

    images: int = knob(
        20_000,
        title="Length",
        help="How many images the model looks at in all; longer training gives better pictures.",
        unit="images",
        low=1,
        high=10_000_000_000,
        log=True,
    )
    batch_size: int = knob(
        64,
        title="Batch",
        help="How many images it looks at before each small change; larger is steadier but needs more memory.",
        unit="images",
        low=1,
        high=4096,
        log=True,
        advanced=True,
    )


class SamplingConfig(Knobs):
    """What a person may turn when generating; a family adds its own knobs in a subclass."""


def parse(config_type: type[ConfigT], values: Mapping[str, object]) -> ConfigT:
    """Make a config from values out of a form, a file or a command line (where all values are text).

    Raises `ConfigError` whose `fields` say what is wrong with which field.
    """
    try:
        return config_type.model_validate(dict(values))
    except ValidationError as error:
        raise _config_error(config_type, error) from None


def _config_error(config_type: type[Knobs], error: ValidationError) -> ConfigError:
    fields: dict[str, str] = {}
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else ""
        fields.setdefault(name, _sentence(config_type, name, problem))
    name, first = next(iter(fields.items()))
    return ConfigError(f"{name}: {first}" if name else first, fields)


_BOUNDS = {"greater_than_equal": "at least", "less_than_equal": "at most", "greater_than": "more than",
           "less_than": "less than"}  # fmt: skip
_KINDS = {"int": "a whole number", "float": "a number", "finite": "a number", "bool": "yes or no", "string": "a text"}


def _sentence(config_type: type[Knobs], name: str, problem: "ErrorDetails") -> str:
    """Say what is wrong with a value, by the title of its knob; a family's own rules speak for themselves."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        known = ", ".join(config_type.model_fields)
        return f"There is no setting of this name. The settings are: {known}."
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    field = config_type.model_fields.get(name)
    if kind == "value_error" or field is None:
        return f"{message}."
    title = field.title or name
    if kind in _BOUNDS:
        bound = next(iter(context.values()))
        return f"“{title}” must be {_BOUNDS[kind]} {bound:,}."
    if kind in ("literal_error", "enum"):
        return f"“{title}” must be one of {context['expected']}."
    wanted = _KINDS.get(kind.split("_")[0])
    return f"“{title}” must be {wanted}." if wanted else f"“{title}”: {message}."


def describe(config_type: type[Knobs]) -> tuple[FieldSpec, ...]:
    """Describe every field of a config, in the order of declaration."""
    return tuple(_describe(name, info) for name, info in config_type.model_fields.items())


def missing_runs(config: Knobs) -> tuple[FieldSpec, ...]:
    """The fields whose run a config needs and does not name."""
    wanted = (field for field in describe(type(config)) if field.kind is FieldKind.RUN and not field.optional)
    return tuple(field for field in wanted if not getattr(config, field.name))


def _describe(name: str, info: FieldInfo) -> FieldSpec:
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    kind, optional, values = _kind(info.annotation, "run_with" in extra)
    helps: Mapping[str, str] = extra.get("choices", {})
    low, high = _bounds(info)
    return FieldSpec(
        name=name,
        title=info.title or name,
        help=info.description or "",
        kind=kind,
        default=info.default,
        unit=extra.get("unit", ""),
        low=low,
        high=high,
        log=extra.get("log", False),
        advanced=extra.get("advanced", False),
        optional=optional,
        choices=tuple(Choice(value, helps.get(value, "")) for value in values),
        ability=Ability(extra["run_with"]) if "run_with" in extra else None,
        same_pictures=extra.get("same_pictures", False),
        only_with=Ability(extra["only_with"]) if "only_with" in extra else None,
    )


def _kind(annotation: object, is_run: bool) -> tuple[FieldKind, bool, tuple[str, ...]]:
    optional = False
    if get_origin(annotation) in (Union, types.UnionType):
        arguments = [argument for argument in get_args(annotation) if argument is not type(None)]
        optional = len(arguments) < len(get_args(annotation))
        annotation = arguments[0]
    if is_run:
        return FieldKind.RUN, optional, ()
    if get_origin(annotation) is Literal:
        return FieldKind.CHOICE, optional, tuple(str(value) for value in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return FieldKind.CHOICE, optional, tuple(str(member.value) for member in annotation)
    plain = {bool: FieldKind.BOOL, int: FieldKind.INT, float: FieldKind.FLOAT, str: FieldKind.TEXT}
    for python_type, kind in plain.items():
        if annotation is python_type:
            return kind, optional, ()
    raise TypeError(f"a form cannot be made for a field of type {annotation!r}")


def _bounds(info: FieldInfo) -> tuple[float | None, float | None]:
    found = dict(_limits(info))
    return found.get("ge"), found.get("le")


def _limits(info: FieldInfo) -> Iterator[tuple[str, float]]:
    for rule in info.metadata:
        for side in ("ge", "le"):
            value = getattr(rule, side, None)
            if value is not None:
                yield side, float(value)
