"""Processing a notice: what went is ended, what came is asked for where somebody knows more."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from shared.adapters.outbox import Outbox, Publisher
from shared.adapters.sql.ingest.payload import MOST_ITEMS
from shared.adapters.sql.runs import ADD_PAGE, FETCHED, Part, Runs
from shared.adapters.sql.statement import translated
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.adapters.sql.webhooks.work import Listed, Notices, Waiting, run_id
from shared.catalog.item import CanonicalItem
from shared.catalog.webhooks.item import PROVIDER, items_of
from shared.catalog.webhooks.notice import Kind, Notice
from shared.kernel import ids
from shared.kernel.errors import (
    REJECTED,
    InvalidInputError,
    MalformedError,
    NotFoundError,
)
from shared.kernel.events import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

    from shared.adapters.raw_pages import RawFolder
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

ATTEMPTS = 5
"""Tries of a notice before it is a dead letter (spec/ingestion §5.10)."""
FOLLOWED = ("AU", "CA", "DE", "FR", "GB", "JP", "US")
"""Where a new listing is, whose notice names no region: the first tier (spec/ingestion §2)."""
NORMALIZED = "title.normalized"
_ITEMS = TypeAdapter(tuple[CanonicalItem, ...])


class Lookup(Protocol):
    """Who may know more of a title than a notice says."""

    def bring(self, waiting: Waiting, listed: Listed, region: str) -> bool:
        """Bring the title's record into the normal flow; tell whether there was one.

        Raises:
            UnavailableError: The provider does not answer.
            ExhaustedError: Its quota is spent.
        """


@dataclass(frozen=True)
class Worker:
    """Processes notices with what one process has."""

    engine: Engine
    publisher: Publisher
    raw: RawFolder
    clock: Clock
    lookup: Lookup

    @property
    def notices(self) -> Notices:
        """Where they stand."""
        return Notices(self.engine, self.clock)

    def process(self, event: Event) -> None:
        """Process the event's notice; what is done already stays as it is.

        What fails five times, or can never succeed, becomes a dead letter; the former is told of
        again by `tidy`, as `shared.kernel.redelivery` says.

        Raises:
            InvalidInputError: The event names no notice.
            Exception: A try failed, and another may not.
        """
        waiting = self.notices.begin(_notice_id(event))
        if waiting is None:
            return
        try:
            self._apply(waiting)
        except REJECTED as error:
            issues = "; ".join(f"{one.field} {one.message}" for one in error.issues)
            said = f"{error.code}: {error.message} {issues}".strip()
            self._give_up(waiting, said, hopeless=True)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            if waiting.attempts < ATTEMPTS:
                self.notices.note(waiting.id, said)
                raise
            self._give_up(waiting, said, hopeless=False)

    def tidy(self) -> None:
        """Forget what is old, and tell once more of what waits too long."""
        gone, rows = self.notices.tidy()
        self._publish(rows)
        logger.info("webhook.tidied", extra={"forgotten": gone, "told_again": len(rows)})

    def _give_up(self, waiting: Waiting, error: str, *, hopeless: bool) -> None:
        self.notices.give_up(waiting.id, error, hopeless=hopeless)
        said = {"notice": str(waiting.id), "platform": waiting.platform, "detail": error}
        logger.error("webhook.dead", extra=said)

    def _apply(self, waiting: Waiting) -> None:
        notice = self._read(waiting.raw_uri)
        if notice.event_type is Kind.REMOVED:
            self._remove(waiting, notice)
        else:
            self._bring(waiting, notice)

    def _read(self, raw_uri: str) -> Notice:
        kept = self.raw.read_json(raw_uri)
        if not isinstance(kept, dict):
            raise NotFoundError(f"there is no notice {raw_uri}")
        try:
            return Notice.model_validate_json(orjson.dumps(kept["notice"]))
        except (KeyError, ValidationError) as error:
            raise MalformedError(f"{raw_uri} is no notice: {error}") from None

    def _remove(self, waiting: Waiting, notice: Notice) -> None:
        with translated("availability"), self.engine.begin() as connection:
            outdated = self.notices.hold(connection, waiting.id)
            if outdated is None:
                return
            if outdated:
                self.notices.finish(connection, waiting.id, "outdated", "a later notice counts")
                return
            told = self.notices.end(connection, notice, waiting)
            ended = sum(len(event.data["changes"]) for event in told)
            self.notices.finish(connection, waiting.id, "processed", f"{ended} offers ended")
            rows = Outbox.add(connection, told)
        self._publish(rows)

    def _bring(self, waiting: Waiting, notice: Notice) -> None:
        with translated("webhook_event"), self.engine.begin() as connection:
            outdated = self.notices.hold(connection, waiting.id)
            listed = self.notices.known(connection, notice.platform, notice.payload.content_id)
            if outdated:
                self.notices.finish(connection, waiting.id, "outdated", "a later notice counts")
        if outdated is not False:
            return
        regions = tuple(dict.fromkeys(notice.payload.regions or listed.regions or FOLLOWED))
        # No transaction is open while a provider is asked; asking twice changes nothing.
        left = [one for one in regions if not self.lookup.bring(waiting, listed, one)]
        says_nothing = not left or (listed.listed and not notice.payload.title)
        items = [] if says_nothing else items_of(notice, left, raw_uri=waiting.raw_uri)
        looked_up = len(regions) - len(left)
        outcome = f"{looked_up} regions looked up, {len(items)} by the notice itself"
        self._announce(waiting, items, outcome)

    def _announce(self, waiting: Waiting, items: Sequence[CanonicalItem], outcome: str) -> None:
        """Let what the notice itself says be resolved, and be done with it."""
        with translated("webhook_event"), self.engine.begin() as connection:
            if self.notices.hold(connection, waiting.id) is None:
                return
            rows = self._told(connection, waiting, items) if items else []
            self.notices.finish(connection, waiting.id, "processed", outcome)
        self._publish(rows)

    def _told(
        self, connection: Connection, waiting: Waiting, items: Sequence[CanonicalItem]
    ) -> list[int]:
        part = Part(run_id(waiting), PROVIDER, waiting.platform, items[0].region, "webhook")
        connection.execute(FETCHED(), {**asdict(part), "error": None})
        page = {"page": 1, "raw_uri": waiting.raw_uri, "read": len(items)}
        connection.execute(ADD_PAGE(), {**asdict(part), **page})
        Runs.count(connection, waiting.raw_uri, normalized=len(items))
        slices = [items[at : at + MOST_ITEMS] for at in range(0, len(items), MOST_ITEMS)]
        return Outbox.add(
            connection, [self._normalized(waiting, part, n, one) for n, one in enumerate(slices)]
        )

    def _normalized(
        self, waiting: Waiting, part: Part, number: int, items: Sequence[CanonicalItem]
    ) -> Event:
        place = {"platform": part.platform, "region": part.region, "run_id": part.run_id}
        about = {"provider": PROVIDER, "page": 1, "raw_uri": waiting.raw_uri, "count": len(items)}
        said = _ITEMS.dump_python(tuple(items), mode="json", exclude_defaults=True)
        return Event(
            event_id=ids.named(NORMALIZED, part.run_id, str(number)),
            event_type=NORMALIZED,
            occurred_at=self.clock.now(),
            correlation_id=str(waiting.id),
            data={**place, **about, "items": said},
        )

    def _publish(self, rows: list[int]) -> None:
        publish_now(self.engine, self.publisher, rows)


def _notice_id(event: Event) -> UUID:
    try:
        return UUID(str(event.data.get("webhook_event_id")))
    except ValueError:
        raise InvalidInputError("webhook.received names no notice") from None
