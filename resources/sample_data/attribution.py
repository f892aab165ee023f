"""What the sample data owes its sources: FONTS.md and the copyright files as they were found."""

import io
import lzma
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from .debian import Package
from .fonts import Face

_HEAD = """# Fonts of the glyph set

Written by `make_sample_data.py`. {faces} faces from {packages} packages of Debian. The copyright
file of each package, with its licence in full, is in `licences/fonts.tar.xz`.

| Picture | Font | Package | Licence | Rights |
| --- | --- | --- | --- | --- |
"""


def write_font_table(faces: Sequence[Face], path: Path) -> None:
    """One line a face: its pictures' name, the font, the package and version, licence, notice."""
    rows = [
        (face.key, face.name, f"{face.package.name} {face.package.version}", face.licence, face.notice)
        for face in faces
    ]
    lines = ["| " + " | ".join(_cell(text) for text in row) + " |\n" for row in rows]
    head = _HEAD.format(faces=len(faces), packages=len({face.package for face in faces}))
    path.write_text(head + "".join(lines), encoding="utf-8", newline="\n")


def write_copyright_archive(packages: Iterable[Package], path: Path) -> None:
    """A .tar.xz with the copyright file of every package, sorted, without times and owners."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for package in sorted(set(packages)):
            data = package.copyright_text.encode()
            entry = tarfile.TarInfo(f"{package.name}.txt")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    path.write_bytes(lzma.compress(buffer.getvalue(), preset=9))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
