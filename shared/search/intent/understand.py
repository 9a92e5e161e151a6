"""From a question to what it asks for, by rules alone (spec/discovery §5.3).

Deterministic and total: any text gives an intent, the same text the same one. A question that is
the name of a title is that name and nothing else, whatever its words could mean.
"""

from collections.abc import Iterable
from dataclasses import replace

from shared.kernel.text import fold
from shared.search.intent.grammar.descriptions import RULES as DESCRIPTIONS
from shared.search.intent.grammar.offers import offers
from shared.search.intent.grammar.people import joined, people
from shared.search.intent.grammar.ratings import ratings
from shared.search.intent.grammar.references import joined_reference, reference
from shared.search.intent.grammar.runtime import runtime
from shared.search.intent.grammar.scan import Match, Rule, Scan, first
from shared.search.intent.grammar.years import years
from shared.search.intent.lexicon import noise
from shared.search.intent.model import Found, Intent, Kind, Person, Purpose, Span
from shared.search.intent.residual import residual_of, runs, search_text_of
from shared.search.intent.tokens import tokens_of
from shared.search.intent.vocabulary import NO_NAMES, Vocabulary

_NOT = (
    "not too",
    "not on",
    "not a",
    "not",
    "no",
    "without any",
    "without",
    "except for",
    "except",
    "excluding",
    "minus",
    "non",
)
_FIRM: tuple[Rule, ...] = (years, runtime, ratings, offers)
"""What ends a title that is not known; a genre may be part of one ("like Scary Movie")."""
_RULES: tuple[Rule, ...] = (*_FIRM, people, *DESCRIPTIONS)
_TRIVIA = (
    "what is the name of",
    "what s the name of",
    "whats the name of",
    "name the",
    "who directed",
    "who starred",
    "who played",
    "what year",
    "when did",
    "when was",
    "which movie has",
    "what movie has",
    "i am thinking of",
    "im thinking of",
    "what is that movie",
)
_ADVICE = (
    "recommend",
    "suggest",
    "something",
    "what should i watch",
    "what to watch",
    "anything",
    "in the mood",
    "feel like",
    "i want to watch",
)


def understand(text: str, vocabulary: Vocabulary = NO_NAMES, *, year: int) -> Intent:
    """Return what ``text`` asks for.

    Args:
        text: At most 500 characters; words after the first 160 are not read and stay residual.
        vocabulary: What the catalog knows by name.
        year: This year.
    """
    tokens = tokens_of(text)
    if not tokens:
        return Intent(text, residual=text.strip(), search_text=text.strip())
    scan = Scan(text, tokens, [token.word for token in tokens], vocabulary, year)
    if vocabulary.title(fold(text)) is not None:
        said = text.strip()
        return Intent(text, (), said, said, Purpose.NAVIGATION, 1.0)
    found = _without_titles(scan, list(_read(scan)))
    return Intent(
        text,
        tuple(found),
        residual_of(scan, found),
        search_text_of(scan, found),
        _purpose(scan, found),
        _confidence(scan, found),
    )


def keeping(
    intent: Intent, found: Iterable[Found], vocabulary: Vocabulary = NO_NAMES, *, year: int
) -> Intent:
    """Return an intent with no more found than ``found``; what is not found is words again."""
    kept = tuple(found)
    if len(kept) == len(intent.found):
        return intent
    tokens = tokens_of(intent.text)
    scan = Scan(intent.text, tokens, [token.word for token in tokens], vocabulary, year)
    residual, search_text = residual_of(scan, kept), search_text_of(scan, kept)
    return replace(intent, found=kept, residual=residual, search_text=search_text)


def _read(scan: Scan) -> Iterable[Found]:
    at, before = 0, None
    while at < len(scan.words):
        match = _listed(scan, at, before) or _unwanted(scan, at) or _at(scan, at)
        if match is None:
            at, before = at + 1, None
            continue
        yield match.found
        at, before = match.after, match.found


def _without_titles(scan: Scan, found: list[Found]) -> list[Found]:
    """Return what was read without descriptions that are words of a title the vocabulary knows.

    "the dark knight on netflix" names no mood. A run of words that are descriptions throughout
    stays one ("romantic comedy"), though it may be the name of a title too.
    """
    firm = [one for one in found if one.kind not in _OF_TITLES]
    taken = {n for one in firm for n in _places(scan, one.span)}
    kept = found
    for run in runs([n for n in range(len(scan.words)) if n not in taken]):
        words = " ".join(scan.words[run[0] : run[-1] + 1])
        inside = [
            one for one in found if one.kind in _OF_TITLES and _places(scan, one.span) & set(run)
        ]
        read = {n for one in inside for n in _places(scan, one.span)}
        if read and not read.issuperset(run) and scan.vocabulary.title(words) is not None:
            kept = [one for one in kept if one not in inside]
    return kept


def _places(scan: Scan, span: Span) -> set[int]:
    return {n for n, token in enumerate(scan.tokens) if span.start <= token.span.start < span.end}


_OF_TITLES = frozenset({Kind.GENRE, Kind.MOOD, Kind.CONTENT, Kind.LANGUAGE, Kind.SORT})


def _at(scan: Scan, at: int) -> Match | None:
    match = reference(scan, at, _begins) or first(scan, at, _RULES)
    if match is None or not _is_the_whole_of_a_word_or_two(scan, match):
        return match
    return None


def _is_the_whole_of_a_word_or_two(scan: Scan, match: Match) -> bool:
    """Tell what may well be a name that is not known: "1917", "Heat 1995" is not, nor "comedy"."""
    whole = match.after == len(scan.words) and match.found.span.start == scan.tokens[0].span.start
    return whole and len(scan.words) == 1 and match.found.kind is Kind.YEARS


def _begins(scan: Scan, at: int) -> bool:
    """Tell whether something that is no part of a title begins at a word."""
    match = first(scan, at, _FIRM)
    return match is not None and match.found.certainty >= 0.75  # noqa: PLR2004 - "new", "short" may be of a title


def _listed(scan: Scan, at: int, before: Found | None) -> Match | None:
    """Read on in a list of names."""
    if before is None:
        return None
    if isinstance(before.value, Person):
        return joined(scan, at, before.value.role)
    return joined_reference(scan, at) if before.kind is Kind.REFERENCE else None


def _unwanted(scan: Scan, at: int) -> Match | None:
    """Read what is not wanted: "not horror", "without violence", "but not on Hulu"."""
    start = scan.follows(at, *_NOT)
    if not start:
        return None
    back = start - 1 if scan.word(start - 1) == "on" else start
    match = first(scan, back, (offers, *DESCRIPTIONS))
    if match is None or match.found.kind not in _UNWANTED:
        return None
    span = Span(scan.tokens[at].span.start, match.found.span.end)
    one = match.found
    return Match(match.after, Found(one.kind, one.value, span, one.certainty, excluded=True))


_UNWANTED = frozenset({Kind.PLATFORM, Kind.GENRE, Kind.MOOD, Kind.CONTENT, Kind.LANGUAGE})


def _purpose(scan: Scan, found: list[Found]) -> Purpose:
    said = " ".join(scan.words)
    if any(phrase in said for phrase in _TRIVIA):
        return Purpose.TRIVIA
    if any(one.kind is Kind.REFERENCE for one in found) or any(p in said for p in _ADVICE):
        return Purpose.RECOMMENDATION
    return Purpose.SEARCH


def _confidence(scan: Scan, found: list[Found]) -> float:
    """Return .5 and half the share of the telling words that were read."""
    telling = [t for t in scan.tokens if t.word not in noise()]
    read = sum(any(f.span.start <= t.span.start < f.span.end for f in found) for t in telling)
    return 0.5 + 0.5 * read / len(telling) if telling else 0.5
