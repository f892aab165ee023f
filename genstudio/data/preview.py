"""A look at a source before it is imported: what it holds, and what its pictures would become."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genstudio.data.names import natural_key
from genstudio.data.options import ImportOptions
from genstudio.data.refusal import Refused, UnreadableError
from genstudio.data.scan import Item, scan
from genstudio.data.shuffle import shuffled
from genstudio.data.spread import spread
from genstudio.data.treat import image_of, treat

THUMBNAIL = 160
_LOOKED_AT = 24
_PIXELS_LOOKED_AT = 40_000_000
_USUAL_SIDE = 32


@dataclass(frozen=True)
class SourcePreview:
    """What a source holds.

    images: a few of its pictures as they would be imported, uint8 (H, W, C) with C 1, 3 or 4.
    originals: the same pictures as they are, at most 160 pixels a side, uint8 (h, w, C) with C 1, 3 or 4.
    total: how many pictures there are. labels: how many of them have each label, empty when labels do not count.
    captioned: how many have a caption. refused: files left out so far; decoding all may refuse more.
    notes: sentences about the whole.
    """

    images: list[NDArray[np.uint8]]
    originals: list[NDArray[np.uint8]]
    names: list[str]
    total: int
    labels: Mapping[str, int]
    captioned: int
    refused: tuple[Refused, ...]
    notes: tuple[str, ...] = ()


def preview_source(source: Path, options: ImportOptions, count: int = 12) -> SourcePreview:
    """Show what importing `source` would give; raises `DataError` when there is nothing to import."""
    with scan(source) as found:
        refused = list(found.refused)
        shown = list(_decoded(spread(found.items, count), options, refused, THUMBNAIL))
        labels = Counter(item.label for item in found.items if item.label) if found.labelled else Counter[str]()
        return SourcePreview(
            images=[treat(image, options) for _, image in shown],
            originals=[_thumbnail(image) for _, image in shown],
            names=[item.name for item, _ in shown],
            total=len(found.items),
            labels=dict(sorted(labels.items(), key=lambda pair: natural_key(pair[0]))),
            captioned=sum(bool(item.caption) for item in found.items),
            refused=tuple(refused),
            notes=tuple(found.notes),
        )


def suggest_options(source: Path) -> ImportOptions:
    """Suggest size, fit and colours after a look at a few pictures; raises `DataError` when there are none.

    Large pictures become 32 by 32, which trains in minutes; small ones keep their size, as far as it is a multiple of
    4, which can be halved twice. Transparency is kept when most pictures use it, and grey stays grey.
    """
    with scan(source) as found:
        chosen = shuffled(len(found.items), "look")[:_LOOKED_AT]
        images = list(_sample([found.items[index] for index in chosen]))
    if not images:
        return ImportOptions()
    side = _side([min(image.size) for image in images])
    see_through = sum(_is_see_through(image) for image in images) * 2 > len(images)
    all_grey = not see_through and all(_is_grey(image) for image in images)
    mode: Literal["grey", "rgb", "rgba"] = "rgba" if see_through else "grey" if all_grey else "rgb"
    square = all(image.width == image.height for image in images)
    return ImportOptions(width=side, height=side, mode=mode, fit="pad" if see_through and not square else "crop")


def _side(sides: list[int]) -> int:
    step = 4 if len(set(sides)) == 1 else 8
    return min(max(int(median(sides)) // step * step, 8), _USUAL_SIDE)


def _sample(items: list[Item]) -> Iterator[Image.Image]:
    """Decode pictures until enough pixels were looked at, so that a folder of huge ones is not waited for."""
    pixels = 0
    for _, image in _decoded(items, ImportOptions(), [], 2 * _USUAL_SIDE):
        yield image
        pixels += image.width * image.height
        if pixels > _PIXELS_LOOKED_AT:
            return


def _decoded(
    items: list[Item], options: ImportOptions, refused: list[Refused], least: int
) -> Iterator[tuple[Item, Image.Image]]:
    for item in items:
        try:
            yield item, image_of(item.load(), options, least)
        except UnreadableError as error:
            refused.append(Refused(item.name, str(error)))


def _thumbnail(image: Image.Image) -> NDArray[np.uint8]:
    small = image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL), reducing_gap=3.0)
    pixels = np.array(small)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def _is_see_through(image: Image.Image) -> bool:
    """Whether at least a hundredth of a picture is nearer to transparent than to opaque."""
    return image.mode == "RGBA" and sum(image.getchannel("A").histogram()[:128]) * 100 >= image.width * image.height


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "L":
        return True
    small = image.convert("RGB")
    small.thumbnail((2 * _USUAL_SIDE, 2 * _USUAL_SIDE))
    levels = np.asarray(small).astype(np.int16)
    return int(np.ptp(levels, axis=2).max()) <= 8
