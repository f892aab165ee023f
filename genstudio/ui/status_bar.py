"""The slim bar at the bottom of the window: what is going on now. A click leads to it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from genstudio.core import words
from genstudio.ui.activity import Activity, TrainingState
from genstudio.ui.context import Place, Subject, SubjectKind
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.icon_view import IconView
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.text import PlainLabel, Readout

HEIGHT = 32


class StatusBar(QFrame):
    """Shows an `Activity`. `wanted` carries the place that a click leads to, and the subject there or None."""

    wanted = Signal(object, object)

    def __init__(self, activity: Activity) -> None:
        super().__init__()
        self._activity = activity
        self.setProperty("role", "activity")
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._icon = IconView("check", "faint", 16)
        self._what = PlainLabel("", "small")
        self._bar = ProgressLine(self.tr("Progress"))
        self._bar.setFixedWidth(200)
        self._detail = Readout("small")
        self._memory_icon = IconView("memory", "faint", 16)
        self._memory = PlainLabel("", "small")
        self._lay_out()
        activity.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what goes on now."""
        training, work = self._activity.training, self._activity.work
        if training is not None:
            self._show_training(training)
        elif work is not None:
            self._show("clock", "accent_text", work.text, work.share, "")
        elif self._activity.preparing:
            self._show("clock", "faint", self.tr("Preparing the engine"), None, self.tr("a few seconds, once"))
        else:
            self._show("check", "faint", self.tr("Ready"), 0.0, "", bar=False)
        memory = training.memory if training is not None else 0
        self._memory.setText(f"{words.size(memory)} · {training.device}" if training and memory else "")
        self._memory_icon.setVisible(bool(memory))
        self._set_name()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lead to what is going on."""
        self._lead()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and Space lead there too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._lead()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 0, 2 * GRID, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._icon)
        layout.addWidget(self._what)
        layout.addSpacing(GRID)
        layout.addWidget(self._bar)
        layout.addWidget(self._detail, 1)
        layout.addWidget(self._memory_icon)
        layout.addWidget(self._memory)

    def _show_training(self, state: TrainingState) -> None:
        name = state.name or self.tr("A run")
        self._show(*self._icon_of(state), self._words_of(state).format(name=name), state.share, self._progress(state))

    def _icon_of(self, state: TrainingState) -> tuple[str, str]:
        if state.stopping:
            return "save", "accent_text"
        return ("pause", "warning") if state.paused else ("train", "accent_text")

    def _words_of(self, state: TrainingState) -> str:
        if state.stopping:
            return self.tr("{name} is saving and stopping")
        return self.tr("{name} is paused") if state.paused else self.tr("{name} is training")

    def _progress(self, state: TrainingState) -> str:
        seen = self.tr("{seen} of {budget} images").format(
            seen=words.count(state.images_seen), budget=words.count(state.budget)
        )
        left = state.seconds_left
        if left is None or state.paused or state.stopping:
            return seen
        return self.tr("{seen} · {time} left").format(seen=seen, time=words.duration(left))

    def _show(self, icon: str, token: str, text: str, share: float | None, detail: str, *, bar: bool = True) -> None:
        self._icon.show_icon(icon, token)
        self._what.setText(text)
        self._bar.setVisible(bar)
        self._bar.show_share(share)
        self._detail.setText(detail)

    def _set_name(self) -> None:
        said = " · ".join(filter(None, (self._what.text(), self._detail.text(), self._memory.text())))
        if said != self.accessibleName():
            self.setAccessibleName(said)
        busy = self._activity.training is not None or self._activity.work is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if busy else Qt.CursorShape.ArrowCursor)

    def _lead(self) -> None:
        if self._activity.training is not None:
            self.wanted.emit(Place.TRAIN, Subject(SubjectKind.RUN, self._activity.training.run))
        elif self._activity.work is not None:
            self.wanted.emit(self._activity.work.place, None)
