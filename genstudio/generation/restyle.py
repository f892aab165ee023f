"""Drawing a given picture anew, in several ways."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.config import SamplingConfig
from genstudio.core.errors import FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.sample import Generated, share_of_whole, texts_of
from genstudio.training.learner import Learner, RestyleRequest, Restyles, SampleRequest, Watch, unwatched
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating, to_uint8


def restyle(
    learner: Learner,
    picture: NDArray[np.uint8],
    *,
    strength: float,
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
    """Draw a picture, uint8 (H, W, C), anew in `count` ways, `batch` at a time.

    `strength` is how far to go from it: 0 gives the picture back, 1 has forgotten it. Raises `FamilyError` for a
    learner that cannot, and `Cancelled`. See `sample` for `watch`, `look` and `text`.
    """
    for start in range(0, count, batch):
        indices = range(start, min(start + batch, count))
        told = share_of_whole(watch, look, indices, count)
        yield _chunk(learner, picture, strength, seed, indices, options, label, device, told, text)
        told(1, 1)


def restyle_chunk_of(
    learner: Learner,
    picture: NDArray[np.uint8],
    recipe: Recipe,
    *,
    strength: float,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    watch: Watch = unwatched,
    text: str | None = None,
) -> Generated:
    """Draw again the chunk in which a recipe's picture was made; its bits are those of the first time."""
    start = recipe.index - recipe.index % recipe.batch
    indices = range(start, min(start + recipe.batch, recipe.count))
    return _chunk(learner, picture, strength, recipe.seed, indices, options, label, device, watch, text)


def _chunk(
    learner: Learner,
    picture: NDArray[np.uint8],
    strength: float,
    seed: int,
    indices: range,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    watch: Watch,
    text: str | None,
) -> Generated:
    if not isinstance(learner, Restyles):
        raise FamilyError("This model cannot draw a given picture anew.")
    count = len(indices)
    labels = None if label is None else torch.full((count,), label, dtype=torch.int64, device=device)
    pixels = torch.from_numpy(picture.transpose(2, 0, 1).copy()).to(device)  # (C, H, W)
    images = pixels.float().sub_(127.5).div_(127.5).repeat(count, 1, 1, 1)
    sample = SampleRequest(Noise(seed, indices, device), labels, options, watch, texts=texts_of(text, count))
    request = RestyleRequest(sample, images, strength)
    with evaluating(learner):
        return Generated(to_uint8(learner.restyle(request)), indices)
