"""The small pictures of a gallery: asked for when seen, kept while there is room."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from genstudio.ui.views.gallery_types import ThumbnailProvider
from genstudio.ui.views.image import fitted, scaled

ROOM = 256 * 2**20
EDGES = (64, 128, 256, 512, 1024)


@dataclass
class Thumb:
    """A small picture as it came, and as it was last shown."""

    edge: int
    source: QImage | None
    shown: QImage | None = None
    shown_box: tuple[int, bool] | None = None

    def whole(self) -> bool:
        """Tell whether a larger request would bring nothing more."""
        source = self.source
        return source is None or max(source.width(), source.height()) < self.edge

    def bytes(self) -> int:
        """Give the memory it takes."""
        images = (self.source, self.shown if self.shown is not self.source else None)
        return 256 + sum(image.sizeInBytes() for image in images if image is not None)


class ThumbnailCache(QObject):
    """Pictures by key; the longest unseen go first when they take more than ``room`` bytes."""

    arrived = Signal(str)

    def __init__(self, parent: QObject, room: int = ROOM) -> None:
        super().__init__(parent)
        self._provider: ThumbnailProvider | None = None
        self._room = room
        self._used = 0
        self._thumbs: OrderedDict[str, Thumb] = OrderedDict()
        self._asked: dict[str, int] = {}

    @property
    def used(self) -> int:
        """How many bytes the pictures take."""
        return self._used

    def set_provider(self, provider: ThumbnailProvider | None) -> None:
        """Ask this one from now on, and forget what another gave."""
        self.want_only(())
        self._provider = provider
        self._thumbs.clear()
        self._used = 0

    def picture(self, key: str, box: int, smooth: bool) -> QImage | None:
        """Give a picture to fill a square of ``box`` device pixels, or None as long as there is none.

        What is missing, or too small for the box, is asked for.
        """
        thumb = self._thumbs.get(key)
        edge = next((edge for edge in EDGES if edge >= box), EDGES[-1])
        if thumb is None or (thumb.edge < edge and not thumb.whole()):
            self._ask(key, edge)
        if thumb is None or thumb.source is None:
            return None
        self._thumbs.move_to_end(key)
        if thumb.shown_box != (box, smooth):
            self._fit(thumb, thumb.source, box, smooth)
        return thumb.shown

    def failed(self, key: str) -> bool:
        """Tell whether the provider could not make this picture."""
        thumb = self._thumbs.get(key)
        return thumb is not None and thumb.source is None

    def ask(self, key: str, box: int) -> None:
        """Ask for a picture that will be seen soon, if it is not here."""
        if key not in self._thumbs:
            self._ask(key, next((edge for edge in EDGES if edge >= box), EDGES[-1]))

    def want_only(self, keys: Collection[str]) -> None:
        """Drop every request for other pictures than these: they were scrolled away."""
        for key in [key for key in self._asked if key not in keys]:
            edge = self._asked.pop(key)
            if self._provider is not None:
                self._provider.forget(key, edge)

    def drop(self, key: str) -> None:
        """Forget a picture, because its file changed."""
        thumb = self._thumbs.pop(key, None)
        if thumb is not None:
            self._used -= thumb.bytes()

    def _ask(self, key: str, edge: int) -> None:
        if self._provider is None or self._asked.get(key, 0) >= edge:
            return
        self._asked[key] = edge
        self._provider.request(key, edge, self._take)

    def _take(self, key: str, edge: int, image: QImage | None) -> None:
        # A worker's answer may come after the gallery is gone.
        if not shiboken6.isValid(self):
            return
        if self._asked.get(key) == edge:
            del self._asked[key]
        self.drop(key)
        self._thumbs[key] = thumb = Thumb(edge, image)
        self._used += thumb.bytes()
        self._make_room()
        self.arrived.emit(key)

    def _fit(self, thumb: Thumb, source: QImage, box: int, smooth: bool) -> None:
        self._used -= thumb.bytes()
        thumb.shown = scaled(source, fitted(source.size(), QSize(box, box), smooth), smooth)
        thumb.shown_box = (box, smooth)
        self._used += thumb.bytes()
        self._make_room()

    def _make_room(self) -> None:
        while self._used > self._room and len(self._thumbs) > 1:
            _, oldest = self._thumbs.popitem(last=False)
            self._used -= oldest.bytes()
