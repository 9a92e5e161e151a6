"""The ranking as it is set: read by searches, written by administrators, its past kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.sql.ranking.records import Record, record_of, standing_of
from shared.adapters.sql.statement import array, statement, translated
from shared.kernel.errors import NotFoundError, StaleError
from shared.search.tuning.changes import CONTROL, VariantChange
from shared.search.tuning.traffic import allotted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.kernel.audit import AuditEvent
    from shared.search.tuning.changes import RankingChange
    from shared.search.tuning.model import Standing
    from shared.search.tuning.queries import HistoryQuery

IN_FORCE = statement(__file__, "in_force")
ONE_AT_A_TIME = statement(__file__, "one_at_a_time")
END = statement(__file__, "end_version")
ADD = statement(__file__, "add_version")
FORGET = statement(__file__, "forget_ended")
HISTORY = statement(__file__, "history")
ONE = statement(__file__, "one_version")

KEPT = timedelta(days=30)
"""How long a version that ended can be read (spec/discovery §4)."""


def read_standing() -> Standing:
    """Return what searches are ranked by now, in one statement.

    Raises:
        UnavailableError: The database does not answer.
    """
    with translated("ranking_config"), connect.reads().connect() as connection:
        return standing_of(in_force(connection))


def in_force(connection: Connection) -> list[Record]:
    """Return what holds now, the usual configuration first, then variants by name."""
    found = [record_of(row) for row in connection.execute(IN_FORCE())]
    return found if found and found[0].name == CONTROL else [Record(), *found]


def named(records: list[Record], name: str) -> Record:
    """Return what holds under a name.

    Raises:
        NotFoundError: There is no such variant.
    """
    for each in records:
        if each.name == name:
            return each
    raise NotFoundError(f"there is no variant {name!r}")


def put(
    connection: Connection, name: str, change: RankingChange, *, seen: int, said: AuditEvent
) -> list[Record]:
    """Put a configuration in force in the caller's transaction, and return all that hold then.

    Args:
        connection: The transaction; others who change the ranking wait until it ends.
        name: Of a variant, or `CONTROL`.
        change: The configuration.
        seen: Its version as the caller read it, 0 where there was none.
        said: The act.

    Raises:
        StaleError: Another version is in force.
        InvalidInputError: The other variants leave no such share.
    """
    held = _held(connection, name, seen)
    before = next((each for each in held if each.name == name), Record())
    given: dict[str, Any] = {"is_active": True, "traffic_percentage": 0, "slots": array(())}
    if isinstance(change, VariantChange):
        given = _shared(change, before, held)
    _end(connection, name, said)
    weights = orjson.dumps(change.parts().model_dump()).decode()
    who = {"by": said.actor_id, "now": said.occurred_at}
    row = {"name": name, "weights": weights, "note": change.note}
    connection.execute(ADD(), given | row | who)
    return in_force(connection)


def end(connection: Connection, name: str, *, seen: int, said: AuditEvent) -> None:
    """End a variant in the caller's transaction; its viewers get the usual again.

    Raises:
        NotFoundError: There is no such variant.
        StaleError: Another version is in force.
    """
    connection.execute(ONE_AT_A_TIME())
    _check(named(in_force(connection), name).version, seen, name)
    _end(connection, name, said)


def history(connection: Connection, asked: HistoryQuery) -> list[Record]:
    """Return versions, newest first."""
    return [record_of(row) for row in connection.execute(HISTORY(), asked.model_dump())]


def one_version(connection: Connection, version: int) -> Record:
    """Return one version; 0 is what holds where nobody set anything.

    Raises:
        NotFoundError: There is none, or it ended more than `KEPT` ago.
    """
    if version == 0:
        return Record()
    row = connection.execute(ONE(), {"version": version}).first()
    if row is None:
        raise NotFoundError(f"there is no version {version} any more, or there never was")
    return record_of(row)


def _held(connection: Connection, name: str, seen: int) -> list[Record]:
    """Return what is in force and let nobody else change it, where the caller knows it."""
    connection.execute(ONE_AT_A_TIME())
    records = in_force(connection)
    _check(next((each.version for each in records if each.name == name), 0), seen, name)
    return records


def _check(version: int, seen: int, name: str) -> None:
    if version != seen:
        raise StaleError(f"{name} is at version {version}, not at {seen}")


def _shared(change: VariantChange, before: Record, records: list[Record]) -> dict[str, Any]:
    """Return the columns of a variant's share."""
    taken = {slot for each in records if each.name != before.name for slot in each.slots}
    share = change.traffic_percentage if change.is_active else 0
    return {
        "is_active": change.is_active,
        "traffic_percentage": change.traffic_percentage,
        "slots": array(allotted(before.slots, taken, share)),
    }


def _end(connection: Connection, name: str, said: AuditEvent) -> None:
    """End what is in force, and forget what ended long ago: only writing adds any of it."""
    by_whom = {"name": name, "by": said.actor_id, "now": said.occurred_at}
    connection.execute(END(), by_whom)
    connection.execute(FORGET(), {"before": said.occurred_at - KEPT})
