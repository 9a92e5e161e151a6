"""A question with its slips mended, and where each of its words stood before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.search.intent.lexicon import noise
from shared.search.intent.model import CERTAIN, Intent, Kind, Span
from shared.search.intent.tokens import tokens_of

if TYPE_CHECKING:
    from shared.search.spelling.correct import Correction, Token
    from shared.search.understanding.ports import Names

_NAMED = frozenset({Kind.PERSON, Kind.REFERENCE})


@dataclass(frozen=True)
class Edit:
    """Words that took the place of others.

    Attributes:
        before: Their place in the text as it was given.
        after: Their place in the text as it was meant.
    """

    before: Span
    after: Span


@dataclass(frozen=True)
class Spelled:
    """A question as it was meant.

    Attributes:
        edits: In the order of the text; none where it was meant as it was given.
    """

    text: str
    edits: tuple[Edit, ...] = ()

    def given(self, span: Span) -> Span:
        """Return where a place of `text` was in the text as it was given."""
        return Span(self._back(span.start, end=False), self._back(span.end, end=True))

    def _back(self, at: int, *, end: bool) -> int:
        shift = 0
        for edit in self.edits:
            if at >= edit.after.end:
                shift = edit.before.end - edit.after.end
            elif at > edit.after.start or (not end and at == edit.after.start):
                return edit.before.end if end else edit.before.start
        return at + shift


def spelled(text: str, names: Names, intent: Intent) -> Spelled:
    """Return ``text`` as it was meant.

    Args:
        text: As it was given.
        names: What the catalog knows by name.
        intent: What was read from it as it stands; words that were read are right, except those of
            a name that nobody knows.
    """
    correction = names.correct(text, right=_right(text, intent))
    if not correction.changed:
        return Spelled(text)
    if correction.is_name:
        meant = names.title(correction.meant) or names.person(correction.meant) or correction.meant
        return Spelled(meant, (Edit(Span(0, len(text)), Span(0, len(meant))),))
    return _replaced(text, correction)


def _right(text: str, intent: Intent) -> frozenset[str]:
    """Return the words of ``text`` that say something to the rules."""
    doubted = [
        one.core or one.span
        for one in intent.found
        if one.kind in _NAMED and one.certainty < CERTAIN
    ]
    read = [one.span for one in intent.found]
    return frozenset(
        token.word
        for token in tokens_of(text)
        if token.word in noise() or (_inside(token.span, read) and not _inside(token.span, doubted))
    )


def _inside(place: Span, spans: list[Span]) -> bool:
    return any(span.start <= place.start < span.end for span in spans)


def _is_slip(token: Token) -> bool:
    """Tell whether another word was meant: a plural is the same one."""
    return token.written.rstrip("s") != token.meant.rstrip("s")


def _replaced(text: str, correction: Correction) -> Spelled:
    meant = {each.written: each.meant for each in correction.tokens if _is_slip(each)}
    pieces, edits, at, length = [], [], 0, 0
    for token in tokens_of(text):
        word = meant.get(token.word)
        if word is None:
            continue
        start, end = token.span.start, token.span.end
        # Names are known by their capitals too.
        said = word.capitalize() if text[start].isupper() else word
        pieces += [text[at:start], said]
        length += start - at
        edits.append(Edit(token.span, Span(length, length + len(said))))
        at, length = end, length + len(said)
    return Spelled("".join((*pieces, text[at:])), tuple(edits))
