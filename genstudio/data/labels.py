"""Which label a picture has, and whether labels count at all."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from genstudio.data.metadata import LONGEST_LABEL, tidy
from genstudio.data.names import natural_key

_SPLITS = re.compile(r"train(ing)?|test(ing)?|val|valid(ation)?", re.IGNORECASE)
_NONE = re.compile(r"_?(unlabell?ed|no[ _-]?labels?)", re.IGNORECASE)

UNKNOWN = -1
"""The number that stands for the label of a picture that has none, where others have."""


def folder_labels(names: Sequence[str]) -> list[str | None]:
    """Return a label for every path: the first folder that tells pictures apart.

    Folders that hold everything say nothing and are looked through, as is a level of train, test and validation.
    Deeper folders group pictures within a label. A folder called “unlabelled” is no label.
    """
    folders = [name.split("/")[:-1] for name in names]
    while _same_first(folders):
        folders = [parts[1:] for parts in folders]
    if all(parts and _SPLITS.fullmatch(parts[0]) for parts in folders):
        folders = [parts[1:] for parts in folders]
    return [_label(parts[0]) if parts else None for parts in folders]


def _label(folder: str) -> str | None:
    return None if _NONE.fullmatch(folder) else tidy(folder, LONGEST_LABEL) or None


def _same_first(folders: list[list[str]]) -> bool:
    return bool(folders) and all(folders) and len({parts[0] for parts in folders}) == 1


def classes_of(labels: Iterable[str | None]) -> tuple[str, ...]:
    """The different labels in natural order; empty unless there are at least two. Pictures may have none."""
    different = {label for label in labels if label}
    return tuple(sorted(different, key=natural_key)) if len(different) > 1 else ()


def numbers_of(labels: Sequence[str | None], classes: Sequence[str]) -> tuple[int, ...] | None:
    """Each picture's position in `classes`, or UNKNOWN where it has no label; None where there are no classes."""
    positions = {label: number for number, label in enumerate(classes)}
    return tuple(positions[label] if label else UNKNOWN for label in labels) if classes else None


def per_label(numbers: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """How many pictures have each label, (classes,); those without one are not counted."""
    return np.bincount(numbers[numbers != UNKNOWN], minlength=classes)


def note_on(labels: Sequence[str | None]) -> str | None:
    """The sentence that says what becomes of labels that only some pictures have, or of a single one."""
    missing = sum(label is None for label in labels)
    if not missing or missing == len(labels):
        return None
    some = f"{missing:,} of {len(labels):,} pictures have no label"
    if not classes_of(labels):
        return f"Labels were left out: {some}, and the others all have the same."
    return f"{some}. Families that learn from partly labelled pictures use the labels there are; others use none."
