"""The baseline: a phrase names what it named in training, the longest first."""

from collections import Counter
from collections.abc import Iterable, Sequence

from shared.search.intent.evaluation.corpora import Sentence
from shared.search.intent.tagger.memory import commonest
from shared.search.intent.tagger.spans import OUTSIDE, Slot, slots_of

LONGEST = 8
"""Words of the longest phrase that is kept; 3 % of the slots of the two MIT corpora are longer."""


class PhraseMemory:
    """Phrases that named something in at least half of the places they stood in."""

    def __init__(self, sentences: Iterable[Sentence]) -> None:
        stood: Counter[str] = Counter()
        named: dict[str, Counter[str]] = {}
        for words, labels in sentences:
            stood.update(_phrases(words))
            for slot in slots_of(labels):
                named.setdefault(_said(words, slot), Counter())[slot.name] += 1
        kept = {phrase: n for phrase, n in named.items() if 2 * n.total() >= stood[phrase]}
        self._names = {phrase: commonest(counts) for phrase, counts in kept.items()}

    def tag(self, words: Sequence[str]) -> list[str]:
        """Return the label of every word, from the left, longest phrase first."""
        labels, start = [OUTSIDE] * len(words), 0
        while start < len(words):
            end, name = self._longest(words, start)
            if name:
                labels[start:end] = [f"B-{name}", *[f"I-{name}"] * (end - start - 1)]
            start = end
        return labels

    def _longest(self, words: Sequence[str], start: int) -> tuple[int, str]:
        for end in range(min(len(words), start + LONGEST), start, -1):
            name = self._names.get(" ".join(words[start:end]))
            if name:
                return end, name
        return start + 1, ""


def _phrases(words: Sequence[str]) -> Iterable[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + LONGEST) + 1):
            yield " ".join(words[start:end])


def _said(words: Sequence[str], slot: Slot) -> str:
    return " ".join(words[slot.start : slot.end])
