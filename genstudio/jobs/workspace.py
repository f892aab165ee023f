"""What every job is given: the plugins, the project, and the learner used last."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from genstudio.jobs.shelf import Shelf
from genstudio.store.project import Project

if TYPE_CHECKING:
    from genstudio.jobs.copies import Bench
    from genstudio.plugins import PluginHost


T = TypeVar("T")


@dataclass
class Kept(Generic[T]):
    """A place for one thing that takes long to make."""

    thing: T | None = None


@dataclass(frozen=True)
class Workspace:
    """The plugins and an open project.

    `shelf` keeps the learner used last, `bench` what copies were looked for in last; only the device's thread touches
    them.
    """

    host: "PluginHost"
    project: Project
    shelf: Shelf = field(default_factory=Shelf)
    bench: "Kept[Bench]" = field(default_factory=Kept)
