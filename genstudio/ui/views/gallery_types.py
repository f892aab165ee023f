"""What a gallery asks of those who have the pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QImage

Deliver = Callable[[str, int, QImage | None], None]


class GalleryModel(Protocol):
    """An ordered list of pictures. Every answer must come at once: no file is opened here."""

    def count(self) -> int:
        """Give how many pictures there are."""

    def key(self, index: int) -> str:
        """Give what names a picture for good."""

    def star(self, index: int) -> bool:
        """Tell whether a picture is starred."""

    def caption(self, index: int) -> str:
        """Give one line about a picture; it is shown as plain text."""

    def path(self, index: int) -> Path | None:
        """Give the picture's file, for dragging it out of the window, or None."""


class ThumbnailProvider(Protocol):
    """Makes small pictures, away from the window's thread."""

    def request(self, key: str, edge: int, deliver: Deliver) -> None:
        """Start to make a picture whose longer side is at most ``edge`` device pixels; return at once.

        A picture that is smaller than ``edge`` is given as it is, never enlarged. ``deliver``
        is called later, in the window's thread, with ``key``, ``edge`` and the image (Format_RGB32
        or Format_ARGB32_Premultiplied), or with None when it cannot be made.
        """

    def forget(self, key: str, edge: int) -> None:
        """Drop a request that is no longer needed, if it has not begun."""
