"""Pictures of titles under addresses of ours: copied once, in the widths that clients show.

Providers' addresses of pictures end after months (spec/ingestion §5.2), so what somebody looks at
is copied then, made anew and kept. A copy is named by a digest of the address that it came from: a
title's other picture has another name, and what has a name never changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.catalog.values import ImageKind
from shared.kernel.errors import AppError, NotFoundError

logger = logging.getLogger(__name__)

WIDTHS = (92, 185, 342, 500, 780)
"""Pixels of the copies (spec/ingestion §2)."""
MOST_BYTES = 10 << 20
LEAST_WIDTH = 200
"""Pixels below which a picture is no poster (spec/ingestion §2)."""
PATH = "/api/v1/images"
_FIND = "/api/v1/content/{}/images/{}"
_DIGEST = 40
"""Hexadecimal digits of a name: as many as cannot be guessed into another picture's place."""


class PictureUnknownError(NotFoundError):
    """There is no such picture, or nobody gives it away."""

    code = "picture-unknown"


class WhichPicture(BaseModel):
    """Which picture of a title, and how wide; the next of `WIDTHS` from there on is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    kind: ImageKind
    width: int = Field(default=342, ge=1, le=WIDTHS[-1])


class WhichCopy(BaseModel):
    """Which copy, by its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{{_DIGEST}}}-[0-9]{{2,3}}\.webp$")]


@dataclass(frozen=True)
class Original:
    """A picture where its provider has it; `width` in pixels, as the provider says."""

    width: int
    url: str


class Originals(Protocol):
    """What providers say of pictures."""

    def of(self, content_id: UUID, kind: ImageKind) -> Sequence[Original]:
        """Return a title's pictures of a kind.

        Raises:
            NotFoundError: There is no such title.
        """


class Copies(Protocol):
    """Where copies are kept; every call raises `UnavailableError` where they cannot be."""

    def put(self, name: str, content: bytes) -> None:
        """Keep one, whole or not at all."""

    def get(self, name: str) -> bytes | None:
        """Return one, None where there is none."""


Fetch = Callable[[str], bytes]
"""Gives the bytes at an address, at most `MOST_BYTES`; raises `AppError` where it cannot."""
Scale = Callable[[bytes, int, int], bytes]
"""Makes a WebP of a picture: its bytes, the width wanted, the least width it may have had."""


def width_of(asked: int) -> int:
    """Return the width that is given where one is asked for: as wide, or the next one."""
    return next((width for width in WIDTHS if width >= asked), WIDTHS[-1])


def best_of(found: Sequence[Original], width: int) -> Original | None:
    """Return the picture to make a width of: the narrowest that is no narrower, else the widest.

    One that is not to be had by https is never asked for, so it is none.
    """
    usable = [one for one in found if one.url.startswith("https://")]
    usable.sort(key=lambda one: (one.width, one.url))
    wide = next((one for one in usable if one.width >= max(width, LEAST_WIDTH)), None)
    return wide or (usable[-1] if usable else None)


def sizes_of(found: Sequence[Original]) -> dict[int, int]:
    """Return the widths in which pictures of one kind are given, by the width to ask for.

    A copy is no wider than its original; what providers call too narrow for a poster is left out.
    """
    given: dict[int, int] = {}
    for asked in WIDTHS:
        one = best_of(found, asked)
        width = min(asked, one.width) if one and one.width >= LEAST_WIDTH else 0
        if width and width not in given.values():
            given[asked] = width
    return given


def hosted(content_id: str, images: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return where the pictures of a title are shown by us, by kind and width.

    Args:
        content_id: The title's.
        images: Pictures where their providers have them: ``kind``, ``width``, ``url``.
    """
    kinds: dict[str, list[Original]] = {}
    for one in images:
        kinds.setdefault(one["kind"], []).append(Original(one["width"], one["url"]))
    return [
        _picture(content_id, kind, asked, width)
        for kind, found in sorted(kinds.items())
        for asked, width in sizes_of(found).items()
    ]


def shown(content_id: str, images: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one picture of each kind, the widest of `hosted`, for where a title is one of many."""
    widest: dict[str, int] = {}
    for one in images:
        if one["url"].startswith("https://"):
            widest[one["kind"]] = max(one["width"], widest.get(one["kind"], 0))
    return [
        _picture(content_id, kind, width_of(width), min(width, WIDTHS[-1]))
        for kind, width in sorted(widest.items())
        if width >= LEAST_WIDTH
    ]


def _picture(content_id: str, kind: str, asked: int, width: int) -> dict[str, Any]:
    return {"kind": kind, "width": width, "url": f"{_FIND.format(content_id, kind)}?width={asked}"}


def name_of(original: Original, width: int) -> str:
    """Return what a picture's copy of a width is called."""
    return f"{sha256(original.url.encode()).hexdigest()[:_DIGEST]}-{width}.webp"


@dataclass(frozen=True)
class PictureDesk:
    """Gives pictures of titles under addresses that stay."""

    originals: Originals
    copies: Copies
    fetch: Fetch
    scale: Scale

    def find(self, asked: WhichPicture) -> str:
        """Return where a picture of a title is shown, copied first where it was not yet.

        A copy is no wider than its original.

        Raises:
            NotFoundError: There is no such title.
            PictureUnknownError: It has none of the kind, or nobody gives one that can be used.
            UnavailableError: Copies cannot be kept now.
        """
        width = width_of(asked.width)
        original = best_of(self.originals.of(asked.id, asked.kind), width)
        if original is None:
            raise PictureUnknownError(f"{asked.id} has no {asked.kind}")
        name = name_of(original, width)
        if self.copies.get(name) is None:
            self.copies.put(name, self._copied(asked, original, width))
        return f"{PATH}/{name}"

    def read(self, asked: WhichCopy) -> bytes:
        """Return a copy.

        Raises:
            PictureUnknownError: There is none of that name.
            UnavailableError: Copies cannot be read now.
        """
        found = self.copies.get(asked.file)
        if found is None:
            raise PictureUnknownError(f"there is no picture {asked.file}")
        return found

    def _copied(self, asked: WhichPicture, original: Original, width: int) -> bytes:
        try:
            return self.scale(self.fetch(original.url), width, LEAST_WIDTH)
        except AppError as error:
            # Where it was to come from, and why it did not, is for those who run this.
            told = {"title": str(asked.id), "url": original.url, "reason": error.message}
            logger.info("picture.not_given", extra=told)
            raise PictureUnknownError(f"nobody gives {asked.id} a {asked.kind} now") from error
