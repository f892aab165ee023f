"""A report for whoever is to find out what went wrong: one zip of plain text, of which a person sees what it holds.

Nothing is sent anywhere. Pictures, weights and captions are never part of it; what says something about a person's
work (names of runs and datasets) is a part of its own, left out unless asked for.
"""

import io
import json
import os
import platform
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import genstudio
from genstudio.core import paths
from genstudio.core.files import write_whole
from genstudio.store.project import Project

if TYPE_CHECKING:
    from genstudio.plugins import PluginReport

_LONGEST_LOG = 4_000_000
_PRIVATE_SETTINGS = ("recent projects", "last project", "projects folder")


@dataclass(frozen=True)
class ReportPart:
    """One file of the report. `sentence` says what is in it; a `private` one goes in only when asked for."""

    file: str
    sentence: str
    text: str
    private: bool = False


def collect(
    reports: Sequence["PluginReport"], settings: Mapping[str, object], project: Project | None
) -> list[ReportPart]:
    """Gather what a report may hold. Blocks for as long as reading some files takes."""
    parts = [
        ReportPart("versions.txt", "Versions of the program, of its parts and of this computer's system.", versions()),
        ReportPart("plugins.txt", "Which plugins were found, and why any failed.", _plugins(reports)),
        ReportPart("settings.json", "The window's settings, without the projects it knows.", _settings(settings)),
        *_logs(paths.logs()),
    ]
    if project is not None:
        sentence = "Names, settings and figures of the open project's datasets and runs. No pictures."
        parts.append(ReportPart("project.json", sentence, _project(project), private=True))
    return parts


def write_report(file: Path, parts: Iterable[ReportPart]) -> None:
    """Write these parts into a zip. Raises `DiskFullError` or `OSError`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.writestr(part.file, without_home(part.text))
    write_whole(file, [packed.getvalue()])


def without_home(text: str) -> str:
    """Shorten the person's own folder to ~, so that their account's name does not travel."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def versions() -> str:
    """What runs here, a line each."""
    known = sorted((dist.name, dist.version) for dist in metadata.distributions() if dist.name)
    lines = [
        f"GenStudio {genstudio.__version__}{' (installed program)' if getattr(sys, 'frozen', False) else ''}",
        f"Python {platform.python_version()}",
        f"{platform.platform()}, {os.cpu_count()} processors",
        *(f"{name} {version}" for name, version in known),
    ]
    return "\n".join(lines) + "\n"


def _plugins(reports: Sequence["PluginReport"]) -> str:
    return "".join(f"{r.name} {r.version} {r.state} {', '.join(r.families)} {r.problem}\n" for r in reports)


def _settings(settings: Mapping[str, object]) -> str:
    return json.dumps({name: value for name, value in settings.items() if name not in _PRIVATE_SETTINGS}, indent=1)


def _logs(folder: Path) -> list[ReportPart]:
    found = [*sorted(folder.glob("genstudio.log*")), *sorted(folder.glob("crash-*.txt")), *folder.glob("fault.txt")]
    log = "What happened lately: failures, and names of files they were about."
    crash = "Where the program stood when it went down."
    return [ReportPart(file.name, crash if file.suffix == ".txt" else log, _end_of(file)) for file in found]


def _end_of(file: Path) -> str:
    try:
        return file.read_bytes()[-_LONGEST_LOG:].decode("utf-8", errors="replace")
    except OSError as error:
        return f"could not be read: {error.strerror}\n"


def _project(project: Project) -> str:
    datasets = [
        {"name": data.name, "spec": data.spec.model_dump(mode="json"), "refused": data.refused}
        for data in project.datasets()
    ]
    runs = [
        {
            "name": run.name,
            "family": run.family,
            "status": run.status.value,
            "config": dict(run.config),
            "settings": dict(run.settings),
            "images_seen": run.images_seen,
            "seconds": run.seconds,
            "figures": dict(run.figures),
            "message": run.message,
        }
        for run in project.runs()
    ]
    return json.dumps({"datasets": datasets, "runs": runs, "found": project.check()}, indent=1, ensure_ascii=False)
