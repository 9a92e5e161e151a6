"""The record of one title that a platform told of, asked of who knows more than the notice says."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.calling import LONGEST_ASKED_WAIT_SECONDS, Patience
from shared.adapters.providers.guarding import DebitGuard
from shared.adapters.providers.kept import KeptAnswers, Told
from shared.adapters.providers.ledger import SqlLedger
from shared.adapters.providers.streaming_availability import (
    ALL_SERVICES,
    StreamingAvailability,
)
from shared.adapters.sql.quota.ledger import Account, QuotaLedger
from shared.adapters.sql.runs import Part
from shared.adapters.sql.webhooks.work import run_id
from shared.catalog.fetch import AVAILABILITY, Fetch, fetch_catalog
from shared.catalog.normalize import normalize_page
from shared.catalog.ports import Delivery
from shared.catalog.quota import Limits, limits
from shared.catalog.raw import RawPage
from shared.catalog.streaming_availability import PROVIDER
from shared.kernel.errors import (
    REJECTED,
    ExhaustedError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Engine

    from shared.adapters.outbox import Publisher
    from shared.adapters.providers.sources import Place
    from shared.adapters.raw_pages import RawFolder
    from shared.adapters.sql.webhooks.work import Listed, Waiting
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

BRIEF = Patience(first=0.5, longest=3.0)
"""A notice is delivered again; its function has no minute to wait."""
_PATHS = (("sa", "{}"), ("imdb", "{}"), ("tmdb_movie", "movie/{}"), ("tmdb_tv", "tv/{}"))
"""What the service takes for an id, surest first."""


@dataclass(frozen=True)
class NotifiedShows:
    """`shared.adapters.sql.webhooks.worker.Lookup`: one show of Streaming Availability.

    Attributes:
        place: Where the service is; None where no provider is configured.
        limits: What it may be asked.
    """

    engine: Engine
    publisher: Publisher
    raw: RawFolder
    clock: Clock
    place: Place | None
    limits: Limits = field(default_factory=limits)

    def bring(self, waiting: Waiting, listed: Listed, region: str) -> bool:
        """Write the show as a raw page of its own and announce it; tell whether it has the listing.

        A title is asked for by an id that the service takes; a platform's own is none of them, so
        nobody can be asked about a listing that is new.

        Raises:
            UnavailableError: The service does not answer, or does not let us in.
            ExhaustedError: It wants to be asked a little later.
        """
        path = _path(listed.ids)
        if path is None or self.place is None or waiting.platform not in ALL_SERVICES:
            return False
        told = self._told(waiting, path, region, self.place)
        fetch = Fetch(run_id(waiting), PROVIDER, waiting.platform, region)
        if told is None or not self._has(fetch, told.answer, waiting.listing):
            return False
        part = Part(fetch.run_id, fetch.provider, fetch.platform, fetch.region)
        ledger = SqlLedger(part, engine=self.engine, publisher=self.publisher)
        source = _One(told)
        fetch_catalog(fetch, source=source, raw=self.raw, ledger=ledger, clock=self.clock)
        return True

    def _told(self, waiting: Waiting, path: str, region: str, place: Place) -> Told | None:
        guard, kept = self._guard(place), self._kept(waiting, place)
        with StreamingAvailability(
            place.url, place.key(), patience=BRIEF, guard=guard, kept=kept
        ) as service:
            try:
                return service.show(path, region)
            except (NotFoundError, InvalidInputError) as error:
                # It has no such show, or does not serve the country: the notice speaks for itself.
                logger.info("webhook.unknown_to_provider", extra={"detail": error.message})
                return None
            except ExhaustedError as error:
                if (error.retry_after_seconds or 0) <= LONGEST_ASKED_WAIT_SECONDS:
                    raise
                # No delivery waits for a new day or month: the next feed tells what is missing.
                logger.warning("webhook.quota_spent", extra={"detail": error.message})
                return None
            except REJECTED as error:
                raise UnavailableError(error.message) from error

    def _guard(self, place: Place) -> DebitGuard:
        account = Account(PROVIDER, place.key_ref, AVAILABILITY)
        return DebitGuard(account, QuotaLedger(self.engine, self.clock, self.limits))

    def _kept(self, waiting: Waiting, place: Place) -> KeptAnswers:
        """Return what was told since the notice was given; a replay wants to know it anew."""
        earliest = self.clock.now() if waiting.replays else waiting.said_at
        lasts = self.limits.kept(PROVIDER)
        return KeptAnswers(self.raw, self.clock, place.owner(PROVIDER), lasts, earliest)

    def _has(self, fetch: Fetch, show: Mapping[str, Any], listing: str) -> bool:
        page = RawPage(
            provider=fetch.provider,
            platform=fetch.platform,
            region=fetch.region,
            fetched_at=self.clock.now(),
            records=[show],
        )
        items = normalize_page(page, fetch.raw_uri(1)).items
        return any(item.platform_content_id == listing for item in items)


@dataclass(frozen=True)
class _One:
    """`shared.catalog.ports.PageSource` of one record."""

    told: Told

    def pages(self, _cursor: str | None) -> Iterator[Delivery]:
        """Yield it."""
        yield Delivery([self.told.answer], told_at=[self.told.at])


def _path(known: Mapping[str, str]) -> str | None:
    return next((form.format(known[kind]) for kind, form in _PATHS if kind in known), None)
