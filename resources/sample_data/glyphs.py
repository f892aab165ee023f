"""Capitals and digits of many fonts as 64 × 64 pictures: dark ink on white paper.

Dark on white is how designers meet letters, and costs the models nothing: images are scaled to
[-1, 1] symmetrically before training, where the two polarities are the same data with its sign
flipped. Cap height is 40 of 64 pixels, from row 12 to the baseline at row 52: both are divisible
by 4, so straight edges stay sharp when the masters are halved to 32 and 16 pixels.
"""

import string
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .fonts import Face
from .images import grey16_png, write_dataset_zip

CHARACTERS = string.ascii_uppercase + string.digits
SIZE = 64  # pixels a side
CAP_HEIGHT = 40.0  # pixels, in a font whose glyphs all fit with it
_REACH = 30.0  # pixels from the middle to where ink may go: a border of 2 stays free
_OVERSAMPLING = 8  # drawn so much larger and averaged: exact coverage, and hinting no longer shows
_PROBE = 1000  # font size, in pixels, at which a face is measured
# Root mean square difference of two faces' glyphs (0 to 1, at 16 × 16) under which they are twins.
_TWIN_DISTANCE = 0.07


class _Fit(NamedTuple):
    font: ImageFont.FreeTypeFont
    baseline: float  # oversampled pixels from the top


def write_glyphs(faces: Sequence[Face], path: Path) -> None:
    """Draw every character of every face into a zip of folders named by character."""
    drawn = {face.key: draw_face(face.path) for face in faces}
    _check(drawn)
    images, records = {}, []
    for face in faces:
        for character, levels in zip(CHARACTERS, drawn[face.key], strict=True):
            name = f"{character}/{face.key}.png"
            images[name] = grey16_png(levels)
            records.append({"file_name": name, "label": character, "font": face.name, "licence": face.licence})
    write_dataset_zip(path, images, records)


def draw_face(path: Path) -> NDArray[np.uint8]:
    """All characters of one face in levels 0 (ink) to 15 (paper), shape (36, SIZE, SIZE).

    One scale and one baseline for the whole face, so that letters keep their relative sizes; each
    is centred from side to side by its ink.
    """
    fit = _fit(path)
    return np.stack([_draw(character, fit) for character in CHARACTERS])


def _fit(path: Path) -> _Fit:
    """The size and baseline that put capitals in the middle with all ink inside the border."""
    probe = _font(path, _PROBE)
    boxes = np.array([probe.getbbox(character, anchor="ls") for character in CHARACTERS])
    left, top, right, bottom = boxes.T  # each (36,), pixels at the probe's size, y down
    cap = -probe.getbbox("H", anchor="ls")[1]
    reach = max((right - left).max() / 2, (-top).max() - cap / 2, bottom.max() + cap / 2)
    scale = min(CAP_HEIGHT / cap, _REACH / reach) * _OVERSAMPLING
    baseline = SIZE * _OVERSAMPLING / 2 + cap * scale / 2
    return _Fit(_font(path, _PROBE * scale), baseline)


def _font(path: Path, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _draw(character: str, fit: _Fit) -> NDArray[np.uint8]:
    side = SIZE * _OVERSAMPLING
    canvas = Image.new("L", (side, side), 255)
    left, _, right, _ = fit.font.getbbox(character, anchor="ls")
    origin = (side / 2 - (left + right) / 2, fit.baseline)
    ImageDraw.Draw(canvas).text(origin, character, fill=0, font=fit.font, anchor="ls")
    paper = np.asarray(canvas.reduce(_OVERSAMPLING), dtype=np.float32) / 255
    return np.rint(paper * 15).astype(np.uint8)


def _check(drawn: dict[str, NDArray[np.uint8]]) -> None:
    """Exit on a face with a blank glyph, two equal glyphs, or one much like an earlier face."""
    seen: dict[str, NDArray[np.float32]] = {}
    for key, levels in drawn.items():
        if (levels.min(axis=(1, 2)) > 7).any():
            raise SystemExit(f"{key} lacks a character or draws one too thin to see.")
        if len({glyph.tobytes() for glyph in levels}) < len(CHARACTERS):
            raise SystemExit(f"{key} draws two characters alike.")
        small = _shrunk(levels)
        for other, features in seen.items():
            if np.sqrt(np.mean((features - small) ** 2)) < _TWIN_DISTANCE:
                raise SystemExit(f"{key} is nearly the same as {other}.")
        seen[key] = small


def _shrunk(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    blocks = levels.reshape(len(CHARACTERS), 16, SIZE // 16, 16, SIZE // 16)
    shrunk: NDArray[np.float32] = (blocks.mean(axis=(2, 4)) / 15).astype(np.float32)  # (36, 16, 16)
    return shrunk
