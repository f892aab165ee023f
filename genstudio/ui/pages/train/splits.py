"""Splitters that stand where a person left them."""

from PySide6.QtWidgets import QSplitter

from genstudio.ui.settings import Settings


def remember_split(split: QSplitter, settings: Settings, name: str) -> None:
    """Put a splitter where it was left, and remember where it is left from now on."""
    sizes = settings.get(name, list[int]())
    if len(sizes) == split.count() and all(isinstance(size, int) and size >= 0 for size in sizes):
        split.setSizes(sizes)
    split.splitterMoved.connect(lambda: settings.set(name, split.sizes()))
