"""Checks of what can be seen of a family before torch is loaded: its words, its settings, its import."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from genstudio.core.config import FieldKind, FieldSpec, Knobs, describe, parse
from genstudio.core.errors import ConfigError
from genstudio.core.family import AnyFamily
from genstudio.core.spec import DataSpec, Modality
from genstudio.testing.lab import SPECS, Lab
from genstudio.testing.report import Broken, require

_LISTING = """
import importlib, json, sys, types
order = json.loads(sys.argv[1])
for name, path in order["packages"]:
    package = types.ModuleType(name)
    package.__path__ = path
    sys.modules[name] = package
module = importlib.import_module(order["module"])
from genstudio.core.config import describe
for family in module.genstudio_families() if hasattr(module, "genstudio_families") else ():
    describe(family.config_type), describe(family.sampling_type)
print(*(name for name in ("torch", "PySide6", "pyqtgraph") if name in sys.modules))
"""


def check_words(lab: Lab) -> str:
    """Names and sentences that people and programs see."""
    family = lab.family
    require(bool(re.fullmatch(r"[a-z][a-z0-9-]*", family.name)), "Its name must be small letters, digits and dashes.")
    for word in ("title", "summary", "reference"):
        require(bool(getattr(family, word).strip()), f"Its {word} is empty.")
    require(family.summary.endswith("."), "Its summary is not a sentence.")
    names = [series.name for series in family.series]
    require(bool(names), "It declares no series; the first one is the run's headline.")
    require(len(set(names)) == len(names), "Two of its series have the same name.")
    nameless = [series.name for series in family.series if not series.title or not series.unit]
    require(not nameless, f"Series without title or unit: {', '.join(nameless)}.")
    judge = family.judged_by
    known = judge is None or judge.series in ("", *names)
    require(known, "The figure by which its best checkpoint is found is none of its series.")
    return f"{family.title}: {family.taxonomy}"


def check_import(lab: Lab) -> str:
    """Import the plugin in a fresh process and see what came with it."""
    if getattr(sys, "frozen", False):
        return "not looked at: an installed program cannot start a bare Python"
    module = _root(lab.family)
    order = {"module": module.__name__, "packages": _made_packages(module.__name__)}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    answer = subprocess.run(
        [sys.executable, "-c", _LISTING, json.dumps(order)],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    require(answer.returncode == 0, f"Importing {module.__name__} failed: {answer.stderr.strip()[-300:]}")
    require(not answer.stdout.strip(), f"Listing it imports {answer.stdout.strip()}; that belongs into build.")
    return f"{module.__name__} imports neither torch nor Qt"


def _root(family: AnyFamily) -> ModuleType:
    """The plugin's package: the nearest module around `build` that has the hook."""
    name: str = family.build.__module__
    modules = [sys.modules[part] for part in _with_parents(name) if part in sys.modules]
    with_hook = [module for module in modules if hasattr(module, "genstudio_families")]
    return (with_hook or modules)[0]


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _made_packages(name: str) -> list[tuple[str, list[str]]]:
    """Packages around a module that exist in this process only (the user's plugin folder is one)."""
    around = [(part, sys.modules[part]) for part in reversed(_with_parents(name)[1:]) if part in sys.modules]
    return [(part, [str(Path(p)) for p in package.__path__]) for part, package in around if _is_made(package)]


def _is_made(package: ModuleType) -> bool:
    return getattr(package, "__file__", None) is None


def check_settings(lab: Lab) -> str:
    """Every field can be shown in a form: title, sentence, bounds, sensible choices."""
    fields = [*describe(lab.family.config_type), *describe(lab.family.sampling_type)]
    for field in fields:
        _check_field(field)
    return f"{len(fields)} settings"


def _check_field(field: FieldSpec) -> None:
    require(bool(field.title.strip()) and field.title != field.name, f"“{field.name}” has no title.")
    require(field.help.endswith("."), f"“{field.name}” has no help, or it is not a sentence.")
    if field.kind in (FieldKind.INT, FieldKind.FLOAT):
        require(field.low is not None and field.high is not None, f"“{field.name}” has no bounds.")
    for choice in field.choices:
        require(bool(choice.help), f"“{field.name}” does not say what “{choice.value}” does.")


def check_round_trip(lab: Lab) -> str:
    """Presets and defaults survive JSON, and the text a command line has."""
    family = lab.family
    missing = [name for name in ("Draft", "Balanced", "Quality") if name not in family.presets]
    require(not missing, f"It lacks the preset {' and '.join(missing)}.")
    for name, preset in family.presets.items():
        require(type(preset) is family.config_type, f"The preset {name} is not a {family.config_type.__name__}.")
        _check_round_trip(f"The preset {name}", preset)
    _check_round_trip("The default sampling options", family.sampling_type())
    return f"{len(family.presets)} presets"


def _check_round_trip(what: str, knobs: Knobs) -> None:
    text = json.dumps(knobs.model_dump(mode="json"), allow_nan=False)
    words = {name: str(value) for name, value in json.loads(text).items() if value is not None}
    try:
        same = parse(type(knobs), json.loads(text)), parse(type(knobs), words)
    except ConfigError as error:
        raise Broken(f"{what} cannot be read back: {error}") from None
    require(same == (knobs, knobs), f"{what} changes when it is written and read back.")


def check_refusals(lab: Lab) -> str:
    """What it does not learn from, it refuses with a sentence."""
    text = DataSpec(modality=Modality.TEXT, count=10, length=8, vocabulary=("a", "b"))
    offered = (*SPECS, text)
    refusals = [refusal for refusal in map(lab.family.misfit, offered) if refusal is not None]
    for refusal in refusals:
        require(bool(refusal.strip()) and refusal.endswith("."), f"Its refusal is no sentence: “{refusal}”")
    require(len(refusals) < len(offered), "It accepts none of the kinds of pictures it was offered.")
    return f"accepts {len(offered) - len(refusals)} of {len(offered)} kinds of data"
