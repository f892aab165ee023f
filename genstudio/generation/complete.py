"""Finishing a picture of which a part is given, in several ways."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.config import SamplingConfig
from genstudio.core.errors import FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.given import Given, Mask
from genstudio.generation.sample import Generated, share_of_whole, texts_of
from genstudio.training.learner import Completes, CompletionRequest, Learner, SampleRequest, Watch, unwatched
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating, to_uint8


def complete(
    learner: Learner,
    given: Given,
    *,
    seed: int,
    count: int,
    batch: int,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    watch: Watch = unwatched,
    look: Watch = unwatched,
    text: str | None = None,
) -> Iterator[Generated]:
    """Finish a picture in `count` ways, `batch` at a time; the known pixels stay as they are, to the bit.

    Raises `FamilyError` for a learner that cannot, and `Cancelled`. See `sample` for `watch`, `look` and `text`.
    """
    for start in range(0, count, batch):
        indices = range(start, min(start + batch, count))
        told = share_of_whole(watch, look, indices, count)
        yield _chunk(learner, given, seed, indices, options, label, device, told, text)
        told(1, 1)


def complete_chunk_of(
    learner: Learner,
    given: Given,
    recipe: Recipe,
    *,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    watch: Watch = unwatched,
    text: str | None = None,
) -> Generated:
    """Draw again the chunk in which a recipe's completion was made; its bits are those of the first time."""
    start = recipe.index - recipe.index % recipe.batch
    indices = range(start, min(start + recipe.batch, recipe.count))
    return _chunk(learner, given, recipe.seed, indices, options, label, device, watch, text)


def completion_note(learner: Learner, known: Mask) -> str:
    """Say what the model does for a mask that it cannot treat exactly; nothing when it can. Raises `FamilyError`."""
    return _able(learner).completion_note(torch.from_numpy(known))


def _chunk(
    learner: Learner,
    given: Given,
    seed: int,
    indices: range,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    watch: Watch,
    text: str | None,
) -> Generated:
    count = len(indices)
    labels = None if label is None else torch.full((count,), label, dtype=torch.int64, device=device)
    pixels = torch.from_numpy(given.picture.transpose(2, 0, 1).copy()).to(device)  # (C, H, W)
    images = pixels.float().sub_(127.5).div_(127.5).repeat(count, 1, 1, 1)
    known = torch.from_numpy(given.known).to(device).repeat(count, 1, 1)
    sample = SampleRequest(Noise(seed, indices, device), labels, options, watch, texts=texts_of(text, count))
    request = CompletionRequest(sample, images, known)
    with evaluating(learner):
        drawn = to_uint8(_able(learner).complete(request))
    return Generated(_kept(given, drawn), indices)


def _kept(given: Given, drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Put the known pixels back, whatever a family made of them on the way."""
    kept: NDArray[np.uint8] = np.where(given.known[None, :, :, None], given.picture[None], drawn)
    return kept


def _able(learner: Learner) -> Completes:
    if not isinstance(learner, Completes):
        raise FamilyError("This model cannot finish a picture of which only a part is given.")
    return learner
