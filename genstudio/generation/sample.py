"""Drawing samples in chunks: the same seed, index and chunk give the same bits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.core.config import SamplingConfig
from genstudio.core.errors import FamilyError
from genstudio.core.recipe import Recipe
from genstudio.training.learner import Learner, SampleRequest, Samples, Watch, unwatched
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating, to_uint8


@dataclass(frozen=True)
class Generated:
    """Pictures, uint8 (N, H, W, C), and which of the whole they are."""

    images: NDArray[np.uint8]
    indices: range


def sample(
    learner: Learner,
    *,
    seed: int,
    count: int,
    batch: int,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    watch: Watch = unwatched,
    look: Watch = unwatched,
    embedding: NDArray[np.float32] | None = None,
    text: str | Sequence[str] | None = None,
) -> Iterator[Generated]:
    """Draw `count` samples, `batch` at a time. Raises `FamilyError` for a learner that cannot, and `Cancelled`.

    embedding: (D,), what is known of all of them besides the label, or None. text: what all of them show, or what each
    of them does, "" for anything, or None.
    `watch` hears how far the whole has come, in thousandths of a picture; `look` hears what the family tells of the
    chunk in hand, with the pictures so far.
    """
    texts = texts_of(text, count)
    for start in range(0, count, batch):
        indices = range(start, min(start + batch, count))
        told = share_of_whole(watch, look, indices, count)
        own = None if texts is None else texts[start : indices.stop]
        yield _chunk(learner, seed, indices, options, label, device, told, embedding, own)
        told(1, 1)


def sample_chunk_of(
    learner: Learner,
    recipe: Recipe,
    *,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    watch: Watch = unwatched,
    embedding: NDArray[np.float32] | None = None,
    text: str | None = None,
) -> Generated:
    """Draw again the chunk in which a recipe's sample was made; its bits are those of the first time."""
    start = recipe.index - recipe.index % recipe.batch
    indices = range(start, min(start + recipe.batch, recipe.count))
    texts = texts_of(text, len(indices))
    return _chunk(learner, recipe.seed, indices, options, label, device, watch, embedding, texts)


def _chunk(
    learner: Learner,
    seed: int,
    indices: range,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    watch: Watch,
    embedding: NDArray[np.float32] | None,
    texts: tuple[str, ...] | None,
) -> Generated:
    if not isinstance(learner, Samples):
        raise FamilyError("This model cannot generate pictures from nothing.")
    labels = None if label is None else torch.full((len(indices),), label, dtype=torch.int64, device=device)
    told = None if embedding is None else torch.from_numpy(embedding).to(device).expand(len(indices), -1)
    request = SampleRequest(Noise(seed, indices, device), labels, options, watch, told, texts)
    with evaluating(learner):
        return Generated(to_uint8(learner.sample(request)), indices)


def texts_of(text: str | Sequence[str] | None, count: int) -> tuple[str, ...] | None:
    """A text for each of as many pictures: the same, or those given."""
    return (text,) * count if isinstance(text, str) else None if text is None else tuple(text)


def share_of_whole(watch: Watch, look: Watch, indices: range, count: int) -> Watch:
    """Tell `look` what a family tells of its chunk, and `watch` the same scaled to the whole, in thousandths of one."""

    def told(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        share = done / total if total else 0.0
        watch(round(1000 * (indices.start + share * len(indices))), 1000 * count, pictures, uncertainty)
        look(done, total, pictures, uncertainty)

    return told
