"""Closed days of the audit log in the archive, and out of a real PostgreSQL after 90."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from shared.adapters.sql import audit, audit_export
from shared.adapters.sql.migrate import ROLE, upgrade
from shared.kernel.audit import ActorType, Anchor, AuditEvent, start
from shared.kernel.audit_archive import Segment, segments, unpacked
from shared.kernel.clock import SystemClock
from shared.kernel.errors import ConflictError
from shared.kernel.ids import TimeOrderedIds
from tests.fakes.audit_archive import MemoryArchive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres

TODAY = datetime(2026, 2, 3, tzinfo=UTC)
NOW = SystemClock().now()
"""The database judges what is old by its own clock."""
OLD = (NOW - timedelta(days=155)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
"""Begins a month that ended, as the next one did, 90 days ago or earlier."""
IDS = TimeOrderedIds(SystemClock())


def act(at: datetime, *, action: str = "CONFIG_CHANGE", actor: str = "u-1") -> AuditEvent:
    return AuditEvent(
        id=IDS.new(), occurred_at=at, actor_id=actor, actor_type=ActorType.ADMIN, action=action
    )


def removed(month: str) -> AuditEvent:
    return act(NOW, action="DATA_DELETE", actor=month)


def write(engine: Engine, *hours: float, before: datetime = TODAY) -> None:
    """Write entries so many hours before a moment, in the order given."""
    with engine.begin() as connection:
        for ago in hours:
            audit.write(connection, act(before - timedelta(hours=ago)))


def export(engine: Engine, archive: MemoryArchive, before: datetime = TODAY) -> list[str]:
    def told(segment: Segment) -> AuditEvent:
        return act(before + timedelta(hours=1), action="DATA_EXPORT", actor=segment.chain)

    done = audit_export.export(archive, "main", before=before, told=told, engine=engine)
    return [f"{s.day} {s.first}-{s.last}" for s in done]


def compared(engine: Engine, archive: MemoryArchive) -> list[str]:
    found = audit_export.compare(archive, "main", engine=engine)
    return [f"{f.number} {f.fault}" for f in found]


def tampered(engine: Engine, sql: str) -> None:
    """Do what only the owner of the table can, and only with its guards off."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(sql))


@pytest.fixture
def archive() -> MemoryArchive:
    return MemoryArchive()


def test_each_closed_day_is_one_object_and_today_is_none(
    engine: Engine, archive: MemoryArchive
) -> None:
    write(engine, 60, 50, 30, 2, 1, -1)

    assert export(engine, archive) == ["2026-01-31 1-2", "2026-02-01 3-3", "2026-02-02 4-5"]
    first, *_ = segments(archive, "main")
    entry, _ = unpacked(archive.read(first.name))
    assert entry.prev_hash == start("main").hash
    assert b'"occurred_at":"2026-01-31T12:00:00.000000+00:00"' in entry.entry
    assert compared(engine, archive) == []


def test_exporting_again_adds_nothing_and_the_next_day_goes_on(
    engine: Engine, archive: MemoryArchive
) -> None:
    write(engine, 30, 2)
    assert export(engine, archive) == ["2026-02-01 1-1", "2026-02-02 2-2"]
    kept = dict(archive.objects)

    assert export(engine, archive) == []
    assert archive.objects == kept
    # What says that something was exported is itself of the day after.
    assert export(engine, archive, TODAY + timedelta(days=1)) == ["2026-02-03 3-4"]
    assert compared(engine, archive) == []


def test_a_day_takes_what_was_written_before_its_last_entry(
    engine: Engine, archive: MemoryArchive
) -> None:
    # Around midnight: 1 and 3 of the first day, 2 and 4 of the second, and one of the first
    # that was written when the second was over.
    write(engine, 24.1, 23.9, 24.05, 23.8, 24.2)

    assert export(engine, archive, TODAY - timedelta(days=1)) == ["2026-02-01 1-5"]
    assert export(engine, archive) == ["2026-02-02 6-6"]  # that it was exported
    assert compared(engine, archive) == []


def test_many_entries_of_a_day_are_several_objects(
    engine: Engine, archive: MemoryArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_export, "MOST_ENTRIES", 4)
    write(engine, *(range(20, 10, -1)))

    assert export(engine, archive) == ["2026-02-02 1-4", "2026-02-02 5-8", "2026-02-02 9-10"]
    assert compared(engine, archive) == []


def test_an_export_that_ended_between_object_and_note_is_taken_up(
    engine: Engine, archive: MemoryArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(engine, 50, 2)
    with monkeypatch.context() as patch:
        patch.setattr(audit_export, "NOTE_EXPORT", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            export(engine, archive)
    assert noted(engine) == 0

    assert export(engine, archive) == ["2026-02-02 2-2"]
    assert (noted(engine), compared(engine, archive)) == (2, [])


def noted(engine: Engine) -> int:
    with engine.connect() as connection:
        return audit_export.exported(connection, "main").number


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit.audit_log SET actor_id = 'x' WHERE number = 2",
        "DELETE FROM audit.audit_log WHERE number = 2",
        "UPDATE audit.audit_log SET prev_hash = sha256('x') WHERE number = 2",
    ],
)
def test_nothing_of_a_broken_chain_is_exported(
    engine: Engine, archive: MemoryArchive, change: str
) -> None:
    write(engine, 3, 2, 1)
    tampered(engine, change)

    with pytest.raises(ConflictError, match="chain main is broken: 2:"):
        export(engine, archive)
    assert (archive.objects, noted(engine)) == ({}, 0)


def test_a_chain_written_anew_behind_the_archive_is_found_and_not_exported(
    engine: Engine, archive: MemoryArchive
) -> None:
    write(engine, 30, 29)
    export(engine, archive)
    tampered(engine, "DELETE FROM audit.audit_log")
    tampered(engine, "DELETE FROM audit.chain")
    write(engine, 30, 29, 20)
    assert audit.verify(engine).findings == ()

    assert compared(engine, archive) == ["2 unanchored"]
    with pytest.raises(ConflictError, match="3: unlinked"):
        export(engine, archive)


def test_another_object_of_that_name_is_left_and_told(
    engine: Engine, archive: MemoryArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(engine, 30)
    with engine.connect() as connection:
        (link,) = audit.links(connection, "main")
    name = Segment.of("main", datetime(2026, 2, 1, tzinfo=UTC).date(), [link]).name
    archive.objects[name] = b"first come"
    monkeypatch.setattr(archive, "names", lambda _prefix: [])  # not yet listed

    with pytest.raises(ConflictError, match="something else"):
        export(engine, archive)
    assert archive.objects[name] == b"first come"


def test_the_database_believes_no_export_of_what_it_does_not_have(engine: Engine) -> None:
    write(engine, 30)
    note = "SELECT audit.note_export('main', :number, sha256('x'))"

    for number in (1, 2):
        refused = pytest.raises((IntegrityError, ProgrammingError), match="is another")
        with refused, engine.begin() as connection:
            connection.execute(text(note), {"number": number})
    assert noted(engine) == 0


def remove(engine: Engine, archive: MemoryArchive) -> list[str]:
    return audit_export.remove(archive, told=removed, engine=engine)


@pytest.fixture
def aged(engine: Engine) -> Engine:
    """Entries of two old months, interleaved where they meet, and three of today."""
    turn = (OLD + timedelta(days=32)).replace(day=1)
    write(engine, 300, 2, -1, 1, -2, before=turn)
    with engine.begin() as connection:
        for seconds in (3, 2, 1):
            audit.write(connection, act(NOW - timedelta(days=2, seconds=seconds)))
    return engine


def test_what_is_not_archived_is_never_removed(aged: Engine, archive: MemoryArchive) -> None:
    assert remove(aged, archive) == []
    assert audit.verify(aged).head.number == 8


def test_archived_months_are_removed_and_nothing_is_missed(
    aged: Engine, archive: MemoryArchive
) -> None:
    export(aged, archive, NOW)

    gone = remove(aged, archive)

    assert gone == sorted(gone)
    assert gone[0] == OLD.strftime("audit_log_%Y_%m")
    done = audit.verify(aged)
    assert done.findings == ()
    assert done.first is not None
    assert done.first > 1
    assert compared(aged, archive) == []
    assert remove(aged, archive) == []


def test_an_entry_taken_out_beside_a_removed_month_is_missed(
    aged: Engine, archive: MemoryArchive
) -> None:
    export(aged, archive, NOW)
    remove(aged, archive)
    first = audit.verify(aged).first

    tampered(aged, f"DELETE FROM audit.audit_log WHERE number = {first}")  # noqa: S608 - a number

    assert [(f.number, f.fault) for f in audit.verify(aged).findings] == [(first, "missing")]


def test_a_month_with_one_entry_that_is_not_archived_stays(
    aged: Engine, archive: MemoryArchive
) -> None:
    export(aged, archive, NOW)
    with aged.begin() as connection:
        audit.write(connection, act(OLD + timedelta(hours=1)), chain=audit.NOTES)

    assert remove(aged, archive) == []


def test_nothing_is_removed_that_the_archive_does_not_have(
    aged: Engine, archive: MemoryArchive
) -> None:
    export(aged, archive, NOW)
    archive.objects.clear()

    with pytest.raises(ConflictError, match="the archive ends before"):
        remove(aged, archive)
    assert audit.verify(aged).first == 1


def test_a_removal_that_was_forged_is_found_in_the_archive(
    aged: Engine, archive: MemoryArchive
) -> None:
    export(aged, archive, NOW)
    tampered(aged, "DELETE FROM audit.audit_log WHERE number = 1")
    tampered(aged, "INSERT INTO audit.gone VALUES ('main', 1, 1, sha256('main'), sha256('x'))")

    assert "1 unanchored" in compared(aged, archive)


def test_a_reader_delays_a_removal_and_does_not_deadlock_with_it(
    aged: Engine, archive: MemoryArchive
) -> None:
    export(aged, archive, NOW)
    with aged.begin() as reader:
        reader.execute(text("SELECT count(*) FROM audit.audit_log"))
        with pytest.raises(ConflictError, match="55P03"):
            remove(aged, archive)
        audit.write(reader, act(NOW))

    assert remove(aged, archive) != []
    assert audit.verify(aged).findings == ()


@pytest.fixture
def shared_with(postgres: Postgres) -> Iterator[Engine]:
    """A database as on Cloud SQL: accounts that log in have a role of their own."""
    accounts = ["fn-audit-query@p.iam", "job-audit-export@p.iam", "fn-audit-retain@p.iam"]
    with postgres.database() as url:
        engine = create_engine(url)
        with engine.begin() as owner:
            owner.execute(text(f"DROP ROLE IF EXISTS {ROLE}"))
            owner.execute(text(f"CREATE ROLE {ROLE}"))
            for name in accounts:
                owner.execute(text(f'DROP ROLE IF EXISTS "{name}"'))
                owner.execute(text(f'CREATE ROLE "{name}" LOGIN IN ROLE {ROLE}'))
        try:
            upgrade(engine)
            yield engine
        finally:
            with engine.begin() as owner:
                owner.execute(text(f"DROP OWNED BY {ROLE}"))
                for name in accounts:
                    owner.execute(text(f'DROP ROLE "{name}"'))
                owner.execute(text(f"DROP ROLE {ROLE}"))
            engine.dispose()


def test_one_account_notes_exports_and_one_removes(shared_with: Engine) -> None:
    write(shared_with, 30)
    with shared_with.connect() as connection:
        head = audit.head_of(connection, "main")
    note = f"SELECT audit.note_export('main', 1, '\\x{head.hash.hex()}')"
    asked = {
        note: "job-audit-export@p.iam",
        "SELECT audit.remove_month()": "fn-audit-retain@p.iam",
    }

    for sql, allowed in asked.items():
        for account in ("fn-audit-query@p.iam", *asked.values()):
            with shared_with.connect() as connection:
                connection.execute(text(f'SET SESSION AUTHORIZATION "{account}"'))
                if account == allowed:
                    connection.execute(text(sql))
                else:
                    with pytest.raises(ProgrammingError, match="may do this"):
                        connection.execute(text(sql))
                    connection.rollback()
                connection.execute(text("RESET SESSION AUTHORIZATION"))
                connection.commit()
    assert Anchor(1, head.hash) == head
