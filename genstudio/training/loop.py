"""The training loop: it owns the clock, the rhythm of reports, previews and checkpoints, and every ending.

The loop knows neither families nor files: it takes steps with any `Learner`, says what happens through `emit`, heeds
a `Control` between two steps, and leaves saving to its `Host`.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.config import SamplingConfig
from genstudio.core.control import Control
from genstudio.core.errors import Cancelled, DiskFullError
from genstudio.core.events import (
    CheckpointSaved,
    Emit,
    Finished,
    Metric,
    Outcome,
    Paused,
    Preview,
    Profiled,
    Resumed,
    Started,
    Warned,
)
from genstudio.core.settings import RunSettings
from genstudio.core.words import count
from genstudio.training.best import Best, Snapshot
from genstudio.training.clock import Clock
from genstudio.training.device import device_label, memory_in_use
from genstudio.training.distributed import agreed, leads, same_start
from genstudio.training.failures import NO_MEMORY_TO_SHOW, is_out_of_memory, sentence
from genstudio.training.guard import Guard
from genstudio.training.learner import Learner
from genstudio.training.meter import Meter, first_not_finite, only_finite
from genstudio.training.preparing import prepare
from genstudio.training.previews import Batches, Previews, next_preview

_REPORT_SECONDS = 0.1
_PREVIEW_SHARE = 0.2  # of the time; a slow preview comes less often than its rhythm says
_SAVING_SHARE = 0.03
_LOOK_AROUND_SECONDS = 0.5  # while paused, in case nobody nudges

_NOTHING_LOST = "Training waits until you resume it; what it learned since then is in memory."

_GO_ON, _TIME_IS_UP, _STOPPED, _DIVERGED = range(4)

_log = logging.getLogger(__name__)

T = TypeVar("T")

Score = Callable[[Mapping[str, float]], float | None]
"""What held-out figures say of a model, lower is better; None when they say nothing. See `Family.score`."""


Recall = Callable[[], NDArray[np.uint8] | None]
"""Draws pictures by the labels and captions of examples that a run learns from; see `Previews.recalled`."""

Look = Callable[[int, Mapping[str, NDArray[np.uint8]], Recall], Mapping[str, float]]
"""What can be said of pictures, by their name, that a run shows at a reading of its clock: figures for its report.

Whoever looks may have others drawn, which takes its time.
"""


def no_look(_clock: int, _shown: Mapping[str, NDArray[np.uint8]], _recall: Recall) -> Mapping[str, float]:
    """Nobody looks at the pictures."""
    return {}


def no_score(_: Mapping[str, float]) -> None:
    """No figure says which state is best."""


@dataclass
class Progress:
    """Where a run stands; the loop keeps it up to date."""

    images_seen: int = 0
    seconds: float = 0.0


class Host(Protocol):
    """What the loop asks of whoever runs it."""

    def save(self, learner: Learner, progress: Progress, score: float | None) -> CheckpointSaved:
        """Write a checkpoint and commit it; when this returns, it survives a power cut.

        `score` is what held-out pictures say of it (lower is better), None when they were not asked at this moment.
        """

    def keep_best(self, best: Snapshot) -> None:
        """Write the best state so far, which is of an earlier moment, likewise; a save follows at once."""

    def rate(self, images_seen: int, score: float) -> None:
        """Hear what held-out pictures say of a checkpoint that is saved."""

    def between(self) -> None:
        """Do other work that waits for the device, between two steps. Called after every step: be quick to say no."""


def train(
    learner: Learner,
    source: Batches,
    heldout: NDArray[np.int64],
    settings: RunSettings,
    sampling: SamplingConfig,
    *,
    run: str,
    budget: int,
    progress: Progress,
    emit: Emit,
    control: Control,
    host: Host,
    score: Score = no_score,
    best: float | None = None,
    look: Look = no_look,
) -> Finished:
    """Train until the budget (in images) or `settings.minutes` is used up, somebody stops it, or something fails.

    `heldout` are indices of examples that are never trained on. `score` judges held-out figures, `best` is the best
    score so far of a run that goes on, `look` sees the pictures it shows. Emits `Started` first and exactly one
    `Finished` last, which is also returned; failures of any kind become a `Finished` with a sentence. Under
    torch.distributed every rank calls this; rank 0 alone emits and saves.
    """
    finished = Finished(run, progress.images_seen, Outcome.FAILED, "Training was broken off.")
    speak = emit if leads() else _silent
    exhausted = False
    try:
        previews = Previews(source, heldout, sampling, seed=settings.seed, count=settings.preview_count)
        stretch = _Stretch(learner, source, heldout, previews, settings, run, budget, progress, speak, control, host)
        stretch.score, stretch.best, stretch.look = score, Best(best), look
        finished = stretch.run_to_end()
    except Exception as error:
        exhausted = is_out_of_memory(error)
        finished = Finished(run, progress.images_seen, Outcome.FAILED, sentence(error, "training"))
    finally:
        if exhausted:
            _free_memory(source.device)
        _say_last(speak, finished)
    return finished


def _silent(_: object) -> None:
    """What the other ranks say."""


def _say_last(emit: Emit, finished: Finished) -> None:
    try:
        emit(finished)
    except Exception as error:
        _log.error("The end of a run could not be announced: %s", error)


def _free_memory(device: torch.device) -> None:
    """Give back what nobody uses. No garbage collection here: in this thread it would destroy the window's objects."""
    if device.type == "cuda":
        torch.cuda.empty_cache()


@dataclass
class _Stretch:
    """One stretch of training, from `Started` to its ending."""

    learner: Learner
    source: Batches
    heldout: NDArray[np.int64]
    previews: Previews
    settings: RunSettings
    run: str
    budget: int
    progress: Progress
    emit: Emit
    control: Control
    host: Host

    meter: Meter = field(default_factory=Meter)
    warned: set[str] = field(default_factory=set)
    report_due: float = 0.0
    stepping: float = 0.0  # the clock's reading at the latest report
    preview_allowed: float = 0.0
    score: Score = no_score
    look: Look = no_look
    best: Best = field(default_factory=Best)
    asked: tuple[int, dict[str, float]] | None = None  # held-out figures, and when

    def __post_init__(self) -> None:
        start = self.progress.images_seen
        self.clock = Clock(self.progress.seconds)
        self.guard = Guard(self.learner, start, self.source.device)
        self.reported_at = start
        self.shown_at = self.saved_at = start or None  # a run that goes on was saved and shown where it stands
        self.preview_due = self._preview_after(start) if start else 0
        self.save_due = self.clock.seconds + self.settings.checkpoint_seconds

    def run_to_end(self) -> Finished:
        """Take steps until there is a reason to end; save, and say how it ended."""
        self.emit(Started(self.run, self.progress.images_seen, self.budget, device_label(self.source.device)))
        same_start(self.learner)
        with suppress(Cancelled), self.clock.aside():
            prepare(self.learner, self.source, self.heldout, self._watch)
        self.learner.train()
        while True:
            if leads():
                self._between_steps()
            reason = agreed(self._reason_to_end())
            if reason != _GO_ON:
                return self._end(reason)
            self._step()

    def _reason_to_end(self) -> int:
        if self.guard.tripped:
            return _DIVERGED
        if self.control.stopping:
            return _STOPPED
        minutes = self.settings.minutes
        if minutes is not None and self.clock.seconds >= 60 * minutes:
            return _TIME_IS_UP
        return _TIME_IS_UP if self.progress.images_seen >= self.budget else _GO_ON

    def _step(self) -> None:
        images = self.source.batch_size
        batch = self.source.batch(self.progress.images_seen)
        self.meter.add(self.guard.step(batch, images))
        if not self.guard.tripped:
            self.progress.images_seen += images

    def _between_steps(self) -> None:
        """Everything that is not a step. Once there is a reason to end, the ending does what is left to do."""
        with self.clock.paused():
            self.host.between()
        if self.control.pausing and self._reason_to_end() == _GO_ON:
            self._wait()
        if self._reason_to_end() != _GO_ON:
            return
        wished = self.control.take_preview()
        rhythm = self.progress.images_seen >= self.preview_due and self.clock.seconds >= self.preview_allowed
        if wished or rhythm:
            self._show()
        elif time.perf_counter() >= self.report_due:
            self._report({})
        if self.control.take_save() or self.clock.seconds >= self.save_due:
            self._save_or_pause()

    def _wait(self) -> None:
        """Stand still until somebody says go on or stop; wishes are granted meanwhile."""
        self._report({})
        self.emit(Paused(self.run, self.progress.images_seen))
        with self.clock.paused():
            while self.control.pausing:
                self.host.between()
                if self.control.take_preview():
                    self._show()
                if self.control.take_save():
                    self._save_or_pause()
                self.control.wait(_LOOK_AROUND_SECONDS)
        if not self.control.stopping:
            self.emit(Resumed(self.run, self.progress.images_seen))

    def _report(self, heldout: dict[str, float]) -> None:
        """Emit the means since the last report, unless there is nothing new or nothing finite to say."""
        if self.guard.look():
            return
        if self.meter.steps:
            self.report_due = time.perf_counter() + _REPORT_SECONDS
        values = self._finite({**self.meter.take(), **heldout})
        stepping = self.clock.stepping
        images = self.progress.images_seen - self.reported_at
        rate = images / max(stepping - self.stepping, 1e-9)
        self.progress.seconds = self.clock.seconds
        if values:
            memory = memory_in_use(self.source.device)
            self.emit(Metric(self.run, self.progress.images_seen, self.progress.seconds, values, rate, memory))
            self.reported_at, self.stepping = self.progress.images_seen, stepping

    def _finite(self, values: dict[str, float]) -> dict[str, float]:
        name = first_not_finite(values)
        if name is not None:
            self._warn_once(f"“{name}” was not a finite number for a while; the plot leaves it out.")
        return only_finite(values)

    def _show(self) -> None:
        """Emit previews, and the held-out figures with the report that belongs to them."""
        if self.guard.look():
            return
        begin = time.perf_counter()
        with self.clock.aside():
            figures = self._figures() if self._news else {}
            shown = self._tried(lambda: self.previews.pictures(self.learner, self._watch)) or []
            if self._news:
                figures = {**figures, **(self._tried(lambda: self._looked(dict(shown))) or {})}
            self._report(figures)
            for name, pictures in shown:
                self.emit(Preview(self.run, self.progress.images_seen, name, pictures))
            for name, values in self._tried(lambda: self.previews.profiles(self.learner)) or []:
                self.emit(Profiled(self.run, self.progress.images_seen, name, values))
        self.shown_at = self.progress.images_seen
        self.preview_due = self._preview_after(self.progress.images_seen)
        self.preview_allowed = self.clock.seconds + (time.perf_counter() - begin) / _PREVIEW_SHARE

    def _looked(self, shown: Mapping[str, NDArray[np.uint8]]) -> Mapping[str, float]:
        seen = self.progress.images_seen
        return self.look(seen, shown, lambda: self.previews.recalled(self.learner, seen, self._watch))

    def _figures(self) -> dict[str, float]:
        """Held-out figures at this reading of the clock, asked once and weighed; empty when they cannot be had."""
        seen = self.progress.images_seen
        if self.asked is None or self.asked[0] != seen:
            self.asked = seen, self._tried(lambda: self.previews.figures(self.learner)) or {}
            self._weigh(self.asked[1])
        return self.asked[1]

    def _weigh(self, figures: Mapping[str, float]) -> None:
        """Let held-out figures say whether this is the best state so far."""
        score, seen = self.score(figures), self.progress.images_seen
        if score is None or not math.isfinite(score):
            return
        saved = self.saved_at == seen
        self.best.weigh(score, self.learner, seen, self.clock.seconds, saved=saved)
        if saved:
            self.host.rate(seen, score)

    @property
    def _news(self) -> bool:
        """Whether the clock has moved since the last report: a run keeps one report for each of its readings."""
        return self.meter.steps > 0 or self.shown_at is None

    def _tried(self, look: Callable[[], T]) -> T | None:
        """What a look at the learner gives, or None: a model that cannot be shown may still learn."""
        exhausted = False
        try:
            return look()
        except Cancelled:
            return None
        except Exception as error:
            exhausted = is_out_of_memory(error)
            self._warn_once(NO_MEMORY_TO_SHOW if exhausted else sentence(error, "making a preview"))
        if exhausted:
            _free_memory(self.source.device)
        return None

    def _watch(self, *_: object, **__: object) -> None:
        """Let nobody who wants to stop wait for a slow preview."""
        if self.control.stopping:
            raise Cancelled

    def _preview_after(self, images_seen: int) -> int:
        batch_size, every = self.source.batch_size, self.settings.preview_every
        return next_preview(images_seen, budget=self.budget, batch_size=batch_size, every=every)

    def _save(self, *, in_haste: bool = False) -> None:
        """Save, unless this very state is saved already.

        A better state that waits to be saved is saved first, unless held-out pictures, when there is time to ask them,
        find this one better still.
        """
        if self.guard.look() or self.saved_at == self.progress.images_seen:
            return
        if self.best.waiting is not None and not in_haste:
            with self.clock.aside():
                self._figures()
        self._save_now()

    def _save_or_pause(self) -> None:
        """Save; on a full disk stand still, if somebody can resume: what was learned is in memory, and stays there.

        The save is tried again right after that, and whenever somebody asks for it meanwhile.
        """
        try:
            self._save()
        except DiskFullError as error:
            if not self.control.attended:
                raise
            self.save_due = self.clock.seconds
            self.control.pause()
            self.emit(Warned(self.run, self.progress.images_seen, f"{error} {_NOTHING_LOST}"))

    def _save_now(self) -> None:
        begin = time.perf_counter()
        self.progress.seconds = self.clock.seconds
        seen = self.progress.images_seen
        with self.clock.aside():
            best = self.best.to_save_before(seen)
            if best is not None:
                self.host.keep_best(best)
            self.emit(self.host.save(self.learner, self.progress, self.best.score_at(seen)))
        self.best.saved()
        self.saved_at = self.progress.images_seen
        apart = max(self.settings.checkpoint_seconds, (time.perf_counter() - begin) / _SAVING_SHARE)
        self.save_due = self.clock.seconds + apart

    def _end(self, reason: int) -> Finished:
        self.progress.seconds = self.clock.seconds
        if reason == _DIVERGED or (leads() and self.guard.look()):
            return self._end_diverged()
        if leads():
            self._save(in_haste=reason == _STOPPED)
            if reason == _TIME_IS_UP and self.shown_at != self.progress.images_seen:
                self._show()
            self._report({})
        outcome = Outcome.COMPLETED if reason == _TIME_IS_UP else Outcome.STOPPED
        return Finished(self.run, self.progress.images_seen, outcome)

    def _end_diverged(self) -> Finished:
        """Save the last good state and say which figure was the first to go wrong."""
        culprit = first_not_finite(self.meter.take())
        self.progress.images_seen = self.guard.images_seen
        if leads() and self.saved_at != self.progress.images_seen:
            self._save_now()
        what = f"“{culprit}” was" if culprit else "the gradients were"
        return Finished(
            self.run,
            self.progress.images_seen,
            Outcome.DIVERGED,
            f"Training became unstable: after {count(self.progress.images_seen)} images {what} no longer finite. "
            "The model is saved as it was just before. Start a new run with a lower learning rate.",
        )

    def _warn_once(self, text: str) -> None:
        if text not in self.warned:
            self.warned.add(text)
            self.emit(Warned(self.run, self.progress.images_seen, text))
