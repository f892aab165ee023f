"""What a plugin's own panel is made of: the panel API, the only part of the window that plugins know."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtWidgets import QWidget

from genstudio.core.config import FamilyConfig
from genstudio.core.family import AnyFamily
from genstudio.core.spec import DataSpec


@dataclass(frozen=True)
class PanelContext:
    """What the studio lends a panel. Everything here belongs to the window's thread."""

    spec: DataSpec | None
    default_form: Callable[[AnyFamily, FamilyConfig], "TrainingPanel"]


class TrainingPanel(Protocol):
    """A panel in which a person turns a family's knobs. The studio owns Start, the plots and the gallery."""

    @property
    def widget(self) -> QWidget:
        """The widget shown in place of the default form."""

    def values(self) -> dict[str, object]:
        """Return what the person chose, as `FamilyConfig` takes it (it is validated by the studio)."""

    def show_config(self, config: FamilyConfig) -> None:
        """Show these values, as after choosing a preset."""

    def show_errors(self, errors: dict[str, str]) -> None:
        """Show a sentence beside each named field; an empty dict clears them."""

    def on_change(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever a value is turned."""
