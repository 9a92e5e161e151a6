"""Everything a fetch needs, put together: source, raw folder, ledger."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.adapters.providers.file_source import FileSource
from shared.adapters.providers.ledger import SqlLedger, Watermarks
from shared.adapters.providers.streaming_availability import (
    CatalogSource,
    ChangeSource,
    Patience,
    StreamingAvailability,
)
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.runs import Part
from shared.catalog.fetch import Fetch, Fetched, fetch_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from shared.adapters.outbox import Publisher
    from shared.catalog.ports import PageSource
    from shared.kernel.clock import Clock

CHANGES = "changes"
OVERLAP = timedelta(minutes=5)
KEPT_BY_PROVIDER = timedelta(days=31) - timedelta(minutes=5)
"""How far back the change feed reaches, less the time a walk may take."""


@dataclass(frozen=True)
class Fetcher:
    """Fetches catalogs with what one process has.

    Attributes:
        engine: Where runs are kept.
        publisher: Sends their events.
        raw_dir: Where raw pages lie.
        clock: The time.
        provider_url: Where Streaming Availability is.
        provider_key: Gives its key when it is first needed: a file needs none.
        patience: How long to wait between tries.
    """

    engine: Engine
    publisher: Publisher
    raw_dir: Path
    clock: Clock
    provider_url: str
    provider_key: Callable[[], str]
    patience: Patience | None = None

    def fetch(self, fetch: Fetch, *, path: Path | None = None) -> Fetched:
        """Fetch a catalog or a change feed from the API, or a file where ``path`` names one.

        Raises:
            AppError: The source failed or does not exist; what came before is kept.
        """
        part = Part(fetch.run_id, fetch.provider, fetch.platform, fetch.region, fetch.kind)
        with self._source(fetch, part, path) as source:
            done = fetch_catalog(
                fetch,
                source=source,
                raw=RawFolder(self.raw_dir),
                ledger=SqlLedger(part, engine=self.engine, publisher=self.publisher),
                clock=self.clock,
            )
            if isinstance(source, ChangeSource) and source.walked_until is not None:
                Watermarks(self.engine).keep(part, source.walked_until)
        return done

    @contextmanager
    def _source(self, fetch: Fetch, part: Part, path: Path | None) -> Iterator[PageSource]:
        if path is not None:
            yield FileSource(path, fetch.columns())
            return
        with StreamingAvailability(
            self.provider_url, self.provider_key(), patience=self.patience
        ) as service:
            if fetch.kind != CHANGES:
                yield CatalogSource(service, platform=fetch.platform, region=fetch.region)
                return
            until = self.clock.now()
            yield ChangeSource(
                service,
                platform=fetch.platform,
                region=fetch.region,
                since=self._since(part, until),
                until=until,
            )

    def _since(self, part: Part, until: datetime) -> datetime:
        """Return where to take the feed up: a little before its watermark, at most 31 days ago."""
        earliest = until - KEPT_BY_PROVIDER
        known = Watermarks(self.engine).read(part)
        return earliest if known is None else max(earliest, known - OVERLAP)
