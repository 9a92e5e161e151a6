"""Counts of agreement patterns among pairs that are one title and pairs that are not."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from shared.matching.background import Background
from shared.matching.blocks import BlockIndex, asked_blocks, stored_blocks
from shared.matching.facts import Facts
from shared.matching.features import Comparison, compare
from shared.matching.vetoes import sequels_differ, types_differ

Pattern = tuple[tuple[str, str], ...]
"""Feature and level, sorted."""
Evidence = Counter[tuple[Pattern, bool]]
"""Pairs by pattern, and by whether they are one title."""
PEOPLE = "people"


def evidence_of(records: Iterable[tuple[str, Facts]], common: Background) -> Evidence:
    """Return how the pairs compare that meet in a block and may be one by type and number.

    Args:
        records: Entity and facts of each.
        common: What is common among titles.
    """
    found: Evidence = Counter()
    seen: list[tuple[str, Facts]] = []
    names: defaultdict[str, set[int]] = defaultdict(set)
    blocks: BlockIndex[int] = BlockIndex()
    for entity, facts in records:
        for place in _met(facts, names, blocks):
            other_entity, other = seen[place]
            pattern = _pattern(facts, other, common)
            if pattern is not None:
                found[pattern, entity == other_entity] += 1
        for key in facts.keys:
            names[key].add(len(seen))
        stored = stored_blocks(facts.keys, facts.family, facts.year)
        blocks.add(stored, facts.year, len(seen))
        seen.append((entity, facts))
    return found


def _met(facts: Facts, names: defaultdict[str, set[int]], blocks: BlockIndex[int]) -> set[int]:
    found = blocks.find(asked_blocks(facts.keys, facts.family, facts.year))
    return found.union(*(names[key] for key in facts.keys if key in names))


def _pattern(left: Facts, right: Facts, common: Background) -> Pattern | None:
    if types_differ(left, right):
        return None
    compared = compare(left, right, common)
    return None if sequels_differ(compared.pair) else _sorted(compared)


def _sorted(compared: Comparison) -> Pattern:
    return tuple(sorted(compared.levels.items()))


def people_evidence(groups: Iterable[Sequence[tuple[str, Facts]]], common: Background) -> Evidence:
    """Return how people agree between catalogs that know them, without any label.

    Two entries of one name and type in two catalogs are taken for one title where their years are
    equal, and for two where the years are more than one apart; years one apart are left out.

    Args:
        groups: Entries that share a name: catalog and facts of each.
        common: What is common among titles.
    """
    found: Evidence = Counter()
    for group in groups:
        for (catalog, left), (other, right) in combinations(group, 2):
            if catalog == other or types_differ(left, right):
                continue
            levels = compare(left, right, common).levels
            if PEOPLE in levels and levels.get("year") in {"same", "far"}:
                found[((PEOPLE, levels[PEOPLE]),), levels["year"] == "same"] += 1
    return found
