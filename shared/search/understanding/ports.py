"""What understanding needs of the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shared.search.intent.vocabulary import Vocabulary

if TYPE_CHECKING:
    from shared.search.spelling.correct import Correction


class Names(Vocabulary, Protocol):
    """Names of the catalog by their folded words, and what was meant where one has slips."""

    def title_id(self, words: str) -> str | None:
        """Return the id of the most popular title of this name."""

    def correct(self, text: str, *, right: frozenset[str]) -> Correction:
        """Return what was meant by ``text``; words of ``right`` are never changed."""
