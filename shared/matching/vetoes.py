"""What forbids that two records speak of one title, and what contradicts an id."""

from shared.catalog.values import ContentType
from shared.matching.facts import Facts
from shared.matching.features import SAME_TITLE, best_pair
from shared.matching.names import FILLERS, NUMBERS

LOW_TITLE = 0.5
"""Below this, two titles are not spellings of one name."""
NEAR_YEARS = 1
RUNTIME_SHARE, RUNTIME_MINUTES = 0.05, 5
PARTS = frozenset({ContentType.SEASON, ContentType.EPISODE})


def types_differ(left: Facts, right: Facts) -> bool:
    """Tell whether one is a film and the other a series; an unknown type differs from nothing."""
    if ContentType.UNKNOWN in {left.content_type, right.content_type}:
        return False
    return left.family != right.family


def years_differ(left: Facts, right: Facts) -> bool:
    """Tell whether two known years are more than one apart: a remake, or another title."""
    if left.year is None or right.year is None:
        return False
    return abs(left.year - right.year) > NEAR_YEARS


def sequels_differ(pair: tuple[str, str]) -> bool:
    """Tell whether the numbers in two title keys disagree (``rocky`` and ``rocky 2``).

    A number that only one of them has does not count where it stands inside and the same words
    follow it in both: ``ice age 2 meltdown`` is ``ice age meltdown``.
    """
    left, right = (numbers(key) for key in pair)
    if set(left) == set(right) or "".join(left) == "".join(right):
        return False
    return bool(left and right) or not _named_beside_number(*sorted(pair, key=len))


def numbers(key: str) -> list[str]:
    """Return the numbers in a title key, in order; those written out up to ten count."""
    spelled = (NUMBERS.get(word, word) for word in key.split())
    return [word for word in spelled if word.isdigit()]


def _named_beside_number(plain: str, numbered: str) -> bool:
    words = numbered.split()
    if words[-1].isdigit() or words[0].isdigit():
        return False
    return _said(words) == _said(plain.split())


def _said(words: list[str]) -> list[str]:
    return [word for word in words if not word.isdigit() and word not in FILLERS]


def _is_other_part(pair: tuple[str, str]) -> bool:
    """Tell whether two names are equal but for their numbers; ``oceans 11`` is no part here."""
    left, right = ([word for word in key.split() if not word.isdigit()] for key in pair)
    return bool(left) and left == right and sequels_differ(pair)


def veto(left: Facts, right: Facts, pair: tuple[str, str]) -> str | None:
    """Return why two records may not be joined by title, or None.

    Args:
        left: One record.
        right: The other.
        pair: The names by which they are most alike.
    """
    if left.content_type in PARTS or right.content_type in PARTS:
        return "part"  # seasons and episodes are known by their place in a series, never by name
    if types_differ(left, right):
        return "type"
    if years_differ(left, right):
        return "year"
    return "sequel" if sequels_differ(pair) else None


def agreements(left: Facts, right: Facts) -> tuple[str, ...]:
    """Return the features, beyond title and year, in which two records agree."""
    found = {
        "runtime": _runtimes_agree(left.runtime, right.runtime),
        "credits": bool(left.people & right.people),
        "genres": 2 * len(left.genres & right.genres) >= max(1, len(left.genres | right.genres)),
        "countries": bool(left.countries & right.countries),
        "original": left.original is not None and left.original == right.original,
    }
    return tuple(name for name, agrees in found.items() if agrees)


def _runtimes_agree(left: int | None, right: int | None) -> bool:
    if not left or not right:
        return False
    return abs(left - right) <= max(RUNTIME_MINUTES, RUNTIME_SHARE * max(left, right))


def contradiction(item: Facts, known: Facts, *, supporting_ids: int) -> str | None:
    """Return why an item cannot be the title its ids name, or None.

    One delivered id in fifteen is wrong, so an id alone decides nothing: the type must fit, the
    year be at most one off, and a name that is another one altogether (a translation, or a wrong
    id) needs an agreeing feature beside it. Two ids that agree outweigh a year.

    Args:
        item: What the source says.
        known: The title that holds the ids.
        supporting_ids: How many of the item's ids name this title.
    """
    if types_differ(item, known):
        return "type"
    title, pair = best_pair(item, known)
    if _is_other_part(pair):
        return "sequel"
    if years_differ(item, known) and (supporting_ids < 2 or title < SAME_TITLE):  # noqa: PLR2004 - a pair
        return "year"
    if title < LOW_TITLE and not agreements(item, known):
        return "title"
    return None
