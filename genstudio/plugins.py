"""Finding plugins and keeping their failures away from the studio.

A plugin is Python with all the rights of the person who runs it: nothing here is a sandbox. What the host does is to
call every plugin by itself, so that one that raises, is misspelt or was written for another version becomes a
sentence in a list instead of a studio that does not start. Neither torch nor Qt is imported here.
"""

import hashlib
import importlib
import importlib.metadata
import importlib.resources
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import pluggy

from genstudio import hookspecs
from genstudio.api import API_VERSION
from genstudio.core.errors import FamilyError, PluginError
from genstudio.core.family import AnyFamily, Family

if TYPE_CHECKING:
    from genstudio.ui.panels import PanelContext, TrainingPanel

GROUP = "genstudio.plugins"
_PREFIX = "genstudio_"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PluginReport:
    """What became of one plugin. `origin` says where it was found, `problem` what is wrong, as a sentence."""

    name: str
    version: str
    origin: str
    state: Literal["ok", "failed"]
    problem: str = ""
    families: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    """A plugin before it was imported: `module` is what to import."""

    name: str
    module: str
    version: str
    origin: str


class PluginHost:
    """All plugins, each called under its own protection."""

    def __init__(self) -> None:
        self._hooks = pluggy.PluginManager("genstudio")
        self._hooks.add_hookspecs(hookspecs)
        self._reports: dict[str, PluginReport] = {}
        self._families: dict[str, AnyFamily] = {}

    def load(self, user_folder: Path | None = None) -> None:
        """Find installed plugins, then those in the user's folder, and ask each for its families."""
        for found in (*_installed(), *_in_folder(user_folder)):
            self._load(found)

    def families(self) -> tuple[AnyFamily, ...]:
        """Every family that could be loaded, installed plugins first."""
        return tuple(self._families.values())

    def family(self, name: str) -> AnyFamily:
        """The family of this name. Raises `FamilyError` naming those that are there, and the plugins that failed."""
        if name in self._families:
            return self._families[name]
        known = ", ".join(sorted(self._families)) or "none"
        failed = ", ".join(report.name for report in self.reports() if report.state == "failed")
        hint = f" These plugins could not be loaded: {failed}." if failed else ""
        raise FamilyError(f"There is no family called “{name}”. The families are: {known}.{hint}")

    def reports(self) -> tuple[PluginReport, ...]:
        """One report a plugin, in the order they were found."""
        return tuple(self._reports.values())

    def readme(self, family: str) -> Path | None:
        """The README.md inside the package of the plugin that brings a family, where there is one."""
        key = next((key for key, report in self._reports.items() if family in report.families), "")
        module = self._hooks.get_plugin(key)
        if not isinstance(module, ModuleType) or not hasattr(module, "__path__"):
            return None
        file = importlib.resources.files(module) / "README.md"
        return file if isinstance(file, Path) and file.is_file() else None

    def training_panel(self, family: AnyFamily, context: "PanelContext") -> "TrainingPanel | None":
        """The panel a plugin makes for a family, or None for the form made from its config.

        A plugin that fails at it is reported, and the form takes its place.
        """
        for impl in self._hooks.hook.genstudio_training_panel.get_hookimpls():
            try:
                panel: TrainingPanel | None = _call(impl, family=family, context=context)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._blame(impl.plugin_name, f"Its panel could not be made. {_told(error)}")
                continue
            if panel is not None:
                return panel
        return None

    def _load(self, found: _Found) -> None:
        key = found.name if found.name not in self._reports else f"{found.name} ({found.origin})"
        self._reports[key] = PluginReport(found.name, found.version, found.origin, "ok")
        try:
            module = importlib.import_module(found.module)
            _check_version(module)
            families = self._register(key, module)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._blame(key, _told(error))
            return
        self._families |= {family.name: family for family in families}
        version = found.version or str(getattr(module, "__version__", ""))
        names = tuple(family.name for family in families)
        self._reports[key] = replace(self._reports[key], version=version, families=names)

    def _register(self, key: str, module: ModuleType) -> list[AnyFamily]:
        _check_names(module, {name for name in vars(hookspecs) if name.startswith(_PREFIX)})
        try:
            self._hooks.register(module, key)
            self._hooks.check_pending()
            return self._families_of(key)
        except BaseException:
            if self._hooks.has_plugin(key):
                self._hooks.unregister(name=key)
            raise

    def _families_of(self, key: str) -> list[AnyFamily]:
        impls = self._hooks.hook.genstudio_families.get_hookimpls()
        families = [family for impl in impls if impl.plugin_name == key for family in _call(impl)]
        _check_families(families, self._families)
        return families

    def _blame(self, key: str, problem: str) -> None:
        _log.info("plugin %s: %s", key, problem, exc_info=True)
        self._reports[key] = replace(self._reports[key], state="failed", problem=problem)


def _call(impl: pluggy.HookImpl, **arguments: object) -> Any:
    """Call one plugin's hook with the arguments it asks for."""
    return impl.function(*(arguments[name] for name in impl.argnames))


def _check_version(module: ModuleType) -> None:
    version = getattr(module, "GENSTUDIO_API", None)
    if version is None:
        raise PluginError(
            f"It does not say for which version it was written. Add “GENSTUDIO_API = {API_VERSION}” to its package."
        )
    if version != API_VERSION:
        raise PluginError(
            f"It was written for version {version} of the plugin contract; this GenStudio has version {API_VERSION}. "
            "Ask its author for a release that fits, or use the GenStudio it was made for."
        )


def _check_names(module: ModuleType, hooks: Iterable[str]) -> None:
    """A misspelt hook would never be called, and nobody would know."""
    hooks = sorted(hooks)
    for name, value in vars(module).items():
        if name.startswith(_PREFIX) and callable(value) and name not in hooks:
            raise PluginError(f"It defines “{name}”, which is no hook. The hooks are: {', '.join(hooks)}.")
    if not any(hasattr(module, hook) for hook in hooks):
        raise PluginError(f"It defines no hook, so it adds nothing. The hooks are: {', '.join(hooks)}.")
    for hook in hooks:
        if hasattr(module, hook) and not hasattr(getattr(module, hook), "genstudio_impl"):
            raise PluginError(f"Its “{hook}” is not marked as a hook. Put “@hookimpl” above it.")


def _check_families(families: Sequence[object], taken: Iterable[str]) -> None:
    names = set(taken)
    for family in families:
        if not isinstance(family, Family):
            raise PluginError(f"genstudio_families returned {type(family).__name__} where a Family was expected.")
        if family.name in names:
            raise PluginError(f"There is already a family called “{family.name}”. Give this one another name.")
        names.add(family.name)


def _told(error: BaseException) -> str:
    if isinstance(error, PluginError):
        return str(error)
    if isinstance(error, SystemExit):
        return "It tried to end the program (SystemExit) while it was loaded."
    return " ".join(f"It raised {type(error).__name__}: {error}".rstrip(": ").split())


def _installed() -> Iterator[_Found]:
    points = importlib.metadata.entry_points(group=GROUP)
    for point in sorted(points, key=lambda point: point.name):
        version = point.dist.version if point.dist is not None else ""
        origin = point.dist.name if point.dist is not None else "installed"
        yield _Found(point.name, point.value, version, origin)


def _in_folder(folder: Path | None) -> Iterator[_Found]:
    """Packages and single files of the user's folder; names that start with a dot or underscore are left alone."""
    if folder is None or not folder.is_dir():
        return
    parent = _parent_package(folder)
    for path in sorted(folder.iterdir()):
        is_plugin = path.suffix == ".py" or (path / "__init__.py").is_file()
        if is_plugin and path.stem.isidentifier() and not path.stem.startswith("_"):
            yield _Found(path.stem, f"{parent}.{path.stem}", "", str(path))


def _parent_package(folder: Path) -> str:
    """Make an empty package whose modules are what lies in the folder, so that relative imports work; its name."""
    name = f"genstudio_user_plugins_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"
    importlib.invalidate_caches()
    if name not in sys.modules:
        package = ModuleType(name, "The plugins of a person's own folder.")
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return name
