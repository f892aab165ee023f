"""Short messages that float above the bottom of the window and leave by themselves; they carry Undo."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import IconButton, LinkButton
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone, tone_icon

_SECONDS = 6.0
_SECONDS_UNDO = 12.0
_AT_MOST = 3
_UNDO_LIMIT = 20


@dataclass(frozen=True)
class Undoable:
    """Something done that can be taken back; `text` says what was done."""

    text: str
    undo: Callable[[], None]


class Toasts(QObject):
    """Says things in passing, over the window given to `attach`. Before that, messages wait.

    `undo_changed` is emitted when what Undo would take back changes.
    """

    undo_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host: QWidget | None = None
        self._stack: _Stack | None = None
        self._waiting: list[tuple[str, Tone, str, Callable[[], None] | None, float]] = []
        self._undoable: list[Undoable] = []

    def attach(self, host: QWidget, above: int) -> None:
        """Float over this widget from now on, so many pixels above its lower edge."""
        self._host = host
        self._stack = _Stack(host, above)
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self._show(*message)

    def say(
        self,
        text: str,
        tone: Tone = Tone.PLAIN,
        *,
        action: str = "",
        act: Callable[[], None] | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        """Show a message, with an optional button."""
        self._show(text, tone, action, act, seconds)

    def problem(self, text: str) -> None:
        """Show what went wrong; it stays until it is closed."""
        self._show(text, Tone.BAD, "", None, 0)

    def undoable(self, text: str, undo: Callable[[], None]) -> None:
        """Say what was done and offer to take it back, here and as Edit ▸ Undo."""
        done = Undoable(text, undo)
        self._undoable = [*self._undoable, done][-_UNDO_LIMIT:]
        self.undo_changed.emit()
        self._show(text, Tone.PLAIN, self.tr("Undo"), lambda: self._undo(done), _SECONDS_UNDO)

    @property
    def next_undo(self) -> str:
        """What Undo would take back, or an empty text."""
        return self._undoable[-1].text if self._undoable else ""

    def undo_latest(self) -> None:
        """Take back the latest thing."""
        if self._undoable:
            self._undo(self._undoable[-1])

    def forget_undo(self) -> None:
        """Nothing can be taken back any more, as after closing a project."""
        self._undoable.clear()
        self.undo_changed.emit()

    def texts(self) -> list[str]:
        """The messages on show, oldest first."""
        return self._stack.texts() if self._stack else [message[0] for message in self._waiting]

    def _undo(self, done: Undoable) -> None:
        if done in self._undoable:
            self._undoable.remove(done)
            self.undo_changed.emit()
            if self._stack:
                self._stack.dismiss(done.text)
            done.undo()

    def _show(self, text: str, tone: Tone, action: str, act: Callable[[], None] | None, seconds: float) -> None:
        if self._stack is None:
            self._waiting.append((text, tone, action, act, seconds))
        else:
            self._stack.add(_Toast(text, tone, action, act, seconds))


class _Stack(QWidget):
    def __init__(self, host: QWidget, above: int) -> None:
        super().__init__(host)
        self._host = host
        self._above = above
        self._shown: list[_Toast] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GRID)
        self._layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        host.installEventFilter(self)
        self.hide()

    def add(self, toast: "_Toast") -> None:
        for old in self._toasts():
            if old.text == toast.text:
                old.leave()
        for old in self._toasts()[: -(_AT_MOST - 1)]:
            old.leave()
        self._shown = [*self._toasts(), toast]
        self._layout.addWidget(toast, 0, Qt.AlignmentFlag.AlignHCenter)
        toast.left.connect(self._settle)
        self._settle()

    def texts(self) -> list[str]:
        return [toast.text for toast in self._toasts()]

    def dismiss(self, text: str) -> None:
        for toast in self._toasts():
            if toast.text == text:
                toast.leave()

    def _toasts(self) -> list["_Toast"]:
        return [toast for toast in self._shown if not toast.is_leaving]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._settle()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _settle(self) -> None:
        self.setVisible(bool(self._toasts()))
        self._place()

    def _place(self) -> None:
        left = (self._host.width() - self.width()) // 2
        self.move(left, self._host.height() - self.height() - self._above)
        self.raise_()


class _Toast(QFrame):
    left = Signal()

    def __init__(self, text: str, tone: Tone, action: str, act: Callable[[], None] | None, seconds: float) -> None:
        super().__init__()
        self.text = text
        self.is_leaving = False
        self.setProperty("role", "floating")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        if tone is not Tone.PLAIN:
            layout.addWidget(tone_icon(tone))
        label = PlainLabel(text, wrap=len(text) > 60)
        label.setMinimumWidth(min(480, label.fontMetrics().horizontalAdvance(text) + GRID))
        layout.addWidget(label)
        if act is not None:
            button = LinkButton(action)
            button.clicked.connect(lambda: self._act(act))
            layout.addWidget(button)
        close = IconButton("close", self.tr("Dismiss message"))
        close.clicked.connect(self.leave)
        layout.addWidget(close)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.leave)
        if seconds:
            self._clock.start(round(seconds * 1000))

    def leave(self) -> None:
        self.is_leaving = True
        self._clock.stop()
        self.hide()
        self.setParent(None)
        self.deleteLater()
        self.left.emit()

    def _act(self, act: Callable[[], None]) -> None:
        self.leave()
        act()
