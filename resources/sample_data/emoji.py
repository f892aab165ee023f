"""Emoji as 64 × 64 RGBA pictures, with their Unicode group as label and name as caption.

The font holds bitmaps of 136 × 128 pixels. All of them lie in the square of 128 in its middle,
which halves exactly to the masters' size. Averaging is done with premultiplied alpha, so that the
colour of transparent pixels cannot leave a dark fringe along the edges.

Left out are sets of pictures that differ by a detail nobody sees at these sizes, and of which a
model would mostly learn the shared part: skin tones (1,785), the flags of countries and regions
(261, all one waving rectangle), all but two of the 24 clock faces, and the 25 families listed
member by member (the plain "family" stays).
"""

import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont, features

from .debian import Package
from .images import write_dataset_zip

PACKAGE = "fonts-noto-color-emoji"
TABLE_PACKAGE = "unicode-data"
SIZE = 64  # pixels a side

_FONT = "usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
_TABLE = "usr/share/unicode/emoji/emoji-test.txt"
_STRIKE = 109  # the one size, in pixels, at which the font has bitmaps
_CANVAS = (136, 128)
_SQUARE = (4, 0, 132, 128)  # left, top, right, bottom of what emoji use of the canvas
# A line such as "2764 FE0F ; fully-qualified # ❤️ E0.6 red heart".
_LINE = re.compile(r"(?P<points>[0-9A-F ]+?) *; fully-qualified *# \S+ E[\d.]+ (?P<name>.+)")
_SKIN_TONES = {f"{point:X}" for point in range(0x1F3FB, 0x1F400)}
_CLOCK_FACES = {f"{point:X}" for point in range(0x1F550, 0x1F568)}
_CLOCK_FACES_KEPT = {"1F552", "1F565"}  # three o'clock, ten-thirty
_SPELT = {"#": "number-sign", "*": "asterisk", "&": "and", "’": ""}


class Emoji(NamedTuple):
    """One line of Unicode's table."""

    group: str
    subgroup: str
    points: tuple[str, ...]  # hexadecimal
    name: str

    @property
    def text(self) -> str:
        """The emoji itself."""
        return "".join(chr(int(point, 16)) for point in self.points)

    @property
    def file_name(self) -> str:
        """Where its picture goes: a folder named by group, a file named in plain letters."""
        spelt = "".join(_SPELT.get(letter, letter) for letter in self.name.lower())
        plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
        return f"{self.group}/{'-'.join(re.findall('[a-z0-9]+', plain))}.webp"


def write_emoji(font: Package, table: Package, path: Path) -> None:
    """Draw every chosen emoji of Unicode's table into a zip of folders named by group."""
    if not features.check("raqm"):
        raise SystemExit("Pillow finds no libraqm and libfribidi, which join emoji sequences.")
    chosen = [emoji for emoji in read_table(table.root / _TABLE) if _is_chosen(emoji)]
    face = ImageFont.truetype(font.root / _FONT, _STRIKE, layout_engine=ImageFont.Layout.RAQM)
    images = {emoji.file_name: _webp(_draw(emoji, face)) for emoji in chosen}
    if len(images) != len(chosen):
        raise SystemExit("two emoji would share a file name.")
    write_dataset_zip(path, images, [_record(emoji) for emoji in chosen])


def read_table(path: Path) -> Iterator[Emoji]:
    """The fully-qualified emoji of Unicode's emoji-test.txt (UTS #51) in its order."""
    group = subgroup = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# group: "):
            group = line.removeprefix("# group: ")
        elif line.startswith("# subgroup: "):
            subgroup = line.removeprefix("# subgroup: ")
        elif match := _LINE.match(line):
            yield Emoji(group, subgroup, tuple(match["points"].split()), match["name"])


def _is_chosen(emoji: Emoji) -> bool:
    return not (
        _SKIN_TONES.intersection(emoji.points)
        or emoji.subgroup in ("country-flag", "subdivision-flag")
        or (emoji.points[0] in _CLOCK_FACES - _CLOCK_FACES_KEPT)
        or emoji.name.startswith("family: ")
    )


def _draw(emoji: Emoji, face: ImageFont.FreeTypeFont) -> Image.Image:
    if face.getbbox(emoji.text) != (0, 0, *_CANVAS):
        raise SystemExit(f"The font has no single picture for {emoji.name}.")
    canvas = Image.new("RGBA", _CANVAS)
    ImageDraw.Draw(canvas).text((0, 0), emoji.text, font=face, embedded_color=True)
    # Drawn on nothing, a pixel's colour comes out multiplied by its alpha: Pillow's mode RGBa.
    drawn = Image.frombytes("RGBa", _CANVAS, canvas.tobytes())
    return drawn.crop(_SQUARE).reduce(_SQUARE[3] // SIZE).convert("RGBA")


def _webp(image: Image.Image) -> bytes:
    """Lossless: two thirds of the size of PNG, and without the banding of a palette.

    Exact, since the encoder would otherwise put colours of its own under transparent pixels.
    """
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=True, exact=True, quality=80, method=6)
    return buffer.getvalue()


def _record(emoji: Emoji) -> dict[str, str]:
    return {
        "file_name": emoji.file_name,
        "label": emoji.group,
        "caption": emoji.name,
        "codepoints": " ".join(f"U+{point}" for point in emoji.points),
    }
