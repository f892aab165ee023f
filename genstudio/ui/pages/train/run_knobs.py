"""What may be turned of a run apart from its model: a limit in time, what is held out, how often it shows itself."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from genstudio.core.settings import RunSettings
from genstudio.ui.forms import KnobsForm
from genstudio.ui.widgets.cards import Fold

_ELSEWHERE = ("seed", "preview_count", "checkpoint_seconds", "device")
"""Settings with a place of their own, or which nobody needs to turn."""


class RunKnobs(QWidget):
    """A form that is folded away, for most people never need it. `changed` says that a value was turned."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form = KnobsForm(RunSettings(), hidden=_ELSEWHERE)
        self.fold = Fold(self.tr("Run"), self.form)
        minutes = self.form.row("minutes").targets()[0]
        if isinstance(minutes, QLineEdit):
            minutes.setPlaceholderText(self.tr("none"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fold)
        self.form.changed.connect(self._edited)

    def settings(self, seed: int) -> RunSettings | None:
        """The run's settings with this seed, or None where a value is none: it is marked, and unfolded."""
        settings = self.form.check(RunSettings)
        if settings is None:
            self.fold.set_open(True)
            return None
        return settings.model_copy(update={"seed": seed})

    def _edited(self) -> None:
        count = len(self.form.changes())
        self.fold.set_title(self.tr("Run · {0} changed").format(count) if count else self.tr("Run"))
        self.changed.emit()
