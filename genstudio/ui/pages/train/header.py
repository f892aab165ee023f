"""The head of a run on show: its name, how it stands, how far it is, and what can be done with it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.store.records import RunRecord
from genstudio.ui.icons import icon
from genstudio.ui.models.live import LiveState, Phase, Wish
from genstudio.ui.models.statuses import can_resume, status_look
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from genstudio.ui.widgets.cards import Badge
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.text import ElidedLabel, Readout

LONGER = (0.5, 1.0, 4.0)
"""What "Train longer" offers, in parts of the length so far."""


class RunHeader(QWidget):
    """Shows a `LiveState`. `wished` carries a `Wish`; the other signals are for a run that rests."""

    wished = Signal(object)
    resume_wanted = Signal()
    longer_wanted = Signal(int)
    generate_wanted = Signal()
    new_wanted = Signal()
    details_wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._name = ElidedLabel("", "title")
        self._badge = Badge()
        self._progress = ProgressLine(self.tr("Progress of the run"))
        self._facts = Readout("small")
        self._make_buttons()
        self._lay_out()

    def show_state(self, state: LiveState, *, blocked: str = "") -> None:
        """Show how a run stands; `blocked` says why it cannot train right now, as while another one does."""
        self._name.setText(state.record.name)
        self._badge.show_state(*self._standing(state))
        self._progress.show_share(None if state.phase is Phase.PREPARING else state.share)
        self._progress.setVisible(state.active or can_resume(state.record))
        self._facts.setText(facts_text(state))
        self._show_wishes(state)
        self._show_next(state, blocked)

    def _standing(self, state: LiveState) -> tuple[str, str]:
        if state.phase is Phase.PREPARING:
            return self.tr("Getting ready"), "accent"
        if state.phase is Phase.PAUSED:
            return self.tr("Paused"), "warning"
        look = status_look(state.record.status)
        return look.word, look.kind

    def _make_buttons(self) -> None:
        self.pause = Button(self.tr("Pause"), icon_name="pause")
        self.stop = Button(self.tr("Stop"), icon_name="stop", tip=self.tr("Finish the step, save, and end"))
        self.preview = Button(self.tr("Preview now"), "quiet", icon_name="image")
        self.save = Button(self.tr("Save now"), "quiet", icon_name="save")
        self.resume = Button(self.tr("Resume"), icon_name="play", tip=self.tr("Go on from the last checkpoint"))
        self.longer = Button(self.tr("Train longer"), icon_name="clock")
        self.longer_menu = QMenu(self.longer)
        self.longer_menu.aboutToShow.connect(self._fill_longer)
        self.longer.setMenu(self.longer_menu)
        self.new = Button(self.tr("New run"), "quiet", icon_name="plus")
        self.generate = PrimaryButton(self.tr("Generate with it"), icon_name="generate")
        self.details = IconButton("sliders", self.tr("Settings and figures of this run"), checkable=True)
        self.details.toggled.connect(self.details_wanted)
        self.pause.clicked.connect(self._pause_or_resume)
        for button, wish in ((self.stop, Wish.STOP), (self.preview, Wish.PREVIEW), (self.save, Wish.SAVE)):
            button.clicked.connect(lambda _=False, wish=wish: self.wished.emit(wish))
        self.resume.clicked.connect(self.resume_wanted)
        self.new.clicked.connect(self.new_wanted)
        self.generate.clicked.connect(self.generate_wanted)
        self._paused = False
        self._record: RunRecord | None = None

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self._name, 1)
        buttons = (self.new, self.preview, self.save, self.pause, self.stop, self.longer, self.resume, self.generate)
        for button in buttons:
            top.addWidget(button)
        top.addWidget(self.details)
        facts = QHBoxLayout()
        facts.setSpacing(GRID)
        facts.addWidget(self._badge)
        facts.addWidget(self._facts, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addLayout(facts)
        column.addWidget(self._progress)

    def _pause_or_resume(self) -> None:
        self.wished.emit(Wish.RESUME if self._paused else Wish.PAUSE)

    def _show_wishes(self, state: LiveState) -> None:
        if self._paused is not (state.phase is Phase.PAUSED):
            self._paused = not self._paused
            self.pause.setIcon(icon("play" if self._paused else "pause"))
        stopping = Wish.STOP in state.wishes
        waiting = state.phase is Phase.PREPARING
        for button in (self.pause, self.stop, self.preview, self.save):
            button.setVisible(state.active)
            button.disable_because(self.tr("The run is saving and will end.") if stopping else "")
        if waiting and not stopping:
            for button in (self.pause, self.preview, self.save):
                button.disable_because(self.tr("The run is still getting ready."))
        self._show_pending(state.wishes)

    def _show_pending(self, wishes: frozenset[Wish]) -> None:
        words_of = {
            self.pause: (self.tr("Resume") if self._paused else self.tr("Pause"), Wish.PAUSE, self.tr("Pausing…")),
            self.stop: (self.tr("Stop"), Wish.STOP, self.tr("Stopping…")),
            self.preview: (self.tr("Preview now"), Wish.PREVIEW, self.tr("Drawing…")),
            self.save: (self.tr("Save now"), Wish.SAVE, self.tr("Saving…")),
        }
        if Wish.RESUME in wishes:
            words_of[self.pause] = (self.tr("Resume"), Wish.RESUME, self.tr("Resuming…"))
        for button, (usual, wish, pending) in words_of.items():
            button.setText(pending if wish in wishes else usual)
            if wish in wishes:
                button.disable_because(self.tr("Asked for; it happens after the current step."))

    def _show_next(self, state: LiveState, blocked: str) -> None:
        resting = not state.active
        unfinished = resting and can_resume(state.record)
        self.resume.setVisible(unfinished)
        self.resume.disable_because(blocked)
        self.longer.setVisible(resting and not unfinished)
        self.longer.disable_because(blocked)
        self.generate.setVisible(resting)
        self.generate.disable_because("" if state.record.images_seen else self.tr("It has not learned anything yet."))
        self._record = state.record

    def _fill_longer(self) -> None:
        record = self._record
        self.longer_menu.clear()
        if record is None:
            return
        titles = (self.tr("Half as long again"), self.tr("As long again"), self.tr("Four times as long again"))
        for share, title in zip(LONGER, titles, strict=True):
            more = max(round(record.budget * share), 1)
            text = self.tr("{title}: {images} images more").format(title=title, images=words.count(more))
            action = self.longer_menu.addAction(text)
            action.triggered.connect(lambda _=False, total=record.budget + more: self.longer_wanted.emit(total))


def facts_text(state: LiveState) -> str:
    """Say how far a run is: images seen, speed, time left or taken, memory."""
    record = state.record
    parts = [f"{words.count(record.images_seen)} of {words.count(record.budget)} images"]
    if state.phase is Phase.TRAINING and state.rate > 0:
        parts.append(f"{words.figure(state.rate) if state.rate < 10 else words.count(round(state.rate))} images/s")
    left = state.seconds_left
    if left is not None:
        parts.append(f"{words.duration(left)} left")
    elif record.seconds >= 1:
        parts.append(f"{words.duration(record.seconds)} of training")
    if state.active and state.memory:
        parts.append(words.size(state.memory))
    if state.active and state.device:
        parts.append(state.device)
    return " · ".join(parts)
