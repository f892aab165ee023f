"""Pictures in files: whole, with their recipe, and read back without trust."""

import json
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from genstudio.core.errors import DataError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import (
    RECIPE_KEY,
    contact_sheet,
    read_image,
    read_recipe,
    write_gif,
    write_png,
    write_zip,
)

RECIPE = Recipe(
    family="vae", run="r1", run_name="Blätter <b>zart</b> 🍃", checkpoint="ab" * 32, images_seen=640, seed=2**32 - 1,
    index=3, count=8, batch=4, label="A", options={"temperature": 0.9}, version="0.1.0",
)  # fmt: skip


def picture(channels: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (5, 7, channels)).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_that_a_picture_and_its_recipe_come_back_as_they_were(tmp_path: Path, channels: int) -> None:
    image, path = picture(channels), tmp_path / "a.png"
    write_png(path, image, RECIPE)
    assert (read_image(path) == image).all()
    assert read_recipe(path) == RECIPE
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_that_a_picture_without_recipe_has_none(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", picture(3), None)
    assert read_recipe(tmp_path / "a.png") is None


def test_that_a_picture_of_anybodys_is_read_as_colours(tmp_path: Path) -> None:
    Image.fromarray(picture(3)).convert("P").save(tmp_path / "palette.png")
    assert read_image(tmp_path / "palette.png").shape == (5, 7, 4)


def with_text(path: Path, chunk: bytes, kind: bytes = b"iTXt") -> Path:
    """A PNG with one more chunk right behind its header."""
    write_png(path, picture(1), None)
    data = path.read_bytes()
    body = kind + chunk
    path.write_bytes(data[:33] + struct.pack(">I", len(chunk)) + body + struct.pack(">I", zlib.crc32(body)) + data[33:])
    return path


def itxt(text: bytes, key: bytes = RECIPE_KEY.encode()) -> bytes:
    return key + b"\0\0\0\0\0" + text


def recipe_with(**changes: object) -> bytes:
    return json.dumps({**RECIPE.model_dump(), **changes}).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"", b"not json", b"[]", b"null", b"{}", b"\xff\xfe", b"[" * 5000, b"{\"a\":" * 5000,
        recipe_with(extra_field=1), recipe_with(seed=-1), recipe_with(seed=2**40), recipe_with(batch=0),
        recipe_with(count="many"), recipe_with(options={"a": [1]}), recipe_with(options={"a": {"b": 1}}),
        b'{"seed": NaN}', recipe_with(run_name="x" * 400_001),
    ],
    ids=lambda text: text[:12].decode(errors="replace"),
)  # fmt: skip
def test_that_what_is_no_recipe_is_not_taken_for_one(tmp_path: Path, text: bytes) -> None:
    assert read_recipe(with_text(tmp_path / "a.png", itxt(text))) is None


def test_that_a_foreign_text_is_no_recipe(tmp_path: Path) -> None:
    assert read_recipe(with_text(tmp_path / "a.png", itxt(recipe_with(), key=b"Software"))) is None


def test_that_a_text_that_unpacks_to_gigabytes_is_refused_or_ignored(tmp_path: Path) -> None:
    bomb = RECIPE_KEY.encode() + b"\0\0" + zlib.compress(b" " * 50_000_000, 9)
    try:
        assert read_recipe(with_text(tmp_path / "a.png", bomb, b"zTXt")) is None
    except DataError as error:
        assert "a.png" in str(error)


@pytest.mark.parametrize("read", [read_image, read_recipe])
def test_that_files_that_are_no_whole_png_are_refused_with_a_sentence(tmp_path: Path, read: object) -> None:
    whole = tmp_path / "whole.png"
    write_png(whole, np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8), RECIPE)
    data = whole.read_bytes()
    broken = {
        "cut.png": data[: len(data) // 2],
        "empty.png": b"",
        "text.png": b"hello",
        "jpeg.png": b"\xff\xd8\xff\xe0",
    }
    broken["huge.png"] = data[:16] + struct.pack(">II", 60_000, 60_000) + data[24:]
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    assert callable(read)
    for name in [*broken, "missing.png"]:
        with pytest.raises(DataError, match=name):
            read(tmp_path / name)


def test_that_a_contact_sheet_shows_every_picture_in_its_place() -> None:
    images = [np.full((4, 6, 3), 10 * number, np.uint8) for number in range(7)]
    sheet = contact_sheet(images, columns=3, gap=2)
    assert sheet.shape == (3 * 6 + 2, 3 * 8 + 2, 3)
    for number in range(7):
        row, column = divmod(number, 3)
        assert (sheet[2 + row * 6 : 6 + row * 6, 2 + column * 8 : 8 + column * 8] == 10 * number).all()
    assert (sheet[:2] == 255).all()
    assert (contact_sheet([picture(4)], gap=1)[0, 0] == 0).all()
    assert contact_sheet(images, gap=0).shape == (3 * 4, 3 * 6, 3)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_that_a_gif_runs_through_all_frames_for_ever(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "walk.gif"
    write_gif(path, [picture(channels, seed) for seed in range(5)], 40)
    with Image.open(path) as gif:
        assert (gif.n_frames, gif.info["duration"], gif.info["loop"]) == (5, 40, 0)  # type: ignore[attr-defined]


def test_that_a_zip_holds_every_file_even_where_names_are_equal(tmp_path: Path) -> None:
    files = []
    for folder in "ab":
        (tmp_path / folder).mkdir()
        files.append(tmp_path / folder / "same.png")
        write_png(files[-1], picture(1, ord(folder)), None)
    write_zip(tmp_path / "all.zip", files)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["same.png", "same-2.png"]
        assert [archive.read(name) for name in archive.namelist()] == [file.read_bytes() for file in files]
