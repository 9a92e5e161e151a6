"""Everything a fetch needs, put together: source, guard, raw folder, ledger, lease."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.calling import Caller, Patience
from shared.adapters.providers.enriching import DueTitles
from shared.adapters.providers.file_source import FileSource
from shared.adapters.providers.guarding import ProviderGuard, own_breakers
from shared.adapters.providers.ledger import SqlLedger, Watermarks
from shared.adapters.providers.sources import REACH, WALK, Asked, Feed, Place, opened
from shared.adapters.providers.walking import Span
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.quota.leases import FetchActiveError, FetchLeases
from shared.adapters.sql.quota.ledger import Account, QuotaLedger
from shared.adapters.sql.runs import Part
from shared.catalog.fetch import KINDS, Fetch, Fetched, fetch_catalog
from shared.catalog.quota import Limits, limits
from shared.gateway.breaker import CircuitOpenError
from shared.kernel.errors import ExhaustedError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from shared.adapters.outbox import Publisher
    from shared.catalog.ports import PageSource
    from shared.gateway.ports import Breakers
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=5)


@dataclass(frozen=True)
class Fetcher:
    """Fetches catalogs with what one process has.

    Attributes:
        engine: Where runs, quotas and leases are kept.
        publisher: Sends their events.
        raw_dir: Where raw pages lie.
        clock: The time.
        places: Where providers are.
        limits: What they may be asked.
        breakers: One for each; None makes this process's own.
        patience: How long to wait between tries.
    """

    engine: Engine
    publisher: Publisher
    raw_dir: Path
    clock: Clock
    places: Mapping[str, Place]
    limits: Limits = field(default_factory=limits)
    breakers: Breakers | None = None
    patience: Patience | None = None

    def fetch(self, fetch: Fetch, *, path: Path | None = None) -> Fetched:
        """Fetch a catalog or a change feed from the API, or a file where ``path`` names one.

        Raises:
            FetchActiveError: Another run fetches the same part right now.
            ExhaustedError: The quota is spent; the run goes on where it stopped once there is more.
            CircuitOpenError: The provider is left alone for now; likewise.
            AppError: The source failed or does not exist; what came before is kept.
        """
        part = Part(fetch.run_id, fetch.provider, fetch.platform, fetch.region, fetch.kind)
        if path is not None:
            return self._brought(fetch, part, FileSource(path, fetch.columns()))
        lasts = self.limits.lease(fetch.kind)
        leases = FetchLeases(self.engine, self.clock)
        with leases.held(part, lasts), self._source(fetch, part) as source:
            done = self._brought(fetch, part, source)
            if isinstance(source, Feed) and source.walked_until is not None:
                Watermarks(self.engine).keep(part, source.walked_until)
        return done

    def attempt(self, fetch: Fetch, *, path: Path | None = None) -> dict[str, Any]:
        """Fetch, and say what became of it; that it is not due now is no failure.

        Returns:
            The counts; or a ``state`` (``run-active``, ``deferred``, ``skipped``) with its reason.

        Raises:
            AppError: As for `fetch`, for all else.
        """
        try:
            return asdict(self.fetch(fetch, path=path))
        except FetchActiveError as error:
            return _not_now("run-active", error.message)
        except ExhaustedError as error:
            return _not_now("deferred", error.message, error.retry_after_seconds)
        except CircuitOpenError as error:
            return _not_now("skipped", error.message, error.retry_after_seconds)

    def _brought(self, fetch: Fetch, part: Part, source: PageSource) -> Fetched:
        return fetch_catalog(
            fetch,
            source=source,
            raw=RawFolder(self.raw_dir),
            ledger=SqlLedger(part, engine=self.engine, publisher=self.publisher),
            clock=self.clock,
        )

    @contextmanager
    def _source(self, fetch: Fetch, part: Part) -> Iterator[PageSource]:
        place = self.places.get(fetch.provider)
        if place is None:
            raise InvalidInputError(f"{fetch.provider} is not configured: give its key")
        until = self.clock.now()
        span = Span(self._since(part, until), until)
        asked = Asked(fetch, span, DueTitles(self.engine, self.clock))
        with opened(asked, place, self._caller(fetch, place)) as source:
            yield source

    def _caller(self, fetch: Fetch, place: Place) -> Caller:
        ledger = QuotaLedger(self.engine, self.clock, self.limits)
        ledger.prune()
        guard = ProviderGuard(
            Account(fetch.provider, place.key_ref, fetch.kind),
            ledger=ledger,
            breakers=self.breakers or own_breakers(self.clock, KINDS),
        )
        return Caller(self.patience or Patience(), guard)

    def _since(self, part: Part, until: datetime) -> datetime:
        """Return where to take the feed up: a little before its watermark, if it goes so far."""
        earliest = until - REACH[part.provider] + WALK
        known = Watermarks(self.engine).read(part)
        if known is None:
            return earliest
        if known < earliest:
            logger.warning("feed.gap", extra={**asdict(part), "watermark": known.isoformat()})
        return max(earliest, known - OVERLAP)


def _not_now(state: str, reason: str, seconds: float | None = None) -> dict[str, Any]:
    logger.warning("fetch.not_now", extra={"state": state, "detail": reason})
    return {"state": state, "reason": reason, "retry_after_seconds": seconds}
