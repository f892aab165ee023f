"""How a run's status is shown: a word, a drawing and a tone, so that colour is never the only sign."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from genstudio.store.records import RunRecord, RunStatus
from genstudio.ui.widgets.tones import Tone


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


def last_word(run: RunRecord) -> tuple[str, Tone]:
    """What is to be said about how a run ended, and in which tone; an empty text when there is nothing."""
    if run.status is RunStatus.INTERRUPTED and not run.message:
        said = QCoreApplication.translate(
            "Status",
            "The studio or the computer went down while this run trained. "
            "Nothing saved was lost: Resume goes on from the last checkpoint.",
        )
        return said, Tone.WARNING
    tones = {
        RunStatus.FAILED: Tone.BAD,
        RunStatus.DIVERGED: Tone.WARNING,
        RunStatus.INTERRUPTED: Tone.WARNING,
    }
    return run.message, tones.get(run.status, Tone.PLAIN)
