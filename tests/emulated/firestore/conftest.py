"""The official clients, pointed at an emulator as their own variable does it.

``--target google`` runs the same tests on Google's emulator: one for all of them, a project each.
Tests that cannot be so are marked ``ours``, those whose answers differ ``differs``, with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from google.cloud.firestore import AsyncClient, Client

from emulators.firestore.service import endpoint
from tests.emulated import targets
from tests.emulated.firestore.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from emulators.core.clock import VirtualClock
    from tests.emulated.conftest import Emulator, Laboratory


@pytest.fixture(scope="session")
def google_address(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where Google's emulator is, None where ours is the target."""
    if targets.target(request.config) == targets.CLOUD:
        pytest.skip("Firestore's tests do not run in the cloud yet")
    yield from targets.google_address(request.config, "firestore")


@pytest.fixture(autouse=True)
def _fits(request: pytest.FixtureRequest) -> None:
    """Leave out what is not for the target; the reasons are in the emulator's README."""
    targets.skip_unfit(request)


@dataclass
class Lab:
    """A Firestore emulator, and the clients that use it.

    Attributes:
        address: ``127.0.0.1:port``.
        root: ``projects/P/databases/(default)``.
        running: None where it is Google's.
        blocking: Its calls block, so they run in threads; it alone can listen.
        db: For everything else.
        wire: For what the clients never send.
    """

    address: str
    root: str
    running: Emulator | None
    db: Any
    blocking: Any
    wire: Wire

    @property
    def emulator(self) -> Emulator:
        """Ours."""
        assert self.running is not None
        return self.running

    @property
    def clock(self) -> VirtualClock:
        """The emulator's clock."""
        return self.emulator.clock

    async def fill(self, collection: str, **documents: dict[str, Any]) -> Any:  # noqa: ANN401 - an untyped reference
        """Write documents and return their collection."""
        found = self.db.collection(collection)
        for name, fields in documents.items():
            await found.document(name).set(fields)
        return found


async def ids(query: Any) -> list[str]:  # noqa: ANN401 - an untyped query
    """Return the ids of a query's results, in order."""
    return [each.id async for each in query.stream()]


@pytest_asyncio.fixture
async def lab(
    serve_emulator: Laboratory,
    google_address: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Lab]:
    """A Firestore emulator with a journal, and clients of it."""
    running = None
    if google_address is None:
        running = await serve_emulator(endpoint, journal=tmp_path / "journal.sqlite")
    address = google_address if running is None else running.address
    assert address is not None
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
    project = f"p{token_hex(6)}"
    db: Any = AsyncClient(project=project)
    blocking: Any = Client(project=project)
    root = f"projects/{project}/databases/(default)"
    async with Wire(address, root) as wire:
        yield Lab(address, root, running, db, blocking, wire)
    db.close()
    blocking.close()
