"""One run in the side panel: what it is, what came of it, its states, and what can be done with it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.core.family import AnyFamily
from genstudio.store.records import CheckpointRecord, RunRecord, RunStatus
from genstudio.ui.models.facts import config_facts, figure_facts, run_facts
from genstudio.ui.models.runs_table import started_text
from genstudio.ui.models.statuses import can_resume, last_word, status_look
from genstudio.ui.pages.runs.reading import RunDetails
from genstudio.ui.pages.train.facts import FactList
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from genstudio.ui.widgets.cards import Badge, Fold, Notice
from genstudio.ui.widgets.fields import SidePanel
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.text import PlainLabel


class RunPanel(SidePanel):
    """Shows `RunDetails`. The signals say what a person wants of the run on show."""

    open_wanted = Signal()
    resume_wanted = Signal()
    generate_wanted = Signal()
    evaluate_wanted = Signal()
    delete_wanted = Signal()
    pin_wanted = Signal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self._name = PlainLabel("", "heading", wrap=True)
        self._badge = Badge()
        self._message = Notice()
        self._facts, self._figures, self._config = FactList(), FactList(self.tr("Figures")), FactList()
        self._states = _States()
        self._states.pin_wanted.connect(self.pin_wanted)
        self._states_fold = Fold(self.tr("States"), self._states)
        self._progress = ProgressLine(self.tr("Evaluating"))
        self._make_buttons()
        self._lay_out()

    def show_details(self, details: RunDetails, family: AnyFamily | None, *, blocked: str, evaluating: bool) -> None:
        """Show a run; `blocked` says why it cannot train now."""
        record = details.record
        look = status_look(record.status)
        self._name.setText(record.name)
        self._badge.show_state(look.word, look.kind)
        self._message.show_text(*last_word(record))
        self._facts.show_facts(run_facts(record, family, details.dataset or self.tr("deleted")))
        self._figures.show_facts(figure_facts(record, family))
        self._config.show_facts(config_facts(record.config, family))
        self._states.show_states(details.checkpoints)
        self._states_fold.set_title(self.tr("States ({0})").format(len(details.checkpoints)))
        self._states_fold.setVisible(bool(details.checkpoints))
        self._show_buttons(record, bool(details.checkpoints), blocked, evaluating)

    def _make_buttons(self) -> None:
        self.open = Button(self.tr("Open"), icon_name="eye", tip=self.tr("Show its pictures and curves"))
        self.resume = PrimaryButton(self.tr("Resume"), icon_name="play", tip=self.tr("Go on from the last checkpoint"))
        self.generate = Button(self.tr("Generate"), icon_name="generate")
        self.evaluate = Button(
            self.tr("Evaluate"), icon_name="chart", tip=self.tr("Measure it on pictures it has never seen")
        )
        self.delete = Button(self.tr("Delete"), icon_name="trash")
        pairs = (
            (self.open, self.open_wanted),
            (self.resume, self.resume_wanted),
            (self.generate, self.generate_wanted),
            (self.evaluate, self.evaluate_wanted),
            (self.delete, self.delete_wanted),
        )
        for button, signal in pairs:
            policy = button.sizePolicy()
            policy.setHorizontalPolicy(policy.Policy.Expanding)
            button.setSizePolicy(policy)
            button.clicked.connect(signal)

    def _lay_out(self) -> None:
        self.column.addWidget(self._name)
        self.column.addWidget(self._badge)
        parts = (self._message, self._facts, self._figures, self._states_fold)
        for part in (*parts, Fold(self.tr("Settings"), self._config)):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.foot.addWidget(self._progress)
        self.foot.addWidget(self.resume)
        self.foot.addLayout(row(self.open, self.generate))
        self.foot.addLayout(row(self.evaluate, self.delete))

    def show_count(self, chosen: int) -> None:
        """Say how many runs would be deleted."""
        self.delete.setText(self.tr("Delete {0} runs").format(chosen) if chosen > 1 else self.tr("Delete"))

    def show_progress(self, share: float | None, busy: bool) -> None:
        """Show how far evaluating is."""
        self._progress.setVisible(busy)
        self._progress.show_share(share)

    def _show_buttons(self, record: RunRecord, trained: bool, blocked: str, evaluating: bool) -> None:
        running = record.status is RunStatus.RUNNING
        self.resume.setVisible(can_resume(record))
        self.resume.disable_because(blocked)
        untrained = "" if trained else self.tr("It has no checkpoint yet.")
        self.generate.disable_because(untrained)
        self.evaluate.disable_because(self.tr("It is being measured.") if evaluating else untrained)
        self.delete.disable_because(self.tr("It is training. Stop it first.") if running else "")


class _States(QWidget):
    """The checkpoints of a run, newest first; those marked are kept for good."""

    pin_wanted = Signal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._shown: tuple[CheckpointRecord, ...] = ()

    def show_states(self, states: Sequence[CheckpointRecord]) -> None:
        """Show these checkpoints."""
        if tuple(states) == self._shown:
            return
        self._shown = tuple(states)
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for state in states:
            self._column.addWidget(self._line(state))

    def _line(self, state: CheckpointRecord) -> QWidget:
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        at = self.tr("{images} images").format(images=words.count(state.images_seen))
        layout.addWidget(PlainLabel(at), 1)
        layout.addWidget(PlainLabel(f"{words.size(state.bytes)} · {started_text(state.created)}", "small"))
        pin = IconButton(
            "flag", self.tr("Keep the state at {state} for good").format(state=at), checkable=True, size=16
        )
        pin.setChecked(state.pinned)
        pin.toggled.connect(lambda pinned: self.pin_wanted.emit(state.images_seen, pinned))
        layout.addWidget(pin, 0, Qt.AlignmentFlag.AlignRight)
        return line
