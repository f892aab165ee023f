"""Every format and every trap a picture file can hold."""

import random
import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from genstudio.data.decode import decode
from genstudio.data.refusal import UnreadableError
from tests.unit.data.image_files import encoded, noise, picture, png_of

WIDE = picture(8, 24)


def levels(data: bytes) -> NDArray[np.int64]:
    return np.asarray(decode(data)).astype(np.int64)


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("BMP", {})])
def test_that_lossless_formats_give_the_pixels_they_hold(form: str, options: dict[str, object]) -> None:
    assert (levels(encoded(WIDE, form, **options)) == np.asarray(WIDE)).all()


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF"])
def test_that_lossy_formats_give_nearly_the_pixels_they_hold(form: str) -> None:
    assert np.abs(levels(encoded(WIDE, form)) - np.asarray(WIDE)).mean() < 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_that_exif_orientation_is_obeyed(orientation: int) -> None:
    stored_to_shown = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    shown = levels(encoded(WIDE, "JPEG", quality=95, subsampling=0, exif=exif))
    expected = stored_to_shown[orientation](np.asarray(WIDE))
    assert shown.shape == expected.shape
    assert np.abs(shown - expected).mean() < 3


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")  # as `decode` asks for, which pytest overrides
def test_that_broken_exif_does_not_cost_the_picture() -> None:
    data = encoded(WIDE, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff garbage")
    assert decode(data).size == (24, 8)


def test_that_16_bit_grey_is_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    for form in ("PNG", "TIFF"):
        assert np.abs(levels(encoded(Image.fromarray(ramp), form)) - ramp / 257).max() <= 0.5


def test_that_a_dark_16_bit_picture_stays_dark() -> None:
    dark = np.full((8, 8), 2570, dtype=np.uint16)
    assert (levels(encoded(Image.fromarray(dark), "PNG")) == 10).all()


def test_that_16_bit_colour_is_scaled_and_not_clipped() -> None:
    row = b"\0" + struct.pack(">9H", 0, 32896, 65535, 257, 2570, 25700, 65535, 0, 128 * 257)
    assert levels(png_of(3, 1, row, depth=16)).tolist() == [[[0, 128, 255], [1, 10, 100], [255, 0, 128]]]


def test_that_floating_point_grey_is_scaled() -> None:
    values = np.array([[0.0, 0.5, 1.0]], dtype=np.float32)
    assert levels(encoded(Image.fromarray(values), "TIFF")).tolist() == [[0, 128, 255]]


def test_that_a_picture_of_not_numbers_is_refused() -> None:
    values = np.array([[0.0, np.nan]], dtype=np.float32)
    with pytest.raises(UnreadableError, match="not levels of light"):
        decode(encoded(Image.fromarray(values), "TIFF"))


def test_that_cmyk_comes_out_in_the_colours_it_was_meant_in() -> None:
    inks = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    for form in ("JPEG", "TIFF"):
        red, green, blue = levels(encoded(inks, form))[8, 8]
        assert red > 240
        assert green < 15
        assert blue < 15


def test_that_a_palette_with_transparency_becomes_rgba() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((0, 0), 0)
    shown = decode(encoded(image, "PNG", transparency=0))
    assert shown.mode == "RGBA"
    assert shown.getpixel((0, 0)) == (255, 0, 0, 0)
    assert shown.getpixel((3, 3)) == (0, 0, 255, 255)


def test_that_a_palette_without_transparency_becomes_rgb() -> None:
    assert decode(encoded(WIDE.quantize(8), "PNG")).mode == "RGB"


@pytest.mark.parametrize(
    ("mode", "expected"), [("1", "L"), ("L", "L"), ("LA", "RGBA"), ("RGB", "RGB"), ("RGBA", "RGBA")]
)
def test_that_every_mode_becomes_one_of_three(mode: str, expected: str) -> None:
    assert decode(encoded(WIDE.convert(mode), "PNG")).mode == expected


def test_that_only_the_first_frame_of_an_animation_is_used() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    for form in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=50)
        red, _, blue = levels(data)[4, 4][:3]
        assert red > 240 > 20 > blue


def test_that_a_large_jpeg_is_decoded_at_a_fraction_but_large_enough() -> None:
    data = encoded(Image.fromarray(noise(1000, 1500)), "JPEG")
    shown = decode(data, least=100)
    assert 100 <= min(shown.size) < 500
    assert shown.width / shown.height == pytest.approx(1.5, rel=0.02)


def test_that_nothing_at_all_is_refused() -> None:
    with pytest.raises(UnreadableError, match="the file is empty"):
        decode(b"")


@pytest.mark.parametrize("data", [b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"\x89PNG"])
def test_that_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError, match="not a picture"):
        decode(data)


def test_that_formats_off_the_list_never_reach_a_decoder() -> None:
    for form in ("PPM", "ICO", "TGA", "EPS"):
        with pytest.raises(UnreadableError, match="not a picture"):
            decode(encoded(WIDE.convert("RGB"), form))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_that_a_truncated_file_is_refused(form: str) -> None:
    data = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)), form)
    with pytest.raises(UnreadableError):
        decode(data[: len(data) * 2 // 3])


def test_that_a_png_that_ends_early_without_saying_so_is_refused() -> None:
    row = b"\0" + bytes(range(1, 97))
    with pytest.raises(UnreadableError, match="cut off"):
        decode(png_of(32, 32, row * 31))
    assert decode(png_of(32, 32, row * 32)).size == (32, 32)


def test_that_an_interlaced_png_that_ends_early_is_refused() -> None:
    passes = ((1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4))  # columns and rows of each, for 8 by 8 pixels
    rows = [b"\0" + b"\1" * 3 * columns for columns, count in passes for _ in range(count)]
    assert (levels(png_of(8, 8, b"".join(rows), interlaced=1)) == 1).all()
    with pytest.raises(UnreadableError, match="cut off"):
        decode(png_of(8, 8, b"".join(rows[:-1]), interlaced=1))


def test_that_a_picture_that_really_ends_in_black_is_taken() -> None:
    black = np.zeros((8, 8, 3), dtype=np.uint8)
    black[0] = 255
    assert (levels(encoded(Image.fromarray(black), "PNG")) == black).all()


def test_that_huge_dimensions_are_refused_before_anything_is_decoded() -> None:
    for width, height in ((60_000, 60_000), (8_000, 7_000), (2**31 - 1, 2**31 - 1)):
        with pytest.raises(UnreadableError, match="more than 50 million pixels"):
            decode(png_of(width, height, b""))


def test_that_a_mutated_picture_is_decoded_or_refused_and_nothing_else() -> None:
    chance = random.Random(0)
    seeds = [encoded(WIDE, form) for form in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")]
    for _ in range(600):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            assert decode(bytes(data)).mode in ("L", "RGB", "RGBA")
        except UnreadableError as refusal:
            assert 0 < len(str(refusal)) < 200
