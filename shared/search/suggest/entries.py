"""What can be suggested, and how likely each is meant before a letter is typed."""

from dataclasses import dataclass
from enum import StrEnum
from math import log1p
from uuid import UUID

UNKNOWN_MATURITY = 255
"""In a snapshot: nobody rated the title."""
MOST_VOTES = 2_000_000
"""Votes at which a title counts as one of the best known."""


class Kind(StrEnum):
    """What a suggestion names."""

    TITLE = "title"
    PERSON = "person"
    GENRE = "genre"
    PLATFORM = "platform"
    KEYWORD = "keyword"


KINDS = tuple(Kind)


@dataclass(frozen=True)
class Entry:
    """One thing that can be suggested.

    Attributes:
        text: As it is shown.
        popularity: 0 to 1.
        others: Further names that lead to it.
        content_id: The title's, None for all else.
        regions: Where it can be watched now, for a person where any of their titles can; None
            where that says nothing.
        maturity_rank: 0 to 4, None where nobody rated it.
        genres: The title's, or the genre itself.
    """

    text: str
    kind: Kind
    popularity: float
    others: tuple[str, ...] = ()
    content_id: UUID | None = None
    regions: frozenset[str] | None = None
    maturity_rank: int | None = None
    genres: frozenset[str] = frozenset()


def title_popularity(popularity: float, votes: int | None) -> float:
    """Return how likely a title is meant, 0 to 1: one part what trends, two parts who knows it.

    What trends says less of what people look up by name than votes, which gather over years.
    """
    known = min(1.0, log1p(votes or 0) / log1p(MOST_VOTES))
    return (popularity + 2 * known) / 3


def person_popularity(best_title: float, titles: int) -> float:
    """Return how likely a person is meant: below their best known title, more for more titles."""
    return best_title * (0.55 + 0.25 * min(1.0, log1p(titles) / log1p(50)))


def group_popularity(titles: int, most: int) -> float:
    """Return how likely a genre, platform or theme is meant, by its share of the largest's."""
    return 0.3 + 0.5 * log1p(titles) / log1p(max(1, most))
