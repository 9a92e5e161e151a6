"""Precision and recall over pairs of records, and whole clusters that are right or wrong.

A pair is predicted where two records lie in one cluster, and true where they are of one entity
(Menestrina, Whang, Garcia-Molina, VLDB 2010, §2: pairwise measures).
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

DIGITS = 4


@dataclass(frozen=True, slots=True)
class Placed:
    """One record after resolution.

    Attributes:
        cluster: Where it went.
        entity: Where it belongs.
        group: Its source.
        one_word: Its title is a single word.
    """

    cluster: Hashable
    entity: str
    group: str
    one_word: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """Numbers of pairs."""

    found: int
    predicted: int
    true: int

    def __sub__(self, other: "Pairs") -> "Pairs":
        """Return the pairs that the other lacks."""
        predicted, true = self.predicted - other.predicted, self.true - other.true
        return Pairs(self.found - other.found, predicted, true)

    def report(self) -> dict[str, Any]:
        """Return precision, recall and F1; None where there is no pair to judge by."""
        precision = self.found / self.predicted if self.predicted else None
        recall = self.found / self.true if self.true else None
        both = self.predicted + self.true
        return {
            "precision": _rounded(precision),
            "recall": _rounded(recall),
            "f1": _rounded(2 * self.found / both) if both else None,
            "true_pairs": self.true,
            "predicted_pairs": self.predicted,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def count_pairs(records: Iterable[Placed]) -> Pairs:
    """Return how many pairs were predicted, are true, and are both."""
    kept = list(records)
    return Pairs(
        _within((one.cluster, one.entity) for one in kept),
        _within(one.cluster for one in kept),
        _within(one.entity for one in kept),
    )


def _within(keys: Iterable[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(keys).values())


def by_group(records: Sequence[Placed]) -> dict[str, Any]:
    """Return the same for each pair of sources, where there is a true or predicted pair."""
    groups: defaultdict[str, list[Placed]] = defaultdict(list)
    for one in records:
        groups[one.group].append(one)
    alone = {name: count_pairs(found) for name, found in groups.items()}
    told = {}
    for left, right in combinations_with_replacement(sorted(groups), 2):
        pairs = alone[left]
        if left != right:
            pairs = count_pairs(groups[left] + groups[right]) - alone[left] - alone[right]
        if pairs.true or pairs.predicted:
            told[f"{left} – {right}"] = pairs.report()
    return told


def one_word(records: Sequence[Placed]) -> dict[str, Any]:
    """Return the same for the pairs in which at least one title is a single word."""
    longer = count_pairs(one for one in records if not one.one_word)
    return (count_pairs(records) - longer).report()


def clusters(records: Iterable[Placed]) -> dict[str, Any]:
    """Return how many clusters hold several entities and how many entities lie in several.

    Shares are of all clusters, of the clusters of several records, and of the entities of several
    records.
    """
    kept = list(records)
    entities, places = defaultdict(set), defaultdict(set)
    for one in kept:
        entities[one.cluster].add(one.entity)
        places[one.entity].add(one.cluster)
    over = sum(len(found) > 1 for found in entities.values())
    split = sum(len(found) > 1 for found in places.values())
    several = sum(n > 1 for n in Counter(one.cluster for one in kept).values())
    large = sum(n > 1 for n in Counter(one.entity for one in kept).values())
    return {
        "clusters": len(entities),
        "over_merged": over,
        "over_merged_share": _share(over, len(entities)),
        "over_merged_share_of_several": _share(over, several),
        "entities": len(places),
        "split": split,
        "split_share_of_several": _share(split, large),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, DIGITS + 1) if whole else 0.0


def report(records: Sequence[Placed]) -> Mapping[str, Any]:
    """Return everything that is measured of a set of records."""
    return {
        **count_pairs(records).report(),
        **clusters(records),
        "one_word_titles": one_word(records),
        "by_source_pair": by_group(records),
    }
