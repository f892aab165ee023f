"""The faces listed in `fonts.toml`, each found on disk with the licence and notice it comes under."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont

from .debian import Package, copyright_notice, plain_words

_LIST = Path(__file__).with_name("fonts.toml")


class Listed(NamedTuple):
    """A package of `fonts.toml`: `proof` is a sentence its copyright file must contain."""

    package: str
    licence: str
    proof: str
    notice: str  # empty where the copyright file is machine-readable
    faces: tuple[str, ...]


class Face(NamedTuple):
    """One font file."""

    path: Path
    package: Package
    licence: str
    notice: str

    @property
    def key(self) -> str:
        """The name its pictures get: the file's own, without spaces."""
        return self.path.stem.replace(" ", "-")

    @property
    def name(self) -> str:
        """Family and style as the font itself says them."""
        family, style = ImageFont.truetype(self.path, 16).getname()
        return f"{family or self.key} {style or ''}".strip()


def read_list() -> list[Listed]:
    """The packages of `fonts.toml`, by name."""
    content = tomllib.loads(_LIST.read_text(encoding="utf-8"))
    notices = content["notices"]
    return sorted(
        Listed(package, group["name"], group["proof"], notices.get(package, ""), tuple(faces))
        for group in content["licence"]
        for package, faces in group["packages"].items()
    )


def find_faces(listed: list[Listed], packages: Mapping[str, Package]) -> list[Face]:
    """Every listed face, by key; exits when a licence or a notice is not what the list says."""
    faces = [face for entry in listed for face in _faces_of(entry, packages[entry.package])]
    keys = [face.key.casefold() for face in faces]
    if len(set(keys)) != len(keys):
        raise SystemExit("two faces would share a file name: " + ", ".join(sorted(keys)))
    return sorted(faces, key=lambda face: face.key)


def _faces_of(entry: Listed, package: Package) -> list[Face]:
    licence, notice = _terms(entry, package.copyright_text)
    return [Face(_font_file(package, stem), package, licence, notice) for stem in entry.faces]


def _font_file(package: Package, stem: str) -> Path:
    found = sorted(package.root.glob(f"usr/share/**/{stem}.[ot]tf"))
    if not found:
        raise SystemExit(f"{package.name} {package.version} has no font file {stem}.")
    return found[0]


def _terms(entry: Listed, copyright_text: str) -> tuple[str, str]:
    """Licence and notice of a package, both checked against its copyright file."""
    words = plain_words(copyright_text)
    notice = entry.notice or copyright_notice(copyright_text)
    if entry.proof not in words:
        raise SystemExit(f"{entry.package}: the copyright file does not speak of {entry.licence}.")
    if not notice or plain_words(entry.notice) not in words:
        raise SystemExit(f"{entry.package}: the copyright file does not contain its notice.")
    return entry.licence, notice
