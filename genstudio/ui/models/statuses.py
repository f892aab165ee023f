"""How a run's status is shown: a word, a drawing and a tone, so that colour is never the only sign."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from genstudio.store.records import RunRecord, RunStatus


@dataclass(frozen=True)
class StatusLook:
    """`kind` is the kind of a badge, `token` the colour of the drawing."""

    word: str
    icon: str
    kind: str
    token: str


def status_look(status: RunStatus) -> StatusLook:
    """Say how a status is shown."""
    words = {
        RunStatus.READY: ("Ready", "clock", "", "muted"),
        RunStatus.RUNNING: ("Training", "play", "accent", "accent_text"),
        RunStatus.COMPLETED: ("Completed", "check", "good", "good"),
        RunStatus.STOPPED: ("Stopped", "stop", "", "muted"),
        RunStatus.DIVERGED: ("Diverged", "warning", "warning", "warning"),
        RunStatus.FAILED: ("Failed", "error", "bad", "bad"),
        RunStatus.INTERRUPTED: ("Interrupted", "flag", "warning", "warning"),
    }
    word, icon, kind, token = words[status]
    return StatusLook(QCoreApplication.translate("Status", word), icon, kind, token)


def can_resume(run: RunRecord) -> bool:
    """Whether there is something left to train."""
    return run.status is not RunStatus.RUNNING and run.images_seen < run.budget


def is_unfinished(run: RunRecord) -> bool:
    """Whether the run ended before its time through nobody's wish."""
    return run.status in (RunStatus.INTERRUPTED, RunStatus.FAILED, RunStatus.DIVERGED)
