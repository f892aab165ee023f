"""How odd a picture is: how far its redrawing is from it.

A bound in bits would be the natural score, but where pictures are nearly exact it minds single levels more than shapes,
and calls plain pictures usual whatever they show. On small digits, with one of ten left out of training, plain squared
differences told the left out one better: fours with an AUC of 0.92 in place of 0.61, eights 0.88 (0.81), ones 0.52
(0.08).
"""

from torch import Tensor

from genstudio.api import Anomaly

SCORE = (
    "How far a picture is from its redrawing, root mean square, in levels of 255. The map shows by how many levels "
    "each pixel had to change."
)

_LEVELS = 127.5  # in 1, on the scale from -1 to 1


def oddity(images: Tensor, redrawn: Tensor) -> Anomaly:
    """Compare pictures (B, C, H, W) in [-1, 1] with their redrawings."""
    squares = (_LEVELS * (redrawn - images)).square()
    return Anomaly(squares.flatten(1).mean(1).sqrt(), squares.mean(1).sqrt())
