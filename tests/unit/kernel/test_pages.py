"""Cursors cannot be bent, and walking by them meets each row once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.kernel.clock import FixedClock
from shared.kernel.pages import (
    CursorQuery,
    Cursors,
    InvalidCursorError,
    Listing,
    OffsetQuery,
    Page,
    Position,
    Window,
)

KEY, OLD_KEY = b"k" * 32, b"o" * 32
POSITIONS = st.builds(
    Position,
    st.one_of(
        st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.text()
    ),
    st.text(),
    backward=st.booleans(),
)
FILTERS = st.dictionaries(
    st.text(), st.one_of(st.text(), st.integers(-9, 9), st.none()), max_size=3
)


class Titles(CursorQuery):
    """A list that can be filtered."""

    genre: str | None = None


def cursors(*keys: bytes, clock: FixedClock | None = None) -> Cursors:
    return Cursors(keys or (KEY,), clock or FixedClock())


@given(POSITIONS, FILTERS)
def test_a_cursor_is_read_back_as_it_was_written(
    position: Position, filters: dict[str, Any]
) -> None:
    assert cursors().read(cursors().write(position, filters), filters) == position


@given(POSITIONS, st.data())
def test_a_cursor_with_any_bit_flipped_is_refused(position: Position, data: st.DataObject) -> None:
    written = cursors().write(position, {}).encode()
    bit = data.draw(st.integers(0, len(written) * 8 - 1))
    flipped = bytearray(written)
    flipped[bit // 8] ^= 1 << bit % 8

    with pytest.raises(InvalidCursorError):
        cursors().read(flipped.decode("utf-8", "surrogateescape"), {})


@given(st.text())
def test_nothing_else_passes_for_a_cursor(text: str) -> None:
    with pytest.raises(InvalidCursorError) as refused:
        cursors().read(text, {})
    assert refused.value.code == "invalid-cursor"


def test_a_cursor_of_other_filters_is_refused() -> None:
    written = cursors().write(Position(1, "a"), {"genre": "Drama"})
    with pytest.raises(InvalidCursorError, match="other filters"):
        cursors().read(written, {"genre": "Crime"})


def test_a_cursor_lives_a_day() -> None:
    clock = FixedClock()
    ours = cursors(clock=clock)
    written = ours.write(Position(1, "a"), {})

    clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert ours.read(written, {}) == Position(1, "a")
    clock.advance(timedelta(seconds=1))
    with pytest.raises(InvalidCursorError, match="too old"):
        ours.read(written, {})


def test_keys_can_be_changed_while_cursors_are_out() -> None:
    written = cursors(OLD_KEY).write(Position(1, "a"), {})

    assert cursors(KEY, OLD_KEY).read(written, {}) == Position(1, "a")
    with pytest.raises(InvalidCursorError):
        cursors(KEY).read(written, {})


@pytest.mark.parametrize("keys", [[], [b"short"], [KEY, b""]])
def test_a_weak_key_is_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Cursors(keys, FixedClock())


@pytest.mark.parametrize("wrong", [{"page": 0}, {"per_page": 0}, {"per_page": 101}, {"size": 1}])
def test_a_page_that_cannot_be_is_refused_and_never_clamped(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        OffsetQuery.model_validate(wrong)


def test_a_page_by_number_begins_after_those_before_it() -> None:
    assert OffsetQuery().offset == 0
    assert OffsetQuery(page=3, per_page=50).offset == 100


Row = tuple[int, str]


class Table:
    """Rows in descending order, which others insert into."""

    def __init__(self, rows: set[Row]) -> None:
        self.rows = rows

    def ask(self, query: Titles) -> Page[str]:
        """Return a page as an adapter would: the predicate, the order and one row too many."""
        listing = Listing("/titles", query, cursors())
        asked = listing.position()
        beyond = sorted(r for r in self.rows if asked is None or self._beyond(r, asked))
        nearest = beyond if asked and asked.backward else beyond[::-1]
        window = Window.cut(
            nearest[: query.per_page + 1], query.per_page, asked=asked, place=lambda r: r
        )
        return listing.page(window, lambda row: f"{row[0]} {row[1]}")

    @staticmethod
    def _beyond(row: Row, asked: Position) -> bool:
        here = (asked.sort_key, asked.id)
        return row > here if asked.backward else row < here


ROWS = st.sets(st.tuples(st.integers(0, 5), st.text("abc", min_size=1, max_size=3)), max_size=25)


@given(ROWS, ROWS, st.integers(1, 7))
def test_a_walk_there_and_back_meets_each_row_once_while_rows_come_in(
    rows: set[Row], later: set[Row], per_page: int
) -> None:
    table, coming = Table(set(rows)), sorted(later - rows)
    shown = {f"{key} {identifier}" for key, identifier in rows}
    first = Titles(per_page=per_page)

    page = table.ask(first)
    there = list(page.data)
    while (cursor := page.pagination.next_cursor) is not None:
        table.rows |= {coming.pop()} if coming else set()
        page = table.ask(first.model_copy(update={"cursor": cursor}))
        there += page.data
    back = page.data[::-1]
    while (cursor := page.pagination.prev_cursor) is not None:
        table.rows |= {coming.pop()} if coming else set()
        page = table.ask(first.model_copy(update={"cursor": cursor}))
        back += page.data[::-1]

    for walk in (there, back):
        assert len(walk) == len(set(walk))
        assert set(walk) >= shown
    assert there == sorted(there, reverse=True)
    assert back == sorted(back)


def test_a_page_says_where_its_neighbors_are_and_nothing_it_does_not_know() -> None:
    table = Table({(n, "x") for n in range(3)})
    first = table.ask(Titles(per_page=1, genre="Film & TV"))
    document = first.document()

    assert document["data"] == ["2 x"]
    assert document["pagination"].keys() == {"limit", "has_more", "next_cursor"}
    assert document["_links"]["self"] == "/titles?per_page=1&genre=Film+%26+TV"
    assert first.link_header("/titles") == (
        f'</titles>; rel="first", <{document["_links"]["next"]}>; rel="next"'
    )


def test_the_last_page_leads_back_only() -> None:
    table = Table({(n, "x") for n in range(2)})
    first = table.ask(Titles(per_page=1))
    last = table.ask(Titles(per_page=1, cursor=first.pagination.next_cursor))

    assert not last.pagination.has_more
    assert last.document()["_links"].keys() == {"self", "prev"}
    assert 'rel="prev"' in last.link_header("/titles")
