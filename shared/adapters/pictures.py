"""Pictures of strangers, read by Pillow and made anew: pixels are passed on, nothing else is."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING

from shared.identity.avatar import (
    MOST_PIXELS,
    SIDE,
    PictureBrokenError,
    PictureTooLargeError,
    PictureTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

QUALITY = 82
_RIFF, _WEBP = b"RIFF", b"WEBP"
_BEGINNINGS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error)
"""What Pillow raises, depending on where in a file something is wrong."""


def square_webp(content: bytes) -> bytes:
    """Return a picture as a WebP of `SIDE` pixels a side, its middle where it was oblong.

    Of an animated one the first picture is taken. It stands upright as its camera was held;
    profiles, positions and comments stay behind.

    Raises:
        PictureTypeError: It does not begin as a JPEG, PNG or WebP does.
        PictureTooLargeError: A side has more than `MOST_PIXELS`.
        PictureBrokenError: It cannot be read to its end.
    """
    from PIL import ImageOps  # noqa: PLC0415 - 60 ms, only where a picture comes

    def square(picture: Image) -> Image:
        picture.draft(None, (2 * SIDE, 2 * SIDE))
        return ImageOps.fit(ImageOps.exif_transpose(_plain(picture)), (SIDE, SIDE))

    return _made(content, square)


def scaled_webp(content: bytes, width: int, least: int) -> bytes:
    """Return a picture as a WebP of so many pixels' width, or of its own where that is less.

    Raises:
        PictureTypeError: It does not begin as a JPEG, PNG or WebP does.
        PictureTooLargeError: A side has more than `MOST_PIXELS`.
        PictureBrokenError: It cannot be read to its end, or is less than ``least`` pixels wide.
    """

    def scaled(picture: Image) -> Image:
        if picture.width < least:
            raise PictureBrokenError(f"the picture is {picture.width} pixels wide, not {least}")
        wide = min(width, picture.width)
        high = max(1, round(picture.height * wide / picture.width))
        picture.draft(None, (2 * wide, 2 * high))
        return _plain(picture).resize((wide, high), reducing_gap=2.0)

    return _made(content, scaled)


def _made(content: bytes, make: Callable[[Image], Image]) -> bytes:
    from PIL import Image  # noqa: PLC0415 - 60 ms, only where a picture comes

    kind = _kind(content)
    try:
        with Image.open(BytesIO(content), formats=[kind]) as picture:
            if max(picture.size) > MOST_PIXELS:  # nothing of its pixels was read yet
                raise PictureTooLargeError(f"a picture has {MOST_PIXELS} pixels a side at most")
            return _encoded(make(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = f"a picture has {MOST_PIXELS} pixels a side at most"
        raise PictureTooLargeError(message) from None
    except _BROKEN as error:
        raise PictureBrokenError(f"the {kind} cannot be read: {type(error).__name__}") from None


def _kind(content: bytes) -> str:
    if content[:4] == _RIFF and content[8:12] == _WEBP:
        return "WEBP"
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    raise PictureTypeError("send a JPEG, a PNG or a WebP")


def _plain(picture: Image) -> Image:
    """Return a picture in eight bits of red, green, blue and, where it has any, transparency."""
    if picture.mode.startswith("I"):  # 16 bits of gray
        picture = picture.point(lambda value: value / 256).convert("L")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _encoded(picture: Image) -> bytes:
    made = BytesIO()
    picture.info.clear()  # from where the encoder would take a color profile
    picture.save(made, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return made.getvalue()
