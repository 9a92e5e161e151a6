"""Searches on their way into analytics: noted behind the answer, and never in its way.

Noting one costs the request a few microseconds: pseudonyms are made, and rows written, by a thread
of the process (`shared.search.analytics.buffer`). What is lost is counted
(``records_dropped_total{kind="search"}``). Without the key that pseudonyms are made with, nothing
is noted at all.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from shared.kernel.errors import UnavailableError
from shared.kernel.principal import Kind, Principal
from shared.runtime import lifecycle, metrics
from shared.runtime.logging import KEY_BYTES
from shared.runtime.settings import settings
from shared.search.analytics.buffer import Buffer
from shared.search.analytics.events import PerformedSearch, Pseudonyms, as_kept

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)


def note(search: PerformedSearch) -> None:
    """Have a search kept that was answered; never waits, never fails."""
    waiting = buffer()
    if waiting is not None:
        waiting.add(search)


def read(outcome: str) -> None:
    """Count what became of a question that a language model may read."""
    metrics.count(metrics.READINGS, outcome=outcome)


def person(who: Principal) -> str:
    """Return whose search counts as a person's: a user's own; not what somebody does as them."""
    return who.sub if who.kind is Kind.USER and not who.actor else ""


@cache
def buffer() -> Buffer[PerformedSearch] | None:
    """Return what this process's searches wait in; None where there is no key to tell them by."""
    if not settings().log_key:
        logger.warning("searches.not_noted", extra={"setting": "MEDIA_GATEWAY_LOG_KEY"})
        return None
    made = Buffer(_write, _dropped)
    lifecycle.work.settle_with(made.settle)
    return made


def _write(searches: Sequence[PerformedSearch]) -> None:
    from shared.adapters.sql.analytics.events import SqlSearchEvents  # noqa: PLC0415 - by the thread

    names = _pseudonyms()
    SqlSearchEvents().keep([as_kept(search, names) for search in searches])


@cache
def _pseudonyms() -> Pseudonyms:
    from shared.adapters.secrets import secret  # noqa: PLC0415 - by the thread: no request waits

    reference = settings().log_key
    key = secret(reference).encode()
    if len(key) < KEY_BYTES:
        raise UnavailableError(f"{reference} has fewer than {KEY_BYTES} bytes")
    return Pseudonyms(key)


def _dropped(count: int) -> None:
    metrics.count(metrics.DROPPED, count, kind="search")
