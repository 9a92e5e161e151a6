"""Closed days of the audit log: out of the database into the archive, and gone from it after 90.

The archive says what is archived, by its names; the database notes it, since it removes nothing
else. Every step may be repeated: an object is made once, and a note never goes back.
"""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.statement import statement, translated
from shared.kernel import audit_archive
from shared.kernel.audit import Anchor, Finding, Link, Walk, start
from shared.kernel.audit_archive import Segment, furthest, packed, segments, unpacked
from shared.kernel.errors import ConflictError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine

    from shared.kernel.audit import AuditEvent
    from shared.kernel.audit_archive import Archive

DAYS = statement(__file__, "audit_days")
EXPORTED = statement(__file__, "audit_exported")
NOTE_EXPORT = statement(__file__, "audit_note_export")
REMOVE = statement(__file__, "audit_remove")

MOST_ENTRIES = 50_000
"""Of one object; about 4 MB as they lie in the archive, 60 MB while they are read."""


def export(
    archive: Archive,
    chain: str,
    *,
    before: datetime,
    told: Callable[[Segment], AuditEvent],
    engine: Engine | None = None,
) -> list[Segment]:
    """Archive what a chain has of closed days and the archive has not, and return it.

    Nothing is archived that does not follow what is there, so a chain that somebody changed behind
    the last export stops here.

    Args:
        archive: Where it goes.
        chain: Which chain.
        before: Midnight that begins a day (UTC); entries of the days before it are taken.
        told: Makes the entry that says so, written with the note of each object.
        engine: Where the log is; the process's own by default.

    Raises:
        ConflictError: The chain is broken, or the archive has something else by that name.
        UnavailableError: Database or archive does not answer; doing it again is safe.
    """
    at = engine or connect.engine()
    known = furthest(segments(archive, chain), chain)
    _note(at, chain, known)  # an earlier export may have ended between object and note
    at_once = at.execution_options(isolation_level="REPEATABLE READ")
    done = []
    with translated("audit_log"), at_once.connect() as connection:
        for segment, links in _closed(connection, chain, known, before):
            _add(archive, segment, links)
            _note(at, chain, segment.anchor, told(segment))
            done.append(segment)
    return done


def _closed(
    connection: Connection, chain: str, known: Anchor, before: datetime
) -> Iterator[tuple[Segment, list[Link]]]:
    """Yield what closed days add to a chain beyond `known`, object by object."""
    for day, last in _days(connection, chain, known.number, before):
        while known.number < last:
            found = _up_to(connection, chain, known.number, last)
            _check(chain, known, found)
            segment = Segment.of(chain, day, found)
            yield segment, found
            known = segment.anchor


def _days(
    connection: Connection, chain: str, after: int, before: datetime
) -> Iterator[tuple[date, int]]:
    """Yield each closed day with the number up to which it closes the chain.

    Entries have numbers in the order they were written, which around midnight is not quite that of
    their times: a day takes whatever was written before its last entry.
    """
    rows = connection.execute(DAYS(), {"chain": chain, "after": after, "before": before})
    for row in rows.all():
        if row.last > after:
            yield row.day, row.last
            after = row.last


def _up_to(connection: Connection, chain: str, after: int, last: int) -> list[Link]:
    beyond = audit.links(connection, chain, after)
    return list(islice(takewhile(lambda found: found.number <= last, beyond), MOST_ENTRIES))


def _check(chain: str, known: Anchor, found: Sequence[Link]) -> None:
    head = Anchor(found[-1].number, found[-1].hash)
    faults = list(Walk.of(known, head).findings(found))
    if faults:
        raise ConflictError(f"chain {chain} is broken: {told_of(faults)}")


def _add(archive: Archive, segment: Segment, links: Sequence[Link]) -> None:
    if archive.add(segment.name, packed(links)):
        return
    try:
        same = unpacked(archive.read(segment.name)) == list(links)
    except MalformedError:
        same = False
    if not same:
        raise ConflictError(f"the archive has something else by the name {segment.name}")


def _note(engine: Engine, chain: str, known: Anchor, *acts: AuditEvent) -> None:
    if known.number == 0:
        return
    given = {"chain": chain, "number": known.number, "hash": known.hash}
    with translated("audit_log"), engine.begin() as connection:
        connection.execute(NOTE_EXPORT(), given)
        for act in acts:
            audit.write(connection, act)


def told_of(faults: Sequence[Finding]) -> str:
    """Return findings as text: ``4: changed, 9: missing``."""
    return ", ".join(f"{fault.number}: {fault.fault}" for fault in faults)


def exported(connection: Connection, chain: str) -> Anchor:
    """Return how far the database believes a chain to be archived."""
    row = connection.execute(EXPORTED(), {"chain": chain}).first()
    return start(chain) if row is None else Anchor(row.number, bytes(row.hash))


def compare(archive: Archive, chain: str, *, engine: Engine | None = None) -> list[Finding]:
    """Return where archive and database are not what was written; reads all of both.

    Raises:
        UnavailableError: One of them does not answer.
    """
    at = engine or connect.engine()
    with translated("audit_log"), at.connect() as connection:
        gone = audit.gone(connection, chain)
    archived = list(audit_archive.findings(archive, chain, gone))
    return archived + list(anchored(archive, chain, engine=at).findings)


def anchored(archive: Archive, chain: str, *, engine: Engine | None = None) -> audit.Verification:
    """Walk a chain in the database with every anchor that the archive has of it."""
    anchors = [segment.anchor for segment in segments(archive, chain)]
    return audit.verify(engine, chain=chain, anchors=anchors)


def remove(
    archive: Archive, *, told: Callable[[str], AuditEvent], engine: Engine | None = None
) -> list[str]:
    """Remove months that ended 90 days ago or earlier and are archived; return their names.

    Args:
        archive: Must have what the database believes it has.
        told: Makes the entry that says so, one for each month.
        engine: Where the log is; the process's own by default.

    Raises:
        ConflictError: The archive lacks something, or others were at work on the log for too long.
        UnavailableError: Database or archive does not answer.
    """
    at = engine or connect.engine()
    _require_archived(archive, at)
    months = []
    while month := _removed(at):
        months.append(month)
        # After the removal and not with it: who writes an entry holds what a removal waits for.
        with translated("audit_log"), at.begin() as connection:
            audit.write(connection, told(month))
    return months


def _require_archived(archive: Archive, engine: Engine) -> None:
    """Make sure that the archive has what the database believes it has."""
    for chain in audit.chains(engine):
        with translated("audit_log"), engine.connect() as connection:
            noted = exported(connection, chain)
        if noted.number > furthest(segments(archive, chain), chain).number:
            raise ConflictError(f"the archive ends before entry {noted.number} of chain {chain}")


def _removed(engine: Engine) -> str:
    with translated("audit_log"), engine.begin() as connection:
        return connection.execute(REMOVE()).scalar_one() or ""
