"""Titles near other titles: walks of one and two steps along edges (spec/discovery §5.5)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from shared.kernel.ragged import Places, offsets_of, spread
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

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """Edges, those of one title side by side: in arrays, since a search follows a thousand.

    Attributes:
        srcs: Titles that have edges, each once.
        offsets: Where the edges of each of them begin, and where the last end; one more than these.
        dsts: Where edges lead.
        weights: What they weigh, above 0, at most 1.
    """

    srcs: Sequence[str]
    offsets: Places
    dsts: Sequence[str]
    weights: Numbers

    @classmethod
    def of(cls, edges: Mapping[str, Sequence[tuple[str, float]]]) -> Self:
        """Return edges ``(dst, weight)`` that are given by where they start."""
        having = {src: of for src, of in edges.items() if of}
        flat = [*chain.from_iterable(having.values())]
        weights = np.array([weight for _, weight in flat], np.float64)
        return cls([*having], offsets_of([*having.values()]), [dst for dst, _ in flat], weights)

    def and_those(self, others: Self) -> Self:
        """Return these edges and those of other titles."""
        return type(self)(
            [*self.srcs, *others.srcs],
            np.concatenate([self.offsets, others.offsets[1:] + self.offsets[-1]]),
            [*self.dsts, *others.dsts],
            np.concatenate([self.weights, others.weights]),
        )


class Edges(Protocol):
    """The graph."""

    def strongest(self, ids: Sequence[str], *, branches: int) -> Steps:
        """Return at most so many edges of each title that has any, the strongest."""


class Reached(NamedTuple):
    """Where a walk leads: titles, each once, and their scores, above 0, at most 1."""

    ids: Sequence[str]
    scores: Numbers

    def best(self, limit: int) -> list[Hit]:
        """Return at most ``limit`` titles, best first, ties by id."""
        at = np.arange(len(self.ids))
        if 0 < limit < len(at):
            last = np.partition(self.scores, -limit)[-limit]
            at = np.flatnonzero(self.scores >= last)
        found = zip((-self.scores[at]).tolist(), [self.ids[i] for i in at.tolist()], strict=True)
        return [Hit(id_, score=-turned) for turned, id_ in sorted(found)[:limit]]


def reached(seeds: Sequence[Seed], steps: Steps) -> Reached:
    """Return every title that a walk of at most two steps reaches, and its score.

    A path's score is its seed's weight, times its edges' weights, times `DECAY` per step. A title
    that has the words is an answer, so a seed of weight `ANSWERS` has a path of no step; what was
    named as a likeness is none, but that is the asker's say. No path returns to its seed: a title
    that a viewer saw has a score only where another seed leads to it.

    Args:
        seeds: In any order, weights above 0; of equal ones the heaviest counts.
        steps: Of at least the seeds and the titles that these lead to. Two edges to one title are
            two paths.
    """
    number_of = {src: number for number, src in enumerate(steps.srcs)}
    weight_of: dict[int, float] = {}
    for seed in seeds:
        number = number_of.setdefault(seed.content_id, len(number_of))
        weight_of[number] = max(seed.weight, weight_of.get(number, 0.0))
    to = np.array([number_of.setdefault(dst, len(number_of)) for dst in steps.dsts], np.int64)
    start, weight = np.array([*weight_of], np.int64), np.array([*weight_of.values()])
    begun, first = _followed(start, steps.offsets)
    at, near = to[first], weight[begun] * steps.weights[first] * DECAY
    path, second = _followed(at, steps.offsets)
    onward = to[second] != start[begun[path]]
    path, second = path[onward], second[onward]
    answers = weight >= ANSWERS
    ends = np.concatenate([start[answers], at, to[second]])
    scores = np.concatenate([weight[answers], near, near[path] * steps.weights[second] * DECAY])
    paths, best = np.bincount(ends, minlength=len(number_of)), np.zeros(len(number_of))
    np.maximum.at(best, ends, scores)
    found = np.flatnonzero(paths)
    ids = [*number_of]
    return Reached([ids[at] for at in found.tolist()], united(best[found], paths[found]))


def united(best: Numbers, paths: Places) -> Numbers:
    """Return titles' scores, 0 to 1, from the best of each one's ``n`` paths and their number.

    ``best + min(.1·(n - 1), .5)·best`` by the most that can be, 1.5: cut off at 1, seeds would tie.
    Another path never lowers it.
    """
    more = np.minimum(PER_PATH * (paths - 1), MOST_FOR_PATHS)
    scores: Numbers = best * (1 + more) / (1 + MOST_FOR_PATHS)
    return scores


def _followed(at: Places, offsets: Places) -> tuple[Places, Places]:
    """Return every way on from where paths are: the path, a place in ``at``, and the edge.

    Args:
        at: Titles by number; those that `Steps` has edges of come first.
        offsets: As there.
    """
    onward = np.flatnonzero(at < len(offsets) - 1)
    edges, owners = spread(offsets, at[onward])
    return onward[owners], edges


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
        return reached(asked.seeds, self._around(asked.seeds)).best(limit)

    def _around(self, seeds: Sequence[Seed]) -> Steps:
        """Return the edges of seeds and of the nearest titles that these lead to."""
        ids = sorted({seed.content_id for seed in seeds})
        first = self.edges.strongest(ids, branches=BRANCHES)
        near = nearest(seeds, first)
        return first.and_those(self.edges.strongest(near, branches=BRANCHES)) if near else first


def nearest(seeds: Sequence[Seed], first: Steps) -> list[str]:
    """Return the titles whose edges are followed next, such that `MOST_NODES` are reached at most.

    Best path first, ties by id; seeds were followed already.
    """
    weight_of: dict[str, float] = defaultdict(float)
    for seed in seeds:
        weight_of[seed.content_id] = max(weight_of[seed.content_id], seed.weight)
    sources = np.repeat([weight_of[src] for src in first.srcs], np.diff(first.offsets))
    best: dict[str, float] = defaultdict(float)
    for dst, weight in zip(first.dsts, (sources * first.weights).tolist(), strict=True):
        best[dst] = max(best[dst], weight)
    left = max(0, (MOST_NODES - len(best)) // BRANCHES)
    return sorted(best.keys() - weight_of.keys(), key=lambda id_: (-best[id_], id_))[:left]
