"""What a tagger adds to the grammar: names and words that no rule could tell apart from others.

The slots of the MIT movie corpora are brought to our kinds. People and titles are taken as tagged;
genres, years, certificates and ratings only as far as the grammar reads the tagged words by
themselves. Plots, characters, songs, quotes, awards and origins stay words to search by; what asks
for a trailer or a review is not searched for.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from shared.search.intent.grammar.scan import Scan
from shared.search.intent.model import Found, Intent, Kind, Person, Role, Span
from shared.search.intent.residual import residual_of, search_text_of
from shared.search.intent.tagger.spans import Slot, slots_of
from shared.search.intent.tokens import tokens_of
from shared.search.intent.understand import understand
from shared.search.intent.vocabulary import NO_NAMES, Vocabulary

TAGGED = 0.7
"""Certainty of what only the tagger says: a soft filter, never a hard one."""
_PEOPLE = {"ACTOR": Role.ACTOR, "DIRECTOR": Role.DIRECTOR}
KINDS = {
    "ACTOR": Kind.PERSON,
    "DIRECTOR": Kind.PERSON,
    "GENRE": Kind.GENRE,
    "YEAR": Kind.YEARS,
    "RATING": Kind.MATURITY,
    "RATINGS_AVERAGE": Kind.RATING,
    "TITLE": Kind.TITLE,
}
"""Kinds by the slots that speak of them."""


class Labels(Protocol):
    """What tags words, one label each."""

    def tag(self, words: Sequence[str]) -> list[str]:
        """Return the label of every word."""


def understand_tagged(
    text: str, tagger: Labels, vocabulary: Vocabulary = NO_NAMES, *, year: int
) -> Intent:
    """Return what ``text`` asks for by the rules, and by the tagger where they read nothing."""
    intent = understand(text, vocabulary, year=year)
    tokens = tokens_of(text)
    if not tokens or intent.confidence == 1:
        return intent
    scan = Scan(text, tokens, [token.word for token in tokens], vocabulary, year)
    slots = slots_of(tagger.tag(scan.words))
    added = [one for slot in slots for one in _found(scan, slot) if not _touches(one, intent)]
    if not added:
        return intent
    found = tuple(sorted((*intent.found, *added), key=lambda one: one.span.start))
    residual, search_text = residual_of(scan, found), search_text_of(scan, found)
    return replace(intent, found=found, residual=residual, search_text=search_text)


def _found(scan: Scan, slot: Slot) -> list[Found]:
    name, span = slot.name.upper(), scan.span(slot.start, slot.end)
    kind = KINDS.get(name)
    said = scan.text[span.start : span.end]
    if kind is Kind.PERSON:
        words = " ".join(scan.words[slot.start : slot.end])
        known = scan.vocabulary.person(words) or said
        return [Found(kind, Person(known, _PEOPLE[name]), span, TAGGED)]
    if kind is Kind.TITLE:
        return [Found(kind, said, span, TAGGED)]
    return [] if kind is None else _read_alone(said, span.start, kind, scan.year)


def _read_alone(said: str, start: int, kind: Kind, year: int) -> list[Found]:
    inside = understand(said, year=year).found
    return [
        replace(one, span=_moved(one.span, start), certainty=min(TAGGED, one.certainty))
        for one in inside
        if one.kind is kind and not one.excluded
    ]


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _touches(one: Found, intent: Intent) -> bool:
    start, end = one.span.start, one.span.end
    return any(read.span.start < end and start < read.span.end for read in intent.found)
