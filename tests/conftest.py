"""A real PostgreSQL for every test that asks: one server a session, one fresh database a test."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import create_engine
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from emulators.managed.postgres import Postgres, temporary_postgres
from shared.adapters.sql.migrate import upgrade
from shared.search.understanding import renewed
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from xdist.remote import Producer  # type: ignore[import-untyped]

    from shared.adapters.connect import Addresses

# What a property is tried with by `make test`; `make soak` tries five times as many.
settings.register_profile("quick", max_examples=40, deadline=None)
settings.register_profile("soak", max_examples=200, deadline=None)
TEMPLATE = "template_migrated"
TESTS = Path(__file__).parent
TOGETHER = {"e2e": "e2e", "unit/terraform": "plans", "unit/pipeline": "plans"}
"""Folders whose tests share what is dear to make, by the name of what they share."""

_current_frames = sys._current_frames


def _frames_without_collecting() -> dict[int, FrameType]:
    """Return what `sys._current_frames` does, without a collection in the middle of it.

    Before 3.11.9 a collection there that calls back waits for the GIL with the list of threads
    locked, and a thread that ends waits for that list with the GIL: everything stands still
    (python/cpython#106883). Measuring coverage asks for frames all the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        return _current_frames()
    finally:
        if was:
            gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """Choose how long properties are tried, and keep this process from standing still."""
    settings.load_profile("soak" if config.option.markexpr == "soak" else "quick")
    if sys.version_info < (3, 11, 9):
        sys._current_frames = _frames_without_collecting


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is dear."""
    items.sort(key=lambda item: group_of(item.nodeid) not in TOGETHER.values())


class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
    """Gives every group to one worker.

    `--dist loadgroup` would, but xdist 3.8.0 writes the group where pytest 9.2.0 reads no name of a
    test any more, and then deals single tests out in silence.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)  # a run in one process may be without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    """Return who deals tests out to workers."""
    return ByGroup(config, log)


def group_of(nodeid: str) -> str:
    """Return what a test's neighbors in one worker are: those of its file, or of its folder."""
    place = nodeid.partition("::")[0].removeprefix(f"{TESTS.name}/")
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


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the first of what is renewed as long as a busy machine needs to get it."""
    monkeypatch.setattr(renewed, "FIRST_WAIT_SECONDS", 5.0)


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
