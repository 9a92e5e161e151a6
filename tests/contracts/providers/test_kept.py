"""Providers' answers that are used again: how long, by whom, and what becomes of a lost one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from emulators.core.faults import Rule
from emulators.providers.service import endpoint
from shared.adapters.providers.calling import Caller
from shared.adapters.providers.guarding import DebitGuard
from shared.adapters.providers.kept import FOLDER, REFUSED, KeptAnswers
from shared.adapters.providers.streaming_availability import CatalogSource, StreamingAvailability
from shared.adapters.providers.tmdb import Tmdb, TmdbCatalog
from shared.adapters.providers.watchmode import Watchmode
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.quota.ledger import Account
from shared.catalog.quota import limits
from shared.kernel.clock import FixedClock
from shared.kernel.errors import InvalidInputError, UnavailableError
from tests.contracts.providers.serving import Served, served
from tests.contracts.providers.test_calling import QUICK, Book
from tests.contracts.providers.test_live_feeds import FEW, NOON, PLENTY
from tests.fakes.loopback import Silent, loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.adapters.providers.calling import ProviderApi
    from shared.adapters.providers.kept import Told

NOW = datetime.fromtimestamp(NOON, UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MATRIX, OF_WATCHMODE = "603", "3000001"


@pytest.fixture(scope="module")
def provider() -> Iterator[Served]:
    """Fakes of a few titles, with quotas that do not end."""
    with served(partial(endpoint, catalog=FEW, tariffs=PLENTY), now=NOON) as running:
        yield running


class Desk:
    """Services that remember, under a clock that stands still, with a book of what was paid."""

    def __init__(self, provider: Served, folder: Path) -> None:
        provider.faults.clear()
        self.provider, self.folder = provider, folder
        self.clock, self.book = FixedClock(NOW), Book()
        self.open: list[ProviderApi] = []

    def kept(self, name: str, key: str = "key", not_before: datetime | None = None) -> KeptAnswers:
        """What one key of a provider was told."""
        owner, lasts = (name, self.provider.url, key), limits().kept(name)
        return KeptAnswers(RawFolder(self.folder), self.clock, owner, lasts, not_before)

    def caller(self, kept: KeptAnswers) -> Caller:
        """How a service of this desk is called."""
        guard = DebitGuard(Account(kept.owner[0], kept.owner[2], "catalog"), self.book)
        return Caller(QUICK, guard, kept)

    def tmdb(self, key: str = "key", not_before: datetime | None = None) -> Tmdb:
        """TMDB, with an access token that the fake knows."""
        caller = self.caller(self.kept("tmdb", key, not_before))
        made = Tmdb(self.provider.url + "/3", "local-key", caller)
        self.open.append(made)
        return made

    def watchmode(self) -> Watchmode:
        """Watchmode, likewise."""
        caller = self.caller(self.kept("watchmode"))
        made = Watchmode(self.provider.url + "/v1", "local-key", caller)
        self.open.append(made)
        return made

    def availability(self) -> StreamingAvailability:
        """Streaming Availability, likewise."""
        caller = self.caller(self.kept("streaming_availability"))
        made = StreamingAvailability(
            self.provider.url,
            "local-key",
            patience=caller.patience,
            guard=caller.guard,
            kept=caller.kept,
        )
        self.open.append(made)
        return made

    def down(self) -> None:
        """Let nothing of TMDB answer."""
        self.provider.faults.add(Rule("error", "providers", "tmdb.details"))

    def files(self) -> list[Path]:
        """What lies in the folder."""
        return sorted((self.folder / FOLDER).rglob("*.gz"))


@pytest.fixture
def desk(provider: Served, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose connections end with the test."""
    made = Desk(provider, tmp_path)
    yield made
    for service in made.open:
        service.close()


def matrix(service: Tmdb) -> Told:
    """Return what the service tells of The Matrix."""
    found = service.title("movie", MATRIX)
    assert found is not None
    return found


def test_answer_is_used_again_by_another_process_and_debits_nothing(desk: Desk) -> None:
    first = matrix(desk.tmdb())
    desk.clock.advance(7 * DAY - timedelta(seconds=1))
    desk.down()

    again = matrix(desk.tmdb())

    assert (first.at, again.at) == (None, NOW)
    assert again.answer == first.answer
    assert desk.book.calls == ["title"]


@pytest.mark.parametrize(
    ("name", "lasts"),
    [
        ("tmdb", {"title": 7 * DAY}),
        ("watchmode", {"title_with_sources": DAY}),
        ("streaming_availability", {"show": HOUR, "filters": 6 * HOUR}),
        ("youtube", {}),
    ],
)
def test_answers_are_kept_as_long_as_the_specification_says(
    name: str, lasts: dict[str, timedelta]
) -> None:
    assert limits().kept(name) == {call: it.total_seconds() for call, it in lasts.items()}


def test_answer_past_its_time_is_not_used_even_where_nobody_answers(desk: Desk) -> None:
    matrix(desk.tmdb())
    desk.clock.advance(7 * DAY)
    desk.down()

    with pytest.raises(UnavailableError):
        matrix(desk.tmdb())


def test_answer_that_still_holds_by_its_validator_is_good_for_its_time_again(desk: Desk) -> None:
    first = matrix(desk.tmdb())
    desk.clock.advance(7 * DAY)

    renewed = matrix(desk.tmdb())
    desk.clock.advance(6 * DAY)
    kept = matrix(desk.tmdb())

    assert (renewed.at, kept.at) == (None, NOW + 7 * DAY)
    assert renewed.answer == kept.answer == first.answer
    assert len(desk.book.calls) == 2  # whether it still holds costs a call


def test_provider_that_says_nothing_has_changed_sends_no_body(desk: Desk) -> None:
    kept = desk.kept("tmdb")
    matrix(desk.tmdb())
    (file,) = desk.files()
    said = RawFolder(desk.folder).read_json(str(file.relative_to(desk.folder)))

    conditions = {"If-None-Match": said["etag"]}
    answer = desk.open[0]._client.get(said["path"], params=said["query"], headers=conditions)

    assert (answer.status_code, answer.content) == (304, b"")
    assert kept.lasts == {"title": 604_800}


def test_answer_without_a_validator_is_asked_for_whole_once_its_time_is_over(desk: Desk) -> None:
    for _ in range(2):
        assert desk.watchmode().title(OF_WATCHMODE, "US")
    desk.clock.advance(DAY)

    told = desk.watchmode().title(OF_WATCHMODE, "US")

    assert told is not None
    assert told.at is None
    assert desk.book.calls == ["title_with_sources"] * 2


def test_run_that_wants_everything_anew_asks_and_leaves_the_newer_answer(desk: Desk) -> None:
    matrix(desk.tmdb())
    desk.clock.advance(HOUR)

    anew = matrix(desk.tmdb(not_before=desk.clock.now()))
    desk.clock.advance(HOUR)

    assert anew.at is None
    assert matrix(desk.tmdb()).at == NOW + HOUR
    assert len(desk.book.calls) == 2


def test_answer_is_used_by_its_own_key_alone_and_never_from_a_time_to_come(desk: Desk) -> None:
    matrix(desk.tmdb())

    assert matrix(desk.tmdb(key="another")).at is None
    desk.clock.advance(-HOUR)
    assert matrix(desk.tmdb()).at is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\x1f\x8b\x08\x00broken"])
def test_answer_that_cannot_be_read_is_asked_for_and_written_anew(
    desk: Desk, content: bytes
) -> None:
    matrix(desk.tmdb())
    (file,) = desk.files()
    file.write_bytes(content)

    assert matrix(desk.tmdb()).at is None
    assert matrix(desk.tmdb()).at == NOW


def test_folder_that_takes_nothing_costs_a_call_and_no_answer(desk: Desk) -> None:
    (desk.folder / FOLDER).write_text("in the way")

    assert [matrix(desk.tmdb()).at for _ in range(2)] == [None, None]
    assert len(desk.book.calls) == 2


def test_what_is_gone_is_not_kept(desk: Desk) -> None:
    assert [desk.tmdb().title("movie", "1") for _ in range(2)] == [None, None]
    assert len(desk.book.calls) == 2


def test_key_is_in_no_file(desk: Desk) -> None:
    matrix(desk.tmdb())

    (file,) = desk.files()
    said = RawFolder(desk.folder).read_json(str(file.relative_to(desk.folder)))

    assert "local-key" not in str(said)


def test_listed_title_whose_kept_answer_does_not_know_its_platform_is_asked_anew(
    desk: Desk,
) -> None:
    record = matrix(desk.tmdb()).answer
    (file,) = desk.files()
    place = str(file.relative_to(desk.folder))
    said = RawFolder(desk.folder).read_json(place)
    del said["answer"]["watch/providers"]["results"]["US"]
    RawFolder(desk.folder).write_json(place, said)

    lists = TmdbCatalog(desk.tmdb(), platform="netflix", region="US")
    told = lists.record("movie.0", MATRIX)

    assert told is not None
    assert (told.at, told.answer) == (None, record)
    again = lists.record("movie.0", MATRIX)
    assert again is not None
    assert again.at == NOW


def test_pages_of_a_catalog_are_kept_with_when_they_were_told(desk: Desk) -> None:
    def walked() -> list[set[datetime | None]]:
        source = CatalogSource(desk.availability(), platform="netflix", region="US")
        return [set(page.told_at) for page in source.pages(None)]

    first, paid = walked(), len(desk.book.calls)
    desk.clock.advance(6 * HOUR - timedelta(seconds=1))
    again = walked()

    assert first
    assert (first, again) == ([{None}] * len(first), [{NOW}] * len(first))
    assert len(desk.book.calls) == paid
    desk.clock.advance(timedelta(seconds=1))
    assert walked() == first


def test_plan_says_how_long_answers_are_kept_where_a_contract_does() -> None:
    assert limits('{"tmdb": {}}').kept("tmdb") == limits().kept("tmdb")
    assert limits('{"tmdb": {"keeps": {"title": 60}}}').kept("tmdb") == {"title": 60}
    assert limits('{"tmdb": {"keeps": {}}}').kept("tmdb") == {}
    with pytest.raises(InvalidInputError, match="keeps"):
        limits('{"tmdb": {"keeps": {"title": 99999999}}}')


class Says:
    """A provider that answers everything with one body, and counts."""

    def __init__(self, body: bytes) -> None:
        self.body, self.asked = body, 0

    def handler(self) -> type[Silent]:
        """Return what serves it."""
        says = self

        class Handler(Silent):
            def take(self) -> None:
                says.asked += 1
                self.send_response(200)
                self.send_header("content-length", str(len(says.body)))
                self.end_headers()
                self.wfile.write(says.body)

        return Handler


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'["shows"]', b'{"message":"try later"}'])
def test_answer_that_nobody_can_read_is_set_aside_once_and_never_used_again(
    desk: Desk, body: bytes
) -> None:
    says = Says(body)
    with loopback(says.handler()) as url:
        kept = desk.kept("streaming_availability")
        service = StreamingAvailability(url, "local-key", patience=QUICK, kept=kept)
        desk.open.append(service)
        source = CatalogSource(service, platform="netflix", region="US")
        told = []
        for _ in range(2):
            with pytest.raises(UnavailableError) as caught:
                list(source.pages(None))
            told.append(caught.value.message)

    assert told[0] == told[1]
    place = told[0].rpartition(" ")[2]
    assert place.startswith(f"{REFUSED}/streaming_availability/2026-06-10/")
    said = RawFolder(desk.folder).read_json(place)
    assert said["body"].encode() == body
    assert len([*(desk.folder / REFUSED).rglob("*.gz")]) == 1
    assert desk.files() == []
    assert says.asked > 1
