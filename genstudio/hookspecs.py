"""The hooks of a plugin. A hook exists only together with a plugin that uses it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

from genstudio.core.family import AnyFamily

if TYPE_CHECKING:
    from genstudio.ui.panels import PanelContext, TrainingPanel

hookspec = pluggy.HookspecMarker("genstudio")
hookimpl = pluggy.HookimplMarker("genstudio")


@hookspec
def genstudio_families() -> Sequence[AnyFamily]:
    """Return the families this plugin offers.

    Called while the window starts: import neither torch nor Qt here. `Family.build` is where torch begins.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def genstudio_training_panel(family: AnyFamily, context: "PanelContext") -> "TrainingPanel | None":
    """Return a panel in place of the form made from the family's config, or None for families of others.

    Called in the window's thread when somebody chooses the family; Qt may be imported here.
    """
    raise NotImplementedError
