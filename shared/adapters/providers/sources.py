"""Which source delivers what is asked of a provider."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from shared.adapters.providers.enriching import EnrichmentLists, EpisodeLists
from shared.adapters.providers.streaming_availability import (
    CatalogSource,
    ChangeSource,
    StreamingAvailability,
)
from shared.adapters.providers.tmdb import Tmdb, TmdbCatalog, TmdbChanges, TmdbTrending
from shared.adapters.providers.walking import CatalogWalk, FeedWalk
from shared.adapters.providers.watchmode import Watchmode, WatchmodeCatalog, WatchmodeChanges
from shared.adapters.providers.youtube import Uploads, YouTube
from shared.catalog.fetch import CATALOG, ENRICHMENT, EPISODES, FEEDS, TRENDING
from shared.catalog.streaming_availability import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from shared.adapters.providers.calling import Caller
    from shared.adapters.providers.enriching import DueTitles
    from shared.adapters.providers.walking import Span
    from shared.catalog.fetch import Fetch
    from shared.catalog.ports import PageSource

REACH = {
    PROVIDER: timedelta(days=31),
    "tmdb": timedelta(days=14),
    "watchmode": timedelta(days=30),
    "youtube": timedelta(days=90),
}
"""How far back each provider's feeds go, and how far ours are read the first time."""
WALK = timedelta(minutes=5)
"""How long a walk may take at most without its span growing too old for the provider."""


@runtime_checkable
class Feed(Protocol):
    """A source that knows up to when it was read whole."""

    walked_until: datetime | None


@dataclass(frozen=True)
class Place:
    """Where a provider is, and what lets us in.

    Attributes:
        key: Gives the key when it is first needed.
        key_ref: Reference of the key; quotas are counted by it.
        channels: Whose videos are brought in, for YouTube.
    """

    url: str
    key: Callable[[], str]
    key_ref: str
    channels: tuple[str, ...] = ()

    def owner(self, provider: str) -> tuple[str, str, str]:
        """Return whose answers are kept: another key, elsewhere, may be told other things."""
        return provider, self.url, self.key_ref


@dataclass(frozen=True)
class Asked:
    """What a source is to deliver.

    Attributes:
        span: Of a feed; of anything else it means nothing.
        due: Titles to enrich.
    """

    fetch: Fetch
    span: Span
    due: DueTitles


@contextmanager
def opened(asked: Asked, place: Place, caller: Caller) -> Iterator[PageSource]:
    """Give the source of what is asked; its connections are let go after the block.

    Args:
        asked: What can be fetched of the provider (`shared.catalog.fetch.plan`).
        place: Where the provider is.
        caller: How it is called.
    """
    with _OPENED[asked.fetch.provider](asked, place, caller) as source:
        yield source


@contextmanager
def _streaming_availability(asked: Asked, place: Place, caller: Caller) -> Iterator[PageSource]:
    fetch, span = asked.fetch, asked.span
    of = {"platform": fetch.platform, "region": fetch.region}
    with StreamingAvailability(
        place.url, place.key(), patience=caller.patience, guard=caller.guard, kept=caller.kept
    ) as service:
        if fetch.kind in FEEDS:
            yield ChangeSource(service, **of, since=span.since, until=span.until)
        else:
            yield CatalogSource(service, **of, episodes=fetch.kind == EPISODES)


@contextmanager
def _tmdb(asked: Asked, place: Place, caller: Caller) -> Iterator[PageSource]:
    fetch = asked.fetch
    with Tmdb(place.url, place.key(), caller) as service:
        if fetch.kind == CATALOG:
            lists = TmdbCatalog(service, platform=fetch.platform, region=fetch.region)
            yield CatalogWalk(lists)
        elif fetch.kind == ENRICHMENT:
            yield CatalogWalk(EnrichmentLists(service, asked.due))
        elif fetch.kind == EPISODES:
            yield CatalogWalk(EpisodeLists(service, asked.due))
        elif fetch.kind == TRENDING:
            yield TmdbTrending(service)
        else:
            yield FeedWalk(partial(TmdbChanges, service), asked.span)


@contextmanager
def _watchmode(asked: Asked, place: Place, caller: Caller) -> Iterator[PageSource]:
    fetch = asked.fetch
    with Watchmode(place.url, place.key(), caller) as service:
        if fetch.kind == CATALOG:
            lists = WatchmodeCatalog(service, platform=fetch.platform, region=fetch.region)
            yield CatalogWalk(lists)
        else:
            feeds = partial(WatchmodeChanges, service, kind=fetch.kind, region=fetch.region)
            yield FeedWalk(feeds, asked.span)


@contextmanager
def _youtube(asked: Asked, place: Place, caller: Caller) -> Iterator[PageSource]:
    span = asked.span if asked.fetch.kind in FEEDS else None
    with YouTube(place.url, place.key(), caller) as service:
        yield Uploads(service, place.channels, span)


_OPENED: dict[str, Callable[[Asked, Place, Caller], AbstractContextManager[PageSource]]] = {
    PROVIDER: _streaming_availability,
    "tmdb": _tmdb,
    "watchmode": _watchmode,
    "youtube": _youtube,
}
