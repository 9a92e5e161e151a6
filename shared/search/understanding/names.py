"""The catalog's names, as a question needs them, from the snapshot of suggestions."""

from bisect import bisect_left
from uuid import UUID

import numpy as np

from shared.search.intent.lexicon import question_words
from shared.search.spelling.correct import Correction, Speller
from shared.search.suggest.entries import KINDS, Kind
from shared.search.suggest.index import Suggester


class CatalogNames:
    """`shared.search.understanding.ports.Names` over one snapshot; safe to share between threads.

    Most of what a question asks about is no name: its hash among the names' hashes tells that in
    half a microsecond, for 8 bytes a name. The article of a title may be left out ("like matrix"),
    except where a description would be left ("western" is not "The Western").
    """

    def __init__(self, suggester: Suggester) -> None:
        self._facts, self._prefixes = suggester.facts, suggester.prefixes
        self._speller: Speller = suggester.speller
        self._descriptive = question_words()
        names = suggester.names.strings
        hashes = np.fromiter(map(hash, names), np.int64, len(names))
        hashes.sort()
        self._hashes = hashes.data

    def title(self, words: str) -> str | None:
        """Return the title that folded ``words`` name whole, as the catalog writes it."""
        entry = self._title(words)
        return None if entry is None else self._facts.texts[entry]

    def person(self, words: str) -> str | None:
        """Return the person that folded ``words`` name whole, as the catalog writes it."""
        entry = self._entry(words, Kind.PERSON)
        return None if entry is None else self._facts.texts[entry]

    def title_id(self, words: str) -> str | None:
        """Return the id of the most popular title of this folded name."""
        entry = self._title(words)
        return None if entry is None else str(UUID(bytes=self._facts.ids[entry].tobytes()))

    def correct(self, text: str, *, right: frozenset[str]) -> Correction:
        """Return what was meant by ``text``; folded words of ``right`` are never changed."""
        return self._speller.correct(text, right=right)

    def _title(self, words: str) -> int | None:
        entry = self._entry(words, Kind.TITLE)
        if entry is not None or words in self._descriptive:
            return entry
        return self._entry(f"the {words}", Kind.TITLE)

    def _entry(self, words: str, kind: Kind) -> int | None:
        """Return the most popular entry of a name: entries stand in the order of popularity."""
        at = bisect_left(self._hashes, wanted := hash(words))
        if at == len(self._hashes) or self._hashes[at] != wanted:
            return None
        owners = self._prefixes.owners[self._prefixes.whole(words)].tolist()
        same = [owner for owner in owners if KINDS[self._facts.kinds[owner]] is kind]
        return min(same, default=None)
