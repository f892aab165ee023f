"""What the terminal shows: answers on standard output, progress on standard error."""

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from genstudio.core import words
from genstudio.core.events import CheckpointSaved, Event, Finished, Metric, Outcome, Recovered, Started, Warned
from genstudio.core.family import AnyFamily

_BAR = 24
_SECONDS_BETWEEN_LINES = 10.0


@dataclass(frozen=True)
class Answer:
    """A command's result: `text` for people, `document` for programs (`--json`)."""

    text: str
    document: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0


class Console:
    """Writes answers and progress; on a terminal progress stays on one line, elsewhere a line now and then."""

    def __init__(self, *, json: bool = False) -> None:
        self._json = json
        self._live = sys.stderr.isatty()
        self._open_line = False
        self._last = 0.0

    def answer(self, answer: Answer) -> None:
        """Print the result of a command."""
        self.finish_line()
        try:
            print(json.dumps(answer.document, indent=2, ensure_ascii=False) if self._json else answer.text, flush=True)
        except BrokenPipeError:  # whoever was reading (head, less) has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def say(self, text: str) -> None:
        """Print a remark."""
        self.finish_line()
        print(text, file=sys.stderr, flush=True)

    def progress(self, done: int, total: int, what: str = "") -> None:
        """Show how far something has come; `total` 0 means that nobody knows yet."""
        share = f"{bar(done / total)} {done:,} of {total:,}" if total else f"{done:,}"
        self.status(f"{share}  {_printable(what)}"[:100], last=bool(total) and done >= total)

    def share(self, done: int, total: int) -> None:
        """Show how far something has come whose parts mean nothing to people."""
        self.status(bar(done / total if total else 0.0), last=done >= total)

    def status(self, text: str, *, last: bool = False) -> None:
        """Replace the progress line."""
        if self._live:
            print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)
            self._open_line = True
        elif last or time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            print(text, file=sys.stderr, flush=True)
            self._last = time.monotonic()

    def finish_line(self) -> None:
        """Leave the progress line standing."""
        if self._open_line:
            print(file=sys.stderr, flush=True)
            self._open_line = False


class TrainingReporter:
    """Shows a run's events: images seen, every series with its unit, speed, time left."""

    def __init__(self, console: Console, family: AnyFamily) -> None:
        self._console = console
        self._units = {series.name: series.unit for series in family.series}
        self._headline = family.series[0].name
        self._budget = 0
        self.finished: Finished | None = None

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Started):
            self._budget = event.budget
            self._console.say(f"Training on {event.device}, from {event.images_seen:,} to {event.budget:,} images.")
        elif isinstance(event, Metric):
            self._console.status(self._line(event))
        elif isinstance(event, CheckpointSaved):
            self._console.say(f"Checkpoint at {event.images_seen:,} images ({words.size(event.bytes)}).")
        elif isinstance(event, Warned):
            self._console.say(f"Note: {event.text}")
        elif isinstance(event, Recovered):
            self._console.say(f"Recovered at {event.images_seen:,} images. This no longer holds: {event.warning}")
        elif isinstance(event, Finished):
            self._finish(event)

    def _line(self, event: Metric) -> str:
        parts = [f"{bar(event.images_seen / self._budget if self._budget else 0.0)} {event.images_seen:,} images"]
        if figures := ", ".join(self._figure(name, value) for name, value in self._shown(event)):
            parts.append(figures)
        if event.rate > 0:  # the first row comes before anything was timed
            left = words.duration((self._budget - event.images_seen) / event.rate)
            parts += [f"{event.rate:,.0f} images/s", f"{left} left"]
        return " · ".join(parts)

    def _shown(self, event: Metric) -> list[tuple[str, float]]:
        names = [name for name in self._units if name in event.values]
        return [(name, event.values[name]) for name in names[:3]]

    def _figure(self, name: str, value: float) -> str:
        return f"{name} {words.figure(value)} {self._units[name]}".rstrip()

    def _finish(self, event: Finished) -> None:
        self.finished = event
        self._console.finish_line()
        if event.message and event.outcome in (Outcome.COMPLETED, Outcome.STOPPED):
            self._console.say(event.message)


def bar(share: float) -> str:
    """Draw a share between 0 and 1 as a bar."""
    filled = round(min(max(share, 0.0), 1.0) * _BAR)
    return f"[{'█' * filled}{'·' * (_BAR - filled)}] {min(share, 1.0):4.0%}"


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Line up columns; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(_printable(line) for line in lines)


def _printable(text: str) -> str:
    """Keep control characters of file names and captions away from the terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)
