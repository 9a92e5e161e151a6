"""TMDB, Watchmode and YouTube: our clients against their fakes over HTTP, page by page."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulators.core.faults import Rule
from emulators.providers.allowances import Window
from emulators.providers.catalog import SAMPLE
from emulators.providers.service import endpoint
from emulators.providers.youtube import CHANNEL
from shared.adapters.providers.calling import Caller, Patience
from shared.adapters.providers.tmdb import Tmdb, TmdbCatalog, TmdbChanges
from shared.adapters.providers.walking import CatalogWalk, FeedWalk, Span
from shared.adapters.providers.watchmode import Watchmode, WatchmodeCatalog, WatchmodeChanges
from shared.adapters.providers.youtube import Uploads, YouTube
from shared.catalog.normalize import normalize_page
from shared.catalog.ports import Delivery
from shared.catalog.raw import RawPage
from shared.catalog.values import ExternalIdType, OfferType
from shared.kernel.errors import (
    ExhaustedError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)
from tests.contracts.providers.serving import Served, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shared.adapters.providers.calling import ProviderApi
    from shared.catalog.item import CanonicalItem
    from shared.catalog.ports import PageSource

NOON = 1_781_092_800
NOW = datetime.fromtimestamp(NOON, UTC)
DAY = timedelta(days=1)
SPANS = {
    "tmdb": Span(NOW - 13 * DAY, NOW),
    "watchmode": Span(NOW - 29 * DAY, NOW),
    "youtube": Span(NOW - 1500 * DAY, NOW),
}
QUICK = Caller(Patience(first=0.01, longest=0.02, jitter=0.0))
FEW = Path(__file__).parents[2] / "emulated" / "providers" / "catalog.jsonl"
PLENTY = {name: (Window(units=1_000_000, seconds=10),) for name in ("tmdb", "watchmode", "youtube")}
CLIENTS: list[ProviderApi] = []
PATHS = {Tmdb: "/3", Watchmode: "/v1", YouTube: "/youtube/v3"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Providers of every third title of the sample, with quotas that do not end."""
    some = tmp_path_factory.mktemp("catalog") / "some.jsonl"
    some.write_bytes(b"\n".join(gzip.decompress(SAMPLE.read_bytes()).splitlines()[::3]))
    with served(partial(endpoint, catalog=some, tariffs=PLENTY), now=NOON) as running:
        yield running


@pytest.fixture
def provider(sample: Served) -> Served:
    """The same, without faults of an earlier test."""
    sample.faults.clear()
    return sample


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close the clients that a test has made."""
    yield
    while CLIENTS:
        CLIENTS.pop().close()


def asked(kind: type[Any], at: Served, key: str = "local-key") -> Any:  # noqa: ANN401 - one of ours
    """Return a client of the fake."""
    made = kind(at.url + PATHS[kind], key, QUICK)
    CLIENTS.append(made)
    return made


def source(name: str, at: Served, **of: str) -> PageSource:
    """Return a source of the fake by provider and kind."""
    tmdb, watchmode = asked(Tmdb, at), asked(Watchmode, at)
    where = {"platform": "hulu", "region": "US"} | of
    feed = partial(WatchmodeChanges, watchmode, region="US")
    made: dict[str, Callable[[], PageSource]] = {
        "tmdb catalog": lambda: CatalogWalk(TmdbCatalog(tmdb, **where)),
        "tmdb changes": lambda: FeedWalk(partial(TmdbChanges, tmdb), SPANS["tmdb"]),
        "watchmode catalog": lambda: CatalogWalk(WatchmodeCatalog(watchmode, **where)),
        "watchmode changes": lambda: FeedWalk(partial(feed, kind="changes"), SPANS["watchmode"]),
        "watchmode availability": lambda: FeedWalk(
            partial(feed, kind="availability"), SPANS["watchmode"]
        ),
        "youtube catalog": lambda: Uploads(asked(YouTube, at), [CHANNEL]),
        "youtube changes": lambda: Uploads(asked(YouTube, at), [CHANNEL], SPANS["youtube"]),
    }
    return made[name]()


def items(name: str, deliveries: list[Delivery], platform: str = "all") -> list[CanonicalItem]:
    """Return what our normalizers make of deliveries; nothing is set aside."""
    found: list[CanonicalItem] = []
    for delivery in deliveries:
        page = RawPage(
            provider=name.split(maxsplit=1)[0],
            platform=platform,
            region="US",
            fetched_at=NOW,
            records=list(delivery.records),
        )
        normalized = normalize_page(page, "p.json.gz")
        assert normalized.errors == ()
        found += normalized.items
    return found


SOURCES = (
    "tmdb catalog",
    "tmdb changes",
    "watchmode catalog",
    "watchmode changes",
    "watchmode availability",
    "youtube changes",
)


@pytest.mark.parametrize("name", [*SOURCES, "youtube catalog"])
def test_walk_comes_to_its_end_in_pages_that_our_normalizers_read(
    provider: Served, name: str
) -> None:
    deliveries = list(source(name, provider).pages(None))

    ids = [record["id"] for delivery in deliveries for record in delivery.records]
    assert len(ids) > 20
    assert len(deliveries) > 1
    assert max(len(delivery.records) for delivery in deliveries) <= 50
    assert [d.next_cursor is None for d in deliveries] == [False] * (len(deliveries) - 1) + [True]
    found = items(name, [d for d in deliveries if d.records])
    assert len({item.title for item in found}) > 20


@pytest.mark.parametrize("name", SOURCES)
def test_walk_goes_on_at_any_cursor_with_the_same_pages(provider: Served, name: str) -> None:
    whole = list(source(name, provider).pages(None))
    middle = (len(whole) - 1) // 2

    rest = list(source(name, provider).pages(whole[middle].next_cursor))

    assert [d.records for d in rest] == [d.records for d in whole[middle + 1 :]]


@pytest.mark.parametrize("name", [n for n in SOURCES if "catalog" not in n])
def test_feed_goes_on_in_the_span_it_began_in_and_says_how_far_it_was_read(
    provider: Served, name: str
) -> None:
    feed: Any = source(name, provider)
    pages = feed.pages(None)
    cursor = next(pages).next_cursor
    assert feed.walked_until is None

    list(pages)

    assert feed.walked_until == NOW
    since, until = cursor.split("/")[:2]
    assert f"{since}/{until}" == str(SPANS[name.split(maxsplit=1)[0]])


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("cursor", ["gossip/1/0", "1/2/gossip/1/0", "movie/x/0", "1/2"])
def test_cursor_of_another_source_is_refused(provider: Served, name: str, cursor: str) -> None:
    with pytest.raises(InvalidInputError, match="cursor"):
        next(iter(source(name, provider).pages(cursor)))


def test_titles_of_tmdb_carry_ids_people_certificates_and_offers(provider: Served) -> None:
    tmdb = asked(Tmdb, provider)
    (number, *_), _ = TmdbCatalog(tmdb, platform="netflix", region="US").page("movie.2000", 1)
    told = tmdb.title("movie", number)
    assert told is not None

    (found,) = (i for i in items("tmdb", [Delivery([told.answer])]) if i.platform == "netflix")

    assert {kind.value for kind in found.external_ids} == {"imdb", "tmdb_movie"}
    assert found.external_ids[ExternalIdType.TMDB_MOVIE] == number
    assert found.maturity is not None
    assert {person.role.value for person in found.credits} == {"director", "actor"}
    assert (found.offers[0].type, found.offers[0].tier) == (OfferType.SUBSCRIPTION, "standard")


def test_same_title_has_the_same_ids_at_both_aggregators(provider: Served) -> None:
    ids = []
    for name in ("tmdb catalog", "watchmode catalog"):
        deliveries = list(source(name, provider, platform="disney_plus").pages(None))
        found = items(name, deliveries, platform="disney_plus")
        ids.append({item.external_ids.get(ExternalIdType.IMDB) for item in found})

    assert ids[0] == ids[1]
    assert len(ids[0]) > 20


@pytest.mark.parametrize("kind", list(PATHS))
def test_unknown_key_is_not_tried_again(provider: Served, kind: type[ProviderApi]) -> None:
    path = {Tmdb: "/discover/movie", Watchmode: "/list-titles/", YouTube: "/channels"}[kind]

    with pytest.raises((UnauthenticatedError, InvalidInputError), match=r"API key"):
        asked(kind, provider, "stolen").get(path, {})


def test_what_is_gone_is_left_out(provider: Served) -> None:
    assert asked(Tmdb, provider).title("movie", "1") is None
    assert asked(Watchmode, provider).title("1", "US") is None
    assert asked(YouTube, provider).videos(["nonexistent"]) == []
    with pytest.raises(NotFoundError, match="no channel 'UCnobody'"):
        asked(YouTube, provider).uploads("UCnobody")


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("tmdb catalog", "tmdb.details"),
        ("watchmode catalog", "watchmode.details"),
        ("youtube catalog", "youtube.videos"),
    ],
)
def test_call_that_fails_is_made_again_and_one_that_stays_away_is_named(
    provider: Served, name: str, method: str
) -> None:
    rule = Rule("error", "providers", method, remaining=4)
    provider.faults.add(rule)
    first = next(d for d in source(name, provider).pages(None) if d.records)
    assert (rule.struck, len(first.records) > 0) == (4, True)
    provider.faults.add(Rule("error", "providers", method))

    with pytest.raises(UnavailableError, match=f"{name.split(maxsplit=1)[0]} answered .* with 503"):
        list(source(name, provider).pages(None))


def test_spent_quota_of_youtube_comes_as_a_refusal_and_waits_for_the_next_run() -> None:
    few = {"youtube": (Window(units=1, zone="America/Los_Angeles"),)}
    with served(partial(endpoint, catalog=FEW, tariffs=few), now=NOON) as provider:
        service = asked(YouTube, provider)
        service.uploads(CHANNEL)

        with pytest.raises(ExhaustedError, match=r"403: .* exceeded your quota") as caught:
            service.uploads(CHANNEL)

    assert caught.value.retry_after_seconds == 3600


def test_spent_day_of_watchmode_is_not_waited_out_and_details_cost_two() -> None:
    few = {"watchmode": (Window(units=3),)}
    with served(partial(endpoint, catalog=FEW, tariffs=few), now=NOON) as provider:
        service = asked(Watchmode, provider)
        assert service.title("3000001", "US") is not None

        with pytest.raises(ExhaustedError, match="429: over the allowed limit of 3") as caught:
            service.title("3000001", "US")
        service.ids("/list-titles/", {"regions": "US"})

    assert caught.value.retry_after_seconds == 12 * 3600


def test_tmdbs_ten_seconds_are_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    few = {"tmdb": (Window(units=1, seconds=10),)}
    with served(partial(endpoint, catalog=FEW, tariffs=few), now=NOON + 3) as provider:

        def wait(seconds: float) -> None:
            waits.append(seconds)
            provider.clock.advance(seconds)

        monkeypatch.setattr("tenacity.nap.time.sleep", wait)
        service = asked(Tmdb, provider)
        for _ in range(2):
            assert service.title("movie", "603") is not None

    assert waits == [7.0]


def test_channel_that_nobody_named_is_asked_for(provider: Served) -> None:
    with pytest.raises(InvalidInputError, match="Name channels"):
        Uploads(asked(YouTube, provider), [])
