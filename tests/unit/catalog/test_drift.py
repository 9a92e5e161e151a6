"""A provider whose answers can no longer be read is told from one that sends bad records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.drift import LEAST, SHARE, SchemaDriftError, Tally, check_drift
from shared.catalog.fetch import fetch_catalog
from shared.kernel.clock import FixedClock
from tests.unit.catalog.test_fetch import FETCH, Book, Folder, PagesOfShows
from tests.unit.catalog.test_streaming_availability import NETFLIX, option, show

NAMELESS = {**show(NETFLIX, option("hulu")), "title": ""}
GOOD = show(NETFLIX, option("hulu"))


@pytest.mark.parametrize(
    ("read", "unreadable", "drifted"),
    [(100, 5, False), (100, 6, True), (4, 4, False), (5, 5, True), (20, 2, False), (0, 0, False)],
)
def test_more_than_one_in_twenty_is_a_changed_shape_but_never_fewer_than_five(
    read: int, unreadable: int, drifted: bool
) -> None:
    assert Tally(read, unreadable, unreadable).has_drifted is drifted


def test_one_record_however_long_is_no_changed_shape() -> None:
    assert not Tally(read=60, unreadable=60, faulty=1).has_drifted


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_page_that_can_be_read_never_makes_a_shape_change(read: int, bad: int) -> None:
    found = Tally(read + bad, bad, bad)

    assert found.has_drifted <= (bad >= LEAST and bad / (read + bad) > SHARE)
    assert found.plus(Tally(100)).has_drifted <= found.has_drifted


def test_few_bad_records_on_every_page_are_noticed_once_there_are_enough() -> None:
    page, before = Tally(20, 2, 2), Tally(40, 4, 4)

    with pytest.raises(SchemaDriftError, match="6 of 60"):
        check_drift(page, before.plus(page), "p3")


def test_fetch_stops_behind_the_page_that_cannot_be_read_and_keeps_it() -> None:
    source = PagesOfShows([[GOOD] * 30, [GOOD] * 30 + [NAMELESS] * 6, [GOOD]])
    raw, book = Folder(), Book()

    with pytest.raises(SchemaDriftError, match=r"6 of \d+ listings cannot be read"):
        fetch_catalog(FETCH, source=source, raw=raw, ledger=book, clock=FixedClock())

    assert [len(page.records) for page in raw.values()] == [30, 36]
    assert [event.data["page"] for event in book.events.values()] == [1, 2]
    assert "cannot be read" in book.state[-1]


def test_bad_records_alone_stop_nothing() -> None:
    source = PagesOfShows([[GOOD] * 30 + [NAMELESS], [GOOD] * 20])

    done = fetch_catalog(FETCH, source=source, raw=Folder(), ledger=Book(), clock=FixedClock())

    assert (done.pages, done.read, done.unreadable) == (2, 101, 1)
