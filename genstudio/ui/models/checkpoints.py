"""A run's checkpoints in words: the newest, and the one that held-out pictures found best."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from genstudio.core import words
from genstudio.jobs.loading import BEST
from genstudio.store.records import CheckpointRecord, best_of
from genstudio.ui.models.facts import Fact

_CLEARLY = 0.01  # of the best score


def earlier_best(checkpoints: Sequence[CheckpointRecord]) -> CheckpointRecord | None:
    """The best checkpoint, where a later one is there and not as good."""
    best = best_of(checkpoints)
    newest = max((one.images_seen for one in checkpoints), default=0)
    return best if best is not None and best.images_seen < newest else None


def left_behind(checkpoints: Sequence[CheckpointRecord]) -> CheckpointRecord | None:
    """The best checkpoint, where the newest is not as good by more than held-out pictures differ anyhow."""
    best = earlier_best(checkpoints)
    newest = max(checkpoints, key=lambda one: one.images_seen, default=None)
    if best is None or best.score is None or newest is None or newest.score is None:
        return None
    return best if newest.score - best.score > _CLEARLY * abs(best.score) else None


def checkpoint_choices(checkpoints: Sequence[CheckpointRecord]) -> list[tuple[str, int | None]]:
    """What to choose from, with what stands for it in requests: the newest, the best, then all, newest first."""
    best, line = earlier_best(checkpoints), sorted(checkpoints, key=lambda one: -one.images_seen)
    newest = (
        _tr("Newest: at {images} images").format(images=words.count(line[0].images_seen)) if line else _tr("Newest")
    )
    choices: list[tuple[str, int | None]] = [(newest, None)]
    if best is not None:
        title = _tr("Best on held-out pictures: at {images} images")
        choices.append((title.format(images=words.count(best.images_seen)), BEST))
    return choices + [(_at(one) + (" ★" if one.pinned else ""), one.images_seen) for one in line]


def checkpoint_facts(checkpoints: Sequence[CheckpointRecord]) -> list[Fact]:
    """Where the best and the newest stand; nothing where nobody asked held-out pictures."""
    best = best_of(checkpoints)
    if best is None:
        return []
    newest = max(checkpoints, key=lambda one: one.images_seen)
    about = _tr("The moment at which it did best on pictures it has never seen; this checkpoint is kept.")
    return [
        (_tr("Best on held-out pictures"), _at(best), about),
        (_tr("Newest checkpoint"), _at(newest), _tr("Training goes on from here.")),
    ]


def _at(checkpoint: CheckpointRecord) -> str:
    return _tr("at {images} images").format(images=words.count(checkpoint.images_seen))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Checkpoints", text)
