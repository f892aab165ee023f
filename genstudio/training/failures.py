"""From an exception to a sentence. Only text is kept: an exception kept alive pins every tensor it came past."""

import logging
import traceback

import torch

from genstudio.core.errors import GenStudioError

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "bad_alloc")

NO_MEMORY = (
    "The device ran out of memory. What was saved last is safe. "
    "Start a new run with a smaller batch or smaller pictures, or close other programs and resume this one."
)
NO_MEMORY_TO_SHOW = (
    "There was not enough memory for a preview. Training goes on without it; close other programs to see one."
)

_log = logging.getLogger(__name__)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this is the device's or the system's memory running out; by type where there is one, else by text."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _OUT_OF_MEMORY)


def sentence(error: Exception, doing: str) -> str:
    """Say what went wrong and what to do; the technical side goes to the log. `doing` completes "stopped while …"."""
    if is_out_of_memory(error):
        return NO_MEMORY
    if isinstance(error, GenStudioError):
        return str(error)
    _log.error("Training failed while %s:\n%s", doing, traceback.format_exc())
    if isinstance(error, OSError):
        return (
            f"A file could not be read or written while {doing}: {error.strerror or type(error).__name__}. "
            "Check that the disk is connected, then resume the run."
        )
    return (
        f"The model failed while {doing} ({type(error).__name__}). What was saved last is safe. "
        "The log has the details its author needs."
    )
