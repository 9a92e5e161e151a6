"""An approximate index held against an exact one over the same datapoints."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from google.api_core import exceptions
from google.cloud import aiplatform_v1 as api
from hypothesis import given
from hypothesis import strategies as st

from emulators.vertex.codes import Codes
from emulators.vertex.datapoint import Datapoint, Numeric, Query, Restrict, Traits
from emulators.vertex.service import endpoint
from emulators.vertex.vectors import DISTANCES, Config, Distance, VectorTable
from tests.emulated.vertex.conftest import Clients, Deployment, connect, disconnect, point

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulated.conftest import ServeEmulator

DIMENSIONS = 128
SEEDS = st.integers(0, 2**32 - 1)
CODED: tuple[Distance, ...] = tuple(name for name in DISTANCES if name != "L1_DISTANCE")


def themed(random: np.random.Generator, count: int, *, themes: int = 40) -> np.ndarray:
    """Vectors of many lengths that lie around a few directions, some of them twice."""
    centers = random.standard_normal((themes, DIMENSIONS))
    vectors = centers[random.integers(0, themes, count)]
    vectors = vectors + random.standard_normal(vectors.shape)
    vectors *= random.lognormal(0, 1, (count, 1))
    vectors[count // 2 : count // 2 + count // 20] = vectors[: count // 20]
    return vectors.astype(np.float32)


def table(config: Config, vectors: np.ndarray) -> VectorTable:
    """An index of datapoints with a genre, a year and a crowding tag each."""
    made = VectorTable(config, exact_below=0)
    for number, vector in enumerate(vectors):
        genre = Restrict("genre", (f"g{number % 3}",))
        traits = Traits((genre,), (Numeric("year", "int", number % 50),), f"c{number % 7}")
        made.upsert(Datapoint(f"p{number * 7919 % 10007:05}", vector, traits))
    return made


def ask(vector: np.ndarray, count: int, traits: Traits | None = None, per_crowd: int = 0) -> Query:
    return Query(Datapoint("", vector, traits or Traits()), count, per_crowd)


@given(SEEDS, st.sampled_from(DISTANCES), st.booleans(), st.booleans(), st.integers(1, 40))
def test_what_is_found_stands_in_the_order_and_at_the_distances_of_an_exact_search(
    seed: int, measure: Distance, norm: bool, filtered: bool, count: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = themed(random, 1200)
    exact = Config(DIMENSIONS, measure, norm, streaming=True)
    traits = Traits((Restrict("genre", ("g0", "g1")),)) if filtered else Traits()
    query = ask(vectors[random.integers(1200)] + vectors[0], count, traits)

    found = table(replace(exact, approximate=1), vectors).search(query)
    scan = table(exact, vectors).search(replace(query, count=1200))

    ids = {neighbor.id for neighbor in found}
    assert len(found) == len(ids) == count
    assert found == [neighbor for neighbor in scan if neighbor.id in ids]


@given(SEEDS, st.sampled_from(DISTANCES), st.booleans(), st.integers(0, 3))
def test_scoring_as_many_as_there_are_is_an_exact_search(
    seed: int, measure: Distance, norm: bool, per_crowd: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = themed(random, 700)
    exact = Config(DIMENSIONS, measure, norm, streaming=True)
    query = ask(random.standard_normal(DIMENSIONS).astype(np.float32), 10, per_crowd=per_crowd)

    every = table(replace(exact, approximate=1), vectors).search(replace(query, approximate=700))

    assert every == table(exact, vectors).search(query)


@given(SEEDS, st.booleans(), st.booleans(), st.integers(1, 400))
def test_codes_choose_at_least_what_is_asked_for_and_all_when_all_are_asked_for(
    seed: int, scaled: bool, squared: bool, count: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = themed(random, 400)
    codes = Codes(DIMENSIONS, scaled=scaled, squared=squared)
    for slot in range(400):
        codes.note(slot)
    codes.catch_up(vectors)
    rows = np.flatnonzero(random.random(400) < 0.9)

    choose = codes.shortlist(vectors[0], rows, 400)

    assert set(choose(count)) <= set(rows)
    assert len(choose(count)) >= min(count, len(rows))
    assert choose(400).tolist() == rows.tolist()


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("measure", CODED)
def test_nearly_all_of_the_nearest_are_found(measure: Distance, norm: bool) -> None:
    random = np.random.default_rng(11)
    vectors = themed(random, 6000)
    exact = Config(DIMENSIONS, measure, norm, streaming=True)
    approximate, scan = (table(c, vectors) for c in (replace(exact, approximate=1), exact))

    shares = []
    for vector in themed(random, 20):
        near = {neighbor.id for neighbor in scan.search(ask(vector, 100))}
        found = {neighbor.id for neighbor in approximate.search(ask(vector, 100))}
        shares.append(len(near & found) / 100)

    assert np.mean(shares) >= 0.98


def test_vectors_along_few_axes_are_told_apart_as_well() -> None:
    random = np.random.default_rng(5)
    vectors = np.zeros((6000, DIMENSIONS), np.float32)
    for vector in vectors:
        vector[random.integers(0, DIMENSIONS, 4)] = random.standard_normal(4)
    exact = Config(DIMENSIONS, "COSINE_DISTANCE", unit_norm=False, streaming=True)
    approximate, scan = (table(c, vectors) for c in (replace(exact, approximate=1), exact))

    near = {n.id for vector in vectors[:20] for n in scan.search(ask(vector, 10))}
    found = {n.id for vector in vectors[:20] for n in approximate.search(ask(vector, 10))}

    assert len(near & found) >= 0.98 * len(near)


@pytest.mark.parametrize("measure", CODED)
def test_answers_are_the_same_after_a_restart_whatever_came_and_went(measure: Distance) -> None:
    random = np.random.default_rng(3)
    config = Config(DIMENSIONS, measure, unit_norm=False, streaming=True, approximate=1)
    pool = themed(random, 3000)
    running, kept = VectorTable(config, exact_below=0), dict[str, bytes]()
    for number, vector in enumerate(pool):
        name = f"p{random.integers(0, 2000)}"
        kept[name] = running.upsert(Datapoint(name, vector, Traits()))
        if number % 5 == 0:
            gone = f"p{random.integers(0, 2000)}"
            assert running.remove(gone) == (kept.pop(gone, None) is not None)
        if number % 500 == 0:
            running.search(ask(vector, 5))

    restarted = VectorTable(config, exact_below=0)
    restarted.restore(sorted(kept.items()))

    assert len(kept) > 1000
    for vector in pool[:50]:
        assert running.search(ask(vector, 20)) == restarted.search(ask(vector, 20))


def test_datapoint_is_found_by_its_new_vector_at_once_and_not_by_its_old_one() -> None:
    random = np.random.default_rng(9)
    vectors = themed(random, 2000)
    titles = table(Config(DIMENSIONS, "COSINE_DISTANCE", True, True, approximate=1), vectors)
    old, new = random.standard_normal((2, DIMENSIONS)).astype(np.float32)
    titles.upsert(Datapoint("heat", old, Traits()))
    assert titles.search(ask(old, 1))[0].id == "heat"

    titles.upsert(Datapoint("heat", new, Traits()))

    assert titles.search(ask(new, 1))[0].id == "heat"
    assert "heat" not in [neighbor.id for neighbor in titles.search(ask(old, 5))]


def test_crowding_that_takes_nearly_all_is_filled_up_from_farther_away() -> None:
    titles = table(
        Config(DIMENSIONS, "DOT_PRODUCT_DISTANCE", True, True, approximate=1),
        themed(np.random.default_rng(2), 2000),
    )
    direction = np.ones(DIMENSIONS, np.float32)
    for number in range(1500):
        titles.upsert(Datapoint(f"bond{number:04}", direction, Traits(crowding="bond")))

    found = [neighbor.crowding for neighbor in titles.search(ask(direction, 20, per_crowd=2))]

    assert found[:2] == ["bond", "bond"]
    assert len(found) == 7 * 2 + 2
    assert all(found.count(tag) == 2 for tag in found)


def test_few_eligible_rows_are_scored_outright() -> None:
    random = np.random.default_rng(4)
    vectors = themed(random, 5000)
    exact = Config(DIMENSIONS, "DOT_PRODUCT_DISTANCE", unit_norm=False, streaming=True)
    years = (Numeric("year", "int", 5, "LESS"),)
    query = ask(random.standard_normal(DIMENSIONS).astype(np.float32), 100, Traits((), years))

    found = table(replace(exact, approximate=1), vectors).search(query)

    assert found == table(exact, vectors).search(query)


TREE = {"algorithmConfig": {"treeAhConfig": {"leafNodeEmbeddingCount": 500}}}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({**TREE, "approximateNeighborsCount": None}, "approximateNeighborsCount"),
        ({**TREE, "approximateNeighborsCount": 0}, "approximateNeighborsCount"),
        ({"algorithmConfig": {}}, "algorithmConfig"),
        ({"algorithmConfig": {"treeAhConfig": {}, "bruteForceConfig": {}}}, "algorithmConfig"),
        ({"algorithmConfig": {"hnswConfig": {}}}, "algorithmConfig"),
    ],
)
async def test_algorithm_the_service_does_not_have_is_an_invalid_argument(
    clients: Clients, config: dict[str, object], message: str
) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=message):
        await clients.create(**config)


@pytest.mark.parametrize("algorithm", [TREE, {"algorithmConfig": {"bruteForceConfig": {}}}])
async def test_index_of_either_algorithm_answers_before_and_after_a_restart(
    serve_emulator: ServeEmulator, tmp_path: Path, algorithm: dict[str, object]
) -> None:
    journal = tmp_path / "emulators.sqlite"
    first = connect((await serve_emulator(endpoint, journal=journal)).address)
    deployed = await first.deploy(await first.create(**algorithm))
    await deployed.upsert(point("heat", 3, 0, 0), point("ronin", 2, 0, 0))
    before = await deployed.ids([1, 0, 0])
    await disconnect(first)
    await serve_emulator.stop()

    second = connect((await serve_emulator(endpoint, journal=journal)).address)
    query = api.FindNeighborsRequest.Query(
        datapoint=point("", 1, 0, 0), approximate_neighbor_count=7
    )
    answer = await Deployment(second, deployed.index, deployed.endpoint).find(query)
    await disconnect(second)

    after = [each.datapoint.datapoint_id for each in answer.nearest_neighbors[0].neighbors]
    assert before == after == ["heat", "ronin"]
