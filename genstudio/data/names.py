"""Names of files: their order, how they are shown, and which are safe to take from an archive."""

import re
import unicodedata

_DIGITS = re.compile(r"([0-9]+)")
_DRIVE = re.compile(r"[A-Za-z]:")
_CLUTTER = {"thumbs.db", "desktop.ini", "__macosx"}
_MOST = 1000
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts `9.png` before `10.png` and a folder's own files before those of its subfolders."""
    folders, _, last = name.rpartition("/")
    parts = [*(folders.split("/") if folders else []), "", last]
    return tuple(piece for part in parts for piece in _pieces(part))


def _pieces(part: str) -> list[tuple[int, int, str]]:
    pieces = [(0, 0, "")]
    for piece in _DIGITS.split(part.casefold()):
        if piece.isascii() and piece.isdigit():
            digits = piece.lstrip("0")
            pieces.append((1, len(digits), digits))
        elif piece:
            pieces.append((2, 0, piece))
    return pieces


def shown(name: str) -> str:
    """A name that can be shown and stored: undecodable bytes and control or direction characters become �."""
    return replaced_controls(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), "�")[:_MOST]


def replaced_controls(text: str, by: str) -> str:
    """Replace everything that is no visible sign; joiners stay, for emoji and many scripts are written with them."""
    if text.isprintable():
        return text
    return "".join(by if unicodedata.category(sign) in _INVISIBLE and sign not in _JOINERS else sign for sign in text)


def is_clutter(name: str) -> bool:
    """Whether a path is hidden, or one of the files that systems strew about."""
    return any(part.startswith(".") or part.lower() in _CLUTTER for part in name.split("/"))


def is_safe(name: str) -> bool:
    """Whether a path from an archive stays below where it stands."""
    parts = name.split("/")
    return bool(name) and not name.startswith("/") and ".." not in parts and not _DRIVE.match(name) and "\0" not in name


def stem(name: str) -> str:
    """A path without its last suffix: `a/b.c.png` gives `a/b.c`."""
    return name[: len(name) - len(suffix(name))]


def suffix(name: str) -> str:
    """The last suffix of a path in lower case, with its dot; empty when there is none."""
    before, dot, after = base(name).rpartition(".")
    return f".{after.lower()}" if before and dot and after else ""


def base(name: str) -> str:
    """The last part of a path."""
    return name.rpartition("/")[2]
