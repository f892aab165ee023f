"""Decoding and treating pictures on a few threads, in order.

Pillow lets go of the interpreter while it works, so threads are enough. One core is left to the window, and the
threads stand back behind it and behind a running training.
"""

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.data.duplicates import sketches
from genstudio.data.options import ImportOptions
from genstudio.data.refusal import UnreadableError
from genstudio.data.scan import Item
from genstudio.data.treat import image_of, treat

log = logging.getLogger(__name__)

_CHUNK = 16
_PATIENCE = 0.05


@dataclass(frozen=True)
class Treated:
    """A picture as it is stored, uint8 (C, H, W), and its sketch (see `duplicates.sketches`)."""

    pixels: NDArray[np.uint8]
    sketch: NDArray[np.float32]


Outcome = Treated | str
"""What became of a picture: it, or the reason why it cannot be used."""


def treat_all(items: list[Item], options: ImportOptions, check: Callable[[], None]) -> Generator[tuple[Item, Outcome]]:
    """Yield every item, in order, with what became of it.

    `check` is called many times a second and may raise `Cancelled`; threads then end after the picture they are at,
    without being waited for. Close it when leaving off early.
    """
    threads = max(1, (os.cpu_count() or 2) - 1)
    stop = threading.Event()
    pool = ThreadPoolExecutor(threads, "import", _stand_back)
    waiting: deque[tuple[list[Item], Future[list[Outcome]]]] = deque()
    try:
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            waiting.append((chunk, pool.submit(_treat_chunk, chunk, options, stop)))
            if len(waiting) > 2 * threads:
                yield from _first_of(waiting, check)
        while waiting:
            yield from _first_of(waiting, check)
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _first_of(
    waiting: deque[tuple[list[Item], Future[list[Outcome]]]], check: Callable[[], None]
) -> Iterator[tuple[Item, Outcome]]:
    chunk, future = waiting.popleft()
    check()
    while not wait([future], _PATIENCE).done:
        check()
    yield from zip(chunk, future.result(), strict=True)


def _treat_chunk(items: list[Item], options: ImportOptions, stop: threading.Event) -> list[Outcome]:
    results = [_treat_one(item, options) for item in items if not stop.is_set()]
    pictures = [result for result in results if not isinstance(result, str)]
    sketched = iter(sketches(np.stack(pictures))) if pictures else iter(())
    return [result if isinstance(result, str) else Treated(result, next(sketched)) for result in results]


def _treat_one(item: Item, options: ImportOptions) -> NDArray[np.uint8] | str:
    """Return a picture as uint8 (C, H, W), or the reason why it cannot be used."""
    try:
        pixels = treat(image_of(item.load(), options), options)
    except UnreadableError as error:
        return str(error)
    except MemoryError:
        return "it needs more memory than there is"
    except Exception:  # a fault of ours must not cost a person the other pictures
        log.exception("a picture could not be treated")
        return "it could not be treated"
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _stand_back() -> None:
    """Give way to every other thread (Linux, where a thread has a niceness of its own)."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
