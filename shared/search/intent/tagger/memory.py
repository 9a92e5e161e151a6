"""What words and phrases named in sentences seen before, as evidence for the tagger.

A sentence that is itself learned from must not find its own answer: its counts are taken away
first ("leave one out"), so that evidence weighs in training what it will weigh afterwards.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.search.intent.tagger.spans import OUTSIDE, slots_of

LONGEST_PHRASE = 6
OFTEN = 0.1
"""Share of a word's uses from which a slot counts as one of its own."""
STEPS = 4
"""Into how many steps the share of a word's commonest slot is told."""
Counts = dict[str, Counter[str]]


@dataclass(frozen=True)
class Memory:
    """How often each word and phrase named what; ``O`` for nothing.

    Attributes:
        words: Slots by word.
        phrases: Slots by whole phrase, its words joined by spaces.
    """

    words: Counts
    phrases: Counts

    def evidence(self, words: Sequence[str], own: "Memory | None" = None) -> list[list[str]]:
        """Return what is remembered of each word, as names of features.

        Args:
            words: A sentence.
            own: What the sentence itself put into memory.
        """
        found: list[list[str]] = [[] for _ in words]
        kinds = [self._word(word, own, found[n]) for n, word in enumerate(words)]
        for n, kind in enumerate(kinds):
            after = kinds[n + 1] if n + 1 < len(kinds) else "$"
            before = kinds[n - 1] if n else "^"
            found[n] += (f"k={kind}", f"kp={before}{kind}", f"kn={kind}{after}")
        for start in range(len(words)):
            self._phrase(words, start, own, found)
        return found

    def _word(self, word: str, own: "Memory | None", into: list[str]) -> str:
        """Add a word's usual slots to its evidence, and return the commonest with its share."""
        counts = _without(self.words.get(word), own.words.get(word) if own else None)
        if not counts:
            return "new"
        total = sum(counts.values())
        into.extend(f"ws={name}" for name, n in counts.items() if n >= OFTEN * total)
        best = commonest(counts)
        return f"{best}{STEPS * counts[best] // total}"

    def _phrase(
        self, words: Sequence[str], start: int, own: "Memory | None", found: list[list[str]]
    ) -> None:
        """Mark the words of the longest known phrase at ``start``, and the word after it."""
        for end in range(min(len(words), start + LONGEST_PHRASE), start, -1):
            phrase = " ".join(words[start:end])
            known = self.phrases.get(phrase)
            counts = _without(known, own.phrases.get(phrase) if own else None) if known else None
            if counts:
                name = commonest(counts)
                size = min(end - start, 3)
                found[start].append(f"gB={name}{size}")
                for place in range(start + 1, end):
                    found[place].append(f"gI={name}{size}")
                if end < len(words):
                    found[end].append(f"gE={name}")
                return


def remember(sentences: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Memory:
    """Return what words and phrases name in labelled sentences."""
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)
    phrases: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for said, labels in sentences:
        for word, label in zip(said, labels, strict=True):
            words[word][label if label == OUTSIDE else label[2:]] += 1
        for slot in slots_of(labels):
            if slot.end - slot.start <= LONGEST_PHRASE:
                phrases[" ".join(said[slot.start : slot.end])][slot.name] += 1
    return Memory(dict(words), dict(phrases))


def commonest(counts: Counter[str]) -> str:
    """Return the name with the highest count; of equals the last by name."""
    return max(counts, key=lambda name: (counts[name], name))


def _without(counts: Counter[str] | None, own: Counter[str] | None) -> Counter[str]:
    if counts is None:
        return Counter()
    return counts - own if own else counts
