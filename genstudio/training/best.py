"""The best state of a run by held-out pictures, held in memory until it is saved.

Held-out pictures are asked at previews, and a run gets better at nearly every one of them for a long time: writing each
time would be waste. So the best state waits, as a copy outside the device, for the next save, which writes it first. A
crash before that loses nothing: the run goes on from an older checkpoint, sees the same again, and finds the same best.
"""

from dataclasses import dataclass, field

from torch import Tensor

from genstudio.training.checkpoint import learner_tensors
from genstudio.training.learner import Learner


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All state of a learner at a moment of its run, on the CPU, and what held-out pictures said of it."""

    tensors: dict[str, Tensor] = field(repr=False)
    images_seen: int
    seconds: float
    score: float


class Best:
    """Knows the best score of a run so far (lower is better), and holds its state while that is not saved."""

    def __init__(self, score: float | None = None) -> None:
        self.score = score
        self.waiting: Snapshot | None = None
        self._latest: tuple[int, float] | None = None

    def weigh(self, score: float, learner: Learner, images_seen: int, seconds: float, *, saved: bool) -> None:
        """Take in what held-out pictures say of a learner; `saved` when this very state is on the disk.

        What has learned nothing is never the best.
        """
        self._latest = images_seen, score
        if not images_seen or (self.score is not None and score >= self.score):
            return
        self.score = score
        tensors = (
            {} if saved else {name: tensor.to("cpu", copy=True) for name, tensor in learner_tensors(learner).items()}
        )
        self.waiting = None if saved else Snapshot(tensors, images_seen, seconds, score)

    def score_at(self, images_seen: int) -> float | None:
        """What held-out pictures said at this reading of the clock, or None when they were not asked then."""
        return self._latest[1] if self._latest is not None and self._latest[0] == images_seen else None

    def to_save_before(self, images_seen: int) -> Snapshot | None:
        """The best state, if it is of an earlier moment than the one about to be saved and not saved itself."""
        return self.waiting if self.waiting is not None and self.waiting.images_seen != images_seen else None

    def saved(self) -> None:
        """The best state is on the disk."""
        self.waiting = None
