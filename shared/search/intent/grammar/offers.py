"""Where and on what terms: platforms, countries, "free", "to rent", "leaving soon"."""

from shared.catalog.texts import country
from shared.catalog.values import OfferType
from shared.search.intent.grammar.numbers import whole_at
from shared.search.intent.grammar.scan import Match, Rule, Scan, first
from shared.search.intent.lexicon import contents, genres, needs_a_cue, platforms, regions
from shared.search.intent.model import Kind

SOON, NEW = 30, 30
"""Days that "soon" and "new on" stand for (spec/discovery names none)."""
_ON = (
    "available on",
    "streaming on",
    "playing on",
    "streaming via",
    "watch on",
    "only on",
    "out on",
    "on my",
    "on",
    "from",
    "at",
    "via",
    "through",
    "in",
    "or",
    "and",
)
_LEAVING = (
    "leaving soon",
    "expiring soon",
    "expires soon",
    "about to leave",
    "about to expire",
    "ending soon",
    "going away soon",
    "last chance",
)
_ADDED = ("recently added", "just added", "newly added", "new arrivals", "just arrived")
_FREE = (
    "for free",
    "free to watch",
    "free to stream",
    "without paying",
    "without a subscription",
    "no subscription",
    "free of charge",
    "watch free",
    "stream free",
    "at no cost",
    "are free",
    "is free",
    "free with ads",
    "with ads",
    "ad supported",
)
_TERMS = (
    (("to rent", "for rent", "rentable", "rentals", "rental", "rent"), OfferType.RENTAL),
    (("to buy", "for sale", "to purchase", "purchase", "buy"), OfferType.PURCHASE),
    (("with my subscription", "with subscription", "included with"), OfferType.SUBSCRIPTION),
)
_IN = ("available in", "streaming in", "to watch in", "watch in", "showing in", "in")
_DAYS = {"today": 1, "tonight": 1, "week": 7, "weekend": 3, "month": 31}


def platform(scan: Scan, at: int) -> Match | None:
    """Read a platform: "on Netflix", "Hulu", "available on Disney+"."""
    cue = scan.follows(at, *_ON)
    found = platforms().at(scan.words, cue or at)
    if found is None:
        return None
    name = " ".join(scan.words[cue or at : found[1]])
    if name not in needs_a_cue():
        return scan.found(Kind.PLATFORM, found[0], (at, found[1]), 0.95)
    if not cue or not _ends(scan, found[1]):
        return None
    return scan.found(Kind.PLATFORM, found[0], (at, found[1]))


def _ends(scan: Scan, at: int) -> bool:
    """Tell whether a doubtful name stands alone: "on prime", but not "in apple pie"."""
    after = scan.word(at)
    ends = {"", "that", "under", "with", "or", "and", "but", "in", "for", "from", "which", "video"}
    return after in ends or bool(contents().at(scan.words, at))


def leaving(scan: Scan, at: int) -> Match | None:
    """Read that an offer ends: "leaving soon", "leaving Netflix this week"."""
    end = scan.follows(at, *_LEAVING)
    if end:
        return scan.found(Kind.LEAVING, SOON, (at, end))
    if scan.word(at) not in {"leaving", "expiring"}:
        return None
    when = _when(scan, at + 1)
    if when is not None:
        return scan.found(Kind.LEAVING, when[0], (at, when[1]))
    on = platforms().at(scan.words, at + 1)
    if on is None and scan.word(at) == "leaving":  # "leaving las vegas"
        return None
    later = _when(scan, on[1]) if on else None
    return scan.found(Kind.LEAVING, later[0] if later else SOON, (at, at + 1))


def _when(scan: Scan, at: int) -> tuple[int, int] | None:
    """Return the days until a time that is told from now, and where it ends."""
    word = scan.word(at)
    if word in {"soon", "today", "tonight"}:
        return _DAYS.get(word, SOON), at + 1
    if word in {"this", "next", "within", "in", "the"} and scan.word(at + 1) in _DAYS:
        return _DAYS[scan.word(at + 1)] * (2 if word == "next" else 1), at + 2
    if word in {"in", "within"}:
        days = whole_at(scan, at + 1)
        if days and scan.word(days[1]) == "days" and 0 < days[0] <= 366:  # noqa: PLR2004 - a year
            return days[0], days[1] + 1
    return None


def later_leaving(scan: Scan, at: int) -> Match | None:
    """Read the time that follows "leaving Netflix", so that it is not left over."""
    if at < 2 or not any(w in {"leaving", "expiring"} for w in scan.words[max(0, at - 4) : at]):  # noqa: PLR2004
        return None
    when = _when(scan, at)
    return None if when is None else scan.found(Kind.LEAVING, when[0], (at, when[1]))


def added(scan: Scan, at: int) -> Match | None:
    """Read that an offer is new: "just added", "new on Netflix"."""
    end = scan.follows(at, *_ADDED)
    if end:
        return scan.found(Kind.ADDED, NEW, (at, end))
    if scan.word(at) in {"new", "newest", "latest"} and scan.word(at + 1) in {"on", "to"}:
        found = platforms().at(scan.words, at + 2)
        return scan.found(Kind.ADDED, NEW, (at, at + 1)) if found else None
    return None


def free(scan: Scan, at: int) -> Match | None:
    """Read that it shall cost nothing: "for free", "free movies", "free on Tubi"."""
    terms = (OfferType.FREE, OfferType.ADS)
    end = scan.follows(at, *_FREE)
    if end:
        return scan.found(Kind.OFFER, terms, (at, end))
    if scan.word(at) != "free" or scan.word(at - 1) in {
        "ad",
        "ads",
        "gluten",
        "set",
        "break",
        "born",
    }:
        return None
    described = contents().at(scan.words, at + 1) or genres().at(scan.words, at + 1)
    beside = described or platform(scan, at + 1)
    last = at + 1 == len(scan.words) and at > 1
    return scan.found(Kind.OFFER, terms, (at, at + 1), 0.85) if beside or last else None


def terms(scan: Scan, at: int) -> Match | None:
    """Read on what terms: "to rent", "to buy"."""
    for phrases, offer in _TERMS:
        end = scan.follows(at, *phrases)
        if end and at > 0:
            return scan.found(Kind.OFFER, (offer,), (at, end), 0.85)
    return None


def region(scan: Scan, at: int) -> Match | None:
    """Read where offers shall hold: "available in Germany", "Netflix UK"; never "set in Paris"."""
    cue = scan.follows(at, *_IN)
    if cue and scan.word(at) == "in":
        known = regions().at(scan.words, cue)
        good = known is not None and (scan.word(at - 1) not in {"set", "filmed", "made", "shot"})
        return scan.found(Kind.REGION, known[0], (at, known[1]), 0.8) if good and known else None
    before = scan.words[max(0, at - 2) : at]
    after_platform = any(platforms().at(before, n) for n in range(len(before)))
    if not cue and not after_platform:
        return None
    return _country(scan, at, cue or at)


def _country(scan: Scan, at: int, start: int) -> Match | None:
    known = regions().at(scan.words, start)
    if known is not None:
        return scan.found(Kind.REGION, known[0], (at, known[1]))
    for end in (start + 3, start + 2, start + 1):
        name = " ".join(scan.words[start:end]).removeprefix("the ")
        if end <= len(scan.words) and len(name) > 2:  # noqa: PLR2004 - two letters: "or", "it"
            code = country(name)
            if code is not None:
                return scan.found(Kind.REGION, code, (at, end))
    return None


RULES: tuple[Rule, ...] = (leaving, later_leaving, added, free, terms, platform, region)


def offers(scan: Scan, at: int) -> Match | None:
    """Read where and on what terms, at a word."""
    return first(scan, at, RULES)
