"""Debian packages as the origin of the sample data: fetched, unpacked beside each other, cited.

Nothing is installed: `apt-get download` needs no root and leaves the machine's own fonts alone.
"""

import hashlib
import re
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# Lines of a copyright file that only space out paragraphs, and the `%` of those quoted from TeX.
_MARGIN = re.compile(r"(?m)^[\s%]*(\.\s*$)?")
_ADDRESS = re.compile(r"\s*(<[^<>]*>|\([^()]*@[^()]*\)|\S+@\S+)")


class Package(NamedTuple):
    """An unpacked Debian package."""

    name: str
    version: str
    root: Path

    @property
    def copyright_text(self) -> str:
        """The package's copyright file as Debian ships it."""
        path = self.root / "usr/share/doc" / self.name / "copyright"
        return path.read_text(encoding="utf-8", errors="replace")


def fetch_packages(names: Sequence[str], cache: Path) -> dict[str, Package]:
    """Download what `cache` lacks with apt and unpack it; returns the packages by name."""
    debs = cache / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    missing = [name for name in names if not list(debs.glob(f"{name}_*.deb"))]
    if missing:
        subprocess.run(["apt-get", "download", "-q", *missing], cwd=debs, check=True)
    return {name: _unpack(name, debs, cache / "packages") for name in names}


def _unpack(name: str, debs: Path, target: Path) -> Package:
    (deb,) = debs.glob(f"{name}_*.deb")
    root = target / deb.stem
    if not root.exists():
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], check=True)
    return Package(name, _version(deb), root)


def _version(deb: Path) -> str:
    command = ["dpkg-deb", "-f", str(deb), "Version"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def fetch_file(url: str, sha256: str, cache: Path) -> Path:
    """Download one file of Debian's archive into `cache`; exits when its digest is another one."""
    path = cache / url.rpartition("/")[2]
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(url, timeout=60) as answer:
            path.write_bytes(answer.read())
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise SystemExit(f"{path} is not the file this script was written for; delete it, run again.")
    return path


def plain_words(text: str) -> str:
    """The text of a copyright file in lower case with single spaces, for finding a sentence in it."""
    return " ".join(_MARGIN.sub("", text).lower().split())


def copyright_notice(text: str) -> str:
    """Who holds the rights, from a machine-readable copyright file; empty when it is not one.

    The stanza of `Files: *` (or the first one with a font's ending) speaks for the fonts; what
    follows it is the Debian packaging's own. Electronic addresses are left out.
    """
    for stanza in re.split(r"\n\s*\n", text):
        files = _field(stanza, "Files")
        if files == "*" or re.search(r"\.(ttf|otf)\b", files):
            return " ".join(_ADDRESS.sub("", _field(stanza, "Copyright")).split())
    return ""


def _field(stanza: str, name: str) -> str:
    match = re.search(rf"(?m)^{name}:[ \t]*(.*(?:\n[ \t]+.*)*)", stanza)
    return match[1].strip() if match else ""
