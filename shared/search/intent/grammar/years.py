"""Years, decades and times: "before 2000", "late 90s", "the last five years", "classic"."""

import re

from shared.search.intent.grammar.numbers import SMALL, TENS, UNITS, whole_at
from shared.search.intent.grammar.scan import Match, Rule, Scan, first
from shared.search.intent.lexicon import contents, genres
from shared.search.intent.model import Kind, Range

FIRST_YEAR = 1888
"""The oldest film (spec/discovery §5.6)."""
AHEAD = 5
CLASSIC_ENDS = 1979
"""As the facet counts them (spec/discovery §5.8)."""
RECENT_YEARS = 2
OLD_YEARS = 30
_DECADE = re.compile(r"(?:(1[89]|20)?(\d0))s")
_DECADES = {
    "twenties": 20,
    "thirties": 30,
    "forties": 40,
    "fifties": 50,
    "sixties": 60,
    "seventies": 70,
    "eighties": 80,
    "nineties": 90,
}
_PARTS = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}
_INTO = frozenset({"in", "from", "of", "circa", "around", "during", "year"})
_POINTING = frozenset({"a", "an", "the", "this", "that", "what", "which"})
_BEFORE = ("older than", "earlier than", "prior to", "before", "pre")
_UNTIL = ("no later than", "not later than", "up until", "up to", "until", "till", "through")
_AFTER = ("newer than", "later than", "more recent than", "after", "post")
_SINCE = ("no earlier than", "no older than", "starting from", "starting in", "since")
_LATER = (
    "or later",
    "or newer",
    "and later",
    "and newer",
    "and up",
    "and after",
    "onwards",
    "onward",
)
_EARLIER = ("or earlier", "or older", "and earlier", "and older", "and before")
_RECENT = ("brand new", "new releases", "new release", "recent", "newest", "latest", "newer", "new")
_CLASSIC = ("old school", "golden age", "classics", "classic")
_OLD = ("oldies", "older", "old")


def year_at(scan: Scan, at: int) -> tuple[int, int] | None:
    """Return the year that begins at a word and where it ends: "1994", "nineteen ninety four"."""
    word = scan.word(at)
    if len(word) == len("1994") and word.isdecimal():
        year = int(word)
        return (year, at + 1) if FIRST_YEAR <= year <= scan.year + AHEAD else None
    return _spoken(scan, at, word)


def _spoken(scan: Scan, at: int, word: str) -> tuple[int, int] | None:
    if word in {"nineteen", "eighteen", "twenty"}:
        century = 100 * ({**SMALL, **TENS}[word])
        tens = scan.word(at + 1)
        if tens in TENS:
            ones = UNITS.get(scan.word(at + 2), 0)
            return century + TENS[tens] + ones, at + (3 if ones else 2)
        if tens in SMALL and SMALL[tens] >= 10:  # noqa: PLR2004 - "twenty ten", never "twenty two"
            return century + SMALL[tens], at + 2
    if word == "two" and scan.word(at + 1) == "thousand":
        skip = at + (3 if scan.word(at + 2) == "and" else 2)
        ones = SMALL.get(scan.word(skip), 0)
        return 2000 + ones, skip + 1 if ones else at + 2
    return None


def _decade_at(scan: Scan, at: int) -> tuple[int, int] | None:
    """Return the first year of the decade that begins at a word and where it ends."""
    word = scan.word(at)
    match = _DECADE.fullmatch(word)
    if match:
        return _century(scan, match[1], int(match[2])), at + 1
    if scan.word(at + 1) == "s" and word.isdecimal() and word.endswith("0"):
        match = _DECADE.fullmatch(word + "s")
        return (_century(scan, match[1], int(match[2])), at + 2) if match else None
    if word in {"nineteen", "eighteen"} and scan.word(at + 1) in _DECADES:
        return 100 * SMALL[word] + _DECADES[scan.word(at + 1)], at + 2
    if word in _DECADES:
        return _century(scan, None, _DECADES[word]), at + 1
    return (2000, at + 2) if word == "two" and scan.word(at + 1) == "thousands" else None


def _century(scan: Scan, century: str | None, tens: int) -> int:
    """Return a decade's first year; one of two digits is the latest that has begun."""
    if century:
        return int(century) * 100 + tens
    return 2000 + tens if 2000 + tens <= scan.year else 1900 + tens


def _ranged(scan: Scan, low: int | None, high: int | None, place: tuple[int, int]) -> Match:
    return scan.found(Kind.YEARS, Range(low, high), place)


def decade(scan: Scan, at: int) -> Match | None:
    """Read a decade or a part of one: "from the early 90s"."""
    start = at + 1 if scan.word(at) in _INTO else at
    start += scan.word(start) == "the"
    part = _PARTS.get(scan.word(start))
    inner = start + 1 if part else start
    inner += part is not None and scan.word(inner) == "to"
    found = _decade_at(scan, inner)
    if found is None:
        return None
    low, high = part or (0, 9)
    return _ranged(scan, found[0] + low, found[0] + high, (at, found[1]))


def between(scan: Scan, at: int) -> Match | None:
    """Read two years: "between 1990 and 1995", "from 1990 to 1995", "1990-1995"."""
    announced = scan.word(at) in {"between", "from"}
    start = year_at(scan, at + 1 if announced else at)
    if start is None or scan.word(start[1]) not in {"and", "to", "-", "–", "until", "through"}:
        return None
    if scan.word(start[1]) == "and" and not announced:
        return None
    end = year_at(scan, start[1] + 1)
    if end is None:
        return None
    low, high = sorted((start[0], end[0]))
    return _ranged(scan, low, high, (at, end[1]))


def bounded(scan: Scan, at: int) -> Match | None:
    """Read a year that is a limit: "before 2000", "since the 90s", "2010 or later"."""
    for cues, side, step in ((_UNTIL, 1, 0), (_BEFORE, 1, -1), (_SINCE, 0, 0), (_AFTER, 0, 1)):
        start = scan.follows(at, *cues)
        if start:
            return _limit(scan, (at, start), side, step)
    found = year_at(scan, at)
    if found is None:
        return None
    later, earlier = scan.follows(found[1], *_LATER), scan.follows(found[1], *_EARLIER)
    if later:
        return _ranged(scan, found[0], None, (at, later))
    return _ranged(scan, None, found[0], (at, earlier)) if earlier else None


def _limit(scan: Scan, cue: tuple[int, int], side: int, step: int) -> Match | None:
    start = cue[1] + (scan.word(cue[1]) == "the")
    found = year_at(scan, start)
    if found is None:
        ten = _decade_at(scan, start)
        if ten is None:
            return None
        found = (ten[0] + (9 if (side == 1) == (step == 0) else 0), ten[1])
    year = found[0] + step
    low, high = (None, year) if side else (year, None)
    return _ranged(scan, low, high, (cue[0], found[1]))


def relative(scan: Scan, at: int) -> Match | None:
    """Read a time that is told from now: "the last five years", "this year", "past decade"."""
    start = at + (scan.word(at) in _INTO | {"within", "over"})
    start += scan.word(start) == "the"
    if scan.word(start) == "this" and scan.word(start + 1) == "year":
        return _ranged(scan, scan.year, scan.year, (at, start + 2))
    if scan.word(start) not in {"last", "past", "previous"}:
        return None
    counted = whole_at(scan, start + 1)
    count, unit = counted or (1, start + 1)
    years = {"year": 1, "years": 1, "decade": 10, "decades": 10}.get(scan.word(unit), 0) * count
    if not years:
        return None
    if years == 1 and counted is None and scan.word(start) == "last":
        return _ranged(scan, scan.year - 1, scan.year - 1, (at, unit + 1))
    return _ranged(scan, max(FIRST_YEAR, scan.year - years), scan.year, (at, unit + 1))


def vague(scan: Scan, at: int) -> Match | None:
    """Read a time without a number: "recent", "classic", "old"."""
    recent = scan.follows(at, *_RECENT)
    if recent and _describes(scan, recent):
        return scan.found(Kind.YEARS, Range(scan.year - RECENT_YEARS, None), (at, recent), 0.7)
    classic = scan.follows(at, *_CLASSIC)
    if classic and _describes(scan, classic):
        return scan.found(Kind.YEARS, Range(None, CLASSIC_ENDS), (at, classic), 0.6)
    old = scan.follows(at, *_OLD)
    if old and _describes(scan, old):
        return scan.found(Kind.YEARS, Range(None, scan.year - OLD_YEARS), (at, old), 0.6)
    return None


def _describes(scan: Scan, end: int) -> bool:
    """Tell whether the word before ``end`` says of what follows that it is old or new."""
    words = scan.words
    alone = end == len(words) and end > 1
    return alone or contents().at(words, end) is not None or genres().at(words, end) is not None


def single(scan: Scan, at: int) -> Match | None:
    """Read one year: "in 1994" wherever it stands; "1994" alone where it can be nothing else."""
    cue = at + (scan.word(at) in _INTO)
    cue += cue > at and scan.follows(cue, "the year") > 0
    cue += scan.word(cue) == "year" and cue > at
    found = year_at(scan, cue)
    if found is None:
        return None
    if cue > at:
        return _ranged(scan, found[0], found[0], (at, found[1]))
    sure = _sure_alone(scan, at, found[1])
    return scan.found(Kind.YEARS, Range(found[0], found[0]), (at, found[1]), sure) if sure else None


def _sure_alone(scan: Scan, at: int, end: int) -> float:
    """Return how sure a number without "in" is a year: beside a kind, after "this", or last."""
    words = scan.words
    if contents().at(words, end) or genres().at(words, end):
        return 0.85
    if at == 0:
        return 0.0
    if contents().at(words, at - 1) or genres().at(words, at - 1):
        return 0.85
    if words[at - 1] in _POINTING:
        return 0.75
    return 0.7 if end == len(words) else 0.0


RULES: tuple[Rule, ...] = (between, bounded, relative, decade, single, vague)


def years(scan: Scan, at: int) -> Match | None:
    """Read years of release at a word."""
    return first(scan, at, RULES)
