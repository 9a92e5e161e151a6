"""A real PostgreSQL for every test that asks: one server a session, one fresh database a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from emulators.managed.postgres import Postgres, temporary_postgres
from shared.adapters.sql.migrate import upgrade
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.adapters.connect import Addresses

TEMPLATE = "template_migrated"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole session, nothing durable."""
    with temporary_postgres() as server:
        yield server


def _migrate(url: str) -> None:
    engine = create_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """Name of a migrated, empty database to copy from."""
    return postgres.template(TEMPLATE, _migrate)


@pytest.fixture
def database(postgres: Postgres, migrated: str) -> Iterator[str]:
    """Address of a migrated database that is this test's alone."""
    with postgres.database(migrated) as url:
        yield url


@pytest.fixture
def connected(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Addresses]:
    """Let every adapter of this process work on `database`, and on folders of this test."""
    with surroundings(database, tmp_path, monkeypatch) as addresses:
        yield addresses
