"""Help's "Save a report…": gather, let the person choose, write; files are touched off the window's thread only."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from genstudio.ui.context import UiContext

if TYPE_CHECKING:
    from genstudio.jobs.reporting import ReportPart


def begin_report(host: QWidget, context: UiContext) -> None:
    """Gather what a report may hold, then show the sheet."""
    from genstudio.jobs.reporting import collect

    reports, settings, project = context.studio.host.reports(), context.settings.everything(), context.project
    future = context.studio.on_io(lambda: collect(reports, settings, project))
    context.bridge.ask(future, lambda parts: _show(host, context, parts))


def _show(host: QWidget, context: UiContext, parts: "Sequence[ReportPart]") -> None:
    from genstudio.ui.dialogs.report import ReportSheet

    sheet = ReportSheet(host, parts)
    sheet.wanted.connect(lambda file, chosen: _write(context, file, chosen))
    sheet.open()


def _write(context: UiContext, file: Path, parts: "Sequence[ReportPart]") -> None:
    from genstudio.jobs.reporting import write_report

    text = QCoreApplication.translate("ReportSheet", "The report is saved: {file}").format(file=file)
    future = context.studio.on_io(lambda: write_report(file, parts))
    context.bridge.ask(future, lambda _: context.toasts.say(text), context.toasts.problem)
