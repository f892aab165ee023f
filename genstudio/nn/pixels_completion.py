"""What completing a picture means for models that draw in reading order."""

from torch import Tensor

_NOTE = (
    "The model draws in reading order, row by row from the top left. Pixels you keep further on stay as they are, but "
    "they cannot influence what is drawn before them, so edges may not meet."
)


def is_prefix(known: Tensor) -> bool:
    """Whether the known pixels of a mask (H, W) all come before the unknown ones, in reading order."""
    flat = known.flatten().long()
    return bool((flat[1:] <= flat[:-1]).all())


def completion_note(known: Tensor) -> str:
    """Say what is done for a mask (H, W); nothing when completing is exact sampling given the known pixels."""
    return "" if is_prefix(known) else _NOTE
