"""Search held against a slow, obvious reference on random data."""

from __future__ import annotations

from operator import eq, ge, gt, le, lt, ne
from typing import get_args

import numpy as np
import pytest

from emulators.vertex.datapoint import Datapoint, Numeric, Operator, Query, Restrict, Traits
from emulators.vertex.vectors import DISTANCES, Config, Distance, VectorTable

COMPARE = {
    "LESS": lt,
    "LESS_EQUAL": le,
    "EQUAL": eq,
    "GREATER_EQUAL": ge,
    "GREATER": gt,
    "NOT_EQUAL": ne,
}


def random_traits(random: np.random.Generator) -> Traits:
    genres = tuple({f"g{n}" for n in random.integers(0, 6, 2)})
    denied = (f"g{random.integers(0, 6)}",) if random.random() < 0.2 else ()
    year = Numeric("year", "int", int(random.integers(1990, 2000)))
    return Traits((Restrict("genre", genres, denied),), (year,), f"c{random.integers(0, 9)}")


def random_query(random: np.random.Generator) -> Query:
    restricts = (Restrict("genre", (f"g{random.integers(0, 6)}",), (f"g{random.integers(0, 6)}",)),)
    op: Operator = get_args(Operator)[random.integers(0, 6)]
    numerics = (Numeric("year", "int", int(random.integers(1990, 2000)), op),)
    traits = Traits(restricts[: random.integers(0, 2)], numerics[: random.integers(0, 2)])
    vector = random.standard_normal(8).astype(np.float32)
    return Query(Datapoint("", vector, traits), int(random.integers(1, 20)), 0)


def eligible(point: Datapoint, query: Query) -> bool:
    (has,), (year,) = point.traits.restricts, point.traits.numerics
    for asked in query.datapoint.traits.restricts:
        if not set(asked.allow) & set(has.allow) or set(asked.allow) & set(has.deny):
            return False
        if set(asked.deny) & set(has.allow):
            return False
    asked_numbers = query.datapoint.traits.numerics
    return all(COMPARE[n.op or ""](year.value, n.value) for n in asked_numbers)


def reference_distance(measure: Distance, a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64), b.astype(np.float64)
    match measure:
        case "DOT_PRODUCT_DISTANCE":
            return float(a @ b)
        case "COSINE_DISTANCE":
            return float(1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        case "SQUARED_L2_DISTANCE":
            return float(np.square(a - b).sum())
        case "L1_DISTANCE":
            return float(np.abs(a - b).sum())


@pytest.mark.parametrize("measure", DISTANCES)
def test_search_equals_a_full_scan_after_upserts_and_removals(measure: Distance) -> None:
    random = np.random.default_rng(7)
    table = VectorTable(Config(8, measure, unit_norm=False, streaming=True))
    stored: dict[str, Datapoint] = {}
    for _ in range(3000):
        name = f"p{random.integers(0, 1500)}"
        if random.random() < 0.3:
            assert table.remove(name) == (stored.pop(name, None) is not None)
        else:
            vector = random.standard_normal(8).astype(np.float32)
            stored[name] = Datapoint(name, vector, random_traits(random))
            table.upsert(stored[name])

    for _ in range(60):
        query = random_query(random)
        found = table.search(query)
        scan = {
            name: reference_distance(measure, point.vector, query.datapoint.vector)
            for name, point in stored.items()
            if eligible(point, query)
        }
        ordered = sorted(scan.values(), reverse=measure == "DOT_PRODUCT_DISTANCE")[: query.count]
        assert [n.distance for n in found] == pytest.approx(ordered, abs=1e-4)
        assert [n.distance for n in found] == pytest.approx([scan[n.id] for n in found], abs=1e-4)


def test_equal_distances_are_ordered_by_id_whatever_the_order_of_upserts() -> None:
    vector = np.ones(2, np.float32)
    answers = []
    for names in (["b", "c", "a", "d"], ["d", "a", "c", "b"]):
        table = VectorTable(Config(2, "DOT_PRODUCT_DISTANCE", unit_norm=False, streaming=True))
        for name in names:
            table.upsert(Datapoint(name, vector, Traits()))
        answers.append([n.id for n in table.search(Query(Datapoint("", vector, Traits()), 2))])

    assert answers == [["a", "b"], ["a", "b"]]
