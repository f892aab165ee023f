"""What is kept of drawings, so that one can be looked through again at once. No Qt."""

from collections.abc import Sequence
from pathlib import Path

from genstudio.jobs.filming import Filmer
from genstudio.jobs.watching import Drawing

MOST_BYTES = 64 << 20
"""Frames of the latest chunks are kept up to so much memory; older pictures can be made again."""


class FilmShelf:
    """The frames of the chunk that is drawn and of the latest ones before it, found by the pictures' files."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._drawn = Filmer()
        self._chunks: list[tuple[Filmer, list[Path]]] = []

    def forget(self) -> None:
        """Keep nothing."""
        self._drawn, self._chunks = Filmer(), []

    def see(self, drawing: Drawing) -> None:
        """Take in what is drawn so far of the chunk in hand."""
        self._drawn(drawing)

    def finish(self, files: Sequence[Path]) -> None:
        """The chunk in hand is done, and these are its pictures, in order. Let go of what is too much, oldest first."""
        done, self._drawn = self._drawn, Filmer()
        if done.bytes:
            self._chunks.append((done, list(files)))
        while self._chunks and sum(filmer.bytes for filmer, _ in self._chunks) > self._most_bytes:
            self._chunks.pop(0)

    def find(self, file: Path) -> tuple[Filmer, int] | None:
        """The frames of a picture's chunk and its place in it, while they are kept."""
        found = ((filmer, files.index(file)) for filmer, files in self._chunks if file in files)
        return next(found, None)
