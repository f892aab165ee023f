"""Finding the project, the dataset and the run that a command speaks of."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genstudio.core import paths
from genstudio.core.errors import ConfigError, ProjectError
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.layout import PROJECT_FILE
from genstudio.store.project import Project


def load_host() -> PluginHost:
    """Find every plugin: installed ones, then those in the user's folder."""
    host = PluginHost()
    host.load(paths.user_plugins())
    return host


@contextmanager
def workspace(folder: Path, *, create: bool = False) -> Iterator[Workspace]:
    """Open a project for one command. Raises `ProjectError` when it is not there or in use."""
    is_there = (folder / PROJECT_FILE).is_file() if folder.is_dir() else folder.is_file()
    project = Project.create(folder) if create and not is_there else Project.open(folder)
    try:
        yield Workspace(load_host(), project)
    finally:
        project.close()


def project_of_run(target: str, named: Path | None) -> Path:
    """Say which project a run belongs to: the named one, the one around the run's folder, the one around us."""
    if named is not None:
        return named
    for start in (Path(target), Path.cwd()):
        found = _project_around(start.resolve())
        if found is not None:
            return found
    raise ProjectError("It is not clear which project is meant: name its folder with --project.")


def run_name(target: str) -> str:
    """Take the run out of its folder's path; a name or id stays as it is."""
    return Path(target).name if Path(target).is_dir() else target


def _project_around(place: Path) -> Path | None:
    for folder in (place, *place.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    return None


def pairs(settings: list[str]) -> dict[str, str]:
    """Read KEY=VALUE arguments. Raises `ConfigError` for one without an equals sign."""
    found: dict[str, str] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ConfigError(f"--set takes KEY=VALUE, not {setting!r}.")
        found[key.strip()] = value.strip()
    return found
