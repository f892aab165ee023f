"""Points of a latent space and the pictures there, for any learner that `Interpolates`."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.core.config import SamplingConfig
from genstudio.core.errors import FamilyError
from genstudio.generation.points import Latents, Point
from genstudio.generation.sample import texts_of
from genstudio.training.learner import Interpolates, Learner, SampleRequest, Watch, unwatched
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating, to_uint8

_BATCH = 64


def draw_points(
    learner: Learner,
    streams: Sequence[tuple[int, int]],
    *,
    options: SamplingConfig,
    label: int | None,
    device: torch.device | str,
    text: str | None = None,
) -> list[Point]:
    """Draw a point for each (seed, index): where the sample of that seed and index lies. text: what all show."""
    space = _space(learner)
    labels = None if label is None else torch.full((len(streams),), label, dtype=torch.int64, device=device)
    request = SampleRequest(Noise.of(streams, device), labels, options, texts=texts_of(text, len(streams)))
    with evaluating(learner):
        latents = space.draw_latents(request).float().cpu().numpy()
    named = zip(latents, streams, strict=True)
    return [Point(latent.copy(), label, stream, text=text) for latent, stream in named]


def encode(learner: Learner, images: NDArray[np.uint8], device: torch.device | str) -> NDArray[np.float32]:
    """Find the latents (N, ...) of pictures, uint8 (N, H, W, C)."""
    space = _space(learner)
    pixels = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())  # (N, C, H, W)
    with evaluating(learner):
        found = [
            space.encode(chunk.to(device, torch.float32).sub_(127.5).div_(127.5)).float().cpu()
            for chunk in torch.split(pixels, _BATCH)
        ]
    latents: NDArray[np.float32] = torch.cat(found).numpy()
    return latents


def decode_points(
    learner: Learner,
    points: Sequence[Point],
    *,
    options: SamplingConfig,
    device: torch.device | str,
    watch: Watch = unwatched,
) -> NDArray[np.uint8]:
    """Draw the pictures at points, uint8 (N, H, W, C). One point alone gives the same bits every time."""
    space = _space(learner)
    images: list[NDArray[np.uint8] | None] = [None] * len(points)
    with evaluating(learner):
        for asked in (False, True):  # those that a label is asked for go together, as do those without
            members = [place for place, point in enumerate(points) if (point.label is not None) is asked]
            for start in range(0, len(members), _BATCH):
                some = members[start : start + _BATCH]
                drawn = to_uint8(_decoded(space, [points[place] for place in some], options, device, watch))
                for place, image in zip(some, drawn, strict=True):
                    images[place] = image
    return np.stack([image for image in images if image is not None])


def _decoded(
    space: Interpolates, points: list[Point], options: SamplingConfig, device: torch.device | str, watch: Watch
) -> Tensor:
    labels = [point.label for point in points if point.label is not None]
    asked = torch.tensor(labels, dtype=torch.int64, device=device) if labels else None
    said = any(point.text is not None for point in points)
    texts = tuple(point.text or "" for point in points) if said else None
    noise = Noise.of([point.stream for point in points], device)
    request = SampleRequest(noise, asked, options, watch, texts=texts)
    space.draw_latents(request)  # moves the streams to where decoding goes on with them
    return space.decode(torch.from_numpy(np.stack([point.latent for point in points])).to(device), request)


def flattened(latents: NDArray[np.float32]) -> Latents:
    """Latents (N, ...) as rows, (N, D)."""
    return np.ascontiguousarray(latents.reshape(len(latents), -1), dtype=np.float32)


def _space(learner: Learner) -> Interpolates:
    if not isinstance(learner, Interpolates):
        raise FamilyError("This model has no space between pictures to explore.")
    return learner
