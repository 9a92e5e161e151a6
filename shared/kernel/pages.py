"""Lists in pages (spec/gateway §5.7): by number, or by a signed cursor that survives inserts.

A cursor names the last row that was shown, not how many came before it: rows that come in meanwhile
move nothing. It is signed, so that nobody can point it elsewhere, and it belongs to its filters.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, Self, TypeVar
from urllib.parse import urlencode

import orjson
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from shared.kernel.clock import Clock
from shared.kernel.errors import MalformedError

VERSION = 1
LIFE = timedelta(hours=24)
MOST = 100
LAST = 1_000_000
"""The largest number of a page; with `MOST` rows each it is beyond every list."""
USUAL = 20
KEY_BYTES = 32
"""Least length of a key: that of the digest (RFC 2104 §3)."""

Item = TypeVar("Item")
Row = TypeVar("Row")


class InvalidCursorError(MalformedError):
    """The cursor is not one of ours, is too old, or belongs to other filters."""

    code = "invalid-cursor"


class OffsetQuery(BaseModel):
    """Which page, by its number; a page past the end is empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: int = Field(default=1, ge=1, le=LAST)
    per_page: int = Field(default=USUAL, ge=1, le=MOST)

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * self.per_page


class CursorQuery(BaseModel):
    """Which page, by the cursor that the one before it gave; none is the first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cursor: str | None = Field(default=None, max_length=1024)
    per_page: int = Field(default=USUAL, ge=1, le=MOST)

    def filters(self) -> dict[str, Any]:
        """Return what a cursor belongs to: everything that was asked for but the page."""
        return self.model_dump(mode="json", exclude={"cursor", "per_page"})


@dataclass(frozen=True)
class Position:
    """A row of a sorted list, and which way to go on from it.

    Attributes:
        sort_key: The row's value in the column that is sorted by; a time as RFC 3339.
        id: The row's id, which breaks ties.
        backward: Towards the beginning.
    """

    sort_key: str | int | float
    id: str
    backward: bool = False


class Cursors:
    """Makes cursors and reads them back.

    Args:
        keys: The first one signs, every one is accepted, so that keys can be changed.
        clock: Tells when a cursor is too old.

    Raises:
        ValueError: There is no key, or one is shorter than `KEY_BYTES`.
    """

    def __init__(self, keys: Sequence[bytes], clock: Clock) -> None:
        if not keys or any(len(key) < KEY_BYTES for key in keys):
            raise ValueError(f"cursors need keys of at least {KEY_BYTES} bytes")
        self._keys = tuple(keys)
        self._clock = clock

    def write(self, position: Position, filters: Mapping[str, Any]) -> str:
        """Return the cursor of a position, good for `LIFE` with the same filters."""
        said = {
            "v": VERSION,
            "sort_key": position.sort_key,
            "id": position.id,
            "dir": "prev" if position.backward else "next",
            "filter_hash": _hash(filters),
            "exp": int((self._clock.now() + LIFE).timestamp()),
        }
        payload = urlsafe_b64encode(orjson.dumps(said)).rstrip(b"=")
        return b".".join([payload, _signature(self._keys[0], payload)]).decode()

    def read(self, cursor: str, filters: Mapping[str, Any]) -> Position:
        """Return the position that a cursor stands for.

        Raises:
            InvalidCursorError: It was not signed by us, is older than `LIFE`, or was given for
                other filters.
        """
        said = self._verified(cursor)
        if said["exp"] <= self._clock.now().timestamp():
            raise InvalidCursorError("the cursor is too old; start again without it")
        if said["v"] != VERSION or said["filter_hash"] != _hash(filters):
            raise InvalidCursorError("the cursor belongs to other filters; start again without it")
        return Position(said["sort_key"], said["id"], backward=said["dir"] == "prev")

    def _verified(self, cursor: str) -> dict[str, Any]:
        payload, _, given = cursor.encode("utf-8", "surrogatepass").partition(b".")
        # The text is compared, not what it decodes to: base64 has spare bits at its end. Every key
        # is tried, whichever fits, so that the time says nothing.
        fitting = [hmac.compare_digest(_signature(key, payload), given) for key in self._keys]
        if not any(fitting):
            raise InvalidCursorError("the cursor is not one of ours; start again without it")
        found: dict[str, Any] = orjson.loads(
            urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
        )
        return found


def _signature(key: bytes, payload: bytes) -> bytes:
    """Return the HMAC (RFC 2104) with SHA-256 as text."""
    return urlsafe_b64encode(hmac.digest(key, payload, hashlib.sha256)).rstrip(b"=")


def _hash(filters: Mapping[str, Any]) -> str:
    canonical = orjson.dumps(dict(filters), option=orjson.OPT_SORT_KEYS)
    return urlsafe_b64encode(hashlib.sha256(canonical).digest()[:16]).rstrip(b"=").decode()


@dataclass(frozen=True)
class Window(Generic[Row]):
    """The rows of one page, in the list's own order, and where its neighbors begin."""

    rows: Sequence[Row]
    after: Position | None
    before: Position | None

    @classmethod
    def cut(
        cls,
        fetched: Sequence[Row],
        limit: int,
        *,
        asked: Position | None,
        place: Callable[[Row], tuple[str | int | float, str]],
    ) -> Self:
        """Return the page from ``limit + 1`` rows: the one too many says whether there are more.

        The rows are those beyond the position, ``(sort, id) < (:sort_key, :id)`` in a descending
        list, nearest first; going backward the comparison and the order are turned around.

        Args:
            fetched: At most ``limit + 1`` rows.
            limit: Rows of a page.
            asked: Where the page begins; None is the list's beginning.
            place: Gives a row's sort key and id.
        """
        backward = asked is not None and asked.backward
        kept = fetched[:limit]
        rows = kept[::-1] if backward else kept
        beyond = len(fetched) > limit
        more, less = (True, beyond) if backward else (beyond, asked is not None)
        after = Position(*place(rows[-1])) if rows and more else None
        before = Position(*place(rows[0]), backward=True) if rows and less else None
        return cls(rows, after, before)


class Pagination(BaseModel):
    """Where a page stands; what is not known is not there."""

    limit: int
    has_more: bool
    next_cursor: str | None = None
    prev_cursor: str | None = None
    total: int | None = None


class Links(BaseModel):
    """Targets that lead on from a page, relative to the server's root."""

    this: str = Field(validation_alias=AliasChoices("self", "this"), serialization_alias="self")
    next: str | None = None
    prev: str | None = None


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    data: list[Item]
    pagination: Pagination
    links: Links = Field(
        validation_alias=AliasChoices("_links", "links"), serialization_alias="_links"
    )

    def document(self) -> dict[str, Any]:
        """Return the page as it is answered, without what is not known."""
        head = self.model_dump(mode="json", by_alias=True, exclude={"data"}, exclude_none=True)
        return {"data": self.model_dump(mode="json", include={"data"})["data"], **head}

    def link_header(self, first: str) -> str:
        """Return the field ``Link`` (RFC 8288 §3).

        Args:
            first: Target of the list's first page.
        """
        known = {"first": first, "prev": self.links.prev, "next": self.links.next}
        return ", ".join(f'<{target}>; rel="{name}"' for name, target in known.items() if target)


@dataclass(frozen=True)
class Listing:
    """One list that was asked for: its path, its parameters and what signs its cursors.

    Attributes:
        path: Path of the list.
        query: What was asked for.
        cursors: Makes the neighbors' cursors.
    """

    path: str
    query: CursorQuery
    cursors: Cursors

    def position(self) -> Position | None:
        """Return where the page begins, None for the list's beginning.

        Raises:
            InvalidCursorError: The cursor cannot be used.
        """
        if self.query.cursor is None:
            return None
        return self.cursors.read(self.query.cursor, self.query.filters())

    def page(
        self, window: Window[Row], show: Callable[[Row], Item], *, total: int | None = None
    ) -> "Page[Item]":
        """Return the page of a window, with cursors and links to its neighbors."""
        following, preceding = self._cursor(window.after), self._cursor(window.before)
        return Page(
            data=[show(row) for row in window.rows],
            pagination=Pagination(
                limit=self.query.per_page,
                has_more=following is not None,
                next_cursor=following,
                prev_cursor=preceding,
                total=total,
            ),
            links=Links(
                this=self.target(self.query.cursor),
                next=following and self.target(following),
                prev=preceding and self.target(preceding),
            ),
        )

    def target(self, cursor: str | None = None) -> str:
        """Return path and query of a page; without a cursor, of the first."""
        asked = self.query.model_dump(mode="json", exclude={"cursor"}, exclude_none=True)
        return f"{self.path}?{urlencode(asked | ({'cursor': cursor} if cursor else {}))}"

    def _cursor(self, position: Position | None) -> str | None:
        return None if position is None else self.cursors.write(position, self.query.filters())
