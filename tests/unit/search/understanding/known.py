"""A small catalog of names, and what questions to it are taken for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.clock import FixedClock
from shared.search.query import SearchQuery
from shared.search.suggest.build import build_suggester
from shared.search.suggest.entries import Entry, Kind
from shared.search.understanding.names import CatalogNames
from shared.search.understanding.reading import Understanding

if TYPE_CHECKING:
    from shared.search.understanding.model import Understood

TITLES = (
    "Arrival",
    "Heat",
    "The Dark Knight",
    "Good Will Hunting",
    "Blade Runner 2049",
    "Free Guy",
    "Inception",
)
PEOPLE = ("Tom Hanks", "Michael Mann")
WORDS = ("linguists", "linguist", "robbery", "space")
NAMES = CatalogNames(
    build_suggester(
        [
            *(Entry(t, Kind.TITLE, 0.5, content_id=UUID(int=n)) for n, t in enumerate(TITLES, 1)),
            *(Entry(name, Kind.PERSON, 0.4) for name in PEOPLE),
            Entry("Heat", Kind.TITLE, 0.1, content_id=UUID(int=99)),
        ],
        WORDS,
    )
)
CLOCK = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
with_names = Understanding(lambda: NAMES, CLOCK)
without_names = Understanding(lambda: None, CLOCK)


def id_of(title: str) -> str:
    """Return the id of one of `TITLES`."""
    return str(UUID(int=TITLES.index(title) + 1))


def understood(query: str, **asked: object) -> Understood:
    """Return what a question to the small catalog is taken for."""
    return with_names(SearchQuery.model_validate({"query": query, **asked}))
