"""The suite's check of matching words and pictures passes a sound stand-in and notices every way of breaking it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.data.batches import Batch, examples_of
from genstudio.testing.matching import check_matches
from genstudio.testing.report import Broken
from genstudio.training.learner import Reading

T, D, E = 12, 6, 5


class Sound:
    """Every word becomes a vector that follows from its letters; a picture's vector follows from its mean colour."""

    text_shape, match_width = (T, D), E

    def read(self, texts: Sequence[str]) -> Reading:
        words, known = torch.zeros(len(texts), T, D), torch.zeros(len(texts), T, dtype=torch.bool)
        for row, text in enumerate(texts):
            for place, word in enumerate(["", *text.split()][:T]):
                words[row, place] = torch.tensor([float(sum(word.encode()) % (7 + i)) + 1 for i in range(D)])
                known[row, place] = True
        return Reading(words, known, F.normalize(words.sum(1)[:, :E], dim=1))

    def look(self, images: Tensor) -> Tensor:
        mean = images.mean((1, 2, 3))
        return F.normalize(torch.stack([mean * (i + 1) + i + 0.5 for i in range(E)], 1), dim=1)


class Long(Sound):
    def look(self, images: Tensor) -> Tensor:
        return 2 * super().look(images)


class Cut(Sound):
    def look(self, images: Tensor) -> Tensor:
        return super().look(images).detach()


class Sociable(Sound):
    def read(self, texts: Sequence[str]) -> Reading:
        reading = super().read(texts)
        return replace(reading, words=reading.words + len(texts))


class Deaf(Sound):
    def read(self, texts: Sequence[str]) -> Reading:
        reading = super().read(texts)
        return replace(reading, whole=F.normalize(torch.ones(len(texts), E), dim=1))


class Speechless(Sound):
    def read(self, texts: Sequence[str]) -> Reading:
        reading = super().read(texts)
        return replace(reading, known=reading.known & torch.tensor([[bool(text)] for text in texts]))


class OneKind(Sound):
    def look(self, images: Tensor) -> Tensor:
        return super().look(images[:, :3] * torch.ones(3, 1, 1)) if images.shape[1] > 1 else torch.zeros(len(images), 3)


def batch() -> Batch:
    levels = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    return examples_of(levels, None, "cpu")


def test_that_a_sound_one_passes() -> None:
    check_matches(None, Sound(), batch())  # type: ignore[arg-type] # it looks at neither lab nor class


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (Long, "not of length 1"),
        (Cut, "not differentiable"),
        (Sociable, "depends on the texts beside it"),
        (Deaf, "read alike"),
        (Speechless, "no known token"),
        (OneKind, "have shape"),
        (object, "lacks read"),
    ],
)
def test_that_a_broken_one_is_noticed(broken: type, said: str) -> None:
    with pytest.raises(Broken, match=said):
        check_matches(None, broken(), batch())  # type: ignore[arg-type] # likewise
