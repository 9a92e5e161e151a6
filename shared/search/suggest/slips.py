"""Beginnings one slip away from what was typed."""

from collections.abc import Iterator

from shared.search.spelling.costs import distance
from shared.search.suggest.prefixes import Prefixes, Range

SHORTEST = 3
"""Letters from which a slip is sought; the first letter is taken as meant."""
MOST = 12
"""Most letters of the beginning in which a slip is sought: more tell a whole name (`names`)."""


def one_slip_away(prefixes: Prefixes, typed: str) -> list[tuple[str, float]]:
    """Return beginnings that exist and differ by one slip, with its price, cheapest first.

    Walks the places that begin as ``typed`` does, letter by letter, and tries one change at each
    step; what no name begins with is never tried.

    Args:
        prefixes: Where names begin.
        typed: Folded; nothing is sought in fewer than `SHORTEST` letters.
    """
    if len(typed) < SHORTEST:
        return []
    found: dict[str, float] = {}
    within = prefixes.range_of(typed[:1])
    for at in range(1, min(len(typed), MOST) + 1):
        for other, part in _changed(prefixes, typed, at, within):
            if other not in found and other != typed and prefixes.begins(other, part):
                found[other] = distance(typed, other)
        within = prefixes.range_of(typed[: at + 1], within)
        if within[0] == within[1]:
            break
    return sorted(found.items(), key=lambda item: (item[1], item[0]))


def _changed(prefixes: Prefixes, typed: str, at: int, within: Range) -> Iterator[tuple[str, Range]]:
    """Yield ``typed`` with one change at letter ``at``, and in which range it may be found."""
    head, tail = typed[:at], typed[at:]
    if len(tail) > 1:
        yield head + tail[1] + tail[0] + tail[2:], within
    if tail:
        yield head + tail[1:], within
    for letter, part in prefixes.letters_after(head, within):
        if tail:
            yield head + letter + tail[1:], part
            yield head + letter + tail, part
