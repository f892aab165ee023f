"""Labels and captions that come in files beside the pictures.

`name.txt` beside `name.png` is its caption. `metadata.jsonl` (an object a line) and `metadata.csv` (with a heading)
give `file_name`, relative to where they stand, with `label` and `caption` or `text`.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from genstudio.data.names import base, replaced_controls, shown
from genstudio.data.refusal import Refused, UnreadableError
from genstudio.data.tree import Entry

FILES = ("metadata.jsonl", "metadata.csv")
_MAX_BYTES = 64 * 2**20
_MAX_SIDECAR_BYTES = 64 * 2**10
_LONGEST_CAPTION = 2000
LONGEST_LABEL = 100


@dataclass(frozen=True)
class Words:
    """What is said about one picture; None where nothing is."""

    label: str | None = None
    caption: str | None = None


def tidy(text: str, longest: int) -> str:
    """One line of printable text in composed form, without runs of blanks, cut to a length."""
    return " ".join(unicodedata.normalize("NFC", replaced_controls(text, " ")).split())[:longest]


def read_sidecar(entry: Entry) -> str:
    """Return the caption in a text file; raises `UnreadableError`."""
    return tidy(_text(entry, _MAX_SIDECAR_BYTES), _LONGEST_CAPTION)


def read_metadata(entry: Entry) -> tuple[dict[str, Words], list[Refused]]:
    """Return what a metadata file says by the pictures' paths, and what in it could not be used."""
    try:
        rows = list(_rows(entry))
    except (UnreadableError, ValueError, RecursionError, csv.Error) as error:
        return {}, [Refused(entry.name, f"its labels and captions cannot be used ({shown(str(error))[:120]})")]
    folder = entry.name[: -len(base(entry.name))]
    words = {f"{folder}{shown(name)}": _words(row) for row in rows if isinstance(name := row.get("file_name"), str)}
    if words or not rows:
        return words, []
    return {}, [Refused(entry.name, "none of its rows names a file_name")]


def _rows(entry: Entry) -> Iterator[Mapping[str, object]]:
    text = _text(entry, _MAX_BYTES)
    if entry.name.lower().endswith(".csv"):
        yield from csv.DictReader(io.StringIO(text, newline=""))
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError(f"line {number} is not an object")
            yield row


def _words(row: Mapping[str, object]) -> Words:
    label, caption = row.get("label"), row.get("caption") or row.get("text")
    return Words(
        label=tidy(str(label), LONGEST_LABEL) or None if isinstance(label, str | int) else None,
        caption=tidy(caption, _LONGEST_CAPTION) or None if isinstance(caption, str) else None,
    )


def _text(entry: Entry, limit: int) -> str:
    return entry.read(limit).decode("utf-8-sig", "replace")
