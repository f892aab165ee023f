"""Saying in words what to draw: a line to type in, with an example out of the data and what was typed before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QVBoxLayout, QWidget

from genstudio.core.recipe import Recipe
from genstudio.data.cache import read_header
from genstudio.jobs.given import dataset_folder
from genstudio.jobs.prompting import LONGEST, PROMPT, PROMPT_B
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.fields import FieldRow, TextField

if TYPE_CHECKING:
    from genstudio.jobs.workspace import Workspace

_REMEMBERED = 20
_EXAMPLE = 40  # characters of a caption at most that it serves as an example
_EXAMPLES = 200  # captions looked at


class PromptLine(TextField):
    """A line of words. `entered` says that Enter was pressed. The arrow down shows what was said before."""

    entered = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setMaxLength(LONGEST)
        self.setClearButtonEnabled(True)
        self._said: tuple[str, ...] = ()
        self.returnPressed.connect(self.entered)

    def words(self) -> str | None:
        """What is said, None for nothing."""
        return " ".join(self.text().split()) or None

    def offer(self, said: Sequence[str]) -> None:
        """Offer what was said before, the latest first."""
        if tuple(said) == self._said:
            return
        self._said = tuple(said)
        completer = QCompleter(list(said), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        popup = completer.popup()
        assert popup is not None  # it is made when it is asked for
        popup.setProperty("role", "offers")
        self.setCompleter(completer)

    def offered(self) -> tuple[str, ...]:
        """What is offered."""
        return self._said

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show everything that was said before when the arrow down is pressed in an empty line."""
        completer = self.completer()
        if event.key() == Qt.Key.Key_Down and completer is not None and not self.text():
            completer.setCompletionPrefix("")
            completer.complete()
            return
        super().keyPressEvent(event)


class PromptPanel(QWidget):
    """What to draw in words, and for a walk what at its other end. `entered` says that Enter was pressed."""

    entered = Signal()

    def __init__(self, help: str = "") -> None:
        super().__init__()
        self._run, self._said = "", dict[str, list[str]]()
        self._able, self._drawing, self._walking = False, True, False
        self.line, self.line_b = PromptLine(self.tr("In words")), PromptLine(self.tr("In words, at the other end"))
        self.line_b.setPlaceholderText(self.tr("The same"))
        self._row = FieldRow(self.tr("In words"), self.line, help or self.tr("What to draw. Empty for anything."))
        self._row_b = FieldRow(self.tr("In words, at the other end"), self.line_b)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        for row in (self._row, self._row_b):
            column.addWidget(row)
        for line in (self.line, self.line_b):
            line.entered.connect(self.entered)
        self._show()

    def show_run(self, run: str, able: bool) -> None:
        """Ask for words where the run (by id) draws by them; what was said to it before is offered again."""
        if run != self._run:
            self._run = run
            self.line.setPlaceholderText("")
        self._able = able
        self._show()

    def set_tool(self, drawing: bool, walking: bool) -> None:
        """Whether something is going to be drawn, and whether it is a walk."""
        self._drawing, self._walking = drawing, walking
        self._show()

    def show_example(self, run: str, caption: str) -> None:
        """Show in grey what could be said to a run."""
        if run == self._run and caption:
            self.line.setPlaceholderText(self.tr("Such as “{0}”").format(caption))

    def words(self) -> str | None:
        """What is said where it is asked for, None for nothing."""
        return self.line.words() if self._asks() else None

    def words_b(self) -> str | None:
        """What is said of the other end of a walk, None for the same."""
        return self.line_b.words() if self._asks() and self._walking else None

    def remember(self) -> None:
        """What stands there was used: offer it again, for this run."""
        said = self._said.setdefault(self._run, [])
        for words in (self.words_b(), self.words()):
            if words:
                said[:] = [words, *(other for other in said if other != words)][:_REMEMBERED]
        self._show()

    def set_words(self, words: str | None, words_b: str | None = None) -> None:
        """Say something else."""
        self.line.setText(words or "")
        self.line_b.setText("" if words_b == words else words_b or "")

    def use(self, recipe: Recipe) -> None:
        """Say what a picture was drawn by."""
        self.set_words(*(_text(recipe, name) for name in (PROMPT, PROMPT_B)))

    def _asks(self) -> bool:
        return self._able and self._drawing

    def _show(self) -> None:
        for line in (self.line, self.line_b):
            line.offer(self._said.get(self._run, ()))
        self._row_b.setVisible(self._walking)
        self.setVisible(self._asks())


def words_of(recipe: Recipe) -> str | None:
    """What a picture was drawn by, in words."""
    return _text(recipe, PROMPT)


def example_of(workspace: "Workspace", run: str) -> str:
    """A short caption of the pictures a run (by id) learned from, or nothing. For workers."""
    captions = read_header(dataset_folder(workspace, run)).captions or ()
    some = [caption for caption in captions[:_EXAMPLES] if 0 < len(caption) <= _EXAMPLE]
    return some[len(some) // 2] if some else ""


def _text(recipe: Recipe, name: str) -> str | None:
    words = recipe.extra.get(name)
    return words if isinstance(words, str) else None
