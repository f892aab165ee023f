"""Fits of pictures of mixed sizes come back in their own order; who reads no words says so."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.core.errors import Cancelled, FamilyError
from genstudio.data.batches import Batch
from genstudio.generation.match import fits
from genstudio.training.learner import Learner, Reading


class Bare(Learner):
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {}


class Colours(Bare):
    """Knows three colours by name, and sees the mean colour of a picture."""

    text_shape, match_width = (1, 3), 3

    def read(self, texts: Sequence[str]) -> Reading:
        whole = torch.eye(3)[[("red", "green", "blue").index(text) for text in texts]]
        return Reading(whole[:, None], torch.ones(len(texts), 1, dtype=torch.bool), whole)

    def look(self, images: Tensor) -> Tensor:
        return F.normalize((images.mean((2, 3)) + 1).expand(-1, 3), dim=1)


def plain(colour: tuple[int, ...], side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((side, side, len(colour)), colour, dtype=np.uint8)


def test_that_pictures_of_any_size_fit_their_colour_best() -> None:
    pictures = [plain((255, 0, 0), 8), plain((0, 0, 255), 5), plain((0, 255, 0), 8), plain((0, 0, 255), 8)]
    told: list[tuple[int, int]] = []

    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        told.append((done, total))

    found = fits(Colours(), pictures, ["red", "green", "blue"], batch=2, device="cpu", watch=watch)
    assert found.shape == (4, 3) and found.dtype == np.float32
    assert found.argmax(1).tolist() == [0, 2, 1, 2] and np.allclose(found.max(1), 1)
    assert told == [(2, 4), (3, 4), (4, 4)]


def test_that_it_can_be_cancelled_and_needs_a_model_that_reads() -> None:
    def stop(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fits(Colours(), [plain((1, 2, 3), 4)], ["red"], batch=2, device="cpu", watch=stop)
    with pytest.raises(FamilyError, match="does not know words"):
        fits(Bare(), [plain((1, 2, 3), 4)], ["red"], batch=2, device="cpu")
