"""Size, fit, background and colour mode."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from genstudio.core.errors import ConfigError
from genstudio.data.options import ImportOptions
from genstudio.data.treat import image_of, treat
from tests.unit.data.image_files import noise, picture


def treated(image: Image.Image, **options: object) -> NDArray[np.uint8]:
    return treat(image, ImportOptions().replaced({"width": 16, "height": 16, **options}))


@settings(deadline=None, max_examples=60)
@given(
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    wanted=st.tuples(st.integers(8, 40), st.integers(8, 40)),
    fit=st.sampled_from(["crop", "pad", "stretch"]),
    mode=st.sampled_from(["grey", "rgb", "rgba"]),
    source=st.sampled_from(["L", "RGB", "RGBA"]),
)
def test_that_every_picture_becomes_the_size_and_channels_asked_for(
    size: tuple[int, int], wanted: tuple[int, int], fit: str, mode: str, source: str
) -> None:
    image = picture(size[1], size[0]).convert(source)
    pixels = treated(image, width=wanted[0], height=wanted[1], fit=fit, mode=mode)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (wanted[1], wanted[0], {"grey": 1, "rgb": 3, "rgba": 4}[mode])


def test_that_a_picture_of_the_right_size_is_left_alone() -> None:
    assert (treated(picture()) == np.asarray(picture())).all()


def test_that_crop_keeps_the_middle() -> None:
    image = Image.new("RGB", (48, 16), "red")
    image.paste("lime", (16, 0, 32, 16))
    assert (treated(image, fit="crop") == (0, 255, 0)).all()


def test_that_pad_shows_everything_on_the_background() -> None:
    image = Image.new("RGB", (32, 16), "red")
    pixels = treated(image, fit="pad", background="#0000ff")
    assert (pixels[:4] == (0, 0, 255)).all()
    assert (pixels[4:12] == (255, 0, 0)).all()
    assert (pixels[12:] == (0, 0, 255)).all()


def test_that_padding_is_transparent_when_transparency_is_kept() -> None:
    pixels = treated(Image.new("RGB", (32, 16), "red"), fit="pad", mode="rgba", background="#112233")
    assert (pixels[0] == (0x11, 0x22, 0x33, 0)).all()
    assert (pixels[8] == (255, 0, 0, 255)).all()


def test_that_a_grey_picture_can_stand_on_a_coloured_background() -> None:
    pixels = treated(Image.new("L", (32, 16), 100), fit="pad", mode="rgb", background="#ff0000")
    assert (pixels[0] == (255, 0, 0)).all()
    assert (pixels[8] == 100).all()


def test_that_stretch_uses_every_pixel() -> None:
    image = Image.new("L", (32, 16), 0)
    image.paste(255, (16, 0, 32, 16))
    pixels = treated(image, fit="stretch", mode="grey")[:, :, 0]
    assert (pixels[:, :7] <= 3).all()
    assert (pixels[:, 9:] >= 252).all()


def test_that_shrinking_averages_and_does_not_pick() -> None:
    board = np.indices((160, 160)).sum(axis=0) % 2 * 255
    pixels = treated(Image.fromarray(board.astype(np.uint8)), mode="grey").astype(int)
    assert np.abs(pixels - 127.5).max() < 8


def test_that_pixel_art_stays_in_squares_when_enlarged() -> None:
    board = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert (treated(Image.fromarray(board), mode="grey")[:, :, 0] == board.repeat(2, 0).repeat(2, 1)).all()


def test_that_photographs_are_enlarged_smoothly() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    pixels = treated(Image.fromarray(photo)).astype(int)
    assert not (pixels[::2] == pixels[1::2]).all()


def test_that_transparency_lies_on_the_background_when_it_is_not_kept() -> None:
    half = Image.new("RGBA", (16, 16), (255, 0, 0, 128))
    red, green, blue = treated(half, background="#ffffff")[8, 8]
    assert (red, green, blue) == (255, 127, 127)
    assert treated(half, mode="grey", background="#000000")[8, 8, 0] == pytest.approx(0.299 * 128, abs=1)


def test_that_hidden_colours_never_bleed_into_edges() -> None:
    image = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 30, 64))
    pixels = treated(image, mode="rgba", background="#000000").astype(int)
    seen = pixels[pixels[:, :, 3] > 0]
    assert (seen[:, 0] > 240).all()
    assert (seen[:, 1] < 15).all()


def test_that_what_is_wholly_transparent_has_the_background_colour() -> None:
    image = Image.fromarray(np.dstack([noise(16, 16), np.zeros((16, 16), dtype=np.uint8)]))
    assert (treated(image, mode="rgba", background="#102030") == (0x10, 0x20, 0x30, 0)).all()


def test_that_bare_levels_are_taken_as_they_are() -> None:
    for shape in ((16, 16), (16, 16, 1), (16, 16, 3), (16, 16, 4)):
        levels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        mode = {1: "grey", 3: "rgb", 4: "rgba"}[levels.size // 256]
        pixels = treated(image_of(levels, ImportOptions()), mode=mode)
        assert (pixels.reshape(shape)[..., :3] == levels[..., :3]).mean() > 0.99


@pytest.mark.parametrize("colour", ["white", "#fff", "#12345g", "", "ffffff"])
def test_that_a_background_that_is_no_colour_is_refused_with_a_sentence(colour: str) -> None:
    with pytest.raises(ConfigError, match="Write a colour as #"):
        ImportOptions().replaced({"background": colour})
