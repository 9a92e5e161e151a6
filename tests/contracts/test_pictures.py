"""Pictures of strangers: what is kept of them, and what is refused."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from shared.adapters.pictures import scaled_webp, square_webp
from shared.identity.avatar import (
    SIDE,
    PictureBrokenError,
    PictureTooLargeError,
    PictureTypeError,
)
from tests.fakes.pictures import BLUE, RED, animated, picture, wide_png

if TYPE_CHECKING:
    from collections.abc import Sequence

LEFT, RIGHT, TOP = (20, 256), (490, 256), (256, 20)
GPS = 0x8825


def opened(content: bytes) -> Image.Image:
    """Return what was made of a picture."""
    found = Image.open(BytesIO(square_webp(content)))
    assert (found.format, found.size) == ("WEBP", (SIDE, SIDE))
    return found


def is_like(color: object, wanted: Sequence[int]) -> bool:
    """Tell whether a pixel has about this color: neither format keeps it exactly."""
    assert isinstance(color, tuple)
    return all(abs(one - other) < 25 for one, other in zip(color[:3], wanted, strict=True))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("JPEG", "CMYK"),
        ("WEBP", "RGB"), ("WEBP", "RGBA"),
    ],
)  # fmt: skip
def test_every_kind_of_picture_keeps_its_colors(kind: str, mode: str) -> None:
    made = opened(picture(kind, mode=mode))
    assert is_like(made.getpixel(LEFT), RED)
    assert is_like(made.getpixel(RIGHT), BLUE)


@pytest.mark.parametrize("mode", ["L", "1", "I;16"])
def test_gray_ones_become_gray(mode: str) -> None:
    plain = Image.new(mode, (64, 64), 1 if mode == "1" else 0x80 if mode == "L" else 0x8000)
    file = BytesIO()
    plain.save(file, "PNG")
    pixel = opened(file.getvalue()).getpixel(LEFT)
    assert is_like(pixel, [255] * 3 if mode == "1" else [0x80] * 3)


def test_transparency_stays() -> None:
    file = BytesIO()
    Image.new("RGBA", (64, 64), (*RED, 0)).save(file, "PNG")
    made = opened(file.getvalue()).getpixel(LEFT)
    assert isinstance(made, tuple)
    assert made[3] == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_tells_where_it_was_taken_is_kept(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "my garden"
    exif.get_ifd(GPS)[2] = (40.0, 26.0, 46.0)
    sent = picture(kind, exif=exif.tobytes(), icc_profile=b"my profile", comment=b"my garden")
    made = square_webp(sent)

    assert b"my garden" in sent
    assert b"my " not in made
    with Image.open(BytesIO(made)) as kept:
        assert not kept.getexif()
        assert not {"exif", "icc_profile", "xmp"} & kept.info.keys()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_as_its_camera_was_held(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter: the left of what was sent is the top
    made = opened(picture(kind, size=(300, 300), exif=exif.tobytes()))
    assert is_like(made.getpixel(TOP), RED)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animated_one_the_first_picture_is_taken(kind: str) -> None:
    made = opened(animated(kind))
    assert is_like(made.getpixel(LEFT), RED)
    assert getattr(made, "n_frames", 1) == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_hidden_behind_a_picture_is_gone(kind: str) -> None:
    hidden = b"<script>alert(1)</script>PK\x03\x04"
    assert hidden not in square_webp(picture(kind) + hidden)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"BM" + bytes(100),
        b"II*\x00" + bytes(100),
        b"RIFF\x00\x00\x00\x00WAVE",
        b"8BPS" + bytes(100),
    ],
)
def test_any_other_kind_of_file_is_refused(content: bytes) -> None:
    with pytest.raises(PictureTypeError):
        square_webp(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_picture_that_ends_too_early_is_refused(kind: str, part: float) -> None:
    whole = picture(kind)
    with pytest.raises(PictureBrokenError):
        square_webp(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("size", [(4097, 1), (1, 4097), (65_000, 65_000), (10_000, 10_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_they_are_made(
    size: tuple[int, int],
) -> None:
    with pytest.raises(PictureTooLargeError):
        square_webp(wide_png(*size))


def test_the_largest_that_is_taken_is_taken() -> None:
    file = BytesIO()
    Image.new("L", (4096, 4096), 128).save(file, "PNG", compress_level=1)
    opened(file.getvalue())


def test_a_file_of_one_kind_in_the_guise_of_another_is_refused() -> None:
    with pytest.raises(PictureBrokenError):
        square_webp(b"\xff\xd8\xff" + picture("PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_poster_is_made_as_wide_as_asked_for_and_never_wider_than_it_is(kind: str) -> None:
    poster = picture(kind, size=(400, 600))

    narrow, whole = (Image.open(BytesIO(scaled_webp(poster, width, 200))) for width in (185, 780))

    assert (narrow.format, narrow.size) == ("WEBP", (185, 278))
    assert whole.size == (400, 600)
    assert is_like(narrow.convert("RGB").getpixel((20, 100)), RED)


def test_what_is_too_small_for_a_poster_is_refused() -> None:
    with pytest.raises(PictureBrokenError, match="199 pixels wide"):
        scaled_webp(picture(size=(199, 300)), 92, 200)
    with pytest.raises(PictureTypeError):
        scaled_webp(b"<svg/>", 92, 200)
