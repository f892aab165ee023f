"""Batches on the training device, as a pure function of the run's clock.

The pictures form an endless stream: epoch after epoch, each in an order of its own that follows from the seed. The
batch at `images_seen` is the stretch of the stream that begins there, wherever epochs end, so that a resumed run sees
exactly what it would have seen.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.errors import ConfigError, DataError
from genstudio.core.seeds import mixed_seed
from genstudio.data.batches import Batch
from genstudio.data.dataset import ImageDataset
from genstudio.data.shuffle import shuffled

_HALF = 127.5


class BatchSource:
    """Makes batches of a dataset's examples at `indices`, into buffers that every batch overwrites.

    `batch_size` counts the examples of one step over all ranks; each rank gets an equal slice of them. The dataset
    lies on the device when it fits there, else in the computer's memory. Raises `ConfigError` when `batch_size` is
    not a multiple of `world`, `DataError` when there is nothing to draw from.
    """

    def __init__(
        self,
        dataset: ImageDataset,
        indices: NDArray[np.int64] | Sequence[int],
        *,
        batch_size: int,
        seed: int,
        device: torch.device | str,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        if batch_size % world:
            problem = f"The batch of {batch_size} cannot be shared equally by {world} processes."
            raise ConfigError(problem, {"batch_size": problem})
        self.dataset = dataset
        self.indices = np.asarray(indices, dtype=np.int64)
        if not self.indices.size:
            raise DataError("There are no pictures to train on.")
        self.device = torch.device(device)
        self.batch_size = batch_size
        self._seed, self._rank, self._local = seed, rank, batch_size // world
        self._orders: dict[int, NDArray[np.int64]] = {}
        self._pool = _Pool(dataset, self.device)
        self._buffers = self._pool.buffers(self._local)
        self._generator = torch.Generator(self.device)

    def batch(self, images_seen: int) -> Batch:
        """Return this rank's examples of the step that begins when `images_seen` have been seen.

        A pure function of (dataset, indices, seed, images_seen, rank): pixels, order and noise are the same bits
        however the run came here. torch's global generators (dropout) are seeded alike, from another stream.
        """
        start = images_seen + self._rank * self._local
        self._pool.gather(self._positions(start), self._buffers)
        self._generator.manual_seed(mixed_seed(self._seed, "step", images_seen, self._rank))
        _seed_global(mixed_seed(self._seed, "dropout", images_seen, self._rank), self.device)
        return self._buffers.batch(images_seen, self._generator)

    def fixed(self, indices: NDArray[np.int64] | Sequence[int], seed: int) -> Batch:
        """Return a batch of these examples in memory of its own, for evaluation and previews."""
        chosen = np.asarray(indices, dtype=np.int64)
        buffers = self._pool.buffers(len(chosen))
        self._pool.gather(chosen, buffers)
        generator = torch.Generator(self.device).manual_seed(mixed_seed(seed, "fixed"))
        return buffers.batch(0, generator)

    def _positions(self, start: int) -> NDArray[np.int64]:
        """Dataset positions of the stream's stretch of this rank's length from `start`."""
        count, end = len(self.indices), start + self._local
        first, last = start // count, (end - 1) // count
        self._orders = {epoch: order for epoch, order in self._orders.items() if first <= epoch <= last}
        pieces = [
            self._order(epoch)[max(start - epoch * count, 0) : end - epoch * count] for epoch in range(first, last + 1)
        ]
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _order(self, epoch: int) -> NDArray[np.int64]:
        if epoch not in self._orders:
            self._orders[epoch] = self.indices[shuffled(len(self.indices), "epoch", self._seed, epoch)]
        return self._orders[epoch]


class _Buffers:
    """The tensors of one batch; see `Batch` for their shapes."""

    def __init__(self, count: int, dataset: ImageDataset, device: torch.device) -> None:
        spec = dataset.spec
        shape = (count, spec.channels, spec.height, spec.width)
        self.pixels = torch.empty(shape, dtype=torch.uint8, device=device)
        self.images = torch.empty(shape, dtype=torch.float32, device=device)
        self.index = torch.empty(count, dtype=torch.int64, device=device)
        self.labels = None if dataset.labels is None else torch.empty_like(self.index)
        wide = dataset.embeddings is not None
        self.embeddings = torch.empty((count, spec.embedding), device=device) if wide else None
        self.captions: tuple[str, ...] | None = None

    def batch(self, images_seen: int, generator: torch.Generator) -> Batch:
        return Batch(
            self.pixels,
            self.images,
            self.labels,
            self.index,
            images_seen,
            generator,
            self.embeddings,
            self.captions,
        )


class _Pool:
    """All of a dataset as tensors, and the gathering of some of it."""

    def __init__(self, dataset: ImageDataset, device: torch.device) -> None:
        self._dataset, self._device = dataset, device
        home = device if _fits(dataset.memory.nbytes, device) else torch.device("cpu")
        self._pixels = torch.from_numpy(dataset.memory).to(home)
        self._labels = None if dataset.labels is None else torch.from_numpy(dataset.labels).to(device)
        self._embeddings = None if dataset.embeddings is None else torch.from_numpy(dataset.embeddings).to(device)

    def buffers(self, count: int) -> _Buffers:
        return _Buffers(count, self._dataset, self._device)

    def gather(self, positions: NDArray[np.int64], into: _Buffers) -> None:
        """Fill buffers with the examples at these positions."""
        wanted = torch.from_numpy(np.ascontiguousarray(positions))
        _send(wanted, into.index)
        if self._pixels.device == into.pixels.device:
            torch.index_select(self._pixels, 0, into.index, out=into.pixels)
        else:
            _send(self._pixels.index_select(0, wanted), into.pixels)
        # Levels are centred before they are scaled: half-integers are exact, so 0 and 255 become exactly -1 and 1.
        into.images.copy_(into.pixels).sub_(_HALF).div_(_HALF)
        if self._labels is not None and into.labels is not None:
            torch.index_select(self._labels, 0, into.index, out=into.labels)
        if self._embeddings is not None and into.embeddings is not None:
            torch.index_select(self._embeddings, 0, into.index, out=into.embeddings)
        captions = self._dataset.captions
        into.captions = None if captions is None else tuple(captions[place] for place in positions)


def _send(values: torch.Tensor, into: torch.Tensor) -> None:
    """Copy to a device. A card takes them from pinned memory, or the step would wait for all that went before."""
    if into.device.type == "cuda":
        into.copy_(values.pin_memory(), non_blocking=True)
    else:
        into.copy_(values)


def _fits(size: int, device: torch.device) -> bool:
    """Whether a dataset may take up room on the device: a quarter of what is free, so that the model keeps the rest."""
    if device.type == "cuda":
        return size <= torch.cuda.mem_get_info(device)[0] // 4
    return device.type == "cpu" or size <= 2**30


def _seed_global(seed: int, device: torch.device) -> None:
    """Seed the generators that dropout uses.

    `torch.manual_seed` would do, but where a device is absent it formats a stack trace at every call.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
