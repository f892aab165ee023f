"""An English word list from SCOWL: common words in plain lower-case letters, one a line.

Sizes 10 to 40 of SCOWL are what most dictionaries share; beyond them words become rare and are
more often surprising than useful. Words that SCOWL marks as offensive or profane are left out, and
the slurs it does not mark, which `words_left_out.txt` names.
"""

import re
import tarfile
from pathlib import Path

ARCHIVE = "http://deb.debian.org/debian/pool/main/s/scowl/scowl_2020.12.07.orig.tar.gz"
ARCHIVE_SHA256 = "5587667caa20c4891390c2d42dbb4d5c4c3f41bee77af1457ece3ba23fb859cc"

_ROOT = "scowl-2020.12.07"
_SIZES = (10, 20, 35, 40)
_MARKED = ("offensive.1", "offensive.2", "profane.1", "profane.3")
_LEFT_OUT = Path(__file__).with_name("words_left_out.txt")
_SHORT = {"a", "i"}  # single letters that are words; SCOWL lists all of the alphabet
_WORD = re.compile(r"[a-z]+")


def write_words(archive: Path, path: Path) -> None:
    """Write the chosen words of SCOWL's source archive in alphabetical order."""
    with tarfile.open(archive) as scowl:
        words = {
            word
            for spelling in ("english", "american")
            for size in _SIZES
            for word in _lines(scowl, f"final/{spelling}-words.{size}")
        }
        marked = {word for name in _MARKED for word in _lines(scowl, f"misc/{name}")}
    marked.update(_LEFT_OUT.read_text(encoding="utf-8").split())
    chosen = sorted(word for word in words - marked if _is_plain(word))
    path.write_text("".join(f"{word}\n" for word in chosen), encoding="utf-8", newline="\n")


def read_licence(archive: Path) -> str:
    """SCOWL's own copyright notice, which has to go with the words."""
    with tarfile.open(archive) as scowl:
        return "\n".join(_lines(scowl, "Copyright")) + "\n"


def _lines(scowl: tarfile.TarFile, name: str) -> list[str]:
    member = scowl.extractfile(f"{_ROOT}/{name}")
    if member is None:
        raise SystemExit(f"SCOWL's archive has no {name}.")
    return member.read().decode("latin-1").splitlines()


def _is_plain(word: str) -> bool:
    return bool(_WORD.fullmatch(word)) and (len(word) > 1 or word in _SHORT)
