"""Searches on their way into analytics: published behind the answer, and never in its way.

Noting one costs the request a few microseconds: pseudonyms are made, and events published, by a
thread of the process (`shared.search.analytics.buffer`). What is lost is counted
(``records_dropped_total{kind="search"}``). Without the key that pseudonyms are made with, nothing
is noted at all.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from shared.adapters.pubsub import PubSubPublisher
from shared.kernel import trace
from shared.kernel.principal import Kind, Principal, Purpose
from shared.runtime import lifecycle, metrics, search_keys
from shared.runtime.logging import request_id
from shared.runtime.settings import settings
from shared.search.analytics.buffer import Buffer
from shared.search.analytics.events import PerformedSearch, as_kept
from shared.search.analytics.published import performed_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kernel.events import Event

logger = logging.getLogger(__name__)


class _Noted(NamedTuple):
    """A search, and the request that asked for it."""

    search: PerformedSearch
    cause: str
    place: trace.TraceContext | None

    def event(self) -> Event:
        names = search_keys.pseudonyms()
        return performed_event(as_kept(self.search, names, search_keys.seal), self.cause)


def note(search: PerformedSearch) -> None:
    """Have a search published that was answered; never waits, never fails."""
    waiting = buffer()
    if waiting is not None:
        cause = request_id.get() or str(search.search_id)
        waiting.add(_Noted(search, cause, trace.current.get()))


def read(outcome: str) -> None:
    """Count what became of a question that a language model may read."""
    metrics.count(metrics.READINGS, outcome=outcome)


def person(who: Principal) -> str:
    """Return whose search counts as a person's: a user's own; not what somebody does as them.

    Nor where they refused that anything is kept as what they did: it counts as nobody's then.
    """
    own = who.kind is Kind.USER and not who.actor
    return who.sub if own and who.allows(Purpose.ACTIVITY) else ""


def asker(who: Principal) -> str:
    """Return whose search it is to experiments and taste; nobody's where they refused that."""
    return who.sub if who.allows(Purpose.PERSONALIZATION) else ""


@cache
def buffer() -> Buffer[_Noted] | None:
    """Return what this process's searches wait in; None where there is no key to tell them by."""
    if not settings().log_key:
        logger.warning("searches.not_noted", extra={"setting": "MEDIA_GATEWAY_LOG_KEY"})
        return None
    made = Buffer(_publish, _dropped)
    lifecycle.work.settle_with(made.settle)
    return made


def _publish(noted: Sequence[_Noted]) -> None:
    PubSubPublisher().publish([each.event() for each in noted], [each.place for each in noted])


def _dropped(count: int) -> None:
    metrics.count(metrics.DROPPED, count, kind="search")
