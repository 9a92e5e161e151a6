"""What the product reads of labelled questions: by the grammar alone, and with a tagger.

Its spans take in the words that announce a thing ("from the 1980s") and labels do not, so a span is
right here that overlaps one of its kind.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.search.intent.evaluation.corpora import Sentence
from shared.search.intent.model import Intent, Kind, Span
from shared.search.intent.slots import KINDS
from shared.search.intent.tagger.spans import slots_of

Timer = Callable[[], float]
"""Seconds from some moment on."""
Place = tuple[Kind, Span]
_JUDGED = frozenset(KINDS.values())


class Reading:
    """Spans of the kinds that labels speak of: there and met, given and right."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.work: list[float] = []
        self._there: Counter[Kind] = Counter()
        self._met: Counter[Kind] = Counter()
        self._given: Counter[Kind] = Counter()
        self._right: Counter[Kind] = Counter()

    def add(self, there: Sequence[Place], given: Sequence[Place]) -> None:
        """Count one question."""
        for one in there:
            self._there[one[0]] += 1
            self._met[one[0]] += any(_meets(one, other) for other in given)
        for one in given:
            self._given[one[0]] += 1
            self._right[one[0]] += any(_meets(one, other) for other in there)

    def summary(self) -> dict[str, Mapping[str, Any]]:
        """Return recall and precision by kind, the commonest first."""
        return {
            kind.value: {
                "spans": n,
                "recall": round(self._met[kind] / n, 4),
                "precision": round(self._right[kind] / max(1, self._given[kind]), 4),
            }
            for kind, n in self._there.most_common()
        }


def read_all(
    sentences: Sequence[Sentence],
    read: Callable[[str], Intent],
    *,
    timer: Timer,
    processor: Timer,
) -> Reading:
    """Return what ``read`` makes of every question, and how long each took and worked."""
    found = Reading()
    for words, labels in sentences:
        text = " ".join(words)
        started, began = timer(), processor()
        intent = read(text)
        found.work.append(processor() - began)
        found.seconds.append(timer() - started)
        given = [(one.kind, one.span) for one in intent.found if one.kind in _JUDGED]
        found.add(_labelled(words, labels), given)
    return found


def _labelled(words: Sequence[str], labels: Sequence[str]) -> list[Place]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    return [
        (KINDS[name], Span(starts[slot.start], starts[slot.end] - 1))
        for slot in slots_of(labels)
        if (name := slot.name.upper()) in KINDS
    ]


def _meets(one: Place, other: Place) -> bool:
    return one[0] is other[0] and one[1].start < other[1].end and other[1].start < one[1].end
