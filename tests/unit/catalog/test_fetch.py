"""Fetching: pages kept once, whatever stops in between."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.catalog.fetch import Fetch, fetch_catalog, plan
from shared.catalog.ports import Delivery
from shared.catalog.raw import RawPage
from shared.kernel.clock import FixedClock
from shared.kernel.errors import InvalidInputError, NotFoundError, UnavailableError
from shared.kernel.events import Event
from tests.unit.catalog.test_streaming_availability import NETFLIX, option, show

FETCH = Fetch("run", "streaming_availability", "all", "US")


@dataclass
class PagesOfThree:
    """Three pages of one show each; fails before the page named by `broken`, once."""

    broken: str | None = None
    asked: list[str | None] = field(default_factory=list)

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield what comes after ``cursor``."""
        for number in range(int(cursor or 1), 4):
            self.asked.append(str(number))
            if self.broken == str(number):
                self.broken = None
                raise UnavailableError(f"page {number} did not come")
            following = str(number + 1) if number < 3 else None
            yield Delivery([show(NETFLIX, option("hulu"))], next_cursor=following)


@dataclass
class PagesOfShows:
    """Pages with the shows that are given."""

    given: list[list[Any]]

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield what comes after ``cursor``."""
        for number in range(int(cursor or 0), len(self.given)):
            following = str(number + 1) if number + 1 < len(self.given) else None
            yield Delivery(self.given[number], next_cursor=following)


class Folder(dict[str, RawPage]):
    """Raw pages in memory."""

    def write(self, raw_uri: str, page: RawPage) -> None:
        """Keep a page."""
        self[raw_uri] = page

    def read(self, raw_uri: str) -> RawPage | None:
        """Return a page."""
        return self.get(raw_uri)


@dataclass
class Book:
    """A ledger in memory; `full` makes it fail before it keeps that page, once."""

    full: int | None = None
    events: dict[str, Event] = field(default_factory=dict)
    state: list[str] = field(default_factory=list)

    def opened(self) -> None:
        """Note it."""
        self.state.append("opened")

    def kept(self, page: int, raw_uri: str, *, read: int, event: Event) -> bool:
        """Keep the event of a page once."""
        if self.full == page:
            self.full = None
            raise UnavailableError("the database is away")
        assert event.data["count"] == read
        new = raw_uri not in self.events
        self.events.setdefault(raw_uri, event)
        return new

    def finished(self, error: str | None = None) -> None:
        """Note it."""
        self.state.append(error or "finished")


def test_every_page_is_kept_and_announced_with_its_number_of_listings() -> None:
    raw, book = Folder(), Book()

    done = fetch_catalog(FETCH, source=PagesOfThree(), raw=raw, ledger=book, clock=FixedClock())

    assert (done.pages, done.read, done.new_pages) == (3, 6, 3)
    assert list(raw) == [f"streaming_availability/all-US/run/0000{n}.json.gz" for n in (1, 2, 3)]
    assert [event.data["count"] for event in book.events.values()] == [2, 2, 2]
    assert book.state == ["opened", "finished"]


def test_finished_run_adds_nothing_and_asks_for_nothing() -> None:
    raw, book = Folder(), Book()
    fetch_catalog(FETCH, source=PagesOfThree(), raw=raw, ledger=book, clock=FixedClock())
    again = PagesOfThree()

    done = fetch_catalog(FETCH, source=again, raw=raw, ledger=book, clock=FixedClock())

    assert (done.pages, done.new_pages, again.asked) == (3, 0, [])


def test_run_that_lost_its_source_goes_on_behind_the_last_page() -> None:
    raw, book, source = Folder(), Book(), PagesOfThree(broken="2")
    with pytest.raises(UnavailableError):
        fetch_catalog(FETCH, source=source, raw=raw, ledger=book, clock=FixedClock())

    done = fetch_catalog(FETCH, source=source, raw=raw, ledger=book, clock=FixedClock())

    assert source.asked == ["1", "2", "2", "3"]
    assert (done.pages, done.new_pages) == (3, 2)
    assert book.state == ["opened", "page 2 did not come", "opened", "finished"]


@dataclass
class ForgetfulPages(PagesOfThree):
    """Three pages whose cursors were forgotten: it takes none but the beginning."""

    always: bool = False

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Refuse a cursor, and yield everything to whoever has none."""
        if cursor is not None or self.always:
            raise InvalidInputError("there is no such cursor")
        yield from super().pages(cursor)


def test_cursor_that_is_refused_is_given_up_and_the_walk_begins_anew() -> None:
    raw, book = Folder(), Book()
    with pytest.raises(UnavailableError):
        fetch_catalog(FETCH, source=PagesOfThree("2"), raw=raw, ledger=book, clock=FixedClock())

    done = fetch_catalog(FETCH, source=ForgetfulPages(), raw=raw, ledger=book, clock=FixedClock())

    assert (done.pages, done.new_pages, book.state[-1]) == (4, 3, "finished")


@dataclass
class Halfway(PagesOfThree):
    """Refuses the second page's cursor, as often as it is come to."""

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield one page and refuse the next."""
        yield next(super().pages(cursor))
        raise InvalidInputError("the cursor of the second page is no cursor")


def test_cursor_that_is_refused_again_stops_the_run() -> None:
    raw, book = Folder(), Book()

    with pytest.raises(InvalidInputError):
        fetch_catalog(FETCH, source=Halfway(), raw=raw, ledger=book, clock=FixedClock())

    assert (len(raw), book.state[-1]) == (2, "the cursor of the second page is no cursor")


def test_refusal_that_is_about_no_cursor_is_not_taken_for_one() -> None:
    source = ForgetfulPages(always=True)

    with pytest.raises(InvalidInputError):
        fetch_catalog(FETCH, source=source, raw=Folder(), ledger=Book(), clock=FixedClock())

    assert source.asked == []


@pytest.mark.parametrize(
    ("kind", "page_kind"),
    [("availability", "changes"), ("changes", "changes"), ("enrichment", "catalog")],
)
def test_pages_are_of_the_kind_that_normalizers_know(kind: str, page_kind: str) -> None:
    raw = Folder()
    fetch = Fetch("run", "generic", "netflix", "US", kind, preset="justwatch")

    fetch_catalog(fetch, source=PagesOfThree(), raw=raw, ledger=Book(), clock=FixedClock())

    assert {page.kind for page in raw.values()} == {page_kind}


def test_page_that_was_written_but_not_recorded_is_recorded_by_the_next_try() -> None:
    raw, book, source = Folder(), Book(full=2), PagesOfThree()
    with pytest.raises(UnavailableError):
        fetch_catalog(FETCH, source=source, raw=raw, ledger=book, clock=FixedClock())

    fetch_catalog(FETCH, source=source, raw=raw, ledger=book, clock=FixedClock())

    assert source.asked == ["1", "2", "3"]
    assert len(book.events) == 3


def test_events_of_a_repeated_run_have_the_same_ids() -> None:
    books = [Book(), Book()]

    for book in books:
        fetch_catalog(FETCH, source=PagesOfThree(), raw=Folder(), ledger=book, clock=FixedClock())

    first, second = ([e.event_id for e in book.events.values()] for book in books)
    assert first == second


def test_what_was_left_open_is_filled_in() -> None:
    api = Fetch("run", "streaming_availability", "", "US")
    file = Fetch("run", "generic", "", "US", preset="movielens")

    assert plan(api, from_file=False).platform == "all"
    assert plan(file, from_file=True).platform == "movielens"


@pytest.mark.parametrize(
    ("fetch", "from_file", "error"),
    [
        (Fetch("run", "generic", "netflix", "US"), False, InvalidInputError),
        (Fetch("run", "streaming_availability", "", "US"), True, InvalidInputError),
        (Fetch("run", "letterboxd", "", "US"), False, InvalidInputError),
        (Fetch("run", "generic", "", "US", preset="justwatch"), True, InvalidInputError),
        (Fetch("run", "generic", "", "US", preset="nothing"), True, NotFoundError),
        (Fetch("run", "generic", "", "US", kind="changes", preset="tmdb"), True, InvalidInputError),
    ],
)
def test_fetch_that_cannot_be_is_refused_before_anything_is_read(
    fetch: Fetch, from_file: bool, error: type[Exception]
) -> None:
    with pytest.raises(error):
        plan(fetch, from_file=from_file)
