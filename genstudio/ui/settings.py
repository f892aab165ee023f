"""What the window remembers between starts: a small JSON file, read once and written whole."""

import json
import logging
import os
from pathlib import Path
from typing import TypeVar

from genstudio.core import paths

_log = logging.getLogger(__name__)

T = TypeVar("T")

_RECENT = "recent projects"
_RECENT_LIMIT = 12


class Settings:
    """Named values of plain JSON kinds. A damaged or foreign file is the same as none: defaults."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.settings_file()
        self._values = _read(self._file)
        self._dirty = False

    def get(self, name: str, default: T) -> T:
        """Return a value, or `default` when there is none or it is of another kind than the default."""
        value = self._values.get(name, default)
        return value if isinstance(value, type(default)) else default

    def set(self, name: str, value: object) -> None:
        """Remember a value of a plain JSON kind; it is written at the next `save`."""
        if self._values.get(name) != value:
            self._values[name] = value
            self._dirty = True

    def everything(self) -> dict[str, object]:
        """All values, for a report."""
        return dict(self._values)

    def save(self) -> None:
        """Write the file if anything changed. A full or read-only disk costs the settings, never the session."""
        if not self._dirty:
            return
        try:
            _write(self._file, json.dumps(self._values, indent=1, ensure_ascii=False))
        except OSError as error:
            _log.warning("The window's settings could not be written: %s", error)
        self._dirty = False

    @property
    def recent_projects(self) -> list[Path]:
        """The folders of projects opened lately, latest first, whether they still exist or not."""
        return [Path(folder) for folder in self.get(_RECENT, list[str]()) if isinstance(folder, str)]

    def remember_project(self, folder: Path) -> None:
        """Put a project first among the recent ones."""
        known = [str(other) for other in self.recent_projects if other != folder]
        self.set(_RECENT, [str(folder), *known][:_RECENT_LIMIT])

    def forget_project(self, folder: Path) -> None:
        """Take a project off the recent ones; its files stay."""
        self.set(_RECENT, [str(other) for other in self.recent_projects if other != folder])


def _read(file: Path) -> dict[str, object]:
    try:
        values = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _write(file: Path, text: str) -> None:
    import tempfile  # with random, shutil and more; not before the first paint

    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".settings-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(file)
