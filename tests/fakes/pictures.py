"""Pictures as viewers send them, good ones and others, and the forms that bring them."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Any

from PIL import Image

BOUNDARY = "----gateway"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(
    kind: str = "PNG",
    *,
    mode: str = "RGB",
    size: tuple[int, int] = (600, 300),
    **options: Any,  # noqa: ANN401 - whatever an encoder takes
) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    made = Image.new("RGB", size, RED)
    made.paste(BLUE, (size[0] // 2, 0, *size))
    file = BytesIO()
    made.convert(mode).save(file, kind, **options)
    return file.getvalue()


def animated(kind: str) -> bytes:
    """Return two pictures, red and then blue, in one file."""
    file = BytesIO()
    first, second = (Image.new("RGB", (64, 64), color) for color in (RED, BLUE))
    first.save(file, kind, save_all=True, append_images=[second], duration=100)
    return file.getvalue()


def wide_png(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it has so many pixels."""
    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(said).to_bytes(4) + name + said + zlib.crc32(name + said).to_bytes(4)
        for name, said in chunks
    )


def form(content: bytes, *, field: str = "avatar", kind: str = "image/png") -> bytes:
    """Return a form with a picture in one of its fields."""
    head = (
        f"--{BOUNDARY}\r\n"
        f'content-disposition: form-data; name="{field}"; filename="me"\r\n'
        f"content-type: {kind}\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
