"""What a learner may do once before its first step: look at all examples of its run."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from genstudio.data.batches import Batch
from genstudio.training.learner import Learner, Prepares
from genstudio.training.previews import Batches, evaluating

_TOGETHER = 64  # examples at a time; a constant, because other numbers may round differently


def prepare(
    learner: Learner,
    source: Batches,
    heldout: NDArray[np.int64],
    check: Callable[[], None] = lambda: None,
) -> None:
    """Let a learner prepare, if it wants to. `check` is called before each batch and may raise `Cancelled`.

    A resumed run prepares anew, from the same batches: what comes of it is the same bits, and is not saved.
    """
    if isinstance(learner, Prepares):
        indices = np.sort(np.concatenate([source.indices, heldout]))
        with evaluating(learner):
            learner.prepare(int(indices[-1]) + 1, _batches(source, indices, check))


def _batches(source: Batches, indices: NDArray[np.int64], check: Callable[[], None]) -> Iterator[Batch]:
    for begin in range(0, len(indices), _TOGETHER):
        check()
        yield source.fixed(indices[begin : begin + _TOGETHER], 0)
