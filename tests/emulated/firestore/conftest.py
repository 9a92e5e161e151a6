"""The official clients, pointed at an emulator of ours as their own variable does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from google.cloud.firestore import AsyncClient, Client

from emulators.firestore.service import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from emulators.core.clock import VirtualClock
    from tests.emulated.conftest import Emulator, Laboratory

PROJECT = "p"


@dataclass
class Lab:
    """A Firestore emulator, and the clients that use it.

    Attributes:
        blocking: Its calls block, so they run in threads; it alone can listen.
        db: For everything else.
    """

    emulator: Emulator
    db: Any
    blocking: Any

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
    serve_emulator: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lab]:
    """A Firestore emulator with a journal, and clients of it."""
    emulator = await serve_emulator(endpoint, journal=tmp_path / "journal.sqlite")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.address)
    db: Any = AsyncClient(project=PROJECT)
    blocking: Any = Client(project=PROJECT)
    yield Lab(emulator, db, blocking)
    db.close()
    blocking.close()
