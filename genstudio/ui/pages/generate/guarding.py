"""Before pictures leave the project: are some of them copies of training pictures? A note says so; it never forbids."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.jobs.copies import Verdict
from genstudio.store.records import SampleRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.data.pairs import Pair, PairGrid
from genstudio.ui.pages.generate.copying import CopyJob, pairs_of
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, IconButton
from genstudio.ui.widgets.cards import Notice
from genstudio.ui.widgets.layouts import row, scrolling
from genstudio.ui.widgets.tones import Tone

_PAIRS_HEIGHT = 200


class ExportGuard(QWidget):
    """Lets an export go on when nothing is a near copy, and otherwise when a person says so."""

    def __init__(self, context: UiContext, reader: Reader) -> None:
        super().__init__()
        self._context, self._reader = context, reader
        self._files: dict[str, Path] = {}
        self._go: Callable[[], None] | None = None
        self.job = CopyJob(context, self)
        self.pairs_button = Button(self.tr("Show pairs"), icon_name="compare")
        self.anyway = Button(self.tr("Export anyway"), icon_name="export")
        self.leave = IconButton("close", self.tr("Do not export"), size=16)
        self.note = Notice("", Tone.WARNING)
        self.pairs = PairGrid(self.tr("Near copies and the training pictures they are copies of"), "compare")
        self._area = scrolling(self.pairs)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GRID)
        line = row(self.note, self.pairs_button, self.anyway, self.leave)
        line.setStretchFactor(self.note, 1)
        outer.addLayout(line)
        outer.addWidget(self._area)
        self.pairs_button.clicked.connect(self._show_pairs)
        self.anyway.clicked.connect(self._go_on)
        self.leave.clicked.connect(self.forget)
        self.job.answered.connect(self._judge)
        self.job.failed.connect(self._go_on_unchecked)
        self.hide()

    def ask(self, records: Sequence[SampleRecord], files: dict[str, Path], go: Callable[[], None]) -> None:
        """Look at pictures (by the ids of their records) and let `go` run, now or when a person says so."""
        if self.job.busy:
            self.job.cancel()
            self._context.toasts.say(self.tr("Still looking for copies; export again in a moment."))
            return
        self._files, self._go = files, go
        self._say(self.tr("Looking for copies of training pictures before the export…"), Tone.PLAIN, pairs=False)
        self.job.ask_samples(records)

    def forget(self) -> None:
        """Export nothing."""
        self._go = None
        self.job.cancel()
        self.hide()

    def _judge(self, verdicts: object) -> None:
        assert isinstance(verdicts, dict)
        if self._go is None:
            return
        near = sum(verdict.near for verdict in verdicts.values())
        if not near:
            self._go_on()
            return
        self._verdicts: dict[str, Verdict] = verdicts
        text = self.tr("{near} of {count} are near copies of training pictures.")
        self._say(text.format(near=words.count(near), count=words.count(len(verdicts))), Tone.WARNING, pairs=True)

    def _say(self, text: str, tone: Tone, *, pairs: bool) -> None:
        self.note.show_text(text, tone)
        self.pairs_button.setVisible(pairs)
        self._area.hide()
        self.show()

    def _go_on(self) -> None:
        go, self._go = self._go, None
        self.job.cancel()
        self.hide()
        if go is not None:
            go()

    def _go_on_unchecked(self, sentence: str) -> None:
        if self._go is not None:
            self._context.toasts.say(self.tr("Exported without looking for copies. {0}").format(sentence))
            self._go_on()

    def _show_pairs(self) -> None:
        if self._area.isVisible():
            self._area.hide()
            return
        future = self._reader.read(pairs_of, self._files, self._verdicts)
        self._context.bridge.ask(future, self._put_pairs, self._context.toasts.problem)

    def _put_pairs(self, pairs: list[Pair]) -> None:
        self.pairs.show_pairs(pairs)
        self._area.setFixedHeight(min(_PAIRS_HEIGHT, self.pairs.heightForWidth(self.width())))
        self._area.show()
