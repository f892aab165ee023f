"""Generated pictures as a gallery shows them. No Qt; belongs to the window's thread."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from genstudio.core import words
from genstudio.core.errors import ProjectError
from genstudio.core.recipe import Recipe
from genstudio.jobs.prompting import PROMPT
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    from genstudio.store.project import Project

_SAID = 80  # characters of a prompt in one line about a picture
_NUMBERED = re.compile(r"-(\d+)-[0-9a-f]+$")


class SampleList:
    """Pictures in order: the latest batch first, each batch from its beginning. A `GalleryModel`.

    It is made in a worker and belongs to the window's thread from then on; only `file` may be asked from elsewhere.
    """

    def __init__(self, project: "Project", records: Iterable[SampleRecord] = ()) -> None:
        self._project = project
        self._keys: list[str] = []
        self._records: dict[str, SampleRecord] = {}
        self.insert(0, list(records))

    def insert(self, at: int, records: Sequence[SampleRecord]) -> None:
        """Put pictures in at a place."""
        self._keys[at:at] = [record.id for record in records]
        self._records.update((record.id, record) for record in records)

    def remove(self, keys: Iterable[str]) -> list[tuple[int, int]]:
        """Take pictures out; returns what went as (first, count), the last stretch first."""
        going = set(keys)
        places = [place for place, key in enumerate(self._keys) if key in going]
        self._keys = [key for key in self._keys if key not in going]
        stretches: list[tuple[int, int]] = []
        for place in reversed(places):
            if stretches and stretches[-1][0] == place + 1:
                stretches[-1] = (place, stretches[-1][1] + 1)
            else:
                stretches.append((place, 1))
        return stretches

    def put_first(self, keys: Sequence[str]) -> None:
        """Put these pictures first, in this order; those that are not here any more are passed over."""
        here = set(self._keys)
        first = [key for key in keys if key in here]
        known = set(first)
        self._keys = first + [key for key in self._keys if key not in known]

    def set_star(self, keys: Iterable[str], starred: bool) -> None:
        """Star pictures, or no longer."""
        for key in keys:
            self._records[key] = replace(self._records[key], starred=starred)

    def record(self, key: str) -> SampleRecord | None:
        """The picture of this id."""
        return self._records.get(key)

    def records(self, keys: Iterable[str]) -> list[SampleRecord]:
        """The pictures of these ids."""
        return [self._records[key] for key in keys if key in self._records]

    def keys(self) -> Sequence[str]:
        """The ids of all pictures, in order."""
        return tuple(self._keys)

    def file(self, key: str) -> Path:
        """The file of a picture, checked to lie in the project. Raises `ProjectError`."""
        return self._project.path(self._records[key].file)

    def count(self) -> int:
        """How many pictures there are."""
        return len(self._keys)

    def key(self, index: int) -> str:
        """A picture's id."""
        return self._keys[index]

    def star(self, index: int) -> bool:
        """Whether a picture is starred."""
        return self._records[self._keys[index]].starred

    def caption(self, index: int) -> str:
        """One line about a picture."""
        return caption_of(self._records[self._keys[index]])

    def path(self, index: int) -> Path | None:
        """A picture's file, or None when its record names one that is not safe."""
        try:
            return self.file(self._keys[index])
        except ProjectError:
            return None


def read_samples(project: "Project", run: str | None, starred: bool) -> SampleList:
    """Read the pictures of one run (by id) or of all. For workers."""
    return SampleList(project, in_batches(project.samples(run, starred)))


def in_batches(records: Sequence[SampleRecord]) -> list[SampleRecord]:
    """Turn the project's order (the newest picture first) into: the newest batch first, each from its beginning.

    Pictures of a batch follow one another and bear falling numbers in their ids.
    """
    ordered: list[SampleRecord] = []
    batch: list[SampleRecord] = []
    for record in records:
        if batch and (record.run != batch[-1].run or _number(record) >= _number(batch[-1])):
            ordered += reversed(batch)
            batch = []
        batch.append(record)
    return ordered + batch[::-1]


def _number(record: SampleRecord) -> int:
    found = _NUMBERED.search(record.id)
    return int(found[1]) if found else 0


def recipe_of(record: SampleRecord) -> Recipe | None:
    """How a picture was made, or None when what is written about it cannot be read."""
    try:
        return Recipe.model_validate_json(record.recipe)
    except ValidationError:
        return None


def caption_of(record: SampleRecord) -> str:
    """Say in a line what a picture is."""
    recipe = recipe_of(record)
    if recipe is None:
        return Path(record.file).name
    parts = [recipe.run_name, f"seed {recipe.seed}", f"picture {recipe.index + 1} of {recipe.count}"]
    if recipe.label is not None:
        parts.insert(1, recipe.label)
    said = recipe.extra.get(PROMPT)
    if isinstance(said, str):
        parts.insert(0, f"“{said[:_SAID]}”")
    return " · ".join([*parts, f"{words.count(recipe.images_seen)} images"])
