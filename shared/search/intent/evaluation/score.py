"""Spans found against spans there, as in the CoNLL-2000 task (Tjong Kim Sang, Buchholz)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.search.intent.tagger.spans import Slot


@dataclass
class Score:
    """Counts by slot: spans that are there, that were found, and that were found exactly."""

    there: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def add(self, there: Iterable[Slot], found: Iterable[Slot]) -> None:
        """Count the spans of one question; one is right if start, end and name are."""
        gold, given = set(there), set(found)
        self.there.update(slot.name for slot in gold)
        self.found.update(slot.name for slot in given)
        self.right.update(slot.name for slot in gold & given)

    def micro(self) -> Mapping[str, Any]:
        """Return precision, recall and F1 over all spans."""
        return _figures(self.right.total(), self.found.total(), self.there.total())

    def by_slot(self) -> dict[str, Mapping[str, Any]]:
        """Return the same for every slot that is there, the commonest first."""
        return {
            name: {"spans": n, **_figures(self.right[name], self.found[name], n)}
            for name, n in self.there.most_common()
        }


def _figures(right: int, found: int, there: int) -> dict[str, float]:
    return {
        "precision": round(right / found, 4) if found else 0.0,
        "recall": round(right / there, 4) if there else 0.0,
        "f1": round(2 * right / (found + there), 4) if found + there else 0.0,
    }
