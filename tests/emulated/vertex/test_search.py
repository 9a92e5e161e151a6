"""Finding neighbors: measures, restricts, crowding."""

from __future__ import annotations

import pytest
from google.api_core import exceptions
from google.cloud import aiplatform_v1 as api

from tests.emulated.vertex.conftest import Clients, Deployment, number, point, restrict

Query = api.FindNeighborsRequest.Query


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("DOT_PRODUCT_DISTANCE", [("long", 6.0), ("same", 3.0), ("apart", 0.0)]),
        ("COSINE_DISTANCE", [("long", 0.0), ("same", 0.0), ("apart", 1.0)]),
        ("SQUARED_L2_DISTANCE", [("same", 4.0), ("apart", 10.0), ("long", 25.0)]),
        ("L1_DISTANCE", [("same", 2.0), ("apart", 4.0), ("long", 5.0)]),
    ],
)
async def test_each_measure_orders_and_signs_distances_like_the_service(
    clients: Clients, measure: str, expected: list[tuple[str, float]]
) -> None:
    deployment = await clients.deploy(await clients.create(distanceMeasureType=measure))
    await deployment.upsert(point("same", 3, 0, 0), point("long", 6, 0, 0), point("apart", 0, 3, 0))

    response = await deployment.find(Query(datapoint=point("q", 1, 0, 0), neighbor_count=3))

    found = response.nearest_neighbors[0]
    assert found.id == "q"
    assert [(n.datapoint.datapoint_id, n.distance) for n in found.neighbors] == expected


async def test_unit_norm_makes_length_irrelevant(clients: Clients) -> None:
    name = await clients.create(featureNormType="UNIT_L2_NORM")
    deployment = await clients.deploy(name)
    await deployment.upsert(point("long", 9, 9, 0), point("near", 1, 0, 0))

    assert await deployment.ids([5, 0, 0]) == ["near", "long"]


async def test_restricts_join_namespaces_by_and_and_tokens_by_or(titles: Deployment) -> None:
    await titles.upsert(
        point(
            "heat", 1, 0, 0, restricts=[restrict("genre", "crime", "drama"), restrict("l", "en")]
        ),
        point("ronin", 2, 0, 0, restricts=[restrict("genre", "action"), restrict("l", "en")]),
        point("amelie", 3, 0, 0, restricts=[restrict("genre", "drama"), restrict("l", "fr")]),
        point("bare", 4, 0, 0),
    )

    async def ids(*restricts: object) -> list[str]:
        return await titles.ids([1, 0, 0], restricts=restricts)

    assert await ids() == ["bare", "amelie", "ronin", "heat"]
    assert await ids(restrict("genre", "drama")) == ["amelie", "heat"]
    assert await ids(restrict("genre", "drama", "action")) == ["amelie", "ronin", "heat"]
    assert await ids(restrict("genre", "drama"), restrict("l", "en")) == ["heat"]
    assert await ids(restrict("genre", "western")) == []
    assert await ids(restrict("genre", deny=("drama",))) == ["bare", "ronin"]
    assert await ids(restrict("genre", "drama", deny=("crime",))) == ["amelie"]


async def test_datapoint_that_denies_a_token_is_hidden_from_queries_for_it(
    titles: Deployment,
) -> None:
    both = restrict("genre", "drama", "crime", deny=("crime",))
    await titles.upsert(point("heat", 1, 0, 0, restricts=[both]))

    assert await titles.ids([1, 0, 0], restricts=[restrict("genre", "drama")]) == ["heat"]
    assert await titles.ids([1, 0, 0], restricts=[restrict("genre", "drama", "crime")]) == []


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("LESS", {"old"}),
        ("LESS_EQUAL", {"old", "heat"}),
        ("EQUAL", {"heat"}),
        ("GREATER_EQUAL", {"heat", "new"}),
        ("GREATER", {"new"}),
        ("NOT_EQUAL", {"old", "new"}),
    ],
)
async def test_numeric_restrict_compares_the_datapoint_with_the_query(
    titles: Deployment, op: str, expected: set[str]
) -> None:
    years = {"old": 1950, "heat": 1995, "new": 2024}
    points = [
        point(name, 1, 0, 0, numeric_restricts=[number("year", value_int=year)])
        for name, year in years.items()
    ]
    await titles.upsert(*points, point("undated", 1, 0, 0))

    asked = [number("year", op, value_int=1995)]

    assert set(await titles.ids([1, 0, 0], numeric_restricts=asked)) == expected


async def test_numeric_restricts_of_a_range_are_joined_by_and(titles: Deployment) -> None:
    points = [
        point(f"r{n}", 1, 0, 0, numeric_restricts=[number("rating", value_float=n / 10)])
        for n in range(100)
    ]
    await titles.upsert(*points)

    asked = [
        number("rating", "GREATER_EQUAL", value_float=7.1),
        number("rating", "LESS", value_float=7.4),
    ]

    assert await titles.ids([1, 0, 0], numeric_restricts=asked) == ["r71", "r72", "r73"]


async def test_crowding_limits_neighbors_of_one_tag_and_fills_up_with_others(
    titles: Deployment,
) -> None:
    tag = api.IndexDatapoint.CrowdingTag(crowding_attribute="bond")
    bonds = [point(f"bond{n:02}", 50 - n, 0, 0, crowding_tag=tag) for n in range(30)]
    others = [point(f"other{n}", 5 - n, 0, 0) for n in range(5)]
    await titles.upsert(*bonds, *others)

    found = await titles.ids([1, 0, 0], 5, per_crowd=2)

    assert found == ["bond00", "bond01", "other0", "other1", "other2"]


async def test_several_queries_are_answered_in_their_order(titles: Deployment) -> None:
    await titles.upsert(point("x", 1, 0, 0), point("y", 0, 1, 0))
    asked = [
        Query(datapoint=point("first", 0, 1, 0), neighbor_count=1),
        Query(datapoint=point("second", 1, 0, 0), neighbor_count=1),
    ]

    response = await titles.find(*asked)

    found = [(n.id, n.neighbors[0].datapoint.datapoint_id) for n in response.nearest_neighbors]
    assert found == [("first", "y"), ("second", "x")]


async def test_full_datapoint_comes_back_as_it_was_stored(titles: Deployment) -> None:
    stored = point(
        "heat",
        0.1,
        0.2,
        0.3,
        restricts=[restrict("genre", "crime", deny=("comedy",))],
        numeric_restricts=[number("year", value_int=1995), number("rating", value_float=8.3)],
        crowding_tag=api.IndexDatapoint.CrowdingTag(crowding_attribute="mann"),
        embedding_metadata={"title": "Heat", "seasons": 0},
    )
    await titles.upsert(stored)
    query = Query(datapoint=point("", 1, 1, 1))

    full = (await titles.find(query, full=True)).nearest_neighbors[0].neighbors[0].datapoint
    bare = (await titles.find(query)).nearest_neighbors[0].neighbors[0].datapoint

    assert full == stored
    assert bare == api.IndexDatapoint(datapoint_id="heat", crowding_tag=stored.crowding_tag)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(datapoint=point("", 1, 2)), "has 2 dimensions, the index has 3"),
        (Query(datapoint=point("", 1, 2, 3), neighbor_count=-1), "neighbor_count"),
        (
            Query(datapoint=point("", 1, 2, 3, numeric_restricts=[number("y", value_int=1)])),
            "need an op",
        ),
        (Query(datapoint=point("", 1, 2, 3, restricts=[restrict("", "x")])), "namespace"),
        (
            Query(datapoint=point("", 1, 2, 3, restricts=[restrict("g", "x"), restrict("g", "y")])),
            "appears twice",
        ),
    ],
)
async def test_query_the_index_cannot_answer_is_an_invalid_argument(
    titles: Deployment, query: Query, message: str
) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=message):
        await titles.find(query)


async def test_search_names_an_endpoint_or_deployment_it_does_not_know(titles: Deployment) -> None:
    unknown = Deployment(titles.clients, titles.index, titles.endpoint + "0")

    with pytest.raises(exceptions.NotFound, match="IndexEndpoint"):
        await unknown.find(Query(datapoint=point("", 1, 2, 3)))


async def test_hybrid_search_is_named_as_unsupported(titles: Deployment) -> None:
    query = Query(datapoint=point("", 1, 2, 3), rrf=Query.RRF(alpha=0.5))

    with pytest.raises(exceptions.MethodNotImplemented, match="rrf"):
        await titles.find(query)
