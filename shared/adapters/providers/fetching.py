"""Everything a fetch needs, put together: source, guard, raw folder, ledger, lease."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.calling import Caller, Patience
from shared.adapters.providers.enriching import DueTitles
from shared.adapters.providers.file_source import FileSource
from shared.adapters.providers.guarding import ProviderGuard, own_breakers
from shared.adapters.providers.kept import KeptAnswers
from shared.adapters.providers.ledger import SqlLedger, Watermarks
from shared.adapters.providers.sources import REACH, WALK, Asked, Feed, Place, opened
from shared.adapters.providers.stops import ProviderStops
from shared.adapters.providers.walking import Span
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.quota.leases import FetchActiveError, FetchLeases
from shared.adapters.sql.quota.ledger import Account, QuotaLedger
from shared.adapters.sql.runs import Part, Runs
from shared.catalog.drift import STOPPED_FOR, ProviderStoppedError, SchemaDriftError
from shared.catalog.fetch import FEEDS, KINDS, Fetch, Fetched, fetch_catalog
from shared.catalog.quota import Limits, limits
from shared.catalog.stand_ins import stand_ins
from shared.gateway.breaker import CircuitOpenError
from shared.kernel.errors import AppError, ExhaustedError, InvalidInputError

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
class _Turn:
    """A part that is asked of a provider, be it its own or one that stands in.

    Attributes:
        part: As the run's record has it.
        holder: Whose the lease is.
        marks: Watermarks, the latest of which counts; the first is moved.
    """

    part: Part
    holder: Part
    marks: tuple[Part, ...]

    @classmethod
    def instead(cls, fetch: Fetch, other: Fetch) -> _Turn:
        """Return the turn of a provider that stands in for another.

        It reads what the other's feed lacks, under a watermark apart from its own feed's. Each
        platform of a run asks for the lease by itself, so that one feed is walked by one of them.
        """
        part = _part(other)
        holder = replace(part, run_id=f"{fetch.run_id}-{fetch.platform}")
        mark = replace(part, kind=f"{part.kind}-instead")
        return cls(part, holder, (mark, _part(fetch)))


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
            ProviderStoppedError: Its answers could not be read lately.
            SchemaDriftError: They cannot be read now; it is stopped.
            AppError: The source failed or does not exist; what came before is kept.
        """
        part = _part(fetch)
        if path is not None:
            return self._brought(fetch, part, FileSource(path, fetch.columns()))
        return self._fetched(fetch, _Turn(part, part, (part,)))

    def attempt(self, fetch: Fetch, *, path: Path | None = None) -> dict[str, Any]:
        """Fetch, and say what became of it; that it is not due now is no failure.

        Returns:
            The counts; or a ``state`` (``run-active``, ``deferred``, ``skipped``, ``stopped``) with
            its reason. A part whose provider cannot be asked now is offered to those that stand in
            for it: the one that brought it is ``taken_by``, with its counts.

        Raises:
            AppError: As for `fetch`, for all else.
        """
        try:
            return asdict(self.fetch(fetch, path=path))
        except FetchActiveError as error:
            return _not_now("run-active", error.message)
        except ExhaustedError as error:
            said = _not_now("deferred", error.message, error.retry_after_seconds)
        except CircuitOpenError as error:
            said = _not_now("skipped", error.message, error.retry_after_seconds)
        except ProviderStoppedError as error:
            said = _not_now("stopped", error.message, error.retry_after_seconds)
            Runs(self.engine).start(_part(fetch))
            Runs(self.engine).fetched(_part(fetch), error=error.message)
        except SchemaDriftError as error:
            said = _not_now("stopped", error.message, STOPPED_FOR.total_seconds())
        taken = self._taken(fetch)
        if taken:
            told = f"{said['reason']}; taken by {taken['taken_by']}"
            Runs(self.engine).fetched(_part(fetch), error=told)
        return {**said, **taken}

    def _taken(self, fetch: Fetch) -> dict[str, Any]:
        """Let another provider bring the part; what it came to is empty where none could."""
        order = self.limits.stand_ins.get(fetch.provider, ())
        for other in stand_ins(fetch, order, self.places):
            try:
                done = asdict(self._fetched(other, _Turn.instead(fetch, other)))
            except FetchActiveError:
                # The same feed of the region, walked for another platform of this run.
                return {"taken_by": other.provider}
            except AppError as error:
                told = {"provider": other.provider, "detail": error.message}
                logger.warning("fetch.stand_in_failed", extra=told)
            else:
                return {"taken_by": other.provider, **done}
        return {}

    def _fetched(self, fetch: Fetch, turn: _Turn) -> Fetched:
        stops = ProviderStops(self.engine, self.clock)
        stops.check(fetch.provider)
        lasts = self.limits.lease(fetch.kind)
        leases = FetchLeases(self.engine, self.clock)
        with leases.held(turn.holder, lasts), self._source(fetch, turn) as source:
            try:
                done = self._brought(fetch, turn.part, source)
            except SchemaDriftError as error:
                stops.stop(turn.part, error.message)
                raise
            if isinstance(source, Feed) and source.walked_until is not None:
                Watermarks(self.engine).keep(turn.marks[0], source.walked_until)
        return done

    def _brought(self, fetch: Fetch, part: Part, source: PageSource) -> Fetched:
        return fetch_catalog(
            fetch,
            source=source,
            raw=RawFolder(self.raw_dir),
            ledger=SqlLedger(part, engine=self.engine, publisher=self.publisher),
            clock=self.clock,
        )

    @contextmanager
    def _source(self, fetch: Fetch, turn: _Turn) -> Iterator[PageSource]:
        place = self.places.get(fetch.provider)
        if place is None:
            raise InvalidInputError(f"{fetch.provider} is not configured: give its key")
        until = self.clock.now()
        span = Span(self._since(turn, until, asked=fetch.since), until)
        asked = Asked(fetch, span, DueTitles(self.engine, self.clock))
        with opened(asked, place, self._caller(fetch, place, until)) as source:
            yield source

    def _caller(self, fetch: Fetch, place: Place, now: datetime) -> Caller:
        ledger = QuotaLedger(self.engine, self.clock, self.limits)
        ledger.prune()
        guard = ProviderGuard(
            Account(fetch.provider, place.key_ref, fetch.kind),
            ledger=ledger,
            breakers=self.breakers or own_breakers(self.clock, KINDS),
        )
        return Caller(self.patience or Patience(), guard, self._kept(fetch, place, now))

    def _kept(self, fetch: Fetch, place: Place, now: datetime) -> KeptAnswers:
        # What a feed says has changed is not what was told before it said so.
        earliest = now if fetch.anew or fetch.kind in FEEDS else None
        lasts = self.limits.kept(fetch.provider)
        folder = RawFolder(self.raw_dir)
        return KeptAnswers(folder, self.clock, place.owner(fetch.provider), lasts, earliest)

    def _since(self, turn: _Turn, until: datetime, *, asked: datetime | None) -> datetime:
        """Return where to take the feed up, if it goes so far.

        That is the moment that was asked for, or a little before the watermark.
        """
        earliest = until - REACH[turn.part.provider] + WALK
        marks = map(Watermarks(self.engine).read, turn.marks)
        left = max((mark - OVERLAP for mark in marks if mark is not None), default=None)
        begin = asked or left or earliest
        if begin + OVERLAP < earliest:
            told = {**asdict(turn.part), "watermark": begin.isoformat()}
            logger.warning("feed.gap", extra=told)
        return max(earliest, begin)


def _part(fetch: Fetch) -> Part:
    return Part(fetch.run_id, fetch.provider, fetch.platform, fetch.region, fetch.kind)


def _not_now(state: str, reason: str, seconds: float | None = None) -> dict[str, Any]:
    logger.warning("fetch.not_now", extra={"state": state, "detail": reason})
    return {"state": state, "reason": reason, "retry_after_seconds": seconds}
