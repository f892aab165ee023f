"""A step on both halves of a batch at once, each in a thread of its own.

A processor's cores seldom find enough to do within one operation of a small network: two threads of torch make a step
of it a tenth faster. Two halves of the batch have next to nothing to wait for, and make it half as fast again
(resources/docs/measured.md).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

T = TypeVar("T")


def worth_halving(device: torch.device, examples: int) -> bool:
    """Whether a batch is to be halved: on a processor of several cores, where halves are no crumbs."""
    return device.type == "cpu" and torch.get_num_threads() > 1 and examples >= 8


class Halves:
    """Two threads that work side by side, each with half of the cores.

    What the works compute must not depend on which comes first: nothing in them may draw from a shared stream of
    random numbers, or change a buffer.
    """

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    def work(self, works: Sequence[Callable[[], T]]) -> list[T]:
        """Do two works at once, and return what they return; what one raises is raised when both have ended."""
        cores = torch.get_num_threads()
        share = max(1, cores // 2)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(2, "genstudio-half", initializer=_begin, initargs=(share,))
        torch.set_num_threads(share)  # some libraries know one number for the whole process
        try:
            futures = [self._threads.submit(work) for work in works]
            errors = [future.exception() for future in futures]
        finally:
            torch.set_num_threads(cores)
        for error in errors:
            if error is not None:
                raise error
        return [future.result() for future in futures]


def _begin(share: int) -> None:
    """What torch keeps for each thread: how many cores it may take, and that the smallest numbers count as zero."""
    torch.set_num_threads(share)
    torch.set_flush_denormal(True)
