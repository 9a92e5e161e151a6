"""A catalogue to type names of."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from shared.search.suggest.build import build_suggester
from shared.search.suggest.entries import Entry, Kind

if TYPE_CHECKING:
    from shared.search.suggest.index import Suggester

ALPHABET = "abcé "


def film(number: int, title: str, popularity: float, **facts: object) -> Entry:
    """Return a title that can be watched in the US unless told otherwise."""
    given: dict[str, object] = {"regions": frozenset({"US"}), **facts}
    return Entry(title, Kind.TITLE, popularity, content_id=UUID(int=number), **given)  # type: ignore[arg-type]


ENTRIES = [
    film(1, "The Godfather", 0.9, maturity_rank=3),
    film(2, "Godzilla", 0.6, maturity_rank=2),
    film(3, "Godzilla", 0.5, regions=frozenset({"CA"})),
    film(4, "City of God", 0.8, maturity_rank=3, regions=frozenset({"US", "CA"})),
    film(5, "Amélie", 0.7, others=("Le Fabuleux Destin d'Amélie Poulain",), maturity_rank=0),
    film(6, "Saw", 0.8, genres=frozenset({"Horror"}), maturity_rank=3),
    film(7, "Up", 0.8, maturity_rank=0),
    film(8, "Upgrade", 0.85, maturity_rank=3),
    Entry("Greta Gerwig", Kind.PERSON, 0.5, regions=frozenset({"US"})),
    Entry("Horror", Kind.GENRE, 0.6, genres=frozenset({"Horror"})),
    Entry("Netflix", Kind.PLATFORM, 0.8, regions=frozenset({"US"})),
    Entry("space travel", Kind.KEYWORD, 0.4),
    Entry("???", Kind.TITLE, 0.9, content_id=UUID(int=9)),
]


@pytest.fixture(scope="session")
def suggester() -> Suggester:
    """Return an index of `ENTRIES`."""
    return build_suggester(ENTRIES, ["underrated"])


def letters(typed: str) -> set[str]:
    """Return every text one slip away that keeps the first letter."""
    spots = range(1, len(typed) + 1)
    inserted = {typed[:i] + a + typed[i:] for i in spots[:-1] for a in ALPHABET}
    dropped = {typed[:i] + typed[i + 1 :] for i in spots[:-1]}
    other = {typed[:i] + a + typed[i + 1 :] for i in spots[:-1] for a in ALPHABET}
    swapped = {typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :] for i in spots[:-2]}
    return inserted | dropped | other | swapped
