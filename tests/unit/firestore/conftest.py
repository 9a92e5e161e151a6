"""A database in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulators.core.clock import VirtualClock
from emulators.core.journal import Journal
from emulators.firestore.store import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "projects/p/databases/(default)"


@pytest.fixture
def database() -> Iterator[Database]:
    """A database that is kept nowhere."""
    journal = Journal(None)
    yield Database(ROOT, VirtualClock(), journal)
    journal.close()
