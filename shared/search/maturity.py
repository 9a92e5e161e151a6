"""How grown up a title is, as viewers limit it (spec/discovery §5.6)."""

from enum import StrEnum

from shared.matching.maturity import RANKS

RESTRICTED = 3
"""Rank of a title that nobody rated, where only lower ones may be seen."""


class RatingLimit(StrEnum):
    """The strictest verdict that a profile may see, of films or of television."""

    G = "G"
    PG = "PG"
    PG_13 = "PG-13"
    R = "R"
    NC_17 = "NC-17"
    TV_Y = "TV-Y"
    TV_Y7 = "TV-Y7"
    TV_G = "TV-G"
    TV_PG = "TV-PG"
    TV_14 = "TV-14"
    TV_MA = "TV-MA"

    @property
    def rank(self) -> int:
        """0 to 4, on the one scale of both."""
        return RANKS[self.value]

    def permits(self, rank: int | None) -> bool:
        """Tell whether a title of this rank may be seen, None where nobody rated it."""
        return (RESTRICTED if rank is None else rank) <= self.rank
