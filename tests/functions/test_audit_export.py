"""The job that takes closed days of the audit log to the archive, as it is run each night."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.audit_archive import Segment, unpacked
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime.settings import settings
from tests.fakes.edge import load

CLOCK = SystemClock()
IDS = TimeOrderedIds(CLOCK)
USUAL = {"actor_id": "u-1", "actor_type": ActorType.USER, "action": "AUTH_LOGIN"}


@pytest.fixture
def folder(connected: connect.Addresses) -> Path:
    """The archive, beside a log of two closed days, today, and notes of yesterday."""
    assert connected.database_url
    for days in (2, 1, 1, 0):
        with connect.engine().begin() as connection:
            audit.write(connection, event(days))
    audit.write_all([event(1), event(1)])
    return Path(settings().audit_archive)


def event(days: int) -> AuditEvent:
    at = CLOCK.now() - timedelta(days=days)
    return AuditEvent.model_validate({"id": IDS.new(), "occurred_at": at, **USUAL})


def run(*options: str) -> int:
    return int(load("audit_export").handle(options))


def objects(folder: Path) -> list[str]:
    found = [f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()]
    parsed = [Segment.parse(name) for name in sorted(found)]
    return [f"{s.chain} {s.first}-{s.last}" for s in parsed if s]


def test_closed_days_of_every_chain_are_archived_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    first = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert run() == 0
    second = orjson.loads(capsys.readouterr().out.splitlines()[-1])

    assert objects(folder) == ["main 1-1", "main 2-3", "notes 1-2"]
    assert {chain: len(names) for chain, names in first.items()} == {"main": 2, "notes": 1}
    assert second == {"main": [], "notes": []}


def test_what_is_archived_can_be_read_without_us(folder: Path) -> None:
    assert run() == 0
    (notes,) = (folder / "notes").rglob("*.jsonl.gz")

    entries = [orjson.loads(link.entry) for link in unpacked(notes.read_bytes())]
    assert [entry["action"] for entry in entries] == ["AUTH_LOGIN"] * 2


def test_verifying_says_that_all_is_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (run(), run("--verify")) == (0, 0)
    assert orjson.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "main": "whole",
        "notes": "whole",
    }
    assert objects(folder) == ["main 1-1", "main 2-3", "notes 1-2"]


def test_verifying_names_what_was_changed_in_either_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    with connect.engine().begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE audit.audit_log SET actor_id = 'x' WHERE chain = 'main' AND number = 2")
        )
    (notes,) = (folder / "notes").rglob("*.jsonl.gz")
    notes.unlink()
    notes.write_bytes(b"nothing")

    assert run("--verify") == 1

    told = capsys.readouterr().err
    assert "the audit log is broken: main 2: changed; notes 1: missing" in told


def test_an_option_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(SystemExit) as refused:
        run("--surprise")
    assert refused.value.code == 2
