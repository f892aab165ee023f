"""What a run shows of itself while it trains: pictures from fixed seeds, and figures of held-out examples."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genstudio.core.config import SamplingConfig
from genstudio.data.batches import Batch
from genstudio.data.spread import spread
from genstudio.training.learner import Learner, PreviewRequest, SampleRequest, Samples, Watch
from genstudio.training.noise import Noise

_HELDOUT_AT_MOST = 256  # examples looked at for the held-out figures of a preview
_MOST_PASSES = 8  # over held-out examples that are fewer: each time chance falls differently, if it plays a part
_FIRST_STEPS = 8  # the second preview comes after so many steps, the next ones half as far apart again
_MOST_PREVIEWS = 40  # in the evenly spaced part of a run


class Batches(Protocol):
    """Where batches come from: `genstudio.data.source.BatchSource`, or anything alike."""

    batch_size: int
    device: torch.device
    indices: NDArray[np.int64]

    def batch(self, images_seen: int) -> Batch:
        """Return the batch of a run's clock, always the same one."""

    def fixed(self, indices: NDArray[np.int64], seed: int) -> Batch:
        """Return given examples in buffers of their own."""


class Previews:
    """Shows a learner at work without leaving a trace in its training."""

    def __init__(
        self, source: Batches, heldout: NDArray[np.int64], sampling: SamplingConfig, *, seed: int, count: int
    ) -> None:
        self._source, self._sampling, self._seed = source, sampling, seed
        self._heldout = heldout[spread(range(len(heldout)), _HELDOUT_AT_MOST)]
        shown = heldout if len(heldout) else source.indices
        self._examples = shown[spread(range(len(shown)), count)]
        self._count = count

    def pictures(self, learner: Learner, watch: Watch) -> list[tuple[str, NDArray[np.uint8]]]:
        """Return the learner's named previews as uint8 (N, H, W, C)."""
        examples = self._source.fixed(self._examples, self._seed)
        request = PreviewRequest(self._request(examples, watch), examples)
        with evaluating(learner):
            return [(name, to_uint8(images)) for name, images in learner.previews(request)]

    def recalled(self, learner: Learner, images_seen: int, watch: Watch) -> NDArray[np.uint8] | None:
        """Return as many pictures, uint8 (N, H, W, C), drawn by the labels and captions of examples it learns from.

        Other examples at each reading of the clock: what was learned by heart comes back when it is named. None of a
        learner that does not draw from nothing.
        """
        if not isinstance(learner, Samples):
            return None
        known = self._source.indices
        begin = images_seen // self._source.batch_size
        places = [(begin + place) % len(known) for place in spread(range(len(known)), self._count)]
        examples = self._source.fixed(known[places], self._seed)
        with evaluating(learner):
            return to_uint8(learner.sample(self._request(examples, watch)))

    def figures(self, learner: Learner) -> dict[str, float]:
        """Return the means of the learner's held-out figures, each named `heldout/<series>`.

        The examples and all chance in it are the same each time, so that what differs is the learner. Of few examples
        chance would decide: they are looked at again with other chance, unless a second look finds the same as the
        first.
        """
        passes = min(_MOST_PASSES, _HELDOUT_AT_MOST // max(len(self._heldout), 1))
        sums = [self._sums(learner, 0)]
        for number in range(1, passes):
            sums.append(self._sums(learner, number))
            if sums[1] == sums[0]:
                break
        means = {name: sum(one[name] for one in sums) / len(sums) for name in sums[0]}
        return {f"heldout/{name}": total / len(self._heldout) for name, total in means.items()}

    def _sums(self, learner: Learner, number: int) -> dict[str, float]:
        """The sums of the learner's figures over the held-out examples; `number` says with which chance."""
        sums: dict[str, float] = {}
        seed = self._seed + _HELDOUT_AT_MOST * number
        size = learner.evaluated_together or self._source.batch_size
        with evaluating(learner):
            for begin in range(0, len(self._heldout), size):
                batch = self._source.fixed(self._heldout[begin : begin + size], seed + begin)
                for name, values in learner.evaluate(batch).items():
                    sums[name] = sums.get(name, 0.0) + float(values.double().sum())
        return sums

    def profiles(self, learner: Learner) -> list[tuple[str, tuple[float, ...]]]:
        """Return the learner's named rows of numbers: their means over the held-out examples, or over those shown."""
        indices = self._heldout if len(self._heldout) else self._examples
        sums: dict[str, Tensor] = {}
        with evaluating(learner):
            for begin in range(0, len(indices), self._source.batch_size):
                batch = self._source.fixed(indices[begin : begin + self._source.batch_size], self._seed + begin)
                for name, values in learner.profiles(batch).items():
                    sums[name] = sums.get(name, torch.zeros_like(values)) + len(batch) * values
                if not sums:
                    return []
        return [(name, tuple((total / len(indices)).double().tolist())) for name, total in sums.items()]

    def _request(self, examples: Batch, watch: Watch) -> SampleRequest:
        noise = Noise(self._seed, range(self._count), self._source.device)
        return SampleRequest(noise, self._labels(examples), self._sampling, watch, texts=self._texts(examples))

    def _labels(self, examples: Batch) -> Tensor | None:
        """The labels of the examples, repeated to as many as there are samples."""
        if examples.labels is None:
            return None
        return examples.labels[torch.arange(self._count, device=examples.labels.device) % len(examples)]

    def _texts(self, examples: Batch) -> tuple[str, ...] | None:
        """The captions of the examples, likewise."""
        captions = examples.captions
        return None if captions is None else tuple(captions[place % len(captions)] for place in range(self._count))


@contextmanager
def evaluating(learner: nn.Module) -> Iterator[None]:
    """Eval mode without gradients; afterwards every part is in the mode it was in."""
    modes = [(module, module.training) for module in learner.modules()]
    learner.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def to_uint8(images: Tensor) -> NDArray[np.uint8]:
    """Turn pictures (N, C, H, W) in [-1, 1] into uint8 (N, H, W, C); what is outside is cut off."""
    if images.ndim != 4:
        raise ValueError(f"pictures have four dimensions (N, C, H, W), not {tuple(images.shape)}")
    levels = torch.nan_to_num(images.detach().float()).clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    pictures: NDArray[np.uint8] = levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return pictures


def next_preview(images_seen: int, *, budget: int, batch_size: int, every: int | None) -> int:
    """Say at which reading of the clock the next preview after this one is due.

    With `every`, at its multiples. Otherwise close together at first, when most changes, each half as far again
    from the beginning as the one before; then evenly.
    """
    if every is not None:
        return (images_seen // every + 1) * every
    apart = max(budget // _MOST_PREVIEWS, batch_size)
    due = min(_FIRST_STEPS * batch_size, apart)
    while due <= images_seen:
        due += min(max(due // 2, batch_size), apart)
    return due
