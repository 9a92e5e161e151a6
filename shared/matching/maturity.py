"""Ranks of rating boards' verdicts, one scale for film and television (spec/discovery §5.6)."""

from collections.abc import Iterable, Mapping

RANKS: Mapping[str, int] = {
    **dict.fromkeys(("G", "TV-Y", "TV-G", "U", "FSK 0", "0", "0+", "ALL"), 0),
    **dict.fromkeys(("PG", "TV-Y7", "TV-PG", "FSK 6", "6", "6+", "7+"), 1),
    **dict.fromkeys(("PG-13", "TV-14", "12", "12A", "12+", "FSK 12", "13+", "14"), 2),
    **dict.fromkeys(("R", "TV-MA", "15", "16", "16+", "FSK 16", "18", "18+", "FSK 18"), 3),
    **dict.fromkeys(("NC-17", "R18"), 4),
}


def maturity_rank(values: Iterable[str]) -> int | None:
    """Return the strictest rank among verdicts, 0 to 4; None when none is known.

    The strictest wins since a profile's limit must hold wherever the title is watched.
    """
    known = [RANKS[found] for value in values if (found := value.strip().upper()) in RANKS]
    return max(known, default=None)
