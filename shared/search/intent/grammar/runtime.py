"""How long something lasts: "under two hours", "90 minutes or less", "short"."""

from shared.search.intent.grammar.numbers import number_at
from shared.search.intent.grammar.scan import Match, Rule, Scan, first
from shared.search.intent.lexicon import contents, genres
from shared.search.intent.model import Kind, Range

LONGEST = 6000
"""As `shared.search.query.Filters` takes it, in minutes."""
SHORT_ENDS = 90
LONG_BEGINS = 150
AROUND = 15
"""Minutes to either side of a length that is not a limit."""
_UNDER = (
    "no longer than",
    "not longer than",
    "no more than",
    "not more than",
    "shorter than",
    "less than",
    "at most",
    "maximum of",
    "up to",
    "within",
    "under",
    "below",
    "max",
    "maximum",
)
_OVER = (
    "no shorter than",
    "no less than",
    "longer than",
    "more than",
    "at least",
    "minimum of",
    "over",
    "above",
    "min",
    "minimum",
)
_LESS = ("or less", "or shorter", "or under", "max", "maximum", "tops", "at most")
_MORE = ("or more", "or longer", "or over", "plus", "minimum", "at least")
_HOURS = frozenset({"hour", "hours", "hr", "hrs", "h"})
_MINUTES = frozenset({"minute", "minutes", "min", "mins", "m"})
_SHORT = ("not too long", "not very long", "quick watch", "short", "shorter", "quick")
_LONG = ("really long", "very long", "long", "longer")


def length_at(scan: Scan, at: int) -> tuple[float, int] | None:
    """Return the minutes that begin at a word and where they end: "two and a half hours"."""
    special = _half(scan, at)
    if special is not None:
        return special
    found = (1.0, at + 1) if scan.word(at) in {"an", "one"} else number_at(scan, at)
    if found is None:
        return None
    half = scan.follows(found[1], "and a half")
    value, end = (found[0] + 0.5, half) if half else found
    unit = scan.word(end)
    if unit in _MINUTES:
        return value, end + 1
    return _more(scan, value * 60, end + 1) if unit in _HOURS else None


def _half(scan: Scan, at: int) -> tuple[float, int] | None:
    end = scan.follows(at, "half an hour", "half hour")
    if end:
        return 30.0, end
    end = scan.follows(at, "an hour and a half", "one hour and a half", "hour and a half")
    return (90.0, end) if end else None


def _more(scan: Scan, minutes: float, at: int) -> tuple[float, int]:
    """Return hours with the minutes that follow them: "1h30", "two hours and ten minutes"."""
    more = number_at(scan, at + (scan.word(at) == "and"))
    if more is None:
        return minutes, at
    if scan.word(more[1]) in _MINUTES:
        return minutes + more[0], more[1] + 1
    joined = scan.tokens[at].span.start == scan.tokens[at - 1].span.end
    return (minutes + more[0], more[1]) if joined else (minutes, at)


def measured(scan: Scan, at: int) -> Match | None:
    """Read a length in hours or minutes, with the words that make it a limit."""
    under, over = scan.follows(at, *_UNDER), scan.follows(at, *_OVER)
    found = length_at(scan, under or over or at)
    if found is None or not 1 <= found[0] <= LONGEST:
        return None
    minutes, end = round(found[0]), found[1]
    less = 0 if under or over else scan.follows(end, *_LESS)
    more = 0 if under or over or less else scan.follows(end, *_MORE)
    limits = _limits(minutes, below=bool(under or less), above=bool(over or more))
    sure = 0.9 if under or over or less or more else 0.75
    place = (at, _to_the_noun(scan, less or more or end))
    return scan.found(Kind.RUNTIME, limits, place, sure)


def _limits(minutes: int, *, below: bool, above: bool) -> Range:
    if below:
        return Range(None, minutes)
    if above:
        return Range(minutes, None)
    return Range(max(1, minutes - AROUND), min(LONGEST, minutes + AROUND))


def _to_the_noun(scan: Scan, at: int) -> int:
    return scan.follows(at, "in length", "long", "or so") or at


def vague(scan: Scan, at: int) -> Match | None:
    """Read "short" or "long" where it says something of what is to be watched."""
    for cues, limits in ((_SHORT, Range(None, SHORT_ENDS)), (_LONG, Range(LONG_BEGINS, None))):
        end = scan.follows(at, *cues)
        if end and _describes(scan, at, end):
            return scan.found(Kind.RUNTIME, limits, (at, end), 0.6)
    return None


def _describes(scan: Scan, at: int, end: int) -> bool:
    if contents().at(scan.words, at):  # a "short film" is a kind of its own
        return False
    alone = scan.word(at - 1) in {"something", "but", "and", "anything"}
    return alone or bool(contents().at(scan.words, end) or genres().at(scan.words, end))


RULES: tuple[Rule, ...] = (measured, vague)


def runtime(scan: Scan, at: int) -> Match | None:
    """Read a length at a word."""
    return first(scan, at, RULES)
