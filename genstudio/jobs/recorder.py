"""Keeps what a run says, and passes it on once it is kept."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

from genstudio.core.errors import GenStudioError
from genstudio.core.events import (
    Emit,
    Event,
    Finished,
    Metric,
    Outcome,
    Preview,
    Profiled,
    Recovered,
    Started,
    Warned,
)
from genstudio.jobs.sheets import columns_for, write_sheet
from genstudio.store.layout import preview_file
from genstudio.store.project import Project
from genstudio.store.records import MetricRow, PreviewRecord, ProfileRecord, RemarkRecord, RunStatus

_log = logging.getLogger(__name__)

_STATUS = {
    Outcome.COMPLETED: RunStatus.COMPLETED,
    Outcome.STOPPED: RunStatus.STOPPED,
    Outcome.DIVERGED: RunStatus.DIVERGED,
    Outcome.FAILED: RunStatus.FAILED,
}


class Recorder:
    """An event sink in front of another: whatever the other one hears is on the disk already.

    Reports are committed together while training goes on: as many as came in during the last commit go into the next.
    Everything else waits for the reports before it, so that the order of what is kept is the order of what was said.
    `notes` are sentences to pass on as warnings right after `Started`; `finished` is the last word, once it was said.
    """

    def __init__(self, project: Project, run: str, emit: Emit) -> None:
        self._project, self._run, self._emit = project, run, emit
        self.notes: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._waiting: list[Metric] = []
        self._commit: Future[None] | None = None
        self.finished: Finished | None = None

    def __call__(self, event: Event) -> None:
        """Keep an event and pass it on; `Finished` always gets through. Raises `GenStudioError` on failure."""
        if isinstance(event, Metric):
            self._add(event)
        elif isinstance(event, Finished):
            self._finish(event)
        else:
            self.flush()
            self._keep(event)
            self._emit(event)
            self._add_notes(event)

    def flush(self) -> None:
        """Wait until all reports are committed. Raises `GenStudioError` when one could not be."""
        while self._commit is not None:
            commit, self._commit = self._commit, None
            commit.result()
            self._start_commit()

    def _add(self, metric: Metric) -> None:
        with self._lock:
            self._waiting.append(metric)
        if self._commit is None or self._commit.done():
            if self._commit is not None:
                self._commit.result()
            self._start_commit()

    def _start_commit(self) -> None:
        if self._waiting:
            self._commit = self._project.later(self._commit_waiting)

    def _commit_waiting(self) -> None:
        with self._lock:
            metrics, self._waiting = self._waiting, []
        self._project.add_metrics(self._run, [_row(metric) for metric in metrics])
        for metric in metrics:
            self._emit(metric)

    def _keep(self, event: Event) -> None:
        if isinstance(event, Started):
            self._project.set_run(self._run, status=RunStatus.RUNNING, budget=event.budget, message="")
        elif isinstance(event, Preview):
            self._keep_preview(event)
        elif isinstance(event, Profiled):
            self._project.add_profile(ProfileRecord(self._run, event.images_seen, event.name, event.values))
        elif isinstance(event, Warned):
            self._project.add_remark(RemarkRecord(self._run, event.images_seen, event.kind, event.text))
            self._project.set_run(self._run, message=event.text)
        elif isinstance(event, Recovered):
            self._project.recover_remark(self._run, event.kind, event.images_seen)
            if self._project.run(self._run).message == event.warning:
                self._project.set_run(self._run, message="")

    def _keep_preview(self, event: Preview) -> None:
        file = preview_file(self._run, event.images_seen, event.name)
        write_sheet(self._project.path(file), event.images)
        count = len(event.images)
        self._project.add_preview(
            PreviewRecord(self._run, event.images_seen, event.name, file, count, columns_for(count))
        )

    def _finish(self, event: Finished) -> None:
        problem = self._failure_of(self.flush)
        if problem:
            event = Finished(event.run, event.images_seen, Outcome.FAILED, event.message or problem)
        self._failure_of(
            lambda: self._project.set_run(
                self._run, status=_STATUS[event.outcome], images_seen=event.images_seen, message=event.message
            )
        )
        self.finished = event
        self._emit(event)

    def _failure_of(self, keep: Callable[[], None]) -> str:
        try:
            keep()
        except GenStudioError as error:
            _log.error("the end of run %s could not be kept: %s", self._run, error)
            return str(error)
        except Exception:
            _log.exception("what run %s said could not be passed on", self._run)
            return "What the run said could not be passed on. What was saved is safe; the log has the details."
        return ""

    def _add_notes(self, event: Event) -> None:
        if isinstance(event, Started):
            for note in self.notes:
                self(Warned(event.run, event.images_seen, note))


def _row(metric: Metric) -> MetricRow:
    return MetricRow(metric.images_seen, metric.seconds, metric.rate, metric.memory, metric.values)
