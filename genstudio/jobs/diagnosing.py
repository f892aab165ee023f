"""Listens to the figures of a run in progress and says when something goes wrong, in the words of its family."""

import logging
from collections.abc import Mapping

from genstudio.core.config import FamilyConfig
from genstudio.core.events import Emit, Event, Metric, Preview, Recovered, Warned
from genstudio.core.family import AnyFamily
from genstudio.core.health import History, Verdict

_CLEAR = 3
"""Looks in a row at which nothing is wrong, before what was said is taken back."""

_log = logging.getLogger(__name__)


class Diagnosing:
    """An event sink in front of another that adds a `Warned` for a verdict, and a `Recovered` once it no longer holds.

    It looks whenever the run shows pictures: often at first, then forty times in a run. While a verdict stands it is
    not said again. `history` holds what the run reported before, if it goes on from a checkpoint, and `standing` what
    it had been warned of by then: kind and sentences.
    """

    def __init__(
        self,
        family: AnyFamily,
        config: FamilyConfig,
        history: History,
        emit: Emit,
        standing: Mapping[str, str] | None = None,
    ) -> None:
        self._family, self._config, self._history, self._emit = family, config, history, emit
        self._standing = dict(standing or {})
        self._clear = 0
        self._looked_at = -1

    def __call__(self, event: Event) -> None:
        """Pass an event on, and say what it shows."""
        self._emit(event)
        if isinstance(event, Metric):
            self._history.add(event.images_seen, event.values)
        elif isinstance(event, Preview) and event.images_seen != self._looked_at:  # one look for all of its pictures
            self._looked_at = event.images_seen
            self._look(event)

    def _look(self, event: Event) -> None:
        """A family that fails to judge does not stop a run."""
        try:
            verdict = self._family.health(self._config, self._history)
        except Exception:
            _log.exception("the family “%s” failed to judge the run %s", self._family.name, event.run)
            return
        if verdict is not None:
            self._clear = 0
            self._say(event, verdict)
            return
        self._clear += 1
        if self._clear >= _CLEAR:
            self._take_back(event)

    def _say(self, event: Event, verdict: Verdict) -> None:
        if verdict.kind not in self._standing:
            self._standing[verdict.kind] = verdict.text
            self._emit(Warned(event.run, event.images_seen, verdict.text, verdict.kind))

    def _take_back(self, event: Event) -> None:
        standing, self._standing = self._standing, {}
        for kind, text in standing.items():
            self._emit(Recovered(event.run, event.images_seen, kind, text))
