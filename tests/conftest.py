"""A real PostgreSQL for every test that asks: one server a session, one fresh database a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import create_engine

from emulators.managed.postgres import Postgres, temporary_postgres
from shared.adapters.sql.migrate import upgrade
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.adapters.connect import Addresses

# What a property is tried with by `make test`; `make soak` tries five times as many.
settings.register_profile("quick", max_examples=40, deadline=None)
settings.register_profile("soak", max_examples=200, deadline=None)
TEMPLATE = "template_migrated"
TESTS = Path(__file__).parent
TOGETHER = {"e2e": "e2e", "unit/terraform": "plans", "unit/pipeline": "plans"}
"""Folders whose tests share what is dear to make, by the name of what they share."""


def pytest_configure(config: pytest.Config) -> None:
    """Choose how long properties are tried."""
    settings.load_profile("soak" if config.option.markexpr == "soak" else "quick")


@pytest.hookimpl(tryfirst=True)  # before the workers read the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every file to one worker; what is dear is made once and begun first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item.path)))
    items.sort(key=lambda item: _group(item.path) not in TOGETHER.values())


def _group(file: Path) -> str:
    place = file.relative_to(TESTS).as_posix()
    return next((n for folder, n in TOGETHER.items() if place.startswith(f"{folder}/")), place)


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
