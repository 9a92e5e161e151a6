"""Queries by the official client: filters, order, cursors, groups, aggregations, vectors."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import And, FieldFilter, Or
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.query_profile import ExplainOptions
from google.cloud.firestore_v1.vector import Vector

from tests.emulated.firestore.conftest import ids

if TYPE_CHECKING:
    from tests.emulated.firestore.conftest import Lab


@pytest_asyncio.fixture
async def films(lab: Lab) -> Any:  # noqa: ANN401 - an untyped reference
    """Four films."""
    return await lab.fill(
        "films",
        heat={"year": 1995, "tags": ["a"], "of": {"n": 1}, "at": Vector([0.0, 1.0])},
        alien={"year": 1979, "tags": ["a", "b"], "of": {"n": 2}, "at": Vector([1.0, 1.0])},
        up={"year": 2009, "tags": ["b"], "of": {"n": 3}, "at": Vector([2.0, 1.0])},
        ran={"year": 1985, "tags": [], "of": {"n": None}},
    )


@pytest.mark.parametrize(
    ("path", "operator", "value", "found"),
    [
        ("year", "==", 1995, ["heat"]),
        ("year", "<", 1985, ["alien"]),
        ("year", ">=", 1995, ["heat", "up"]),
        ("year", "!=", 1995, ["alien", "ran", "up"]),
        ("year", "in", [1979, 1985], ["alien", "ran"]),
        ("year", "not-in", [1979, 1985], ["heat", "up"]),
        ("tags", "array_contains", "a", ["alien", "heat"]),
        ("tags", "array_contains_any", ["b", "z"], ["alien", "up"]),
        ("of.n", ">", 1, ["alien", "up"]),
        ("of.n", "==", None, ["ran"]),
        ("of.n", "!=", None, ["heat", "alien", "up"]),
        ("year", "==", 1995.0, ["heat"]),
        ("year", "<", "1995", []),
    ],
)
async def test_a_filter_finds_what_it_says(
    films: Any,  # noqa: ANN401 - an untyped reference
    path: str,
    operator: str,
    value: object,
    found: list[str],
) -> None:
    assert await ids(films.where(filter=FieldFilter(path, operator, value))) == found


async def test_filters_are_joined_by_and_and_or(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    old, late = FieldFilter("year", "<", 1980), FieldFilter("year", ">", 2000)
    tagged = FieldFilter("tags", "array_contains", "a")
    assert await ids(films.where(filter=Or([old, late]))) == ["alien", "up"]
    assert await ids(films.where(filter=And([tagged, Or([old, late])]))) == ["alien"]


async def test_results_are_in_order_and_begin_and_end_at_cursors(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    by_year = films.order_by("year")
    assert await ids(by_year) == ["alien", "ran", "heat", "up"]
    assert await ids(films.order_by("year", direction="DESCENDING").limit(2)) == ["up", "heat"]
    assert await ids(by_year.offset(1).limit(2)) == ["ran", "heat"]
    assert await ids(by_year.start_after({"year": 1985})) == ["heat", "up"]
    assert await ids(by_year.start_at({"year": 1985}).end_before({"year": 2009})) == ["ran", "heat"]
    assert await ids(by_year.start_at(await films.document("heat").get())) == ["heat", "up"]
    assert [each.id for each in await by_year.limit_to_last(2).get()] == ["heat", "up"]


async def test_a_document_without_the_field_is_not_in_its_order(lab: Lab, films: Any) -> None:  # noqa: ANN401 - an untyped reference
    await lab.db.document("films/none").set({"title": "?"})
    assert "none" not in await ids(films.order_by("year"))
    assert await ids(films) == ["alien", "heat", "none", "ran", "up"]


async def test_values_of_all_types_have_one_order(lab: Lab) -> None:
    here = lab.db.document("a/b")
    ordered = [
        None, False, True, float("nan"), -1, 0.5, 1, "a", "b", b"a", here,
        firestore.GeoPoint(1, 2), [1], [1, 2], Vector([1.0]), Vector([0.0, 1.0]), {"a": 1},
    ]  # fmt: skip
    names = [f"v{number:02}" for number in range(len(ordered))]
    found = await lab.fill(
        "values", **{n: {"v": v} for n, v in reversed(list(zip(names, ordered, strict=True)))}
    )
    assert await ids(found.order_by("v")) == names
    assert await ids(found.order_by("v", direction="DESCENDING")) == names[::-1]
    assert await ids(found.where(filter=FieldFilter("v", "<", 1))) == ["v04", "v05"]
    assert await ids(found.where(filter=FieldFilter("v", "==", float("nan")))) == ["v03"]


async def test_numeric_ids_come_first_and_by_their_numbers(lab: Lab) -> None:
    found = await lab.fill("n", a={}, __id10__={}, __id9__={}, B={})
    assert await ids(found) == ["__id9__", "__id10__", "B", "a"]


async def test_a_query_of_a_group_finds_collections_wherever_they_are(lab: Lab) -> None:
    for path in ("films/heat/cast/x", "shows/lost/cast/y", "films/heat/crew/z"):
        await lab.db.document(path).set({"a": 1})
    assert await ids(lab.db.collection_group("cast")) == ["x", "y"]


@pytest.mark.differs("PartitionQuery is UNIMPLEMENTED there")
async def test_a_large_query_is_parted(lab: Lab) -> None:
    for path in ("films/heat/cast/x", "shows/lost/cast/y"):
        await lab.db.document(path).set({"a": 1})
    group = lab.db.collection_group("cast")
    parts = [part async for part in group.get_partitions(2)]
    assert [name for part in parts for name in await ids(part.query())] == ["x", "y"]


async def test_only_the_fields_that_are_asked_for_are_answered(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    (found,) = [each async for each in films.select(["of.n"]).limit(1).stream()]
    assert found.to_dict() == {"of": {"n": 2}}


async def test_results_are_counted_added_and_averaged(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    several = films.count(alias="c").sum("year", alias="s").avg("year", alias="a")
    ((*found,),) = await several.get()
    assert {each.alias: each.value for each in found} == {"c": 4, "s": 7968, "a": 1992.0}
    ((capped,),) = await films.limit(3).count().get()
    assert capped.value == 3


@pytest.mark.parametrize(
    ("scores", "total"),
    [
        ([0.1] * 10, 1.0),
        ([4.8, 5.9, 6.0, 7.1, 8.2], 32.0),
        pytest.param(
            [2**53, 1, 0.5], float(2**53 + 2), marks=pytest.mark.differs("sums lose the last digit")
        ),
        ([1e308, 1e308], math.inf),
        ([-1e308, -1e308], -math.inf),
        pytest.param(
            [1e308, 1e308, 1e308, -1e308, -1e308, -1e308],
            0.0,
            marks=pytest.mark.differs("sums that overflow on their way stay infinite"),
        ),
        ([math.inf, -math.inf, 1.0], math.nan),
    ],
)
async def test_a_sum_of_doubles_is_rounded_once(
    lab: Lab, scores: list[float], total: float
) -> None:
    found = await lab.fill("n", **{f"v{i}": {"score": score} for i, score in enumerate(scores)})

    ((*answer,),) = await found.sum("score", alias="s").avg("score", alias="a").get()

    expected = {"s": total, "a": total / len(scores)}
    assert {each.alias: each.value for each in answer} == pytest.approx(
        expected, rel=0, abs=0, nan_ok=True
    )


async def test_a_document_without_the_field_counts_in_no_aggregation_of_a_query(
    lab: Lab,
    films: Any,  # noqa: ANN401 - an untyped reference
) -> None:
    await lab.db.document("films/none").set({})
    ((*found,),) = await films.count(alias="c").avg("year", alias="a").get()
    assert {each.alias: each.value for each in found} == {"c": 4, "a": 1992.0}


async def test_the_nearest_vectors_are_found_with_their_distances(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    query = films.find_nearest(
        "at",
        Vector([2.0, 1.0]),
        distance_measure=DistanceMeasure.EUCLIDEAN,
        limit=2,
        distance_result_field="away",
    )
    found = [(each.id, each.get("away")) async for each in query.stream()]
    assert found == [("up", 0.0), ("alien", 1.0)]


async def test_a_distance_is_a_field_of_the_very_name_that_it_is_given(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    query = films.find_nearest(
        "at",
        Vector([0.0, 1.0]),
        distance_measure=DistanceMeasure.EUCLIDEAN,
        limit=1,
        distance_result_field="how.far",
    )
    (found,) = [each.to_dict() async for each in query.stream()]
    assert found["how.far"] == 0.0
    assert "how" not in found


@pytest.mark.differs("queries are explained by nothing there")
async def test_a_query_says_how_it_was_done(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    stream = films.limit(2).stream(explain_options=ExplainOptions(analyze=True))
    assert len([each async for each in stream]) == 2
    metrics = await stream.get_explain_metrics()
    stats = metrics.execution_stats
    assert (stats.results_returned, stats.read_operations) == (2, 2)
    assert stats.execution_duration > timedelta()
    assert {"billing_details", "documents_scanned", "index_entries_scanned"} == set(
        stats.debug_stats
    )


@pytest.mark.differs("queries are explained by nothing there")
async def test_a_query_that_is_only_planned_names_its_indexes(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    old, long = FieldFilter("year", "==", 1979), FieldFilter("tags", "array_contains", "space")
    near = films.where(filter=old).find_nearest(
        "at", Vector([2.0, 1.0]), distance_measure=DistanceMeasure.EUCLIDEAN, limit=2
    )
    plans = [
        (films, "(__name__ ASC)"),
        (films.where(filter=old), "(year ASC, __name__ ASC)"),
        (
            films.where(filter=old).where(filter=long),
            "(year ASC, __name__ ASC) + (tags CONTAINS, __name__ ASC)",
        ),
        (
            films.where(filter=old).order_by("at", direction="DESCENDING"),
            "(year ASC, at DESC, __name__ DESC)",
        ),
        (films.where(filter=FieldFilter("at.x", ">", 1)), "(at.x ASC, __name__ ASC)"),
        (near, "(year ASC, __name__ ASC, at VECTOR<2>)"),
    ]
    for query, properties in plans:
        stream = query.stream(explain_options=ExplainOptions(analyze=False))
        assert [each async for each in stream] == []
        used = (await stream.get_explain_metrics()).plan_summary.indexes_used
        assert {each["properties"] for each in used} == set(properties.split(" + "))
        assert {each["query_scope"] for each in used} == {"Collection"}


@pytest.mark.differs("queries are explained by nothing there")
async def test_an_aggregation_says_what_it_counted(films: Any) -> None:  # noqa: ANN401 - an untyped reference
    asked = await films.sum("year").get(explain_options=ExplainOptions(analyze=True))
    metrics = asked.get_explain_metrics()
    (index,) = metrics.plan_summary.indexes_used
    assert index["properties"] == "(year ASC, __name__ ASC)"
    assert metrics.execution_stats.results_returned == 1
    assert metrics.execution_stats.debug_stats["documents_scanned"] == "0"


@pytest.mark.parametrize(
    ("path", "operator", "value", "says"),
    [
        ("year", "in", list(range(31)), "30"),
        ("year", "not-in", list(range(11)), "10"),
        ("__name__", "==", "heat", "must be a Key"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused(
    lab: Lab, path: str, operator: str, value: object, says: str
) -> None:
    query = lab.db.collection("films")
    with pytest.raises((exceptions.InvalidArgument, ValueError), match=says):
        await ids(query.where(filter=FieldFilter(path, operator, value)))
