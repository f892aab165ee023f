"""What every job is given: the plugins, the project, and the learner used last."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from genstudio.jobs.shelf import Shelf
from genstudio.store.project import Project

if TYPE_CHECKING:
    from genstudio.plugins import PluginHost


@dataclass(frozen=True)
class Workspace:
    """The plugins and an open project. `shelf` keeps the learner used last; only the device's thread touches it."""

    host: "PluginHost"
    project: Project
    shelf: Shelf = field(default_factory=Shelf)
