"""A real PostgreSQL for every test that asks: one server a session, one fresh database a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from emulators.managed.postgres import Postgres, temporary_postgres
from shared.adapters import connect
from shared.adapters.sql.migrate import upgrade
from shared.runtime.settings import settings, use_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """Address of a migrated database that is this test's alone."""
    with postgres.database(postgres.template(TEMPLATE, _migrate)) as url:
        yield url


@pytest.fixture
def connected(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[connect.Addresses]:
    """Let every adapter of this process work on `database`, and on folders of this test.

    The way is the product's own, from the environment, so that loading a function changes nothing.
    """
    given = {
        "MEDIA_GATEWAY_DATABASE_URL": database,
        "MEDIA_GATEWAY_RAW_DIR": str(tmp_path / "raw"),
        "MEDIA_GATEWAY_ARTIFACTS_DIR": str(tmp_path / "artifacts"),
        "MEDIA_GATEWAY_ROUTES_FILE": str(tmp_path / "routes.json"),
        "GOOGLE_CLOUD_PROJECT": "media-gateway-local",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    _forget()
    use_settings()
    yield connect.addresses()
    for made in (connect.engine, connect.reads):
        if made.cache_info().currsize:
            made().dispose()
    _forget()


def _forget() -> None:
    connect.reset()
    settings.cache_clear()
