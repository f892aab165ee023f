"""A dataset as a gallery shows it: pictures by their place, filtered by label, read from the file when seen."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from genstudio.data.labels import UNKNOWN, per_label
from genstudio.ui.bridge import Bridge
from genstudio.ui.models.reading import Reader
from genstudio.ui.models.strips import read_picture
from genstudio.ui.models.thumbnails import Thumbnails
from genstudio.ui.views.image import qimage_from_array

if TYPE_CHECKING:
    from genstudio.data.cache import CacheHeader


class DatasetPictures:
    """The pictures of a dataset, all or those of one label. A `GalleryModel`; keys are places in the dataset."""

    def __init__(self, header: "CacheHeader") -> None:
        self._header = header
        self._labels = None if header.labels is None else np.asarray(header.labels)
        self._places: Sequence[int] = range(header.spec.count)

    def filter(self, label: int | None, text: str = "") -> None:
        """Keep the pictures of one label (None: of all), whose name, label or caption has this text in it."""
        places: Sequence[int] = range(self._header.spec.count)
        if label is not None and self._labels is not None:
            places = np.flatnonzero(self._labels == label).tolist()
        wanted = text.casefold().strip()
        if wanted:
            places = [place for place in places if wanted in self._text(place).casefold()]
        self._places = places

    def counts(self) -> list[tuple[str, int]]:
        """Say how many pictures each label has, in the order of labels."""
        if self._labels is None:
            return []
        numbers = per_label(self._labels, len(self._header.spec.classes))
        return list(zip(self._header.spec.classes, (int(number) for number in numbers), strict=True))

    def about(self, place: int) -> list[str]:
        """Say what is known of a picture: its file's name, label and caption."""
        parts = [self._header.names[place]]
        if self._header.labels is not None and self._header.labels[place] != UNKNOWN:
            parts.append(self._header.spec.classes[self._header.labels[place]])
        if self._header.captions is not None and self._header.captions[place]:
            parts.append(self._header.captions[place])
        return parts

    def count(self) -> int:
        """How many pictures are left by the filter."""
        return len(self._places)

    def key(self, index: int) -> str:
        """The picture's place in the dataset."""
        return str(self._places[index])

    def star(self, index: int) -> bool:
        """Pictures of a dataset have no stars."""
        return False

    def caption(self, index: int) -> str:
        """Its caption, else its label, else its name."""
        return self.about(self._places[index])[-1]

    def path(self, index: int) -> Path | None:
        """Pictures of a dataset are no files."""
        return None

    def _text(self, place: int) -> str:
        return " ".join(self.about(place))


def dataset_thumbnails(folder: Path, header: "CacheHeader", bridge: Bridge, reader: Reader) -> Thumbnails:
    """Pictures of a dataset for a gallery, at their own size, which is never more than 512 pixels."""

    def read(key: str, _: int) -> QImage:
        return qimage_from_array(read_picture(folder, header.spec, int(key)))

    return Thumbnails(read, bridge, reader)
