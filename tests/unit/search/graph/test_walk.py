"""The laws of walks along edges (spec/discovery §5.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.graph.walk import (
    BRANCHES,
    MOST_NODES,
    GraphRetriever,
    Step,
    path_scores,
    united,
)
from shared.search.ports import Asked, Seed
from tests.fakes.edges import FixedEdges

names = st.sampled_from("abcdefgh")
weights = st.floats(0.01, 1)
seeds = st.lists(st.builds(Seed, names, weights), max_size=5)
graphs = st.dictionaries(names, st.lists(st.builds(Step, names, weights), max_size=BRANCHES))


def found(graph: dict[str, list[Step]], *given_seeds: Seed, limit: int = 50) -> list[str]:
    """Return what a walk finds, best first."""
    retriever = GraphRetriever(FixedEdges(graph))
    return [hit.content_id for hit in retriever.retrieve(Asked("", seeds=given_seeds), limit=limit)]


def test_without_seeds_nothing_is_asked_and_nothing_found() -> None:
    edges = FixedEdges({"a": [Step("b", 1.0)]})

    assert GraphRetriever(edges).retrieve(Asked(""), limit=5) == []
    assert edges.asked == []


def test_a_walk_asks_twice_however_far_it_goes_and_for_no_title_twice() -> None:
    edges = FixedEdges({src: [Step(dst, 0.5) for dst in "abcdef"] for src in "abcdef"})

    GraphRetriever(edges).retrieve(Asked("", seeds=(Seed("b"), Seed("a"), Seed("b"))), limit=50)

    assert edges.asked == [["a", "b"], ["c", "d", "e", "f"]]


def test_a_thousand_titles_are_reached_at_most_those_near_the_strongest() -> None:
    near = [f"s{seed}n{number}" for seed in range(60) for number in range(BRANCHES)]
    graph = {f"s{seed}": [Step(f"s{seed}n{n}", 0.5) for n in range(BRANCHES)] for seed in range(60)}
    graph["s7"] = [Step(step.dst, 0.9) for step in graph["s7"]]
    graph |= {id_: [Step(f"{id_}x{n}", 0.5) for n in range(BRANCHES)] for id_ in near}

    reached = found(graph, *(Seed(f"s{number}", 0.3) for number in range(60)), limit=5000)

    assert len(reached) == MOST_NODES
    assert {f"s7n{near_}x{far}" for near_ in range(10) for far in range(10)} <= set(reached)


def test_a_step_costs_three_tenths_and_two_steps_cost_twice() -> None:
    graph = {"a": [Step("b", 0.9)], "b": [Step("c", 0.5)]}

    scores = path_scores([Seed("a", 0.8)], graph)

    near = 0.8 * 0.9 * 0.7
    assert scores == pytest.approx({"b": near / 1.5, "c": near * 0.5 * 0.7 / 1.5})


def test_what_lies_three_steps_away_is_not_found() -> None:
    graph = {"a": [Step("b", 1)], "b": [Step("c", 1)], "c": [Step("d", 1)]}

    assert found(graph, Seed("a", 0.5)) == ["b", "c"]


def test_a_title_that_a_viewer_saw_is_found_from_another_but_not_from_itself() -> None:
    graph = {"a": [Step("b", 1.0)], "b": [Step("c", 1.0)], "c": [Step("b", 1.0)]}

    assert found(graph, Seed("b", 0.3)) == ["c"]
    assert found(graph, Seed("a", 0.9), Seed("b", 0.3)) == ["b", "c"]


def test_titles_that_have_the_words_come_first_the_best_connected_before_the_others() -> None:
    graph = {"a": [Step("x", 0.9), Step("c", 0.4)], "b": [Step("x", 0.9)], "c": []}

    assert found(graph, Seed("a"), Seed("b"), Seed("c")) == ["c", "a", "b", "x"]
    assert found({}, Seed("a")) == ["a"]


def test_only_the_ten_strongest_edges_are_followed() -> None:
    edges = [Step(f"n{number:02}", 1 - number / 100) for number in range(BRANCHES + 1)]

    reached = found({"a": edges[::-1]}, Seed("a", 0.5))

    assert reached == [f"n{number:02}" for number in range(BRANCHES)]


def test_a_hit_says_what_its_paths_are_worth() -> None:
    seeds = (Seed("a", 0.5),)
    graph = {"a": [Step("x", 0.5)]}

    hits = GraphRetriever(FixedEdges(graph)).retrieve(Asked("", seeds=seeds), limit=9)

    assert {hit.content_id: hit.score for hit in hits} == path_scores(seeds, graph)


def test_who_is_reached_twice_comes_before_an_equal_who_is_reached_once() -> None:
    graph = {"a": [Step("x", 0.5), Step("y", 0.5)], "b": [Step("y", 0.5)]}

    assert found(graph, Seed("a", 0.5), Seed("b", 0.5))[0] == "y"


@given(seeds, graphs)
def test_scores_lie_above_zero_and_at_most_at_one(
    given_seeds: list[Seed], graph: dict[str, list[Step]]
) -> None:
    assert all(0 < score <= 1 for score in path_scores(given_seeds, graph).values())


@given(st.data(), seeds, graphs)
def test_the_order_of_seeds_does_not_matter(
    data: st.DataObject, given_seeds: list[Seed], graph: dict[str, list[Step]]
) -> None:
    turned = data.draw(st.permutations(given_seeds))

    assert path_scores(given_seeds, graph) == path_scores(turned, graph)
    assert found(graph, *given_seeds) == found(graph, *turned)


@given(weights, st.integers(1, 12), weights)
def test_another_path_never_lowers_a_score(best: float, paths: int, another: float) -> None:
    assert united(max(best, another), paths + 1) >= united(best, paths)


@given(seeds, graphs, st.builds(Seed, names, st.floats(0.01, 0.9)))
def test_another_seed_never_lowers_a_score(
    given_seeds: list[Seed], graph: dict[str, list[Step]], another: Seed
) -> None:
    before, after = path_scores(given_seeds, graph), path_scores([*given_seeds, another], graph)

    assert all(after[reached] >= score for reached, score in before.items())


@given(weights, st.integers(1, 20))
def test_paths_add_half_at_most(path: float, count: int) -> None:
    one = united(path, 1)

    assert one <= united(path, count) <= 1.5 * one + 1e-12
