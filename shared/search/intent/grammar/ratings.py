"""Certificates and viewers' ratings: "rated PG-13", "kid friendly", "above 7", "highly rated"."""

from shared.search.intent.grammar.numbers import number_at, whole_at
from shared.search.intent.grammar.scan import Match, Rule, Scan, first
from shared.search.intent.model import Kind, Range

CERTIFICATES = {
    "g": 0,
    "tv y": 0,
    "tv g": 0,
    "pg": 1,
    "tv pg": 1,
    "tv y7": 1,
    "tv y 7": 1,
    "pg 13": 2,
    "pg13": 2,
    "tv 14": 2,
    "tv14": 2,
    "r": 3,
    "tv ma": 3,
    "nc 17": 4,
    "nc17": 4,
}
"""Ranks of the US scales for film and television (spec/discovery §5.6)."""
_NEEDS_A_CUE = frozenset({"g", "r"})
_TELEVISION = {"tvpg": 1, "tvma": 3, "tvg": 0, "tvy": 0}
RANKS = {**CERTIFICATES, **_TELEVISION}
FAMILY = 1
"""What may be shown to children: up to PG."""
FAIR, GOOD, EXCELLENT, BEST = 5.0, 7.0, 8.0, 10.0
"""Lower ends of the bands of spec/discovery §5.8."""
FIVE_STARS = 5
_ADULT = 18
_TO_RANK = ((13, 1), (17, 2), (18, 3))
"""Below this age, at most this rank; the youngest limit of a certificate is 13 (PG-13)."""
_CHILDREN = (
    "kid friendly",
    "kids friendly",
    "child friendly",
    "family friendly",
    "suitable for children",
    "suitable for kids",
    "appropriate for kids",
    "appropriate for children",
    "safe for kids",
    "for the whole family",
    "for the kids",
    "for my kids",
    "for young kids",
    "for small children",
    "for young children",
    "for children",
    "for kids",
    "for toddlers",
    "for all ages",
    "for the family",
    "with my kids",
    "with the kids",
    "with kids",
    "with the family",
    "kids movies",
    "kids movie",
    "kids shows",
    "kids show",
    "kids films",
    "kids film",
    "all ages",
    "no nudity",
    "childrens movies",
    "childrens movie",
    "childrens shows",
    "childrens film",
)
_GROWN_UP = ("for adults only", "for grown ups", "for adults", "adults only", "not for kids")
_LIKED = (
    "critically acclaimed",
    "highly acclaimed",
    "well reviewed",
    "highly reviewed",
    "well rated",
    "highly rated",
    "high rated",
    "good ratings",
    "good reviews",
    "great reviews",
    "high ratings",
    "with high ratings",
    "well received",
    "acclaimed",
    "highly recommended",
    "must see",
    "must watch",
    "very good",
    "really good",
    "two thumbs up",
    "thumbs up",
    "rated well",
    "received well",
    "highly liked",
    "well liked",
    "liked a lot",
    "liked by many",
    "high rating",
)
_BEST = (
    "highest rated",
    "best rated",
    "top rated",
    "best reviewed",
    "best ever",
    "the best",
    "best",
    "top",
)
_LOVED = ("masterpieces", "masterpiece", "excellent reviews", "excellent rating", "excellent")
_FAIR = ("decent", "watchable", "good enough")
_WORST = ("worst rated", "lowest rated", "the worst", "worst")
_POPULAR = ("most popular", "most watched", "very popular", "really popular", "popular", "trending")
_ABOVE = (
    "higher than",
    "better than",
    "greater than",
    "no less than",
    "more than",
    "at least",
    "minimum of",
    "over",
    "above",
    "min",
)
_SUBJECTS = (
    "imdb rating of",
    "imdb rating",
    "imdb score",
    "user rating",
    "ratings average of",
    "rating average of",
    "ratings average",
    "rating average",
    "rating of",
    "ratings of",
    "rated at",
    "ratings",
    "rating",
    "rated",
    "imdb",
    "score of",
    "score",
    "scored",
)
_UNITS = (
    "out of 10",
    "out of ten",
    "out of 5",
    "out of five",
    "stars out of 5",
    "stars out of five",
    "stars or more",
    "stars or higher",
    "stars or better",
    "or higher",
    "or above",
    "or better",
    "or more",
    "plus stars",
    "stars",
    "star",
    "plus",
)
_FIVES = frozenset({"out of 5", "out of five", "stars out of 5", "stars out of five"})


def certificate(scan: Scan, at: int) -> Match | None:
    """Read a certificate: "rated R", "PG-13 or lower", "up to PG", "TV-MA"."""
    limit = scan.follows(at, "no higher than", "up to", "at most", "under", "below", "max")
    start = limit or at
    cue = scan.follows(
        start, "with a rating of", "that are rated", "rated", "rating of", "mpaa rating", "rating"
    )
    name = _certificate_at(scan, cue or start, needs_no_cue=bool(cue))
    if name is None:
        return None
    rank, end = name
    lower = scan.follows(
        end, "or lower", "or less", "or below", "or under", "or milder", "and under", "and below"
    )
    end = lower or scan.follows(end, "rated", "rating") or end
    low = None if limit or lower else rank
    return scan.found(Kind.MATURITY, Range(low, rank), (at, end))


def _certificate_at(scan: Scan, at: int, *, needs_no_cue: bool) -> tuple[int, int] | None:
    for length in (3, 2, 1):
        name = " ".join(scan.words[at : at + length])
        if name in RANKS and at + length <= len(scan.words):
            cued = needs_no_cue or bool(scan.follows(at + length, "rated", "rating"))
            return (RANKS[name], at + length) if cued or name not in _NEEDS_A_CUE else None
    return None


def audience(scan: Scan, at: int) -> Match | None:
    """Read for whom it shall be fit: "kid friendly", "for my 6 year old", "adults only"."""
    end = scan.follows(at, *_CHILDREN)
    if end:
        return scan.found(Kind.MATURITY, Range(None, FAMILY), (at, end))
    end = scan.follows(at, *_GROWN_UP)
    if end:
        return scan.found(Kind.MATURITY, Range(3, None), (at, end), 0.8)
    return _age(scan, at)


def _age(scan: Scan, at: int) -> Match | None:
    start = scan.follows(at, "suitable for", "appropriate for", "ok for", "for")
    if not start:
        return None
    start += scan.word(start) in {"my", "a", "an", "our"}
    age = whole_at(scan, start)
    end = scan.follows(age[1], "year olds", "year old", "years old", "yr old") if age else 0
    if age is None or not end or age[0] >= _ADULT:
        return None
    rank = next(rank for below, rank in _TO_RANK if age[0] < below)
    return scan.found(Kind.MATURITY, Range(None, 0 if age[0] < 8 else rank), (at, end))  # noqa: PLR2004 - PG begins to advise at 8


def liked(scan: Scan, at: int) -> Match | None:
    """Read praise without a number: "critically acclaimed", "a masterpiece"."""
    for phrases, low in ((_LIKED, GOOD), (_LOVED, EXCELLENT), (_FAIR, FAIR)):
        end = scan.follows(at, *phrases)
        if end:
            return scan.found(Kind.RATING, Range(low, None), (at, end))
    return None


def numbered(scan: Scan, at: int) -> Match | None:
    """Read a rating with a number: "rated above 7", "8 or higher", "4 stars", "7/10"."""
    subject = scan.follows(at, "with a", "with an", "with") or at
    named = scan.follows(subject, *_SUBJECTS)
    if subject > at and not named:
        return None
    subject = named or at
    above = scan.follows(subject, *_ABOVE)
    found = number_at(scan, above or subject)
    if found is None or not 0 < found[0] <= BEST:
        return None
    unit, end = _unit(scan, found[1])
    if not (unit or (subject > at) or (above and _ends(scan, end))):
        return None
    doubled = unit in _FIVES or ("star" in unit and found[0] <= FIVE_STARS)
    low = found[0] * (2 if doubled else 1)
    return None if low > BEST else scan.found(Kind.RATING, Range(low, None), (at, end))


def _unit(scan: Scan, at: int) -> tuple[str, int]:
    if scan.word(at) == "/" and scan.word(at + 1) in {"5", "10"}:
        return f"out of {scan.word(at + 1)}", at + 2
    for unit in _UNITS:
        end = scan.follows(at, unit)
        if end:
            return unit, end
    return "", at


def _ends(scan: Scan, at: int) -> bool:
    """Tell whether a bare number ends here: "above 7 on netflix", but not "above 7 seas"."""
    return scan.word(at) in {"", "on", "in", "from", "with", "and", "but", "for", "rating", "imdb"}


def order(scan: Scan, at: int) -> Match | None:
    """Read an order: "best", "most popular", "worst"."""
    for phrases, sort in (
        (_BEST, "highest_rated"),
        (_WORST, "lowest_rated"),
        (_POPULAR, "most_popular"),
    ):
        end = scan.follows(at, *phrases)
        if end and end < len(scan.words):
            return scan.found(Kind.SORT, sort, (at, end), 0.6)
    return None


RULES: tuple[Rule, ...] = (certificate, audience, liked, numbered, order)


def ratings(scan: Scan, at: int) -> Match | None:
    """Read a certificate, an audience or a rating at a word."""
    return first(scan, at, RULES)
