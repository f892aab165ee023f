"""Importing, in its place: what is there, what it will become, how far it has come."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genstudio.core import words as core_words
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, UiContext
from genstudio.ui.pages.data import words
from genstudio.ui.pages.data.import_job import ImportJob, Look, look_at
from genstudio.ui.pages.data.options import OptionsPanel
from genstudio.ui.pages.data.pairs import Pair, PairGrid
from genstudio.ui.pages.data.staging import forget, gather
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import IconButton
from genstudio.ui.widgets.cards import Notice, PageHeader
from genstudio.ui.widgets.layouts import row, scrolling
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone

if TYPE_CHECKING:
    from genstudio.data.importing import ImportReport
    from genstudio.store.records import DatasetRecord

_PAUSE_MS = 250
_KEY = "import"


class ImportView(QWidget):
    """Shows a source and imports it. `finished` carries the record and the report, `left` that the person went back."""

    finished = Signal(object, object)
    left = Signal()

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._source: Path | str = ""
        self._look: Look | None = None
        self._looking = False
        self._job: ImportJob | None = None
        self._panel = OptionsPanel()
        self._header = PageHeader("", "")
        self._facts = PlainLabel("", "muted", wrap=True)
        self._labels = PlainLabel("", "small", wrap=True)
        self._refused = Notice()
        self._problem = Notice()
        self._grid = PairGrid(self.tr("Some pictures: as they are, and as they will be"))
        self._bar = ProgressLine(self.tr("Import"))
        self._doing = PlainLabel("", "muted")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look_again)
        self._lay_out()
        self._panel.changed.connect(self._pause.start)
        self._panel.started.connect(self._start)
        self._panel.cancelled.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        """Whether pictures are being imported now."""
        return self._job is not None

    def begin(self, paths: Sequence[Path]) -> None:
        """Look at what somebody dropped or chose."""
        self._open("", paths[0].stem)
        files = list(paths)
        self._context.bridge.ask(self._context.studio.on_io(lambda: gather(files)), self._gathered, self._failed)

    def begin_builtin(self, name: str, title: str) -> None:
        """Look at a built-in dataset."""
        self._open(name, title)
        self._first_look()

    def cancel(self) -> None:
        """Stop an import that runs, or go back."""
        if self._job is not None:
            self._job.cancel()
            self._doing.setText(self.tr("Stopping…"))
        else:
            self._leave()

    def _open(self, source: Path | str, name: str) -> None:
        self._source, self._look = source, None
        self._header.set_title(self.tr("Import “{name}”").format(name=name))
        self._header.set_sentence(self.tr("Looking at the pictures…"))
        self._panel.show_name(name)
        self._panel.show_reason(self.tr("The pictures are still being looked at."))
        self._grid.show_pairs([])
        for label in (self._facts, self._labels):
            label.hide()
        for notice in (self._refused, self._problem):
            notice.show_text("")
        self._show_running(False)

    def _gathered(self, source: Path) -> None:
        self._source = source
        self._first_look()

    def _first_look(self) -> None:
        self._ask_look(None)

    def _look_again(self) -> None:
        options = self._panel.options()
        if options is None or self._look is None:
            return
        if self._looking:
            self._pause.start()
        else:
            self._ask_look(options)

    def _ask_look(self, options: object) -> None:
        source = self._source
        self._looking = True
        future = self._context.studio.on_io(lambda: look_at(source, options))
        self._context.bridge.ask(future, self._looked, self._failed)

    def _looked(self, look: Look) -> None:
        self._looking = False
        if look.source != self._source:
            return
        if self._look is None:
            self._panel.show_options(look.options)
        self._look = look
        self._problem.show_text("")
        self._panel.show_reason("")
        self._header.set_sentence(self.tr("Left: as it is. Right: as the model will see it, pixel by pixel."))
        self._grid.show_pairs([Pair(original, image, name) for original, image, name in look.pictures])
        self._show_facts(look)

    def _show_facts(self, look: Look) -> None:
        parts = [words.pictures(look.total)]
        if look.labels:
            parts.append(words.labels(len(look.labels)))
        if look.captioned:
            parts.append(self.tr("{count} captions").format(count=core_words.count(look.captioned)))
        self._facts.setText(" · ".join(parts))
        self._labels.setText("\n".join([words.label_counts(look.labels), *look.notes]).strip())
        self._facts.show()
        self._labels.setVisible(bool(self._labels.text()))
        self._refused.show_text(_refused_text(look), Tone.WARNING)

    def _failed(self, sentence: str) -> None:
        self._looking = False
        self._header.set_sentence("")
        self._problem.show_text(sentence, Tone.BAD)
        self._panel.show_reason(self.tr("There is nothing that can be imported."))

    def _start(self) -> None:
        options = self._panel.options()
        if options is None or self._look is None:
            return
        progress = self._context.bridge.newest(self._show_progress)
        self._job = ImportJob(self._context.workspace, self._source, options, self._panel.name(), progress)
        self._show_running(True)
        self._show_progress(0, 0, "")
        future = self._context.studio.on_io(self._job.run)
        self._context.bridge.ask(future, self._imported, self._import_failed, self._stopped)

    def _show_progress(self, done: int, total: int, name: str) -> None:
        if self._job is None:
            return
        share = done / total if total else None
        self._bar.show_share(share)
        if total:
            text = self.tr("{done} of {total} pictures").format(
                done=core_words.count(done), total=core_words.count(total)
            )
        else:
            text = self.tr("{done} files found").format(done=core_words.count(done))
        self._doing.setText(text)
        work = self.tr("Importing {name}").format(name=self._panel.name())
        self._context.activity.report(_KEY, Work(work, share, Place.DATA, self._job.cancel))

    def _imported(self, outcome: "tuple[DatasetRecord, ImportReport]") -> None:
        self._over()
        self.finished.emit(*outcome)

    def _import_failed(self, sentence: str) -> None:
        self._over()
        self._problem.show_text(sentence, Tone.BAD)

    def _stopped(self) -> None:
        self._over()
        self._context.toasts.say(self.tr("The import was stopped; nothing of it was kept."))

    def _over(self) -> None:
        self._job = None
        self._context.activity.done(_KEY)
        self._show_running(False)
        self._panel.show_reason("")

    def _show_running(self, running: bool) -> None:
        self._panel.set_running(running)
        self._bar.setVisible(running)
        self._doing.setVisible(running)

    def _leave(self) -> None:
        source = self._source
        if isinstance(source, Path):
            self._context.studio.on_io(lambda: forget(source))
        self.left.emit()

    def _lay_out(self) -> None:
        back = IconButton("arrow-left", self.tr("Back to all datasets"))
        back.clicked.connect(self.left)
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 0, GRID, 0)
        inside.setSpacing(2 * GRID)
        for widget in (self._problem, self._facts, self._labels, self._refused, self._grid):
            inside.addWidget(widget)
        inside.addStretch(1)
        centre = QVBoxLayout()
        centre.setContentsMargins(3 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        centre.addLayout(row(back, self._header))
        centre.addWidget(self._doing)
        centre.addWidget(self._bar)
        centre.addSpacing(GRID)
        centre.addWidget(scrolling(body), 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(centre, 1)
        layout.addWidget(self._panel)


def _refused_text(look: Look) -> str:
    if not look.refused:
        return ""
    first = look.refused[0]
    if len(look.refused) == 1:
        return words.tr("1 file will be left out, “{file}”: {reason}.").format(file=first.file, reason=first.reason)
    text = words.tr("{count} files will be left out, for example “{file}”: {reason}. The list comes afterwards.")
    return text.format(count=core_words.count(len(look.refused)), file=first.file, reason=first.reason)
