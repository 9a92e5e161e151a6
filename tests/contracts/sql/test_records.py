"""Runs, errors, rejected events, and what was taken in before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from shared.adapters.sql import migrate
from shared.adapters.sql.errors import IngestError, IngestErrors
from shared.adapters.sql.once import first_time
from shared.adapters.sql.rejections import set_aside
from shared.adapters.sql.runs import Page, Part, Runs
from shared.adapters.sql.statement import translated
from shared.kernel import ids
from shared.kernel.errors import ConflictError, NotFoundError, UnavailableError
from tests.contracts.sql.test_outbox import event
from tests.fakes.schema import NEWEST

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres
    from tests.contracts.sql.conftest import Catalog

PART = Part("r", "generic", "netflix", "US")


def test_schema_goes_up_and_down_and_up(postgres: Postgres) -> None:
    with postgres.database() as url:
        engine = create_engine(url)
        assert migrate.upgrade(engine) == NEWEST
        assert migrate.upgrade(engine) == NEWEST
        assert migrate.downgrade(engine) == ""
        with engine.connect() as connection:
            left = connection.execute(
                text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            ).scalar_one()
        assert left == 1  # alembic's own
        assert migrate.upgrade(engine) == NEWEST
        engine.dispose()


def test_a_run_is_done_when_every_record_is_stored_or_set_aside(engine: Engine) -> None:
    runs = Runs(engine)
    runs.start(PART)
    runs.add_page(Page(PART, 1, "a.json.gz", 100), [])
    runs.add_page(Page(PART, 2, "b.json.gz", 7), [])
    with engine.begin() as connection:
        Runs.count(connection, "a.json.gz", normalized=98, set_aside=2)
        Runs.count(connection, "a.json.gz#3", resolved=97, set_aside=1)

    assert (runs.report("r").state, runs.report("r").pending) == ("running", 7)
    with engine.begin() as connection:
        Runs.count(connection, "b.json.gz", normalized=7, resolved=7)
    assert runs.report("r").state == "running"  # the fetch may still bring pages
    runs.fetched(PART, error="the provider stopped answering")

    report = runs.report("r")
    assert (report.state, report.read, report.stored, report.set_aside) == ("done", 107, 104, 3)
    assert report.errors == ("netflix-US: the provider stopped answering",)


def test_a_page_is_added_once_with_its_event(engine: Engine) -> None:
    runs = Runs(engine)
    page = Page(PART, 1, "a.json.gz", 100)

    assert len(runs.add_page(page, [event("a", "catalog.fetched")])) == 1
    assert runs.add_page(page, [event("a", "catalog.fetched")]) == []
    assert runs.status()["read"] == 100
    assert runs.status()["events_waiting"] == 1


def test_a_run_nobody_started_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="no run 'nobody'"):
        Runs(engine).report("nobody")


def test_an_event_rolled_back_counts_as_not_seen(engine: Engine) -> None:
    seen = ids.named("event")
    with engine.connect() as connection:
        assert first_time(connection, "step", seen)
        connection.rollback()
    with engine.begin() as connection:
        assert first_time(connection, "step", seen)
        assert first_time(connection, "other step", seen)
        assert not first_time(connection, "step", seen)


def test_an_error_is_kept_once_with_any_text(catalog: Catalog) -> None:
    found = IngestError("r", "normalize", "a#1", "bad \x00 \ud800 " + "x" * 9000, "title")
    with catalog.engine.begin() as connection:
        assert IngestErrors.record(connection, [found, found]) == 1
        assert IngestErrors.record(connection, [found]) == 0
        assert IngestErrors.record(connection, []) == 0
    ((error, field),) = catalog.rows("SELECT error, field FROM ingest_error")
    assert (len(error), field) == (2000, "title")


def test_an_event_nobody_can_read_is_kept_once(catalog: Catalog) -> None:
    for _ in range(2):
        set_aside("step", "event-1", "malformed: no \x00 message", b"\x00\xff", catalog.engine)

    assert catalog.rows("SELECT consumer, payload FROM rejected_event") == [("step", b"\x00\xff")]


def test_errors_of_the_database_become_situations(engine: Engine) -> None:
    with pytest.raises(ConflictError), translated("content"), engine.begin() as connection:
        connection.execute(text("DO $$ BEGIN RAISE unique_violation; END $$"))
    with pytest.raises(UnavailableError), translated("content"), engine.begin() as connection:
        connection.execute(text("DO $$ BEGIN RAISE insufficient_resources; END $$"))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    nobody = create_engine("postgresql+pg8000://postgres@127.0.0.1:1/none")
    with pytest.raises(UnavailableError, match="content: the database does not answer"):
        set_aside_with_name(nobody)


def set_aside_with_name(engine: Engine) -> None:
    with translated("content"), engine.connect():
        pass
