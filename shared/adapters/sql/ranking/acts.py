"""What administrators ask about the ranking and do to it; each act is in the audit log."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.ranking import store
from shared.adapters.sql.ranking.records import past_answer, ranking_answer, variant_answer
from shared.adapters.sql.statement import translated
from shared.search.tuning.changes import CONTROL, own_name
from shared.search.tuning.replies import RankingHistory, VariantList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from shared.kernel.audit import AuditEvent
    from shared.search.tuning.changes import RankingChange, VariantChange
    from shared.search.tuning.queries import HistoryQuery
    from shared.search.tuning.replies import PastRanking, RankingAnswer, VariantAnswer


@dataclass(frozen=True)
class Act:
    """A change.

    Attributes:
        seen: The version that the caller read, 0 where there was none.
        said: The entry of the audit log.
    """

    seen: int
    said: AuditEvent


def usual() -> RankingAnswer:
    """Return what callers get who are in no variant."""
    with _reading() as connection:
        return ranking_answer(store.named(store.in_force(connection), CONTROL))


def variants() -> VariantList:
    """Return what callers can get, the usual first."""
    with _reading() as connection:
        found = store.in_force(connection)
    return VariantList(items=[variant_answer(each, found) for each in found])


def variant(name: str) -> VariantAnswer:
    """Return one variant, or the usual by its name among them.

    Raises:
        NotFoundError: There is no such variant.
    """
    with _reading() as connection:
        found = store.in_force(connection)
    return variant_answer(store.named(found, name), found)


def history(asked: HistoryQuery) -> RankingHistory:
    """Return versions, newest first."""
    with _reading() as connection:
        return RankingHistory(items=[past_answer(r) for r in store.history(connection, asked)])


def version(number: int) -> PastRanking:
    """Return one version.

    Raises:
        NotFoundError: There is none any more.
    """
    with _reading() as connection:
        return past_answer(store.one_version(connection, number))


def replace(change: RankingChange, act: Act) -> RankingAnswer:
    """Put a configuration in place of the usual one.

    Raises:
        StaleError: Another version is in force than was seen.
    """
    with _writing(act) as connection:
        found = store.put(connection, CONTROL, change, seen=act.seen, said=act.said)
    return ranking_answer(store.named(found, CONTROL))


def put_variant(name: str, change: VariantChange, act: Act) -> VariantAnswer:
    """Put a variant in force, new or in place of what it was.

    Raises:
        StaleError: Another version is in force than was seen.
        InvalidInputError: The name is not a variant's, or the others leave no such share.
    """
    with _writing(act) as connection:
        found = store.put(connection, own_name(name), change, seen=act.seen, said=act.said)
    return variant_answer(store.named(found, name), found)


def end_variant(name: str, act: Act) -> None:
    """End a variant.

    Raises:
        NotFoundError: There is no such variant.
        StaleError: Another version is in force than was seen.
        InvalidInputError: The name is not a variant's.
    """
    with _writing(act) as connection:
        store.end(connection, own_name(name), seen=act.seen, said=act.said)


@contextmanager
def _reading() -> Iterator[Connection]:
    with translated("ranking_config"), connect.reads().connect() as connection:
        yield connection


@contextmanager
def _writing(act: Act) -> Iterator[Connection]:
    """Give a transaction that holds the change and its entry, or neither."""
    with translated("ranking_config"), connect.engine().begin() as connection:
        yield connection
        audit.write(connection, act.said)
