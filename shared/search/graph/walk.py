"""Titles near other titles: walks of one and two steps along edges (spec/discovery §5.5)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

from shared.search.ports import Asked, Hit, Seed

DECAY = 0.7
"""What each step leaves of a path's score."""
BRANCHES = 10
"""Edges of one title that are followed, the strongest."""
MOST_NODES = 1000
"""Titles that one walk reaches at most."""
ANSWERS = 1.0
"""Weight of a seed that may be an answer itself, no step away; lighter ones only lend direction."""
PER_PATH = 0.1
MOST_FOR_PATHS = 0.5


class Step(NamedTuple):
    """An edge on the way: where it leads; ``weight`` above 0, at most 1."""

    dst: str
    weight: float


Steps = Mapping[str, Sequence[Step]]
"""Edges by where they start."""


class Edges(Protocol):
    """The graph."""

    def strongest(self, ids: Sequence[str], *, branches: int) -> Steps:
        """Return at most so many edges of each title that has any, the strongest."""


def path_scores(seeds: Sequence[Seed], steps: Steps) -> dict[str, float]:
    """Return the score of every title that a walk of at most two steps reaches, 0 to 1.

    A path's score is its seed's weight, times its edges' weights, times `DECAY` per step. A title
    that has the words is an answer, so a seed of weight `ANSWERS` has a path of no step; what was
    named as a likeness is none, but that is the asker's say. No path returns to its seed: a title
    that a viewer saw has a score only where another seed leads to it.

    Args:
        seeds: In any order; of equal ones the heaviest counts.
        steps: Edges by where they start, in any order. Two edges to one title are two paths.
    """
    weights: dict[str, float] = {}
    for seed in seeds:
        weights[seed.content_id] = max(seed.weight, weights.get(seed.content_id, 0.0))
    followed = {
        src: of if len(of) <= BRANCHES else sorted(of, key=_strongest_first)[:BRANCHES]
        for src, of in steps.items()
    }
    best: dict[str, float] = {}
    paths: dict[str, int] = defaultdict(int)
    for seed_id, weight in weights.items():
        for reached, score in _paths(seed_id, weight, followed):
            paths[reached] += 1
            if score > best.get(reached, 0.0):
                best[reached] = score
    return {reached: united(score, paths[reached]) for reached, score in best.items()}


def united(best: float, paths: int) -> float:
    """Return the score of a title, 0 to 1, from the best of its ``n`` paths and their number.

    ``best + min(.1·(n - 1), .5)·best`` by the most that can be, 1.5: cut off at 1, seeds would tie.
    Another path never lowers it.
    """
    more = min(PER_PATH * (paths - 1), MOST_FOR_PATHS)
    return best * (1 + more) / (1 + MOST_FOR_PATHS)


def _paths(seed: str, weight: float, steps: Steps) -> Iterator[tuple[str, float]]:
    """Yield where each path from a seed ends, and its score."""
    if weight >= ANSWERS:
        yield seed, weight
    for first in steps.get(seed, ()):
        near = weight * first.weight * DECAY
        yield first.dst, near
        for second in steps.get(first.dst, ()):
            if second.dst != seed:
                yield second.dst, near * second.weight * DECAY


def _strongest_first(step: Step) -> tuple[float, str]:
    return -step.weight, step.dst


@dataclass(frozen=True)
class GraphRetriever:
    """`shared.search.ports.Retriever` by walks from the titles that the answer shall be like."""

    edges: Edges
    name: str = "graph"
    seeded: ClassVar[bool] = True
    """It finds nothing without seeds, so it may have to wait for them."""

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Return at most ``limit`` titles, best first, ties by id; none without seeds.

        Two reads of the graph whatever the seeds, one a step.
        """
        if not asked.seeds:
            return []
        scores = path_scores(asked.seeds, self._around(asked.seeds))
        # By id, then by score, which keeps that order: a third of the time of one key of both.
        ordered = sorted(sorted(scores), key=scores.__getitem__, reverse=True)
        return [Hit(id_, score=scores[id_]) for id_ in ordered[:limit]]

    def _around(self, seeds: Sequence[Seed]) -> Steps:
        """Return the edges of seeds and of the nearest titles that these lead to."""
        ids = sorted({seed.content_id for seed in seeds})
        first = self.edges.strongest(ids, branches=BRANCHES)
        near = nearest(seeds, first)
        return {**self.edges.strongest(near, branches=BRANCHES), **first} if near else first


def nearest(seeds: Sequence[Seed], first: Steps) -> list[str]:
    """Return the titles whose edges are followed next, such that `MOST_NODES` are reached at most.

    Best path first, ties by id; seeds were followed already.
    """
    best: dict[str, float] = defaultdict(float)
    for seed in seeds:
        for step in first.get(seed.content_id, ()):
            best[step.dst] = max(best[step.dst], seed.weight * step.weight)
    left = max(0, (MOST_NODES - len(best)) // BRANCHES)
    known = {seed.content_id for seed in seeds}
    return sorted(best.keys() - known, key=lambda id_: (-best[id_], id_))[:left]
