"""What a page is given: the few things of the window it may use, and the studio."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from genstudio.ui.bridge import Bridge
from genstudio.ui.settings import Settings
from genstudio.ui.theme import Theme
from genstudio.ui.toasts import Toasts

if TYPE_CHECKING:
    from genstudio.jobs.workspace import Workspace
    from genstudio.store.project import Project
    from genstudio.studio import Studio


class Place(StrEnum):
    """The places of the window, in the order of the rail."""

    HOME = "home"
    DATA = "data"
    TRAIN = "train"
    GENERATE = "generate"
    RUNS = "runs"


class SubjectKind(StrEnum):
    """What a person wants to see on arriving at a place."""

    DATASET = "dataset"
    RUN = "run"
    RESUME = "resume"
    SOURCE = "source"


@dataclass(frozen=True)
class Subject:
    """One thing to show: a dataset's or run's id; RESUME also starts it going; a SOURCE is a path to import."""

    kind: SubjectKind
    id: str


class Navigate(Protocol):
    """Goes to a place, and shows a subject there."""

    def __call__(self, place: Place, subject: Subject | None = None) -> None: ...


@dataclass
class UiContext:
    """Passed to every page. Pages other than Home are made only once there is a studio."""

    settings: Settings
    theme: Theme
    bridge: Bridge
    toasts: Toasts
    navigate: Navigate
    made_studio: "Studio | None" = None

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
