"""One run in the side panel: what it is, what came of it, its checkpoints, and what can be done with it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.core.family import AnyFamily
from genstudio.jobs.quality import SAMPLES
from genstudio.store.records import CheckpointRecord, RemarkRecord, RunRecord, RunStatus
from genstudio.ui.models.checkpoints import checkpoint_facts
from genstudio.ui.models.facts import config_facts, figure_facts, remark_facts, run_facts
from genstudio.ui.models.runs_table import started_text
from genstudio.ui.models.statuses import can_resume, last_word, status_look
from genstudio.ui.pages.runs.quality import QualityCard
from genstudio.ui.pages.runs.reading import RunDetails
from genstudio.ui.pages.train.facts import FactList
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from genstudio.ui.widgets.cards import Badge, Fold, Notice
from genstudio.ui.widgets.fields import SidePanel
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel

_SAMPLES = (100, SAMPLES, 2000)


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
        self.quality = QualityCard()
        self._facts, self._figures, self._config = FactList(), FactList(self.tr("Figures")), FactList()
        self._checkpoints = _Checkpoints()
        self._checkpoints.pin_wanted.connect(self.pin_wanted)
        self._checkpoints_fold = Fold(self.tr("Checkpoints"), self._checkpoints)
        self._remarks = _Remarks()
        self._remarks_fold = Fold(self.tr("Remarks"), self._remarks)
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
        self.quality.show_judged(details.judged, record.images_seen)
        made_of = run_facts(record, family, details.dataset or self.tr("deleted"))
        self._facts.show_facts([*made_of, *checkpoint_facts(details.checkpoints)])
        self._figures.show_facts(figure_facts(record, family))
        self._config.show_facts(config_facts(record.config, family))
        self._checkpoints.show_checkpoints(details.checkpoints)
        self._checkpoints_fold.set_title(self.tr("Checkpoints ({0})").format(len(details.checkpoints)))
        self._checkpoints_fold.setVisible(bool(details.checkpoints))
        self._remarks.show_remarks(details.remarks)
        self._remarks_fold.set_title(self.tr("Remarks ({0})").format(len(details.remarks)))
        self._remarks_fold.setVisible(bool(details.remarks))
        self._show_buttons(record, bool(details.checkpoints), blocked, evaluating)

    def _make_buttons(self) -> None:
        self.open = Button(self.tr("Open"), icon_name="eye", tip=self.tr("Show its pictures and curves"))
        self.resume = PrimaryButton(self.tr("Resume"), icon_name="play", tip=self.tr("Go on from the last checkpoint"))
        self.generate = Button(self.tr("Generate"), icon_name="generate")
        tip = self.tr("Measure it on pictures it has never seen, and judge pictures that it makes")
        self.evaluate = Button(self.tr("Evaluate"), icon_name="chart", tip=tip)
        self.delete = Button(self.tr("Delete"), icon_name="trash")
        tip = self.tr("How many pictures it makes to be judged: more are surer, and take longer")
        counts = [(str(count), words.count(count), tip) for count in _SAMPLES]
        self.samples = Segments(self.tr("Pictures to evaluate"), counts, str(SAMPLES))
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
        parts = (self._message, self.quality, self._facts, self._figures, self._remarks_fold, self._checkpoints_fold)
        for part in (*parts, Fold(self.tr("Settings"), self._config)):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.foot.addWidget(self._progress)
        self.foot.addWidget(self.resume)
        self.foot.addLayout(row(PlainLabel(self.tr("Pictures to evaluate"), "small"), 1, self.samples))
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


class _Remarks(QWidget):
    """What a run was warned of, in the order in which it was said."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_remarks(self, remarks: Sequence[RemarkRecord]) -> None:
        """Show these."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for when, text, _ in remark_facts(remarks):
            self._column.addWidget(PlainLabel(when, "small"))
            self._column.addWidget(PlainLabel(text, wrap=True))


class _Checkpoints(QWidget):
    """The checkpoints of a run, newest first; those marked are kept for good."""

    pin_wanted = Signal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._shown: tuple[CheckpointRecord, ...] = ()

    def show_checkpoints(self, checkpoints: Sequence[CheckpointRecord]) -> None:
        """Show these checkpoints."""
        if tuple(checkpoints) == self._shown:
            return
        self._shown = tuple(checkpoints)
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for checkpoint in checkpoints:
            self._column.addWidget(self._line(checkpoint))

    def _line(self, checkpoint: CheckpointRecord) -> QWidget:
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        at = self.tr("{images} images").format(images=words.count(checkpoint.images_seen))
        layout.addWidget(PlainLabel(at), 1)
        layout.addWidget(PlainLabel(f"{words.size(checkpoint.bytes)} · {started_text(checkpoint.created)}", "small"))
        pin = IconButton("flag", self.tr("Keep the checkpoint at {at} for good").format(at=at), checkable=True, size=16)
        pin.setChecked(checkpoint.pinned)
        pin.toggled.connect(lambda pinned: self.pin_wanted.emit(checkpoint.images_seen, pinned))
        layout.addWidget(pin, 0, Qt.AlignmentFlag.AlignRight)
        return line
