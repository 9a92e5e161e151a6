"""The fetch job with every provider, and what it says where nothing may be fetched now."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from emulators.core.faults import Rule
from emulators.providers.allowances import Window
from emulators.providers.catalog import read_titles
from emulators.providers.faces import number_of
from emulators.providers.service import endpoint
from emulators.providers.youtube import CHANNEL
from shared.adapters import connect
from shared.adapters.providers import fetching, sources
from shared.adapters.providers.fetching import OVERLAP, _Turn
from shared.adapters.providers.ledger import Watermarks
from shared.adapters.providers.sources import REACH
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.quota.leases import FetchLeases
from shared.adapters.sql.runs import Part
from shared.catalog.fetch import Fetch
from shared.catalog.normalize import normalize_page
from shared.catalog.ports import Delivery
from shared.catalog.stand_ins import stand_ins
from shared.catalog.values import ExternalIdType
from shared.kernel.clock import SystemClock
from tests.contracts.providers.serving import Served, served
from tests.fakes.surroundings import change
from tests.functions.test_catalog_fetch import CATALOG, loaded, rows, run
from tests.unit.catalog.test_streaming_availability import NETFLIX, show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from shared.adapters.providers.sources import Asked
    from shared.catalog.item import CanonicalItem
    from shared.catalog.raw import Normalized, RawPage
    from tests.functions.conftest import SentEvents

USED = "SELECT provider, key_ref, period, used FROM quota_ledger"
MATRIX = show(NETFLIX)
UNPACED = '{"tmdb": {}}'  # at its real pace a test would sleep
PLENTY = {name: (Window(units=100_000),) for name in ("tmdb", "watchmode", "youtube")}


@pytest.fixture
def provider(connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Every fake provider with a small catalog, to which this process is connected."""
    assert connected.database_url
    with served(partial(endpoint, catalog=CATALOG, tariffs=PLENTY)) as running:
        given = {"PROVIDER_URL": running.url, "PROVIDER_KEY": "key-of-sa"}
        paths = {"TMDB": "/3", "WATCHMODE": "/v1", "YOUTUBE": "/youtube/v3"}
        for name, path in paths.items():
            given |= {f"{name}_URL": running.url + path, f"{name}_KEY": f"key-of-{name.lower()}"}
        given |= {"YOUTUBE_CHANNELS": CHANNEL, "PROVIDER_PLANS": UNPACED}
        change(monkeypatch, {f"MEDIA_GATEWAY_{name}": value for name, value in given.items()})
        yield running


@pytest.mark.parametrize(
    ("name", "kind", "used"),
    [
        ("tmdb", "catalog", []),
        ("tmdb", "changes", []),
        ("watchmode", "catalog", [("watchmode", "key-of-watchmode", "day", 7)]),
        ("watchmode", "changes", None),
        ("watchmode", "availability", None),
        ("youtube", "catalog", [("youtube", "key-of-youtube", "day", 3)]),
        ("youtube", "changes", [("youtube", "key-of-youtube", "day", 2)]),
        ("streaming_availability", "availability", None),
        ("streaming_availability", "episodes", None),
        ("tmdb", "episodes", []),
        ("tmdb", "trending", []),
    ],
)
def test_every_kind_of_every_provider_comes_in_and_costs_what_its_plan_says(
    provider: Served,
    sent: SentEvents,
    capsys: pytest.CaptureFixture[str],
    name: str,
    kind: str,
    used: list[tuple[str, str, str, int]] | None,
) -> None:
    assert provider.url
    main = loaded("catalog_fetch", sent)
    arguments = ("--provider", name, "--kind", kind, "--region", "US", "--run-id", "r1")

    done = run(main, capsys, *arguments)

    assert "state" not in done
    if kind == "catalog":
        assert done["read"] > 0
        assert [event.data["provider"] for event in sent.events] == [name] * done["pages"]
    assert rows("SELECT error, fetched_at IS NOT NULL, kind FROM ingest_run") == [
        (None, True, kind)
    ]
    is_feed = kind in {"changes", "availability"}
    assert rows("SELECT provider FROM sync_cursor") == ([(name,)] if is_feed else [])
    assert used is None or rows(USED) == used


def test_titles_that_another_platforms_run_asked_for_cost_no_second_call(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    main = loaded("catalog_fetch", sent)
    part = ("--provider", "watchmode", "--platform", "netflix", "--run-id")
    first = run(main, capsys, *part, "r1")
    ((*_, listed),) = rows(USED)

    again = run(main, capsys, *part, "r2")
    ((*_, after),) = rows(USED)
    anew = run(main, capsys, *part, "r3", "--anew")

    assert (first["kept"], anew["kept"]) == (0, 0)
    titles = again["kept"]
    assert titles > 0
    assert after - listed == listed - 2 * titles  # the lists alone
    told, asked = (items(sent, run_id) for run_id in ("r1", "r2"))
    assert [one.source.fetched_at < first_page(sent, "r2") for one in asked] == [True] * len(asked)
    assert [one.title for one in told] == [one.title for one in asked]


def test_file_is_read_anew_in_any_case(
    connected: connect.Addresses, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert connected.database_url
    given = ("--provider", "generic", "--preset", "justwatch", "--path", "titles.csv", "--anew")

    failed = run(loaded("catalog_fetch", sent), capsys, *given, status=1)

    assert "a file is always read anew" in failed["error"]


def test_platform_of_a_provider_that_is_one_is_its_own(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url

    done = run(loaded("catalog_fetch", sent), capsys, "--provider", "youtube")

    assert done["platform"] == "youtube"


def test_feed_is_taken_up_a_little_before_where_it_was_read(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    main = loaded("catalog_fetch", sent)
    feed = ("--provider", "watchmode", "--kind", "availability", "--run-id")
    run(main, capsys, *feed, "r1")
    ((first,),) = rows("SELECT watermark FROM sync_cursor")
    part = Part("r2", "watchmode", "all", "US", "availability")

    since = main.fetcher()._since(_Turn(part, part, (part,)), first + 3 * OVERLAP, asked=None)

    assert since == first - OVERLAP


def test_feed_is_read_again_from_the_moment_that_is_asked_for_or_as_far_as_it_goes(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    main = loaded("catalog_fetch", sent)
    now, feed = SystemClock().now(), ("--provider", "watchmode", "--kind", "changes")
    part = Part("r1", "watchmode", "all", "US", "changes")
    turn, asked = _Turn(part, part, (part,)), now - timedelta(days=9)

    assert run(main, capsys, *feed, "--since", asked.isoformat())["pages"] > 0
    assert main.fetcher()._since(turn, now, asked=asked) == asked
    assert (
        main.fetcher()._since(turn, now, asked=now - timedelta(days=99)) > now - REACH["watchmode"]
    )
    assert (
        "no moment to begin"
        in (run(main, capsys, *feed[:2], "--since", asked.isoformat(), status=1)["error"])
    )


def test_spent_quota_defers_a_run_which_goes_on_where_it_stopped(
    provider: Served,
    sent: SentEvents,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert provider.url
    plans = '{"watchmode": {"allowances": [{"period": "day", "units": %d}]}}'
    alone = {"MEDIA_GATEWAY_TMDB_KEY": ""}  # nobody stands in
    change(monkeypatch, {**alone, "MEDIA_GATEWAY_PROVIDER_PLANS": plans % 3})
    arguments = ("--provider", "watchmode", "--kind", "catalog", "--run-id", "r1")

    deferred = run(loaded("catalog_fetch", sent), capsys, *arguments)

    assert (deferred["state"], rows(USED)[0][3]) == ("deferred", 2)
    assert "catalog may use 2 of 3 units a day" in deferred["reason"]
    assert 0 < deferred["retry_after_seconds"] <= 86_400
    assert rows("SELECT error LIKE '%spent until%' FROM ingest_run") == [(True,)]
    change(monkeypatch, {"MEDIA_GATEWAY_PROVIDER_PLANS": plans % 100})
    done = run(loaded("catalog_fetch", sent), capsys, *arguments)
    assert (done["pages"], rows("SELECT error FROM ingest_run")) == (1, [(None,)])


def test_provider_that_fails_too_often_is_skipped_and_others_are_not(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    main = loaded("catalog_fetch", sent)
    provider.faults.add(Rule("error", "providers", "tmdb.*"))
    provider.faults.add(Rule("error", "providers", "tmdb.discover"))
    failed = run(main, capsys, "--provider", "tmdb", "--run-id", "r1", status=1)
    assert "tmdb answered /discover/movie with 503" in failed["error"]

    skipped = run(main, capsys, "--provider", "tmdb", "--run-id", "r1")
    other = run(main, capsys, "--provider", "watchmode", "--run-id", "r2")

    assert skipped["state"] == "skipped"
    assert 0 < skipped["retry_after_seconds"] <= 30
    assert other["pages"] > 0


def spent(monkeypatch: pytest.MonkeyPatch, *providers: str) -> None:
    """Leave nothing of some providers' quotas; TMDB's pace is not kept."""
    nothing = {"allowances": [{"period": "day", "units": 0}]}
    plans: dict[str, object] = {"tmdb": {}} | dict.fromkeys(providers, nothing)
    change(monkeypatch, {"MEDIA_GATEWAY_PROVIDER_PLANS": json.dumps(plans)})


ERRORS = "SELECT platform, provider, error FROM ingest_run ORDER BY started_at"


def test_part_whose_provider_may_not_be_asked_is_taken_by_the_next_one(
    provider: Served,
    sent: SentEvents,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert provider.url
    spent(monkeypatch, "streaming_availability")
    arguments = ("--platform", "netflix", "--kind", "catalog", "--run-id", "r1")

    done = run(loaded("catalog_fetch", sent), capsys, *arguments)

    assert (done["state"], done["taken_by"]) == ("deferred", "watchmode")
    assert done["read"] > 0
    own, other = rows(ERRORS)
    assert own[:2] == ("netflix", "streaming_availability")
    assert own[2].endswith("; taken by watchmode")
    assert other == ("netflix", "watchmode", None)


def test_part_that_two_may_not_bring_is_taken_by_the_third_and_else_by_none(
    provider: Served,
    sent: SentEvents,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert provider.url
    spent(monkeypatch, "streaming_availability", "watchmode")
    part = ("--platform", "netflix", "--run-id", "r1", "--kind")

    third = run(loaded("catalog_fetch", sent), capsys, *part, "catalog")
    none = run(loaded("catalog_fetch", sent), capsys, *part, "availability")

    assert (third["taken_by"], third["read"] > 0) == ("tmdb", True)
    assert (none["state"], "taken_by" in none) == ("deferred", False)


def test_one_feed_stands_in_for_every_platform_and_moves_no_watermark_of_its_own(
    provider: Served,
    sent: SentEvents,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert provider.url
    spent(monkeypatch, "streaming_availability")
    main = loaded("catalog_fetch", sent)
    feed = ("--kind", "availability", "--run-id", "r1", "--platform")

    first = run(main, capsys, *feed, "netflix")
    calls = rows(USED)
    with FetchLeases(connect.engine(), SystemClock()).held(
        Part("r1-hulu", "watchmode", "all", "US", "availability"), OVERLAP
    ):
        meanwhile = run(main, capsys, *feed, "peacock")

    assert (first["taken_by"], meanwhile["taken_by"]) == ("watchmode", "watchmode")
    assert ("read" in meanwhile, rows(USED)) == (False, calls)
    assert rows("SELECT provider, platform, kind FROM sync_cursor") == [
        ("watchmode", "all", "availability-instead")
    ]


def test_stand_in_reads_from_where_the_other_feed_was_left(
    provider: Served,
    sent: SentEvents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert provider.url
    spent(monkeypatch)
    fetcher = loaded("catalog_fetch", sent).fetcher()
    now, marks = SystemClock().now(), Watermarks(connect.engine())
    own = Fetch("r1", "streaming_availability", "netflix", "US", "availability")
    (other,) = stand_ins(own, ["watchmode"], fetcher.places)
    turn = _Turn.instead(own, other)
    marks.keep(turn.marks[1], now - timedelta(hours=3))

    missed = fetcher._since(turn, now, asked=None)
    marks.keep(turn.marks[0], now - timedelta(hours=1))

    assert missed == now - timedelta(hours=3) - OVERLAP
    assert fetcher._since(turn, now, asked=None) == now - timedelta(hours=1) - OVERLAP


def test_part_that_another_run_fetches_is_left_to_it(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    main = loaded("catalog_fetch", sent)
    leases = FetchLeases(connect.engine(), SystemClock())
    part = Part("r1", "tmdb", "all", "US", "catalog")

    with leases.held(part, OVERLAP):
        busy = run(main, capsys, "--provider", "tmdb", "--run-id", "r2")
        other = run(main, capsys, "--provider", "tmdb", "--region", "DE", "--run-id", "r2")

    assert (busy["state"], "run 'r1' fetches" in busy["reason"]) == ("run-active", True)
    assert rows("SELECT region FROM ingest_run") == [("DE",)]
    assert "state" not in other
    assert rows("SELECT count(*) FROM fetch_lease") == [(0,)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--provider", "tmdb", "--kind", "availability"), "tmdb has no kind 'availability'"),
        (("--provider", "youtube", "--kind", "enrichment"), "youtube has no kind 'enrichment'"),
        (("--provider", "tmdb", "--platform", "twitch"), "tmdb has no code for platform 'twitch'"),
    ],
)
def test_what_a_provider_does_not_have_is_refused_by_name(
    provider: Served,
    sent: SentEvents,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    assert provider.url

    assert told in run(loaded("catalog_fetch", sent), capsys, *arguments, status=1)["error"]


@pytest.mark.usefixtures("connected")
def test_provider_without_a_key_is_not_asked(
    sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = run(loaded("catalog_fetch", sent), capsys, "--provider", "watchmode", status=1)

    assert "watchmode is not configured" in failed["error"]


def test_titles_that_nobody_confirmed_for_a_week_are_asked_for_again(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    for tmdb, days in (("603", 8), ("129", 6), ("999", 30)):
        keep_title(tmdb, days)

    done = run(loaded("catalog_fetch", sent), capsys, "--provider", "tmdb", "--kind", "enrichment")

    assert (done["pages"], len(sent.events)) == (1, 1)
    assert done["read"] == 3  # it is on three of our platforms


def test_series_come_with_seasons_and_episodes_each_with_its_own_offers(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    arguments = ("--platform", "netflix", "--kind", "episodes")

    done = run(loaded("catalog_fetch", sent), capsys, *arguments)

    found = [item for page in pages(sent) for item in page.items]
    kinds = Counter(item.content_type for item in found)
    assert len(found) == done["read"]
    assert set(kinds) == {"series", "season", "episode"}
    parts = [item for item in found if item.content_type != "series"]
    assert all(item.offers and item.part_of for item in parts)


def test_tmdb_tells_of_the_episodes_of_series_it_has_told_nothing_of_for_a_week(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    arguments = ("--provider", "tmdb", "--kind", "episodes", "--run-id")
    assert run(loaded("catalog_fetch", sent), capsys, *arguments, "r1")["read"] == 0
    (series, *_), _ = tv_numbers()
    keep_title(series, 0, kind="tv")

    done = run(loaded("catalog_fetch", sent), capsys, *arguments, "r2")

    (page,) = pages(sent)
    assert len(page.items) == done["read"] > 1
    assert {item.content_type for item in page.items} == {"season", "episode"}
    named = [item.part_of.external_ids for item in page.items if item.part_of]
    assert named == [{ExternalIdType.TMDB_TV: series}] * done["read"]
    told = (
        "INSERT INTO series_part"
        " VALUES ('tmdb', 'season/1', 'tmdb', 1, NULL, NULL, '{}', now(), :id)"
    )
    with connect.engine().begin() as connection:
        connection.execute(text(told), {"id": content_id(series)})
    assert run(loaded("catalog_fetch", sent), capsys, *arguments, "r3")["read"] == 0


def test_what_is_popular_comes_as_lists_tell_of_it_the_most_popular_first(
    provider: Served, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider.url
    arguments = ("--provider", "tmdb", "--kind", "trending")

    done = run(loaded("catalog_fetch", sent), capsys, *arguments)

    films = pages(sent)[0].items
    assert done["pages"] == 2  # of films and of series
    found = [film.popularity or 0 for film in films]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0
    assert not any(film.offers for film in films)


def pages(sent: SentEvents) -> list[Normalized]:
    """Return what the announced pages come to."""
    raw = RawFolder(connect.addresses().raw_dir)
    found = [(event.data["raw_uri"], raw.read(event.data["raw_uri"])) for event in sent.events]
    return [normalize_page(page, uri) for uri, page in found if page is not None]


def pages_of(sent: SentEvents, run_id: str) -> list[tuple[str, RawPage]]:
    """Return the announced pages of one run, by where they lie."""
    raw = RawFolder(connect.addresses().raw_dir)
    places = [e.data["raw_uri"] for e in sent.events if e.data["run_id"] == run_id]
    found = [(place, raw.read(place)) for place in places]
    return [(place, page) for place, page in found if page is not None]


def items(sent: SentEvents, run_id: str) -> list[CanonicalItem]:
    """Return what the announced pages of one run come to."""
    found = [normalize_page(page, place) for place, page in pages_of(sent, run_id)]
    return [item for page in found for item in page.items]


def first_page(sent: SentEvents, run_id: str) -> datetime:
    """Return when the first page of a run was written."""
    return min(page.fetched_at for _, page in pages_of(sent, run_id))


def tv_numbers() -> tuple[list[str], list[str]]:
    """Return the numbers at TMDB of the catalog's series, and their names."""
    found = [title for title in read_titles(CATALOG) if title.show_type == "series"]
    return [str(number_of(title)[1]) for title in found], [title.title for title in found]


TITLE = """
INSERT INTO content
  (id, content_type, title, title_key, content_hash, checked_at, created_at, updated_at)
VALUES (:id, :type, 't', 't', '', now() - make_interval(days => :days), now(), now())
"""
OWN_ID = """
INSERT INTO external_id (id_type, id_value, content_id, confidence, source, created_at)
VALUES (:id_type, :tmdb, :id, 1, 'test', now())
"""


def content_id(tmdb: str) -> str:
    """Return the id under which a test keeps a title."""
    return f"00000000-0000-4000-8000-{int(tmdb):012}"


def keep_title(tmdb: str, days: int, *, kind: str = "movie") -> None:
    """Keep a title that was confirmed so many days ago."""
    named = {"id_type": f"tmdb_{kind}", "type": "movie" if kind == "movie" else "series"}
    given = {"id": content_id(tmdb), "tmdb": tmdb, "days": days, **named}
    with connect.engine().begin() as connection:
        connection.execute(text(TITLE), given)
        connection.execute(text(OWN_ID), given)


@dataclass(frozen=True)
class ChangedShape:
    """A source whose records lost their titles."""

    asked: list[str]

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield one page after another, each unreadable."""
        for number in range(3):
            self.asked.append(f"{cursor} {number}")
            yield Delivery([{**MATRIX, "title": None}] * 10, next_cursor=str(number))


def test_provider_whose_answers_cannot_be_read_is_stopped_and_another_takes_its_parts(
    provider: Served,
    sent: SentEvents,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert provider.url
    main, asked, opened = loaded("catalog_fetch", sent), list[str](), sources.opened

    def changed(wanted: Asked, *given: Any) -> Any:  # noqa: ANN401 - as the function it stands for
        is_changed = wanted.fetch.provider == "streaming_availability"
        return nullcontext(ChangedShape(asked)) if is_changed else opened(wanted, *given)

    monkeypatch.setattr(fetching, "opened", changed)
    part = ("--platform", "netflix", "--kind", "catalog", "--run-id")

    first = run(main, capsys, *part, "r1")
    second = run(main, capsys, *part, "r2", "--region", "DE")

    assert [(done["state"], done["taken_by"]) for done in (first, second)] == [
        ("stopped", "watchmode")
    ] * 2
    assert "listings cannot be read" in first["reason"]
    assert (len(asked), 0 < second["retry_after_seconds"] <= 86_400) == (1, True)
    kept = "SELECT run_id, error LIKE '%cannot be read%' FROM ingest_run WHERE error IS NOT NULL"
    assert rows(f"{kept} ORDER BY 1") == [("r1", True), ("r2", True)]
