"""Fetching: what a source delivers becomes raw pages, each announced once.

The raw page is the checkpoint: it carries the cursor that follows it and is on disk before its
row is. A run that is started again records what lies there already (which changes nothing where
that was done) and goes on behind the last page.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from shared.catalog.drift import Tally, check_drift
from shared.catalog.mapping import ColumnMapping, chosen_mapping
from shared.catalog.normalize import GENERIC, listings
from shared.catalog.platforms import platforms
from shared.catalog.ports import Delivery, Ledger, PageSource, RawPages
from shared.catalog.raw import ALL_PLATFORMS, RawPage
from shared.catalog.streaming_availability import PROVIDER
from shared.kernel import ids
from shared.kernel.clock import Clock
from shared.kernel.errors import AppError, GoneError, InvalidInputError
from shared.kernel.events import Event

logger = logging.getLogger(__name__)

FETCHED = "catalog.fetched"
CATALOG = "catalog"
CHANGES = "changes"
AVAILABILITY = "availability"
ENRICHMENT = "enrichment"
EPISODES = "episodes"
"""Seasons and episodes of series; the other kinds bring whole titles alone."""
TRENDING = "trending"
"""What is popular just now, of which only the popularity may be new."""
Kind: TypeAlias = Literal[
    "catalog", "changes", "availability", "enrichment", "episodes", "trending"
]
FEEDS = frozenset({CHANGES, AVAILABILITY})
"""Kinds that read what has changed since they were read last."""
KINDS: Mapping[str, tuple[str, ...]] = {
    PROVIDER: (CATALOG, CHANGES, AVAILABILITY, EPISODES),
    "tmdb": (CATALOG, CHANGES, ENRICHMENT, EPISODES, TRENDING),
    "watchmode": (CATALOG, CHANGES, AVAILABILITY),
    "youtube": (CATALOG, CHANGES),
}
"""What can be fetched of whom; TMDB and YouTube have no feed of offers."""
_RAW_KINDS = {
    AVAILABILITY: CHANGES,
    ENRICHMENT: CATALOG,
    EPISODES: CATALOG,
    TRENDING: CATALOG,
}
"""What the pages of a kind are like, where it is not their own name."""


@dataclass(frozen=True)
class Fetch:
    """What to fetch: one provider's catalog of a platform and region, as part of a run.

    Attributes:
        since: From when on a feed is read; None takes it up where it was read last.
        anew: No answer from before is used again, however little time has passed.
    """

    run_id: str
    provider: str
    platform: str
    region: str
    kind: str = "catalog"
    preset: str = ""
    mapping: Mapping[str, Any] | None = None
    since: datetime | None = None
    anew: bool = False

    def columns(self) -> ColumnMapping:
        """Return the column mapping of a file.

        Raises:
            InvalidInputError: There is neither preset nor mapping, or it is not acceptable.
            NotFoundError: There is no preset of that name.
        """
        return chosen_mapping(self.preset, self.mapping)

    def raw_uri(self, page: int) -> str:
        """Return where a page lies, relative to the raw folder; pages count from 1."""
        return f"{self.provider}/{self.platform}-{self.region}/{self.run_id}/{page:05d}.json.gz"


def plan(fetch: Fetch, *, from_file: bool) -> Fetch:
    """Return a fetch with what was left open filled in, before anything is read.

    Raises:
        InvalidInputError: A file without provider ``generic``, ``generic`` without a file or
            a platform, a provider that we cannot ask, a kind that it does not have, anything but
            the catalog of a file, a moment to begin at for what is no feed, or a file anew.
        NotFoundError: There is no preset of that name.
    """
    if from_file != (fetch.provider == GENERIC):
        raise InvalidInputError(f"provider {GENERIC!r} reads a file, and no other provider does")
    if fetch.since and fetch.kind not in FEEDS:
        raise InvalidInputError(f"{fetch.kind} has no moment to begin at; {CHANGES} have")
    if not from_file:
        return _plan_of_service(fetch)
    if fetch.anew:
        raise InvalidInputError("a file is always read anew; leave it out")
    if fetch.kind != CATALOG:
        raise InvalidInputError("a file is a catalog, not a feed of changes")
    platform = fetch.platform or fetch.columns().platform
    if not platform:
        raise InvalidInputError("whose catalog is it? Name the platform")
    return replace(fetch, platform=platform)


def _plan_of_service(fetch: Fetch) -> Fetch:
    kinds = KINDS.get(fetch.provider)
    if kinds is None:
        known = ", ".join((GENERIC, *KINDS))
        raise InvalidInputError(f"there is no provider {fetch.provider!r}: {known}")
    if fetch.kind not in kinds:
        known = ", ".join(kinds)
        raise InvalidInputError(f"{fetch.provider} has no kind {fetch.kind!r}: {known}")
    usual = fetch.provider if fetch.provider in platforms() else ALL_PLATFORMS
    return replace(fetch, platform=fetch.platform or usual)


@dataclass(frozen=True)
class Fetched:
    """What a fetch came to: pages of the run, listings in them, and pages that are new.

    Attributes:
        unreadable: Listings that could not be read; of a file that is seen later.
        faulty: Records of which some could not.
        kept: Records that were told before and cost no call.
    """

    pages: int = 0
    read: int = 0
    new_pages: int = 0
    unreadable: int = 0
    faulty: int = 0
    kept: int = 0

    @property
    def tally(self) -> Tally:
        """The listings, and how many of them could not be read."""
        return Tally(self.read, self.unreadable, self.faulty)

    def with_page(self, page: Tally, *, new: bool, kept: int) -> "Fetched":
        """Return the sum with one page more."""
        both = self.tally.plus(page)
        return Fetched(
            pages=self.pages + 1,
            read=both.read,
            new_pages=self.new_pages + new,
            unreadable=both.unreadable,
            faulty=both.faulty,
            kept=self.kept + kept,
        )


def fetch_catalog(
    fetch: Fetch, *, source: PageSource, raw: RawPages, ledger: Ledger, clock: Clock
) -> Fetched:
    """Bring a catalog in, or the rest of it; fetching what is in changes nothing.

    Raises:
        SchemaDriftError: Too much of what came cannot be read; what can is taken in.
        AppError: The source failed; what came before is kept, and the ledger says why.
    """
    walk = _Walk(fetch, raw, ledger, clock)
    ledger.opened()
    try:
        done, last = walk.kept_before()
        if last is None or last.next_cursor is not None:
            done = walk.rest(done, source, last.next_cursor if last else None)
    except AppError as error:
        ledger.finished(error.message)
        raise
    ledger.finished()
    return done


@dataclass(frozen=True)
class _Walk:
    fetch: Fetch
    raw: RawPages
    ledger: Ledger
    clock: Clock

    def kept_before(self) -> tuple[Fetched, RawPage | None]:
        """Record the pages that lie there already; returns them and the last one."""
        done, last = Fetched(), None
        while (page := self.raw.read(self.fetch.raw_uri(done.pages + 1))) is not None:
            (_, done), last = self._recorded(done, page), page
        return done, last

    def rest(self, done: Fetched, source: PageSource, cursor: str | None) -> Fetched:
        """Keep and record what the source has after ``cursor``.

        A cursor that the source refuses is given up, once: the walk begins anew, which for a feed
        is at its watermark, and its pages follow those that are there.
        """
        for delivery in self._after(source, cursor):
            if delivery.records:
                page = self._page(delivery)
                raw_uri = self.fetch.raw_uri(done.pages + 1)
                self.raw.write(raw_uri, page)
                found, done = self._recorded(done, page)
                check_drift(found, done.tally, raw_uri)
        return done

    def _after(self, source: PageSource, cursor: str | None) -> Iterator[Delivery]:
        """Yield what the source has after ``cursor``, or all of it where it refuses the cursor."""
        reached = cursor
        try:
            for delivery in source.pages(cursor):
                reached = delivery.next_cursor
                yield delivery
        except (InvalidInputError, GoneError) as error:
            if reached is None:
                raise
            logger.warning("fetch.cursor_refused", extra={"detail": error.message})
            yield from source.pages(None)

    def _page(self, delivery: Delivery) -> RawPage:
        return RawPage(
            provider=self.fetch.provider,
            platform=self.fetch.platform,
            region=self.fetch.region,
            preset=self.fetch.preset,
            mapping=self.fetch.mapping,
            kind=_RAW_KINDS.get(self.fetch.kind, self.fetch.kind),
            fetched_at=self.clock.now(),
            records=list(delivery.records),
            shows=delivery.shows,
            next_cursor=delivery.next_cursor,
            told_at={index: at for index, at in enumerate(delivery.told_at) if at},
        )

    def _recorded(self, done: Fetched, page: RawPage) -> tuple[Tally, Fetched]:
        """Record a page; returns what it came to, and the sum with it."""
        number = done.pages + 1
        raw_uri = self.fetch.raw_uri(number)
        found = listings(page, raw_uri)
        event = self._event(number, raw_uri, found.read)
        new = self.ledger.kept(number, raw_uri, read=found.read, event=event)
        return found, done.with_page(found, new=new, kept=len(page.told_at))

    def _event(self, number: int, raw_uri: str, read: int) -> Event:
        return Event(
            event_id=ids.named(FETCHED, raw_uri),
            event_type=FETCHED,
            occurred_at=self.clock.now(),
            correlation_id=self.fetch.run_id,
            data={
                "run_id": self.fetch.run_id,
                "provider": self.fetch.provider,
                "platform": self.fetch.platform,
                "region": self.fetch.region,
                "page": number,
                "raw_uri": raw_uri,
                "count": read,
            },
        )
