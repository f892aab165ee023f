"""A place for one trained learner, so that generating again does not load it again."""

from typing import TYPE_CHECKING, NamedTuple

from genstudio.core.abilities import Ability
from genstudio.jobs.able import able

if TYPE_CHECKING:
    from genstudio.core.family import AnyFamily
    from genstudio.store.records import CheckpointRecord
    from genstudio.training.checkpoint import CheckpointHeader
    from genstudio.training.learner import Learner


class Loaded(NamedTuple):
    """A trained learner in eval mode, with what is known of it."""

    learner: "Learner"
    checkpoint: "CheckpointRecord"
    header: "CheckpointHeader"
    family: "AnyFamily"

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can do."""
        return able(self.family, self.header.config, self.header.spec)


class Shelf:
    """Holds the learner used last; belongs to the thread that owns the device."""

    def __init__(self) -> None:
        self._key: tuple[str, str] | None = None
        self._loaded: Loaded | None = None

    def take(self, sha256: str, device: str) -> Loaded | None:
        """The learner of this checkpoint on this device, if it is the one used last."""
        return self._loaded if self._key == (sha256, device) else None

    def put(self, loaded: Loaded, device: str) -> None:
        """Hold this learner in place of the last one."""
        self._key, self._loaded = (loaded.checkpoint.sha256, device), loaded

    def clear(self) -> None:
        """Let go of the learner and its memory."""
        self._key = self._loaded = None
