"""Listens to the figures of a run in progress and says when something goes wrong, in the words of its family."""

import logging

from genstudio.core.config import FamilyConfig
from genstudio.core.events import Emit, Event, Metric, Preview, Warned
from genstudio.core.family import AnyFamily
from genstudio.core.health import History

_log = logging.getLogger(__name__)


class Diagnosing:
    """An event sink in front of another that adds a `Warned` for each kind of verdict, once.

    It looks whenever the run shows pictures: often at first, then forty times in a run. `history` holds what the run
    reported before, if it goes on from a checkpoint.
    """

    def __init__(self, family: AnyFamily, config: FamilyConfig, history: History, emit: Emit) -> None:
        self._family, self._config, self._history, self._emit = family, config, history, emit
        self._said: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Pass an event on, and say what it shows."""
        self._emit(event)
        if isinstance(event, Metric):
            self._history.add(event.images_seen, event.values)
        elif isinstance(event, Preview):
            self._look(event)

    def _look(self, event: Event) -> None:
        """A family that fails to judge does not stop a run."""
        try:
            verdict = self._family.health(self._config, self._history)
        except Exception:
            _log.exception("the family “%s” failed to judge the run %s", self._family.name, event.run)
            return
        if verdict is not None and verdict.kind not in self._said:
            self._said.add(verdict.kind)
            self._emit(Warned(event.run, event.images_seen, verdict.text))
