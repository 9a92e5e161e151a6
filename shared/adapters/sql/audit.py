"""The audit log: entries in, pages of entries out, and whether a chain is whole.

An act that matters for security is written in the transaction that does it (`write`): either both
are there or neither is. What is merely worth noting is written many at once, behind the requests
(`write_all`, `shared.runtime.audit_queue`), in a chain of its own. Writers of one chain wait for
each other until they commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.kernel.audit import (
    Anchor,
    AuditEvent,
    Finding,
    Gone,
    Link,
    Walk,
    canonical,
    moment,
    start,
)
from shared.kernel.pages import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine, Row

    from shared.kernel.pages import Position

APPEND = statement(__file__, "audit_append")
APPEND_ALL = statement(__file__, "audit_append_all")
OLDER = statement(__file__, "audit_older", "audit_reachable", "audit_shown")
NEWER = statement(__file__, "audit_newer", "audit_reachable", "audit_shown")
CHAIN = statement(__file__, "audit_chain")
HEAD = statement(__file__, "audit_head")
CHAINS = statement(__file__, "audit_chains")
RETAIN = statement(__file__, "audit_retain")
GONE = statement(__file__, "audit_gone")

MAIN = "main"
NOTES = "notes"
"""The chain of what is merely worth noting: whoever writes to `MAIN` never waits for it."""
MOST_ROWS = 10_000
"""How far one query can be walked (spec/gateway §5.8)."""
BATCH = 1000
FILTERS = ("action", "action_prefix", "actor_id", "resource_type", "resource_id", "outcome")


def write(connection: Connection, event: AuditEvent, *, chain: str = MAIN) -> int:
    """Add an entry in the caller's transaction and return its number in the chain.

    It is there when the transaction commits, and then for good. Until then, others who add to the
    same chain wait, so it belongs near the end of the transaction.

    Args:
        connection: The transaction that does what the event tells.
        event: What is done.
        chain: Writers that are often at work at once may have a chain of their own.
    """
    given = {"chain": chain, **_written(event)}
    return int(connection.execute(APPEND(), given).scalar_one())


def write_all(
    events: Sequence[AuditEvent], *, chain: str = NOTES, engine: Engine | None = None
) -> int:
    """Add entries in a transaction of their own and return how many were not there yet.

    Raises:
        ConflictError: Somebody else wrote the same entry meanwhile; doing it again is safe.
        UnavailableError: The database does not answer; doing it again is safe.
    """
    rows = orjson.dumps([_written(event) for event in events]).decode()
    with translated("audit_log"), (engine or connect.engine()).begin() as connection:
        return len(connection.execute(APPEND_ALL(), {"chain": chain, "rows": rows}).all())


def _written(event: AuditEvent) -> dict[str, str | None]:
    """Return an entry as it is hashed, and the address that it does not say."""
    said = canonical(event.entry()).decode()
    return {"said": said, "ip": None if event.ip is None else str(event.ip)}


@dataclass(frozen=True)
class Found:
    """One page of entries.

    Attributes:
        window: Its entries, newest first.
        total: How many pass the filters, at most `MOST_ROWS`; None where a page has none.
    """

    window: Window[dict[str, Any]]
    total: int | None


@dataclass(frozen=True)
class Verification:
    """What came of walking a chain.

    Attributes:
        first: Lowest number of an entry that is still here, None where there is none.
        head: Where it ends; kept elsewhere, this holds for everything before it.
        findings: Where it is broken, none for a chain that is whole.
    """

    first: int | None
    head: Anchor
    findings: tuple[Finding, ...]


def find(
    connection: Connection, filters: Mapping[str, Any], asked: Position | None, *, limit: int
) -> Found:
    """Return a page of the entries that pass every filter, of the newest `MOST_ROWS` of them.

    Args:
        connection: Reads in the caller's transaction, which also writes that it was read.
        filters: ``start`` and ``end``, and any of `FILTERS`.
        asked: Where the page begins; None is the newest entry.
        limit: Entries of a page.
    """
    place = {"sort_key": asked and asked.sort_key, "id": asked and asked.id}
    given = {name: filters.get(name) for name in FILTERS} | place
    given |= {"start": filters["start"], "end": filters["end"]}
    query = NEWER if asked and asked.backward else OLDER
    rows = connection.execute(query(), {**given, "most": MOST_ROWS, "limit": limit + 1}).all()
    window = Window.cut(
        [_shown(row) for row in rows],
        limit,
        asked=asked,
        place=lambda entry: (entry["occurred_at"], entry["id"]),
    )
    return Found(window, int(rows[0].total) if rows else None)


def _shown(row: Row[Any]) -> dict[str, Any]:
    found = {name: value for name, value in row._mapping.items() if name != "total"}  # noqa: SLF001 - public, in spite of its name
    found |= {"id": str(row.id), "occurred_at": moment(row.occurred_at)}
    return found | {"details": orjson.loads(row.details)}


def verify(
    engine: Engine | None = None, *, chain: str = MAIN, anchors: Sequence[Anchor] = ()
) -> Verification:
    """Walk a whole chain and return where it is broken.

    Args:
        engine: Where the log is; the process's own by default.
        chain: Which chain.
        anchors: Its states at earlier times, as they were kept elsewhere.

    Raises:
        UnavailableError: The database does not answer.
    """
    # One moment for head and entries, whoever writes meanwhile.
    at_once = (engine or connect.engine()).execution_options(isolation_level="REPEATABLE READ")
    with translated("audit_log"), at_once.connect() as connection:
        head = head_of(connection, chain)
        walk = Walk.of(start(chain), head, anchors)
        findings = tuple(walk.findings(links(connection, chain), gone(connection, chain)))
    return Verification(walk.first, head, findings)


def head_of(connection: Connection, chain: str) -> Anchor:
    """Return where a chain ends."""
    row = connection.execute(HEAD(), {"chain": chain}).first()
    return start(chain) if row is None else Anchor(row.number, bytes(row.hash))


def gone(connection: Connection, chain: str) -> list[Gone]:
    """Return what of a chain is in the archive alone, by number."""
    return [
        Gone(row.first, row.last, bytes(row.prev_hash), bytes(row.hash))
        for row in connection.execute(GONE(), {"chain": chain})
    ]


def retain(engine: Engine | None = None) -> int:
    """Forget whole addresses older than 30 days and return how many there were.

    The entries stay as they are. The partition of the next month is made as well.

    Raises:
        UnavailableError: The database does not answer.
    """
    with translated("audit_log"), (engine or connect.engine()).begin() as connection:
        return int(connection.execute(RETAIN()).scalar_one())


def chains(engine: Engine | None = None) -> list[str]:
    """Return the name of every chain.

    Raises:
        UnavailableError: The database does not answer.
    """
    with translated("audit_log"), (engine or connect.engine()).connect() as connection:
        return [row.name for row in connection.execute(CHAINS())]


def links(connection: Connection, chain: str, after: int = 0) -> Iterator[Link]:
    """Yield a chain's entries beyond a number, by number, as they are kept now."""
    while True:
        given = {"chain": chain, "after": after, "limit": BATCH}
        rows = connection.execute(CHAIN(), given).all()
        for row in rows:
            yield Link(row.number, bytes(row.prev_hash), bytes(row.hash), canonical(_entry(row)))
        if len(rows) < BATCH:
            return
        after = rows[-1].number


def _entry(row: Row[Any]) -> dict[str, Any]:
    """Return what an entry says, from the columns alone: a model would mend what was changed."""
    kept = {name: getattr(row, name) for name in AuditEvent.model_fields if name != "ip"}
    said = {"id": str(row.id), "occurred_at": moment(row.occurred_at)}
    return kept | said | {"details": orjson.loads(row.details), "network": row.network}
