"""What a page is given: the few things of the window it may use, and the studio."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from genstudio.ui.bridge import Bridge
from genstudio.ui.settings import Settings
from genstudio.ui.theme import Theme
from genstudio.ui.toasts import Toasts

if TYPE_CHECKING:
    from genstudio.jobs.workspace import Workspace
    from genstudio.store.project import Project
    from genstudio.studio import Studio
    from genstudio.ui.activity import Activity
    from genstudio.ui.projects import Projects


class Place(StrEnum):
    """The places of the window, in the order of the rail."""

    HOME = "home"
    DATA = "data"
    TRAIN = "train"
    GENERATE = "generate"
    EXPLORE = "explore"
    RUNS = "runs"


class SubjectKind(StrEnum):
    """What a person wants to see on arriving at a place."""

    DATASET = "dataset"
    RUN = "run"
    RESUME = "resume"
    PICTURE = "picture"
    SOURCE = "source"
    PROJECT = "project"


@dataclass(frozen=True)
class Subject:
    """One thing to show: a dataset's or run's id. RESUME starts the run (or lets it go on) as well.

    PICTURE is a `file` of the run named by `id`. SOURCE is the path of pictures to import, or empty for choosing one.
    PROJECT, at Home, means to make a new one.
    """

    kind: SubjectKind
    id: str
    file: Path | None = None


class Navigate(Protocol):
    """Goes to a place, and shows a subject there."""

    def __call__(self, place: Place, subject: Subject | None = None) -> None: ...


@dataclass
class UiContext:
    """Passed to every page. Pages other than Home are made, and shown, only while a project is open."""

    settings: Settings
    theme: Theme
    bridge: Bridge
    toasts: Toasts
    navigate: Navigate
    activity: "Activity"
    projects: "Projects" = field(init=False)
    made_studio: "Studio | None" = None
    _waiting: list[Callable[[], None]] = field(default_factory=list)

    def when_ready(self, function: Callable[[], None]) -> None:
        """Call a function as soon as there is a studio: now, or a moment after the first paint."""
        if self.made_studio is not None:
            function()
        else:
            self._waiting.append(function)

    def set_studio(self, studio: "Studio") -> None:
        """The studio has been made."""
        self.made_studio = studio
        waiting, self._waiting = self._waiting, []
        for function in waiting:
            function()

    @property
    def studio(self) -> "Studio":
        """The studio. It is made behind the first paint; only Home lives earlier, and asks `made_studio`."""
        assert self.made_studio is not None, "a page used the studio before the first paint"
        return self.made_studio

    @property
    def project(self) -> "Project | None":
        """The open project."""
        return self.made_studio.project if self.made_studio else None

    @property
    def workspace(self) -> "Workspace":
        """What job functions are given. Only with an open project."""
        return self.studio.workspace
