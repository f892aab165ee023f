"""What a person should know when the session begins: a crash, runs that were cut off, what was found in the project."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core import paths, words
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.pages.home_projects import choose_base
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, LinkButton
from genstudio.ui.widgets.cards import Notice
from genstudio.ui.widgets.tones import Tone

if TYPE_CHECKING:
    from genstudio.store.records import RunRecord


class Notices(QWidget):
    """A column of messages; empty most of the time."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._crash: Notice | None = None
        self._welcome: Notice | None = None
        self._others: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        if context.projects.is_base_settled:
            self.hide()
        else:
            self._greet()

    def tell_crash(self, report: Path) -> None:
        """Say that the program went down last time, until the message is closed."""
        show, close = LinkButton(self.tr("Show the report")), Button(self.tr("Dismiss"))
        text = self.tr("GenStudio went down unexpectedly last time. Everything that was saved is safe.")
        notice = Notice(text, Tone.WARNING, show, close)
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(report))))
        close.clicked.connect(lambda: self._drop_crash(notice))
        self._crash = notice
        self._column.insertWidget(0, notice)
        self.show()

    def refresh(self) -> None:
        """Look for runs that were cut off in the open project."""
        project = self._context.project
        if project is None:
            self._show_runs([])
        else:
            self._context.bridge.ask(project.later(project.runs), self._show_runs)

    def _show_runs(self, runs: "Sequence[RunRecord]") -> None:
        for old in self._others:
            self._column.removeWidget(old)
            old.deleteLater()
        self._others = [self._of_run(run) for run in runs if run.status.value == "interrupted"][:3]
        self._others += self._of_project()
        for notice in self._others:
            self._column.addWidget(notice)
        self._appear()

    def _of_run(self, run: "RunRecord") -> Notice:
        resume = Button(self.tr("Resume"), icon_name="play")
        resume.setAccessibleName(self.tr("Resume {name}").format(name=run.name))
        resume.clicked.connect(lambda: self._context.navigate(Place.TRAIN, Subject(SubjectKind.RESUME, run.id)))
        text = self.tr(
            "“{name}” was interrupted after {seen} of {budget} images. It can go on from its last checkpoint."
        )
        said = text.format(name=run.name, seen=words.count(run.images_seen), budget=words.count(run.budget))
        return Notice(said, Tone.WARNING, resume)

    def _of_project(self) -> list[Notice]:
        project = self._context.project
        found = project.check() if project is not None else []
        return [Notice(sentence) for sentence in found if not sentence.startswith("The run “")][:3]

    def _drop_crash(self, notice: Notice) -> None:
        self._column.removeWidget(notice)
        notice.deleteLater()
        self._crash = None
        self._appear()

    def _greet(self) -> None:
        """At the very first start, say where projects will lie, and let that be changed."""
        projects = self._context.projects
        change, keep = Button(self.tr("Another folder…"), icon_name="folder"), Button(self.tr("That is fine"))
        text = self.tr("Welcome. Your projects will lie in {folder}; you can copy and back them up like any folder.")
        self._welcome = Notice(text.format(folder=paths.shown(projects.base)), Tone.PLAIN, change, keep)
        change.clicked.connect(lambda: choose_base(self, self._context))
        keep.clicked.connect(lambda: projects.set_base(projects.base))
        projects.base_changed.connect(self._greeted)
        projects.changed.connect(self._greeted)
        self._column.insertWidget(0, self._welcome)

    def _greeted(self) -> None:
        if self._welcome is not None and self._context.projects.is_base_settled:
            self._column.removeWidget(self._welcome)
            self._welcome.deleteLater()
            self._welcome = None
            self._appear()

    def _appear(self) -> None:
        self.setVisible(bool(self._others or self._crash or self._welcome))
