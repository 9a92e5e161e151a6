"""The laws of walks along edges (spec/discovery §5.5)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.graph.walk import (
    BRANCHES,
    MOST_NODES,
    GraphRetriever,
    Steps,
    nearest,
    reached,
    united,
)
from shared.search.ports import Asked, Seed
from tests.fakes.edges import FixedEdges

if TYPE_CHECKING:
    from collections.abc import Sequence

Graph = dict[str, list[tuple[str, float]]]
names = st.sampled_from("abcdefgh")
weights = st.floats(0.01, 1)
seeds = st.lists(st.builds(Seed, names, weights), max_size=5)
graphs = st.dictionaries(names, st.lists(st.tuples(names, weights), max_size=BRANCHES))


def scores_of(given_seeds: Sequence[Seed], graph: Graph) -> dict[str, float]:
    """Return what a walk along these edges reaches."""
    ids, scores = reached(given_seeds, Steps.of(graph))
    return dict(zip(ids, scores.tolist(), strict=True))


def worth(best: float, paths: int) -> float:
    """Return the score of a title that has so many paths."""
    return float(united(np.array([best]), np.array([paths]))[0])


def found(graph: Graph, *given_seeds: Seed, limit: int = 50) -> list[str]:
    """Return what a walk finds, best first."""
    retriever = GraphRetriever(FixedEdges(graph))
    return [hit.content_id for hit in retriever.retrieve(Asked("", seeds=given_seeds), limit=limit)]


def test_without_seeds_nothing_is_asked_and_nothing_found() -> None:
    edges = FixedEdges({"a": [("b", 1.0)]})

    assert GraphRetriever(edges).retrieve(Asked(""), limit=5) == []
    assert edges.asked == []


def test_a_walk_asks_twice_however_far_it_goes_and_for_no_title_twice() -> None:
    edges = FixedEdges({src: [(dst, 0.5) for dst in "abcdef"] for src in "abcdef"})

    GraphRetriever(edges).retrieve(Asked("", seeds=(Seed("b"), Seed("a"), Seed("b"))), limit=50)

    assert edges.asked == [["a", "b"], ["c", "d", "e", "f"]]


def test_a_thousand_titles_are_reached_at_most_those_near_the_strongest() -> None:
    near = [f"s{seed}n{number}" for seed in range(60) for number in range(BRANCHES)]
    graph = {f"s{seed}": [(f"s{seed}n{n}", 0.5) for n in range(BRANCHES)] for seed in range(60)}
    graph["s7"] = [(dst, 0.9) for dst, _ in graph["s7"]]
    graph |= {id_: [(f"{id_}x{n}", 0.5) for n in range(BRANCHES)] for id_ in near}

    ids = found(graph, *(Seed(f"s{number}", 0.3) for number in range(60)), limit=5000)

    assert len(ids) == MOST_NODES
    assert {f"s7n{near_}x{far}" for near_ in range(10) for far in range(10)} <= set(ids)


def test_who_is_followed_where_not_all_are_is_said_by_the_best_path_there() -> None:
    graph = {f"s{seed}": [(f"s{seed}n{n}", 0.5) for n in range(BRANCHES)] for seed in range(99)}
    graph["s0"][0] = graph["s1"][0] = ("both", 0.5)
    seeds = [Seed("s0", 0.9), *(Seed(f"s{number}", 0.8) for number in range(1, 99))]

    assert nearest(seeds, Steps.of(graph)) == ["both"]


def test_of_a_title_that_is_started_from_twice_the_heavier_start_counts() -> None:
    once, twice = [Seed("a", 0.8)], [Seed("a", 0.8), Seed("a", 0.3)]
    graph = {"a": [("b", 0.5)]}

    assert scores_of(twice, graph) == scores_of(twice[::-1], graph) == scores_of(once, graph)


def test_titles_without_edges_are_no_starts_of_any() -> None:
    assert Steps.of({"a": [], "b": [("c", 0.5)]}).srcs == ["b"]


def test_a_step_costs_three_tenths_and_two_steps_cost_twice() -> None:
    graph = {"a": [("b", 0.9)], "b": [("c", 0.5)]}

    scores = scores_of([Seed("a", 0.8)], graph)

    near = 0.8 * 0.9 * 0.7
    assert scores == pytest.approx({"b": near / 1.5, "c": near * 0.5 * 0.7 / 1.5})


def test_what_lies_three_steps_away_is_not_found() -> None:
    graph = {"a": [("b", 1.0)], "b": [("c", 1.0)], "c": [("d", 1.0)]}

    assert found(graph, Seed("a", 0.5)) == ["b", "c"]


def test_a_title_that_a_viewer_saw_is_found_from_another_but_not_from_itself() -> None:
    graph = {"a": [("b", 1.0)], "b": [("c", 1.0)], "c": [("b", 1.0)]}

    assert found(graph, Seed("b", 0.3)) == ["c"]
    assert found(graph, Seed("a", 0.9), Seed("b", 0.3)) == ["b", "c"]


def test_titles_that_have_the_words_come_first_the_best_connected_before_the_others() -> None:
    graph = {"a": [("x", 0.9), ("c", 0.4)], "b": [("x", 0.9)], "c": []}

    assert found(graph, Seed("a"), Seed("b"), Seed("c")) == ["c", "a", "b", "x"]
    assert found({}, Seed("a")) == ["a"]


def test_only_the_ten_strongest_edges_are_followed() -> None:
    edges = [(f"n{number:02}", 1 - number / 100) for number in range(BRANCHES + 1)]

    assert found({"a": edges[::-1]}, Seed("a", 0.5)) == [
        f"n{number:02}" for number in range(BRANCHES)
    ]


def test_a_hit_says_what_its_paths_are_worth() -> None:
    seeds = (Seed("a", 0.5),)
    graph = {"a": [("x", 0.5)]}

    hits = GraphRetriever(FixedEdges(graph)).retrieve(Asked("", seeds=seeds), limit=9)

    assert {hit.content_id: hit.score for hit in hits} == scores_of(seeds, graph)


def test_who_is_reached_twice_comes_before_an_equal_who_is_reached_once() -> None:
    graph = {"a": [("x", 0.5), ("y", 0.5)], "b": [("y", 0.5)]}

    assert found(graph, Seed("a", 0.5), Seed("b", 0.5))[0] == "y"


@given(seeds, graphs)
def test_a_score_is_that_of_the_best_of_its_paths_and_of_their_number(
    given_seeds: list[Seed], graph: Graph
) -> None:
    ascending = sorted(given_seeds, key=lambda seed: seed.weight)
    heaviest = {seed.content_id: seed.weight for seed in ascending}
    paths: dict[str, list[float]] = defaultdict(list)
    for seed, weight in heaviest.items():
        if weight == 1:
            paths[seed].append(weight)
        for near, first in graph.get(seed, ()):
            paths[near].append(weight * first * 0.7)
            for far, second in graph.get(near, ()):
                if far != seed:
                    paths[far].append(weight * first * 0.7 * second * 0.7)

    scores = scores_of(given_seeds, graph)

    assert scores == pytest.approx({id_: worth(max(of), len(of)) for id_, of in paths.items()})


@given(seeds, graphs, st.integers(0, 9))
def test_the_best_are_the_first_of_all_and_equals_go_by_id(
    given_seeds: list[Seed], graph: Graph, limit: int
) -> None:
    scores = scores_of(given_seeds, graph)

    hits = reached(given_seeds, Steps.of(graph)).best(limit)

    ordered = sorted(scores, key=lambda id_: (-scores[id_], id_))
    assert [(hit.content_id, hit.score) for hit in hits] == [
        (id_, scores[id_]) for id_ in ordered[:limit]
    ]


@given(seeds, graphs)
def test_scores_lie_above_zero_and_at_most_at_one(given_seeds: list[Seed], graph: Graph) -> None:
    assert all(0 < score <= 1 for score in scores_of(given_seeds, graph).values())


@given(st.data(), seeds, graphs)
def test_the_order_of_seeds_does_not_matter(
    data: st.DataObject, given_seeds: list[Seed], graph: Graph
) -> None:
    turned = data.draw(st.permutations(given_seeds))

    assert scores_of(given_seeds, graph) == scores_of(turned, graph)
    assert found(graph, *given_seeds) == found(graph, *turned)


@given(weights, st.integers(1, 12), weights)
def test_another_path_never_lowers_a_score(best: float, paths: int, another: float) -> None:
    assert worth(max(best, another), paths + 1) >= worth(best, paths)


@given(seeds, graphs, st.builds(Seed, names, st.floats(0.01, 0.9)))
def test_another_seed_never_lowers_a_score(
    given_seeds: list[Seed], graph: Graph, another: Seed
) -> None:
    before, after = scores_of(given_seeds, graph), scores_of([*given_seeds, another], graph)

    assert all(after[id_] >= score for id_, score in before.items())


@given(weights, st.integers(1, 20))
def test_paths_add_half_at_most(path: float, count: int) -> None:
    one = worth(path, 1)

    assert one <= worth(path, count) <= 1.5 * one + 1e-12
