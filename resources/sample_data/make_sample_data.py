"""Make GenStudio's built-in data: glyphs.zip, emoji.zip, words.txt, and who they are from.

Run from the top of the repository, on Debian 12 or a system with its archive and apt:

    python -m resources.sample_data.make_sample_data

Needs a network for the first run (about 190 MB, kept in the cache) and nothing beyond GenStudio's
own dependencies, apt, and libfribidi. The same packages and the same Pillow give the same bytes.
"""

import argparse
import tempfile
from pathlib import Path

from . import emoji, words
from .attribution import write_copyright_archive, write_font_table
from .debian import fetch_file, fetch_packages
from .fonts import find_faces, read_list
from .glyphs import write_glyphs

_HERE = Path(__file__).parent
_CACHE = Path(tempfile.gettempdir()) / "genstudio-sample-data"


def main() -> None:
    """Parse the arguments and make everything."""
    parser = argparse.ArgumentParser(description="Make GenStudio's built-in data.")
    parser.add_argument("--out", type=Path, default=_HERE, help="folder to write to")
    parser.add_argument("--cache", type=Path, default=_CACHE, help="folder for downloads")
    arguments = parser.parse_args()
    (arguments.out / "licences").mkdir(parents=True, exist_ok=True)
    make_glyphs(arguments.out, arguments.cache)
    make_emoji(arguments.out, arguments.cache)
    make_words(arguments.out, arguments.cache)


def make_glyphs(out: Path, cache: Path) -> None:
    """Write glyphs.zip, FONTS.md and the fonts' copyright files."""
    listed = read_list()
    packages = fetch_packages([entry.package for entry in listed], cache)
    faces = find_faces(listed, packages)
    write_glyphs(faces, out / "glyphs.zip")
    write_font_table(faces, out / "FONTS.md")
    write_copyright_archive(packages.values(), out / "licences" / "fonts.tar.xz")
    print(f"glyphs.zip: {len(faces)} fonts")


def make_emoji(out: Path, cache: Path) -> None:
    """Write emoji.zip and the copyright files of the font and of Unicode's names."""
    packages = fetch_packages([emoji.PACKAGE, emoji.TABLE_PACKAGE], cache)
    emoji.write_emoji(packages[emoji.PACKAGE], packages[emoji.TABLE_PACKAGE], out / "emoji.zip")
    for name, package in packages.items():
        licence = out / "licences" / f"{name}.txt"
        licence.write_text(package.copyright_text, encoding="utf-8", newline="\n")
    print("emoji.zip")


def make_words(out: Path, cache: Path) -> None:
    """Write words.txt and SCOWL's copyright notice."""
    archive = fetch_file(words.ARCHIVE, words.ARCHIVE_SHA256, cache)
    words.write_words(archive, out / "words.txt")
    licence = out / "licences" / "scowl.txt"
    licence.write_text(words.read_licence(archive), encoding="utf-8", newline="\n")
    print("words.txt")


if __name__ == "__main__":
    main()
