"""Which label a picture has, and whether labels count at all."""

import re
from collections.abc import Iterable, Sequence

from genstudio.data.metadata import LONGEST_LABEL, tidy
from genstudio.data.names import natural_key

_SPLITS = re.compile(r"train(ing)?|test(ing)?|val|valid(ation)?", re.IGNORECASE)


def folder_labels(names: Sequence[str]) -> list[str | None]:
    """Return a label for every path: the first folder that tells pictures apart.

    Folders that hold everything say nothing and are looked through, as is a level of train, test and validation.
    Deeper folders group pictures within a label.
    """
    folders = [name.split("/")[:-1] for name in names]
    while _same_first(folders):
        folders = [parts[1:] for parts in folders]
    if all(parts and _SPLITS.fullmatch(parts[0]) for parts in folders):
        folders = [parts[1:] for parts in folders]
    return [tidy(parts[0], LONGEST_LABEL) or None if parts else None for parts in folders]


def _same_first(folders: list[list[str]]) -> bool:
    return bool(folders) and all(folders) and len({parts[0] for parts in folders}) == 1


def classes_of(labels: Iterable[str | None]) -> tuple[str, ...]:
    """The different labels in natural order; empty unless every picture has one and there are at least two."""
    different = set(labels)
    if None in different or len(different) < 2:
        return ()
    return tuple(sorted((label for label in different if label), key=natural_key))


def note_on(labels: Sequence[str | None]) -> str | None:
    """The sentence that says why some labels were left out, if they were."""
    missing = sum(label is None for label in labels)
    if not missing or missing == len(labels):
        return None
    return f"Labels were left out: {missing:,} of {len(labels):,} pictures have none."
