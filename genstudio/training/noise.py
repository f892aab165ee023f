"""Noise for generation: every sample has a generator of its own, so its picture depends on (seed, index) alone."""

from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor

from genstudio.core.seeds import mixed_seed


class Noise:
    """Independent random streams for the N samples of one chunk.

    Numbers are drawn on the CPU and moved, so that the same seed gives the same noise on every device.
    """

    def __init__(self, seed: int, indices: Sequence[int], device: torch.device | str = "cpu") -> None:
        self._streams = [_stream(seed, index) for index in indices]
        self.device = torch.device(device)

    @classmethod
    def of(cls, streams: Sequence[tuple[int, int]], device: torch.device | str = "cpu") -> Self:
        """Take the streams of samples of several seeds, each named by its (seed, index)."""
        noise = cls(0, (), device)
        noise._streams = [_stream(seed, index) for seed, index in streams]
        return noise

    def __len__(self) -> int:
        return len(self._streams)

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal float32 numbers (N, *shape).

        A call costs about a microsecond a sample, however little is drawn: sampling loops draw all they need at once.
        """
        numbers = torch.empty(len(self), *shape)
        for row, stream in zip(numbers.unbind(), self._streams, strict=True):
            row.normal_(generator=stream)
        return numbers.to(self.device)

    def uniform(self, *shape: int) -> Tensor:
        """Draw uniform float32 numbers in [0, 1), shaped (N, *shape)."""
        numbers = torch.empty(len(self), *shape)
        for row, stream in zip(numbers.unbind(), self._streams, strict=True):
            row.uniform_(generator=stream)
        return numbers.to(self.device)


def _stream(seed: int, index: int) -> torch.Generator:
    return torch.Generator().manual_seed(mixed_seed("sample", seed, index))
