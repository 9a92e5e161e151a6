"""Edges of a whole catalog."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shared.kernel.vectors import normalize
from shared.search.graph import build
from shared.search.graph.build import Builder, Node
from shared.search.graph.edges import MOST_EDGES, EdgeType, Neighbors


def node(name: str, *, angle: float | None = None, **traits: tuple[str, ...]) -> Node:
    """Return a title whose vector, if any, points in a direction in degrees."""
    turn = None if angle is None else np.deg2rad(angle)
    vector = None if turn is None else np.array([np.cos(turn), np.sin(turn)], np.float32)
    given = {"directors": (), "cast": (), "themes": (), **traits}
    own = (given["directors"], given["cast"], given["themes"])
    return Node(name, name, *own, vector, described=True)


def bare(name: str, *, angle: float) -> Node:
    """Return a title of which nothing but its name is said."""
    return replace(node(name, angle=angle), described=False)


def built(*nodes: Node) -> dict[str, Neighbors]:
    """Return every title's neighbors."""
    return {of.src: of for block in Builder(nodes).blocks() for of in block}


def edges(of: Neighbors) -> list[tuple[str, EdgeType]]:
    return [(edge.dst, edge.type) for edge in of.edges]


def test_the_nearest_by_vector_come_first_and_the_far_not_at_all() -> None:
    found = built(node("Arrival", angle=0), node("Contact", angle=20), node("Cars", angle=90))

    assert edges(found["Arrival"]) == [("Contact", EdgeType.SIMILAR_TO)]
    assert found["Arrival"].edges[0].weight == pytest.approx(np.cos(np.deg2rad(20)), abs=1e-4)
    assert found["Cars"].edges[0].dst == "Contact"


def test_a_title_of_which_nothing_but_its_name_is_said_is_less_like_others() -> None:
    found = built(
        node("Space Jam", angle=0),
        bare("Jam", angle=20),
        node("Air Bud", angle=30),
    )

    assert edges(found["Space Jam"])[0][0] == "Air Bud"
    named, told = (edge.weight for edge in (found["Space Jam"].edges[1], found["Jam"].edges[0]))
    assert named == pytest.approx(0.8 * np.cos(np.deg2rad(20)), abs=1e-4)
    assert told > named


def test_however_many_bare_names_are_near_the_titles_that_are_described_come_first() -> None:
    names = [bare(f"Jam {n}", angle=1 + n / 100) for n in range(3 * MOST_EDGES)]

    found = built(node("Space Jam", angle=0), *names, node("Air Bud", angle=30))

    assert edges(found["Space Jam"])[0][0] == "Air Bud"


def test_themes_in_common_make_the_near_nearer() -> None:
    plain = built(node("A", angle=0), node("B", angle=45), node("C"), node("D"))
    shared = {"themes": ("heist",)}
    themed = built(
        node("A", angle=0, **shared), node("B", angle=45, **shared), node("C"), node("D")
    )

    assert themed["A"].edges[0].weight > plain["A"].edges[0].weight


def test_a_directors_closer_title_comes_first() -> None:
    mann = {"directors": ("michael mann",)}
    found = built(
        node("Heat", angle=0, **mann),
        node("Ali", angle=88, **mann),
        node("Thief", angle=60, **mann),
    )
    by_director = [e for e in found["Heat"].edges if e.type is EdgeType.SAME_DIRECTOR]

    assert [edge.dst for edge in by_director] == ["Thief", "Ali"]
    assert all(0.7 * 0.75 <= edge.weight <= 0.7 for edge in by_director)


def test_one_pair_may_have_several_edges_and_its_franchise_has_one_id() -> None:
    traits = {"directors": ("wachowski",), "cast": ("keanu reeves",)}
    found = built(
        node("The Matrix", angle=0, **traits),
        node("The Matrix 2", angle=10, **traits),
        node("Speed", cast=("keanu reeves",)),
        node("Up"),
    )

    assert {kind for dst, kind in edges(found["The Matrix"]) if dst == "The Matrix 2"} == set(
        EdgeType
    )
    assert found["The Matrix"].franchise == found["The Matrix 2"].franchise == "The Matrix"
    assert edges(found["Speed"])[0] == ("The Matrix", EdgeType.SHARED_CAST)
    assert found["Up"] == Neighbors("Up", None, ())


def test_the_fifty_strongest_are_kept_strongest_first() -> None:
    rng = np.random.default_rng(3)
    vectors = normalize(rng.normal(size=(150, 8)) + 2)
    nodes = [Node(f"{n:03}", f"{n:03}", (), (), (), v, True) for n, v in enumerate(vectors)]

    of = built(*nodes)["000"]
    cosines = vectors @ vectors[0]
    nearest = [f"{n:03}" for n in np.argsort(-cosines, kind="stable")[1 : MOST_EDGES + 1]]

    assert {edge.dst for edge in of.edges} == set(nearest)
    assert [edge.weight for edge in of.edges] == sorted((e.weight for e in of.edges), reverse=True)


def test_blocks_of_any_size_give_the_same_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = normalize(np.random.default_rng(5).normal(size=(30, 8)) + 1)
    nodes = [Node(f"{n}", f"{n}", (f"d{n % 3}",), (), (), v, True) for n, v in enumerate(vectors)]
    whole = built(*nodes)

    monkeypatch.setattr(build, "BLOCK_CELLS", 7 * len(nodes))
    parted = built(*nodes)

    assert len(list(Builder(nodes).blocks())) == 5
    assert parted.keys() == whole.keys()
    for src, of in whole.items():  # products of other shapes may differ in their last digit
        weights = {edge[:2]: edge.weight for edge in of.edges}
        assert {edge[:2]: edge.weight for edge in parted[src].edges} == pytest.approx(
            weights, abs=2e-4
        )


def test_a_catalog_of_nothing_and_of_one_title_has_no_edges() -> None:
    assert built() == {}
    assert built(node("Alone", angle=0)) == {"Alone": Neighbors("Alone", None, ())}
