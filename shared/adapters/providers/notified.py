"""The record of one title that a platform told of, asked of who knows more than the notice says."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.calling import Patience
from shared.adapters.providers.ledger import SqlLedger
from shared.adapters.providers.streaming_availability import (
    ALL_SERVICES,
    StreamingAvailability,
)
from shared.adapters.sql.runs import Part
from shared.adapters.sql.webhooks.work import run_id
from shared.catalog.fetch import Fetch, fetch_catalog
from shared.catalog.normalize import normalize_page
from shared.catalog.ports import Delivery
from shared.catalog.raw import RawPage
from shared.catalog.streaming_availability import PROVIDER
from shared.kernel.errors import (
    REJECTED,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Engine

    from shared.adapters.outbox import Publisher
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
        provider_url: Where the service is.
        provider_key: Gives its key; None where no provider is configured.
    """

    engine: Engine
    publisher: Publisher
    raw: RawFolder
    clock: Clock
    provider_url: str
    provider_key: Callable[[], str] | None

    def bring(self, waiting: Waiting, listed: Listed, region: str) -> bool:
        """Write the show as a raw page of its own and announce it; tell whether it has the listing.

        A title is asked for by an id that the service takes; a platform's own is none of them, so
        nobody can be asked about a listing that is new.

        Raises:
            UnavailableError: The service does not answer, or does not let us in.
            ExhaustedError: Its quota is spent.
        """
        path = _path(listed.ids)
        if path is None or self.provider_key is None or waiting.platform not in ALL_SERVICES:
            return False
        show = self._show(path, region, self.provider_key())
        fetch = Fetch(run_id(waiting), PROVIDER, waiting.platform, region)
        if show is None or not self._has(fetch, show, waiting.listing):
            return False
        part = Part(fetch.run_id, fetch.provider, fetch.platform, fetch.region)
        ledger = SqlLedger(part, engine=self.engine, publisher=self.publisher)
        source = _One(show)
        fetch_catalog(fetch, source=source, raw=self.raw, ledger=ledger, clock=self.clock)
        return True

    def _show(self, path: str, region: str, key: str) -> dict[str, Any] | None:
        with StreamingAvailability(self.provider_url, key, patience=BRIEF) as service:
            try:
                return service.get(f"/shows/{path}", {"country": region.lower()})
            except (NotFoundError, InvalidInputError) as error:
                # It has no such show, or does not serve the country: the notice speaks for itself.
                logger.info("webhook.unknown_to_provider", extra={"detail": error.message})
                return None
            except REJECTED as error:
                raise UnavailableError(error.message) from error

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

    show: Mapping[str, Any]

    def pages(self, _cursor: str | None) -> Iterator[Delivery]:
        """Yield it."""
        yield Delivery([self.show])


def _path(known: Mapping[str, str]) -> str | None:
    return next((form.format(known[kind]) for kind, form in _PATHS if kind in known), None)
