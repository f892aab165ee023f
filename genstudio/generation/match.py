"""How well texts and pictures fit."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.core.errors import FamilyError
from genstudio.data.batches import examples_of
from genstudio.training.learner import Learner, MatchesText, Watch, unwatched
from genstudio.training.previews import evaluating

Picture = NDArray[np.uint8]


def fits(
    learner: Learner,
    pictures: Sequence[Picture],
    texts: Sequence[str],
    *,
    batch: int,
    device: torch.device | str,
    watch: Watch = unwatched,
) -> NDArray[np.float32]:
    """How well pictures uint8 (H, W, C) of any size fit texts, float32 (pictures, texts), from -1 to 1.

    Fits of one model compare with one another, those of different models do not. Raises `FamilyError` for a learner
    that reads no words, and `Cancelled`.
    """
    if not isinstance(learner, MatchesText):
        raise FamilyError("This model does not know words. Choose a run that matches words and pictures.")
    found, done = np.zeros((len(pictures), len(texts)), dtype=np.float32), 0
    with evaluating(learner):
        whole = torch.cat([learner.read(texts[at : at + batch]).whole for at in range(0, len(texts), batch)])
        for places in _alike(pictures, batch):
            found[places] = _seen(learner, [pictures[place] for place in places], whole, device)
            done += len(places)
            watch(done, len(pictures))
    return found


def _seen(
    learner: MatchesText, pictures: list[Picture], whole: Tensor, device: torch.device | str
) -> NDArray[np.float32]:
    seen = learner.look(examples_of(np.stack(pictures), None, device).images) @ whole.T
    numbers: NDArray[np.float32] = seen.float().cpu().numpy()
    return numbers


def _alike(pictures: Sequence[Picture], batch: int) -> Iterator[list[int]]:
    """The places of pictures of one shape, `batch` at a time."""
    shapes: dict[tuple[int, ...], list[int]] = {}
    for place, picture in enumerate(pictures):
        shapes.setdefault(picture.shape, []).append(place)
    for places in shapes.values():
        for begin in range(0, len(places), batch):
            yield places[begin : begin + batch]
