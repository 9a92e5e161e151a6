"""Fetching: what a source delivers becomes raw pages, each announced once.

The raw page is the checkpoint: it carries the cursor that follows it and is on disk before its
row is. A run that is started again records what lies there already (which changes nothing where
that was done) and goes on behind the last page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.catalog.mapping import ColumnMapping, chosen_mapping
from shared.catalog.normalize import GENERIC, listings
from shared.catalog.ports import Delivery, Ledger, PageSource, RawPages
from shared.catalog.raw import ALL_PLATFORMS, RawPage
from shared.catalog.streaming_availability import PROVIDER
from shared.kernel import ids
from shared.kernel.clock import Clock
from shared.kernel.errors import AppError, InvalidInputError
from shared.kernel.events import Event

FETCHED = "catalog.fetched"


@dataclass(frozen=True)
class Fetch:
    """What to fetch: one provider's catalog of a platform and region, as part of a run."""

    run_id: str
    provider: str
    platform: str
    region: str
    kind: str = "catalog"
    preset: str = ""
    mapping: Mapping[str, Any] | None = None

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
            a platform, a provider we do not know, or changes of a file.
        NotFoundError: There is no preset of that name.
    """
    if from_file != (fetch.provider == GENERIC):
        raise InvalidInputError(f"provider {GENERIC!r} reads a file, and no other provider does")
    if not from_file and fetch.provider != PROVIDER:
        raise InvalidInputError(f"there is no provider {fetch.provider!r}: {GENERIC}, {PROVIDER}")
    if not from_file:
        return replace(fetch, platform=fetch.platform or ALL_PLATFORMS)
    if fetch.kind != "catalog":
        raise InvalidInputError("a file is a catalog, not a feed of changes")
    platform = fetch.platform or fetch.columns().platform
    if not platform:
        raise InvalidInputError("whose catalog is it? Name the platform")
    return replace(fetch, platform=platform)


@dataclass(frozen=True)
class Fetched:
    """What a fetch came to: pages of the run, listings in them, and pages that are new."""

    pages: int = 0
    read: int = 0
    new_pages: int = 0

    def with_page(self, read: int, *, new: bool) -> "Fetched":
        """Return the sum with one page more."""
        return Fetched(self.pages + 1, self.read + read, self.new_pages + new)


def fetch_catalog(
    fetch: Fetch, *, source: PageSource, raw: RawPages, ledger: Ledger, clock: Clock
) -> Fetched:
    """Bring a catalog in, or the rest of it; fetching what is in changes nothing.

    Raises:
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
            done, last = self._recorded(done, page), page
        return done, last

    def rest(self, done: Fetched, source: PageSource, cursor: str | None) -> Fetched:
        """Keep and record what the source has after ``cursor``."""
        for delivery in source.pages(cursor):
            if delivery.records:
                page = self._page(delivery)
                self.raw.write(self.fetch.raw_uri(done.pages + 1), page)
                done = self._recorded(done, page)
        return done

    def _page(self, delivery: Delivery) -> RawPage:
        return RawPage(
            provider=self.fetch.provider,
            platform=self.fetch.platform,
            region=self.fetch.region,
            preset=self.fetch.preset,
            mapping=self.fetch.mapping,
            kind=self.fetch.kind,
            fetched_at=self.clock.now(),
            records=list(delivery.records),
            shows=delivery.shows,
            next_cursor=delivery.next_cursor,
        )

    def _recorded(self, done: Fetched, page: RawPage) -> Fetched:
        number = done.pages + 1
        raw_uri = self.fetch.raw_uri(number)
        read = listings(page, raw_uri)
        event = self._event(number, raw_uri, read)
        new = self.ledger.kept(number, raw_uri, read=read, event=event)
        return done.with_page(read, new=new)

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
