"""What a source is said to hold before it is imported, and what is suggested for it."""

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genstudio.core.errors import DataError
from genstudio.data.builtin import builtin_datasets, builtin_sources
from genstudio.data.importing import ImportOptions, preview_source, suggest_options
from tests.unit.data.image_files import Content, encoded, noise, photos, picture, write

SMALL = ImportOptions(width=16, height=16)


def test_that_a_preview_shows_what_would_become_of_a_few_pictures(tmp_path: Path) -> None:
    files: Content = {f"{name}/{index}.png": encoded(picture(200, 400, index)) for name in "ab" for index in range(5)}
    files |= {"a/0.txt": "<b>one</b>", "b/x.png": b"", "b/y.svg": b"<svg/>"}
    preview = preview_source(write(tmp_path, files), SMALL, count=4)
    assert preview.total == 11
    assert preview.names == ["a/0.png", "a/3.png", "b/1.png"]
    assert [image.shape for image in preview.images] == [(16, 16, 3)] * 3
    assert [image.shape for image in preview.originals] == [(80, 160, 3)] * 3
    assert preview.labels == {"a": 5, "b": 6}
    assert preview.captioned == 1
    assert {refused.file for refused in preview.refused} == {"b/y.svg", "b/x.png"}


@pytest.mark.parametrize(("mode", "channels"), [("grey", 1), ("rgb", 3), ("rgba", 4)])
def test_that_a_preview_is_in_the_colours_asked_for(tmp_path: Path, mode: str, channels: int) -> None:
    preview = preview_source(write(tmp_path, photos(2)), SMALL.replaced({"mode": mode}))
    assert [image.shape for image in preview.images] == [(16, 16, channels)] * 2
    assert preview.labels == {}


def test_that_a_preview_of_nothing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No pictures were found"):
        preview_source(tmp_path, SMALL)


def test_that_ten_thousand_files_are_looked_at_quickly(tmp_path: Path) -> None:
    data = encoded(picture())
    for index in range(10_000):
        (tmp_path / f"{index}.png").write_bytes(data)
    start = time.perf_counter()
    assert preview_source(tmp_path, SMALL).total == 10_000
    assert time.perf_counter() - start < 5


def icon(size: int) -> Image.Image:
    pixels = np.dstack([noise(size, size), np.full((size, size), 255, dtype=np.uint8)])
    pixels[: size // 2, :, 3] = 0
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([picture(28, 28, seed).convert("L") for seed in range(3)], (28, "grey", "crop")),
        ([Image.merge("RGB", [picture(64, 64).convert("L")] * 3)], (32, "grey", "crop")),
        ([picture(400, 300, seed) for seed in range(3)], (32, "rgb", "crop")),
        ([picture(22, 22), picture(24, 24), picture(31, 31)], (24, "rgb", "crop")),
        ([picture(5, 5)], (8, "rgb", "crop")),
        ([icon(24), icon(24)], (24, "rgba", "crop")),
        ([icon(40).crop((0, 0, 40, 30))], (28, "rgba", "pad")),
        ([picture(32, 32).convert("RGBA")], (32, "rgb", "crop")),
        ([icon(32), picture(32, 32), picture(32, 32, 1)], (32, "rgb", "crop")),
    ],
)
def test_that_size_and_colours_are_suggested(
    tmp_path: Path, images: list[Image.Image], expected: tuple[int, str, str]
) -> None:
    write(tmp_path, {f"{index}.png": encoded(image) for index, image in enumerate(images)})
    options = suggest_options(tmp_path)
    assert options.width == options.height
    assert (options.width, options.mode, options.fit) == expected


def test_that_a_suggestion_is_made_even_when_nothing_can_be_decoded(tmp_path: Path) -> None:
    assert suggest_options(write(tmp_path, {"1.png": b"x"})) == ImportOptions()


@pytest.mark.parametrize("name", ["glyphs", "emoji"])
def test_that_the_built_in_datasets_can_be_imported(name: str) -> None:
    source = builtin_sources()[name]
    preview = preview_source(source, suggest_options(source))
    assert preview.total > 1000
    assert len(preview.labels) >= {"glyphs": 36, "emoji": 5}[name]
    assert preview.captioned == {"glyphs": 0, "emoji": preview.total}[name]
    assert preview.images[0].shape == (32, 32, {"glyphs": 1, "emoji": 4}[name])
    assert not preview.refused


def test_that_every_built_in_dataset_says_what_it_is_and_under_which_licence() -> None:
    assert [dataset.name for dataset in builtin_datasets()] == list(builtin_sources())
    for dataset in builtin_datasets():
        assert dataset.sentence.endswith(".")
        assert "License" in dataset.licence
