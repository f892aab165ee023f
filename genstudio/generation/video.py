"""Frames as a film: at a size people can see, as GIF or as MP4. No torch here."""

import io
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genstudio.core.errors import GenStudioError
from genstudio.core.files import write_whole
from genstudio.core.recipe import Recipe
from genstudio.generation.export import Picture, write_gif

SUFFIXES = (".mp4", ".gif")
_PAPER = 255


def video_problem() -> str:
    """Say what is missing for writing MP4, or nothing. Nothing is loaded for that."""
    if find_spec("av") is not None:
        return ""
    return (
        "MP4 needs the library PyAV, which is not installed. Install it with “pip install genstudio[video]”, "
        "or write a GIF."
    )


def write_film(
    path: Path,
    frames: Sequence[Picture],
    *,
    fps: float,
    edge: int,
    smooth: bool = False,
    recipe: Recipe | None = None,
) -> None:
    """Write frames as the kind of film that the path's ending names, `edge` pixels on the longer side.

    The recipe lies in its comment, which other programs show, or leave alone.
    Raises `GenStudioError` for another ending, and when what it needs is not installed; `DiskFullError`.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise GenStudioError(f"A film is written as .mp4 or .gif, not as “{path.suffix or path.name}”.")
    large = [enlarged(frame, edge, smooth) for frame in frames]
    if path.suffix.lower() == ".gif":
        write_gif(path, large, max(20, round(1000 / fps)), recipe)
    else:
        write_mp4(path, large, fps, recipe)


def write_mp4(path: Path, frames: Sequence[Picture], fps: float, recipe: Recipe | None = None) -> None:
    """Write H.264 in an MP4 file. What is clear becomes white; a side of odd length loses its last line.

    Raises `GenStudioError` when PyAV is not installed.
    """
    problem = video_problem()
    if problem:
        raise GenStudioError(problem)
    import av

    buffer = io.BytesIO()
    height, width = (side - side % 2 for side in frames[0].shape[:2])
    with av.open(buffer, "w", format="mp4") as film:
        if recipe is not None:
            film.metadata["comment"] = recipe.model_dump_json()
        stream = film.add_stream("libx264", rate=round(fps))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "16", "preset": "slow"}
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(_on_paper(frame)[:height, :width], format="rgb24")
            film.mux(stream.encode(picture))
        film.mux(stream.encode())
    write_whole(path, [buffer.getvalue()])


def enlarged(frame: Picture, edge: int, smooth: bool = False) -> Picture:
    """A picture so large that its longer side is about `edge` pixels: by whole steps, unless it is to be smooth."""
    height, width = frame.shape[:2]
    if smooth:
        scale = edge / max(height, width)
        size = (max(2, round(width * scale)), max(2, round(height * scale)))
        flat = frame[:, :, 0] if frame.shape[2] == 1 else frame
        pixels = np.asarray(Image.fromarray(flat).resize(size, Image.Resampling.BICUBIC))
        return pixels[:, :, None] if pixels.ndim == 2 else pixels
    times = max(1, round(edge / max(height, width)))
    return np.ascontiguousarray(frame.repeat(times, 0).repeat(times, 1))


def _on_paper(frame: Picture) -> NDArray[np.uint8]:
    """Red, green and blue, with white behind what is clear, (H, W, 3)."""
    if frame.shape[2] == 4:
        alpha = frame[:, :, 3:].astype(np.uint16)
        return ((frame[:, :, :3] * alpha + _PAPER * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(frame, (*frame.shape[:2], 3)))
