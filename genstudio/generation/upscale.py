"""Enlarging a given picture, in several ways.

How a large picture is worked on in parts is the family's matter (see `genstudio_diffusion.upscaling.tiling`): parts are
blended between two steps of its own.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.config import SamplingConfig
from genstudio.core.errors import FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.sample import Generated, share_of_whole
from genstudio.training.learner import Learner, SampleRequest, UpscaleRequest, Upscales, Watch, unwatched
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating, to_uint8


def factor_of(learner: Learner) -> int:
    """How many times as wide and high a learner makes pictures. Raises `FamilyError` for one that cannot."""
    return _able(learner).upscale_factor


def upscale(
    learner: Learner,
    picture: NDArray[np.uint8],
    *,
    seed: int,
    count: int,
    batch: int,
    options: SamplingConfig,
    device: torch.device | str,
    watch: Watch = unwatched,
    look: Watch = unwatched,
) -> Iterator[Generated]:
    """Enlarge a picture, uint8 (h, w, C), in `count` ways, `batch` at a time.

    Raises `FamilyError` for a learner that cannot, and `Cancelled`. See `sample` for `watch` and `look`.
    """
    for start in range(0, count, batch):
        indices = range(start, min(start + batch, count))
        told = share_of_whole(watch, look, indices, count)
        yield _chunk(learner, picture, seed, indices, options, device, told)
        told(1, 1)


def upscale_chunk_of(
    learner: Learner,
    picture: NDArray[np.uint8],
    recipe: Recipe,
    *,
    options: SamplingConfig,
    device: torch.device | str,
    watch: Watch = unwatched,
) -> Generated:
    """Enlarge again the chunk in which a recipe's picture was made; its bits are those of the first time."""
    start = recipe.index - recipe.index % recipe.batch
    indices = range(start, min(start + recipe.batch, recipe.count))
    return _chunk(learner, picture, recipe.seed, indices, options, device, watch)


def _chunk(
    learner: Learner,
    picture: NDArray[np.uint8],
    seed: int,
    indices: range,
    options: SamplingConfig,
    device: torch.device | str,
    watch: Watch,
) -> Generated:
    able = _able(learner)
    pixels = torch.from_numpy(picture.transpose(2, 0, 1).copy()).to(device)  # (C, h, w)
    images = pixels.float().sub_(127.5).div_(127.5).repeat(len(indices), 1, 1, 1)
    request = UpscaleRequest(SampleRequest(Noise(seed, indices, device), None, options, watch), images)
    with evaluating(learner):
        return Generated(to_uint8(able.upscale(request)), indices)


def _able(learner: Learner) -> Upscales:
    if not isinstance(learner, Upscales):
        raise FamilyError("This model cannot enlarge pictures.")
    return learner
