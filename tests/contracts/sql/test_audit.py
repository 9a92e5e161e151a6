"""The audit log over a real PostgreSQL: append-only, chained, filtered, partitioned."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from shared.adapters.sql import audit
from shared.adapters.sql.migrate import ROLE, upgrade
from shared.kernel.audit import ActorType, Anchor, AuditEvent, Finding
from shared.kernel.clock import FixedClock
from shared.kernel.ids import TimeOrderedIds

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres
    from shared.kernel.pages import Position

CLOCK = FixedClock(datetime(2026, 1, 31, 23, 59, 50, tzinfo=UTC))
IDS = TimeOrderedIds(CLOCK)
WINDOW = {"start": CLOCK.now() - timedelta(days=1), "end": CLOCK.now() + timedelta(days=20)}


def act(action: str = "CONFIG_CHANGE", *, seconds: int = 0, **said: Any) -> AuditEvent:  # noqa: ANN401 - any field
    given = {"actor_id": "u-1", "actor_type": ActorType.ADMIN, **said}
    at = CLOCK.now() + timedelta(seconds=seconds)
    return AuditEvent(id=IDS.new(), occurred_at=at, action=action, **given)


def written(engine: Engine, *events: AuditEvent) -> None:
    with engine.begin() as connection:
        for event in events:
            audit.write(connection, event)


def tampered(engine: Engine, sql: str) -> None:
    """Do what only the owner of the table can, and only with its guards off."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(sql))


def findings(engine: Engine, *anchors: Anchor) -> list[tuple[int, str]]:
    return [(f.number, f.fault) for f in audit.verify(engine, anchors=anchors).findings]


def found(engine: Engine, **filters: Any) -> list[str]:  # noqa: ANN401 - any filter
    with engine.connect() as connection:
        page = audit.find(connection, WINDOW | filters, None, limit=100)
    return [f"{entry['actor_id']} {entry['action']}" for entry in page.window.rows]


@pytest.fixture
def ten(engine: Engine) -> Engine:
    """A log of ten entries over the turn of a month."""
    written(engine, *(act(seconds=2 * n, details={"n": n}) for n in range(10)))
    return engine


def test_a_chain_that_nobody_touched_is_whole(ten: Engine) -> None:
    done = audit.verify(ten)

    assert (done.first, done.head.number, done.findings) == (1, 10, ())
    with ten.connect() as connection:
        months = connection.execute(
            text("SELECT tableoid::regclass::text FROM audit.audit_log GROUP BY 1 ORDER BY 1")
        ).scalars()
        assert list(months) == ["audit.audit_log_2026_01", "audit.audit_log_2026_02"]


@pytest.mark.parametrize(
    "change",
    [
        "outcome = 'denied'",
        "details = '{\"n\": 40}'",
        "actor_id = 'u-2'",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "hash = sha256('other')",
    ],
)
def test_a_changed_entry_is_found(ten: Engine, change: str) -> None:
    tampered(ten, f"UPDATE audit.audit_log SET {change} WHERE number = 4")  # noqa: S608 - ours
    assert (4, "changed") in findings(ten)


def test_a_missing_entry_is_found_wherever_it_was(ten: Engine) -> None:
    tampered(ten, "DELETE FROM audit.audit_log WHERE number IN (4, 10)")
    assert findings(ten) == [(4, "missing"), (10, "missing")]


def test_entries_that_changed_places_are_found(ten: Engine) -> None:
    tampered(ten, "UPDATE audit.audit_log SET number = 9 - number WHERE number IN (4, 5)")
    assert {fault for _, fault in findings(ten)} == {"changed", "unlinked"}
    assert findings(ten)[0][0] == 4


def test_a_chain_written_anew_does_not_meet_its_anchor(ten: Engine) -> None:
    anchor = audit.verify(ten).head
    tampered(ten, "DELETE FROM audit.audit_log")
    tampered(ten, "DELETE FROM audit.chain")
    written(ten, *(act(details={"n": n}) for n in range(11)))

    assert findings(ten) == []
    assert audit.verify(ten, anchors=[anchor]).findings == (Finding(10, "unanchored"),)


def test_a_month_that_somebody_took_away_is_missed(ten: Engine) -> None:
    with ten.begin() as connection:
        connection.execute(text("DROP TABLE audit.audit_log_2026_01"))

    assert (audit.verify(ten).first, findings(ten)) == (6, [(1, "missing")])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit.audit_log SET outcome = 'denied'",
        "DELETE FROM audit.audit_log",
        "TRUNCATE audit.audit_log",
        "TRUNCATE audit.audit_log_2026_01",
        "DELETE FROM audit.audit_log_2026_02",
    ],
)
def test_the_log_only_grows_even_for_its_owner(ten: Engine, sql: str) -> None:
    with pytest.raises(ProgrammingError, match="append-only"), ten.begin() as connection:
        connection.execute(text(sql))


def test_an_act_that_is_rolled_back_leaves_no_entry(engine: Engine) -> None:
    with engine.connect() as connection:
        audit.write(connection, act())
        connection.rollback()
    written(engine, act())

    assert audit.verify(engine).head.number == 1
    assert findings(engine) == []


def test_writers_at_once_make_one_chain(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: written(engine, act(), act(seconds=20)), range(16)))

    assert audit.verify(engine).head.number == 32
    assert findings(engine) == []


def test_notes_are_one_chain_of_their_own_in_their_order(engine: Engine) -> None:
    notes = [act(seconds=n, ip=ip_address("203.0.113.7"), details={"n": n}) for n in (3, 1, 2)]

    assert audit.write_all(notes, engine=engine) == 3
    assert audit.write_all([*notes, act(seconds=9)], engine=engine) == 1  # repeated, and one more

    assert findings(engine) == []
    done = audit.verify(engine, chain=audit.NOTES)
    assert (done.head.number, done.findings) == (4, ())
    with engine.connect() as connection:
        said = connection.execute(
            text("SELECT details ->> 'n' FROM audit.audit_log ORDER BY number")
        )
        assert list(said.scalars())[:3] == ["3", "1", "2"]
    assert shown_ips(engine).count("203.0.113.7") == 3


def test_who_writes_what_matters_never_waits_for_notes(ten: Engine) -> None:
    with ten.begin() as slow:
        audit.write(slow, act(), chain=audit.NOTES)
        with ten.begin() as critical:
            critical.execute(text("SET LOCAL lock_timeout = '1s'"))
            assert audit.write(critical, act(seconds=1)) == 11


def test_details_come_back_as_they_were_hashed(engine: Engine) -> None:
    details = {
        "numbers": [1.0, -0.0, 0.1, 1e-7, 1e19, -1e19, 1.5e300, 2**64 - 1, float("nan"), 5e-324],
        "text": 'é \x00 \\u0000 \U0001f600 "quoted"',
        "b": {"nested": [None, True, {"z": 1, "a": 2}]},
        "a": "",
    }
    written(engine, act(details=details, user_agent="odd \x00 \ud800" * 200))

    assert findings(engine) == []


def test_an_address_can_be_forgotten_without_breaking_the_chain(engine: Engine) -> None:
    given = ["203.0.113.7", "2001:db8:1:2::7", "::ffff:203.0.113.9"]
    written(engine, *(act(ip=ip_address(ip), seconds=-n) for n, ip in enumerate(given)))

    assert shown_ips(engine) == given
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM audit.address"))
    assert shown_ips(engine) == ["203.0.113.0/24", "2001:db8:1::/48", "203.0.113.0/24"]
    assert findings(engine) == []


def shown_ips(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        page = audit.find(connection, WINDOW, None, limit=10)
    return [entry["ip"] for entry in page.window.rows]


def test_each_filter_keeps_what_it_names(engine: Engine) -> None:
    written(
        engine,
        act("MFA_ENABLED", actor_id="u-1", resource_type="user", resource_id="7"),
        act("MFA_DISABLED", actor_id="u-2", seconds=-1, outcome="denied"),
        act("USER_SUSPENDED", actor_id="u-2", seconds=-2, resource_type="user", resource_id="8"),
        act("CONFIG_CHANGE", seconds=-3600 * 48),
    )

    assert found(engine) == ["u-1 MFA_ENABLED", "u-2 MFA_DISABLED", "u-2 USER_SUSPENDED"]
    assert found(engine, action="MFA_ENABLED") == ["u-1 MFA_ENABLED"]
    assert found(engine, action_prefix="MFA_") == ["u-1 MFA_ENABLED", "u-2 MFA_DISABLED"]
    assert found(engine, actor_id="u-2", outcome="success") == ["u-2 USER_SUSPENDED"]
    assert found(engine, resource_type="user", resource_id="7") == ["u-1 MFA_ENABLED"]
    assert found(engine, outcome="denied") == ["u-2 MFA_DISABLED"]


def test_a_walk_there_and_back_meets_each_entry_once_while_others_come_in(ten: Engine) -> None:
    there, back, asked = [], [], None
    while True:
        page = step(ten, asked)
        there += [entry["details"]["n"] for entry in page.window.rows]
        written(ten, act(seconds=60, details={"n": -1}))
        if page.window.after is None:
            break
        asked = page.window.after
    asked = page.window.before
    while asked is not None:
        page = step(ten, asked)
        back += [entry["details"]["n"] for entry in page.window.rows][::-1]
        asked = page.window.before

    assert there == list(range(9, -1, -1))
    assert [n for n in back if n >= 0] == list(range(1, 10))
    assert page.total == 14


def step(engine: Engine, asked: Position | None) -> audit.Found:
    with engine.connect() as connection:
        return audit.find(connection, WINDOW, asked, limit=3)


def test_a_query_can_be_walked_so_far_and_no_further(
    ten: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_ROWS", 4)
    first = step(ten, None)
    rest = step(ten, first.window.after)

    assert [len(first.window.rows), len(rest.window.rows)] == [3, 1]
    assert (first.total, rest.window.after) == (4, None)


def test_accounts_that_log_in_by_iam_add_entries_and_change_none(postgres: Postgres) -> None:
    with postgres.database() as url:
        engine = create_engine(url)
        with engine.begin() as owner:
            owner.execute(text(f"DROP ROLE IF EXISTS {ROLE}"))
            owner.execute(text(f"CREATE ROLE {ROLE}"))
        try:
            upgrade(engine)
            with engine.begin() as deployable:
                deployable.execute(text(f"SET LOCAL ROLE {ROLE}"))
                audit.write(deployable, act())
                audit.write(deployable, act(seconds=3600))
                assert len(audit.find(deployable, WINDOW, None, limit=10).window.rows) == 2
                assert deployable.execute(text("SELECT audit.retain()")).scalar_one() == 0
                for sql in DENIED:
                    with pytest.raises(ProgrammingError, match="denied"), deployable.begin_nested():
                        deployable.execute(text(sql))
        finally:
            with engine.begin() as owner:
                owner.execute(text(f"DROP OWNED BY {ROLE}"))
                owner.execute(text(f"DROP ROLE {ROLE}"))
            engine.dispose()


DENIED = (
    "DELETE FROM audit.audit_log",
    "UPDATE audit.audit_log_2026_01 SET outcome = 'denied'",
    "TRUNCATE audit.audit_log",
    "INSERT INTO audit.audit_log SELECT * FROM audit.audit_log",
    "UPDATE audit.chain SET number = 0",
    "DELETE FROM audit.address",
    "SELECT audit.ensure_partition('1999-01-01')",
    "UPDATE audit.exported SET number = 0",
    "DELETE FROM audit.gone",
)
