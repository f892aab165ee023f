"""How pictures came about: a few frames of their drawing, kept while they are drawn or made again with the recipe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.errors import Cancelled
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image
from genstudio.jobs.generating import make_again
from genstudio.jobs.watching import Drawing, Told
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_FRAMES = 20
"""So many frames, evenly spread over the drawing, are enough to look through it."""

_FPS, _HOLD, _EDGE = 10, 12, 256  # of a GIF: how quick it is, how long it rests at its end, pixels of its longer side


@dataclass(frozen=True, eq=False)
class Film:
    """How one picture came about: frames uint8 (T, H, W, C), of which the last is the picture.

    at: how far the drawing was at each frame, as a share of 1.
    """

    frames: "NDArray[np.uint8]"
    at: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def bytes(self) -> int:
        """What it takes of memory."""
        return int(self.frames.nbytes)


class Filmer:
    """An `OnDrawing` that keeps a few frames of the chunk that is drawn; another chunk begins anew."""

    def __init__(self) -> None:
        self._drawings: list[Drawing] = []
        self._part = -1

    def __call__(self, drawing: Drawing) -> None:
        """Take in what is drawn so far: of each twentieth of the way the latest is kept."""
        if not self._goes_on(drawing):
            self._drawings, self._part = [], -1
        part = (MOST_FRAMES - 1) * drawing.done // max(drawing.total, 1)
        if self._drawings and part == self._part:
            self._drawings.pop()
        self._part = part
        self._drawings.append(drawing)

    @property
    def bytes(self) -> int:
        """What the frames take of memory."""
        return sum(one.pictures.nbytes for one in self._drawings)

    def film(self, index: int, picture: "NDArray[np.uint8]") -> Film | None:
        """How a picture (H, W, C), the one at `index` of the chunk, came about; None when it came in one go."""
        import numpy as np

        before = [one for one in self._drawings if one.done < one.total and one.pictures[index].shape == picture.shape]
        if not before:
            return None
        frames = np.stack([*(one.pictures[index] for one in before), picture])
        return Film(frames, (*(one.done / one.total for one in before), 1.0))

    def _goes_on(self, drawing: Drawing) -> bool:
        last = self._drawings[-1] if self._drawings else None
        same = last is not None and (last.total, last.pictures.shape) == (drawing.total, drawing.pictures.shape)
        return last is not None and same and drawing.done >= last.done


def film_again(ws: Workspace, recipe: Recipe, *, progress: Told, cancelled: Callable[[], bool]) -> Film | None:
    """Make a picture again and watch it come about; None when its model makes pictures in one go.

    For the device's thread. Raises like `make_again`, and `Cancelled`.
    """
    filmer = Filmer()

    def look(drawing: Drawing) -> None:
        if cancelled():
            raise Cancelled
        progress(drawing.done, drawing.total)
        filmer(drawing)

    picture = make_again(ws, recipe, on_drawing=look)
    return filmer.film(recipe.index % recipe.batch, picture)


def film_of(filmer: Filmer, index: int, file: Path) -> Film | None:
    """The film of a picture of a chunk; its file is the last frame. Raises `DataError` when that is gone."""
    return filmer.film(index, read_image(file))


def write_films(ws: Workspace, records: Sequence[SampleRecord], filmer: Filmer, folder: Path) -> list[Path]:
    """Write how the pictures of a chunk came about, under their ids; none for a model that makes them in one go."""
    written = []
    for index, record in enumerate(records):
        film = film_of(filmer, index, ws.project.path(record.file))
        if film is not None:
            written.append(folder / f"{record.id}.gif")
            write_film_of(written[-1], film)
    return written


def write_film_of(path: Path, film: Film) -> None:
    """Write a GIF at a size people can see, which rests for a moment at its end. Raises `DiskFullError`."""
    from genstudio.generation.video import write_film

    make_folder(path.parent)
    frames = list(film.frames)
    with sentences(path):
        write_film(path, [*frames, *frames[-1:] * _HOLD], fps=_FPS, edge=_EDGE)
