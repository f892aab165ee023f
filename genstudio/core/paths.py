"""Where things lie: resources beside the code, and the folders a platform keeps for a program.

GENSTUDIO_HOME in the environment puts everything that a person's GenStudio keeps into one folder: a stick to carry
around, or a trial that leaves the usual places alone.
"""

import os
from pathlib import Path

import platformdirs

import genstudio

_APP = "GenStudio"


def resources() -> Path:
    """The folder of icons, themes, sample data and docs, in a checkout as well as installed or frozen."""
    package = Path(genstudio.__file__).parent
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def user_plugins() -> Path:
    """The folder a person drops plugins into (not created)."""
    return (_one_folder() or Path(platformdirs.user_data_dir(_APP, appauthor=False))) / "plugins"


def settings_file() -> Path:
    """Where the window's settings live (not created)."""
    return (_one_folder() or Path(platformdirs.user_config_dir(_APP, appauthor=False))) / "settings.json"


def logs() -> Path:
    """Where logs and crash reports go (not created)."""
    together = _one_folder()
    return together / "logs" if together else Path(platformdirs.user_log_dir(_APP, appauthor=False))


def default_projects() -> Path:
    """Where new projects go unless a person says otherwise (not created)."""
    together = _one_folder()
    return together / "projects" if together else Path(platformdirs.user_documents_dir()) / _APP


def shown(path: Path) -> str:
    """A path as people read it: what lies in their home folder begins with "~"."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):  # elsewhere, or nobody knows where home is
        return str(path)


def _one_folder() -> Path | None:
    chosen = os.environ.get("GENSTUDIO_HOME", "")
    return Path(chosen).expanduser().absolute() if chosen else None
