"""The built-in data as shipped: complete, decodable, licensed, small."""

import io
import json
import re
import string
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resources.sample_data.debian import copyright_notice, plain_words
from resources.sample_data.fonts import read_list
from resources.sample_data.images import grey16_png, write_dataset_zip

FOLDER = Path(__file__).parents[2] / "resources" / "sample_data"
GROUPS = {
    "Smileys & Emotion",
    "People & Body",
    "Animals & Nature",
    "Food & Drink",
    "Travel & Places",
    "Activities",
    "Objects",
    "Symbols",
    "Flags",
}


def records_of(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]


def images_of(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name != "metadata.jsonl"]


def test_that_glyphs_are_36_classes_of_equally_many_fonts_and_at_least_100() -> None:
    with zipfile.ZipFile(FOLDER / "glyphs.zip") as archive:
        counts = Counter(name.partition("/")[0] for name in images_of(archive))
    assert set(counts) == set(string.ascii_uppercase + string.digits)
    assert len(set(counts.values())) == 1
    assert min(counts.values()) >= 100


@pytest.mark.parametrize(("file", "kind", "mode"), [("glyphs.zip", "PNG", "L"), ("emoji.zip", "WEBP", "RGBA")])
def test_that_every_picture_decodes_to_64_pixels_a_side(file: str, kind: str, mode: str) -> None:
    with zipfile.ZipFile(FOLDER / file) as archive:
        for name in images_of(archive):
            with Image.open(io.BytesIO(archive.read(name)), formats=[kind]) as image:
                assert (image.size, image.mode) == ((64, 64), mode), name
                low, high = image.getchannel(mode[-1]).getextrema()
                assert low != high, f"{name} is blank"


@pytest.mark.parametrize("file", ["glyphs.zip", "emoji.zip"])
def test_that_metadata_matches_the_pictures_one_to_one(file: str) -> None:
    with zipfile.ZipFile(FOLDER / file) as archive:
        records = records_of(archive)
        assert [record["file_name"] for record in records] == images_of(archive)
    for record in records:
        assert record["label"] == record["file_name"].partition("/")[0]


def test_that_every_emoji_has_a_group_a_caption_of_its_own_and_codepoints() -> None:
    with zipfile.ZipFile(FOLDER / "emoji.zip") as archive:
        records = records_of(archive)
    assert {record["label"] for record in records} == GROUPS
    assert all(record["caption"].strip() for record in records)
    assert len({record["caption"] for record in records}) == len(records)
    assert "red heart" in {record["caption"] for record in records}
    assert all(re.fullmatch(r"U\+[0-9A-F]+( U\+[0-9A-F]+)*", r["codepoints"]) for r in records)


def test_that_transparent_emoji_pixels_carry_no_colour() -> None:
    with zipfile.ZipFile(FOLDER / "emoji.zip") as archive:
        for name in images_of(archive)[::20]:
            pixels = np.asarray(Image.open(io.BytesIO(archive.read(name))))
            assert not pixels[pixels[..., 3] == 0].any(), name


def test_that_every_font_is_named_with_its_licence() -> None:
    licences = {entry.licence for entry in read_list()}
    listed = {face.replace(" ", "-") for entry in read_list() for face in entry.faces}
    with zipfile.ZipFile(FOLDER / "glyphs.zip") as archive:
        records = records_of(archive)
    assert {Path(record["file_name"]).stem for record in records} == listed
    assert {record["licence"] for record in records} == licences
    assert all(record["font"].strip() for record in records)

    rows = (FOLDER / "FONTS.md").read_text(encoding="utf-8").splitlines()
    cells = [row.strip("| ").split(" | ") for row in rows if row.startswith("| ")][2:]
    assert {row[0] for row in cells} == listed
    assert all(len(row) == 5 and row[3] in licences and row[4] for row in cells)


def test_that_copyright_files_are_shipped() -> None:
    names = {path.name for path in (FOLDER / "licences").iterdir()}
    expected = ("fonts.tar.xz", "fonts-noto-color-emoji.txt", "unicode-data.txt", "scowl.txt")
    assert names == set(expected)


def test_that_words_are_plain_sorted_and_decent() -> None:
    words = (FOLDER / "words.txt").read_text(encoding="ascii").splitlines()
    assert len(words) >= 20_000
    assert words == sorted(set(words))
    assert all(re.fullmatch("[a-z]+", word) for word in words)
    left_out = (FOLDER / "words_left_out.txt").read_text(encoding="ascii").split()
    assert not set(left_out) & set(words)


def test_that_all_of_it_stays_under_15_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 15_000_000


def test_that_the_readme_counts_what_is_there() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    words = (FOLDER / "words.txt").read_text(encoding="ascii").splitlines()
    with (
        zipfile.ZipFile(FOLDER / "glyphs.zip") as glyphs,
        zipfile.ZipFile(FOLDER / "emoji.zip") as emoji,
    ):
        counts = (len(images_of(glyphs)), len(images_of(emoji)), len(words))
        fonts = len({record["font"] + record["file_name"][2:] for record in records_of(glyphs)})
    assert all(f"{count:,} " in text for count in counts)
    assert f"from {fonts} fonts" in text


def test_that_a_16_level_png_decodes_to_seventeen_times_its_levels() -> None:
    levels = (np.arange(64, dtype=np.uint8) % 16).reshape(4, 16)
    with Image.open(io.BytesIO(grey16_png(levels))) as image:
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), levels * 17)


def test_that_an_archive_does_not_depend_on_order_or_time(tmp_path: Path) -> None:
    names = ["b/2.png", "a/1.png"]
    records = [{"file_name": name, "label": name[0]} for name in names]
    write_dataset_zip(tmp_path / "one.zip", dict.fromkeys(names, b"x"), records)
    write_dataset_zip(tmp_path / "two.zip", dict.fromkeys(sorted(names), b"x"), records[::-1])
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_that_the_notice_is_the_fonts_own_and_not_the_packagers() -> None:
    text = (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
        "Files: debian/*\nCopyright: 2020 A Packager\nLicense: GPL-2+\n\n"
        "Files: *\nCopyright: 2010 First Author <first@example.org>\n           2011 Second\n"
        "License: OFL-1.1\n .\n Some words.\n"
    )
    assert copyright_notice(text) == "2010 First Author 2011 Second"
    assert "ofl-1.1 some words." in plain_words(text)
