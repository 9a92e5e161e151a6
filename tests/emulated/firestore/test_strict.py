"""What is refused as in production, where that is asked for, and firestore.indexes.json."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions
from google.cloud.firestore import FieldFilter
from google.cloud.firestore_admin_v1 import types
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.query_profile import ExplainOptions
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.cloud.firestore_v1.vector import Vector
from google.protobuf import json_format

from emulators.core import environment
from emulators.core.methods import methods
from emulators.core.server import serve
from emulators.firestore.rate import BURST
from emulators.firestore.service import endpoint
from emulators.serve import make_cloud
from tests.emulated.firestore.admin import Client, admin
from tests.emulated.firestore.conftest import ids

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulated.conftest import Laboratory
    from tests.emulated.firestore.conftest import Lab

__all__ = ["admin"]
pytestmark = pytest.mark.ours("strictness is a setting of ours")


async def own(lab: Lab, verb: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    """Return what a route of the emulator's own answers."""
    url = f"http://{lab.address}/emulator/v1/{path}"
    async with lab.wire._http.request(verb, url, data=json.dumps(body)) as answer:
        return await answer.json()


async def strict(lab: Lab, **given: bool) -> None:
    """Switch what is refused."""
    assert await own(lab, "PUT", "strict", given)


def linked(message: str) -> Any:  # noqa: ANN401 - an untyped message
    """Return the index that a refusal's link makes."""
    said = message.partition("create_")[2].partition("=")[2].split()[0]
    return types.Index.deserialize(urlsafe_b64decode(said + "=" * (-len(said) % 4)))


def by_year(lab: Lab) -> Any:  # noqa: ANN401 - an untyped query
    """Return a query that needs a composite index."""
    films = lab.db.collection("films").where(filter=FieldFilter("kind", "==", "noir"))
    return films.order_by("year", direction="DESCENDING")


async def test_a_query_that_lacks_an_index_is_refused_with_the_link_that_makes_it(
    lab: Lab, admin: Client
) -> None:
    await lab.fill("films", heat={"kind": "noir", "year": 1995}, m={"kind": "noir", "year": 1931})
    assert await ids(by_year(lab)) == ["heat", "m"]
    await strict(lab, indexes=True)

    with pytest.raises(exceptions.FailedPrecondition, match="query requires an index") as refused:
        await ids(by_year(lab))

    index = linked(refused.value.message)
    assert index.name == f"{lab.root}/collectionGroups/films/indexes/_"
    told = [(each.field_path, each.order.name) for each in index.fields]
    assert told == [("kind", "ASCENDING"), ("year", "DESCENDING"), ("__name__", "DESCENDING")]
    await admin.create_index(parent=index.name.partition("/indexes/")[0], index=index)
    assert await ids(by_year(lab)) == ["heat", "m"]
    with pytest.raises(exceptions.FailedPrecondition):
        await by_year(lab).sum("length").get()


async def test_all_collections_of_an_id_are_asked_where_their_field_is_indexed_so(
    lab: Lab, admin: Client
) -> None:
    await lab.fill("users/a/lists", later={"n": 1})
    await strict(lab, indexes=True)
    everywhere = lab.db.collection_group("lists")
    assert await ids(everywhere) == ["later"]

    with pytest.raises(
        exceptions.FailedPrecondition,
        match="COLLECTION_GROUP_ASC index for collection lists and field n",
    ) as refused:
        await ids(everywhere.where(filter=FieldFilter("n", "==", 1)))

    exemption = linked(refused.value.message)
    field = types.Field(name=exemption.name, index_config={"indexes": [exemption]})
    await admin.update_field(field=field)
    assert await ids(everywhere.where(filter=FieldFilter("n", "==", 1))) == ["later"]
    with pytest.raises(exceptions.FailedPrecondition, match="requires a COLLECTION_ASC index"):
        await ids(lab.db.collection("lists").where(filter=FieldFilter("n", "==", 1)))


async def test_nearest_vectors_lack_an_index_in_a_command(lab: Lab) -> None:
    await strict(lab, indexes=True)
    films = lab.db.collection("films").where(filter=FieldFilter("kind", "==", "noir"))
    query = films.find_nearest("of", Vector([1.0, 2.0]), 3, DistanceMeasure.COSINE)
    with pytest.raises(exceptions.FailedPrecondition, match="Missing vector index") as refused:
        await query.get()
    assert '"dimension": "2"' in refused.value.message
    assert "field-path=kind" in refused.value.message


async def test_a_listener_whose_query_lacks_an_index_is_told_so(lab: Lab) -> None:
    await strict(lab, indexes=True)
    order = [{"field": {"fieldPath": path}} for path in ("a", "b")]
    query = {"from": [{"collectionId": "c"}], "orderBy": order}
    target = {"targetId": 1, "query": {"parent": "$D", "structuredQuery": query}}
    listen, channel = methods(FirestoreGrpcTransport)["Listen"], lab.wire._channel
    stream: Any = channel.stream_stream(
        listen.path, listen.request.SerializeToString, listen.response.FromString
    )
    call = stream(timeout=10)
    body = lab.wire._placed({"database": "$R", "addTarget": target})
    await call.write(json_format.ParseDict(body, listen.request()))

    change = (await call.read()).target_change

    call.cancel()
    assert change.target_change_type == 2
    assert "requires an index" in change.cause.message


async def test_what_queries_needed_becomes_a_file_that_is_read_back(
    lab: Lab, serve_emulator: Laboratory, tmp_path: Path
) -> None:
    await ids(by_year(lab))
    await ids(lab.db.collection_group("lists").where(filter=FieldFilter("n", "==", 1)))
    await ids(lab.db.collection("films").where(filter=FieldFilter("kind", "==", "noir")))
    place = f"{lab.root}/indexes"

    made = await own(lab, "GET", place)

    assert made["indexes"] == [
        {
            "collectionGroup": "films",
            "queryScope": "COLLECTION",
            "fields": [
                {"fieldPath": "kind", "order": "ASCENDING"},
                {"fieldPath": "year", "order": "DESCENDING"},
            ],
        }
    ]
    (override,) = made["fieldOverrides"]
    assert (override["collectionGroup"], override["fieldPath"]) == ("lists", "n")
    assert {"order": "ASCENDING", "queryScope": "COLLECTION_GROUP"} in override["indexes"]

    await strict(lab, indexes=True)
    assert await own(lab, "PUT", place, made) == {"indexes": 1, "fieldOverrides": 1}
    await ids(by_year(lab))
    await ids(lab.db.collection_group("lists").where(filter=FieldFilter("n", "==", 1)))
    assert await own(lab, "GET", place) == made
    assert await own(lab, "PUT", place, made) == {"indexes": 0, "fieldOverrides": 1}

    again = await serve_emulator(endpoint, journal=tmp_path / "journal.sqlite")
    lab.address = again.address
    assert await own(lab, "GET", place) == made
    await own(lab, "DELETE", place)
    assert (await own(lab, "GET", place))["indexes"] == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "indexes and fieldOverrides"),
        ({"index": []}, "indexes and fieldOverrides"),
        ({"indexes": [{"collectionGroup": "c", "queryScope": "X", "fields": []}]}, "indexes[0]"),
        ({"indexes": [{"queryScope": "COLLECTION"}]}, "collectionGroup"),
        ({"indexes": [{"collectionGroup": "c", "order": 1}]}, "order"),
        ({"fieldOverrides": [{"collectionGroup": "c"}]}, "fieldPath"),
        ({"fieldOverrides": [{"collectionGroup": "c", "fieldPath": "a..b"}]}, "a..b"),
        ({"fieldOverrides": [{"collectionGroup": "c", "fieldPath": "a", "x": 1}]}, "x"),
        ({"fieldOverrides": [{"collectionGroup": "c", "fieldPath": "a", "indexes": [1]}]}, "[0]"),
    ],
)
async def test_a_file_that_is_none_is_refused_with_the_place(
    lab: Lab, body: object, word: str
) -> None:
    answer = await own(lab, "PUT", f"{lab.root}/indexes", body)
    assert answer["error"]["status"] == "INVALID_ARGUMENT"
    assert word in answer["error"]["message"]
    assert not (await own(lab, "GET", f"{lab.root}/indexes"))["fieldOverrides"]


@pytest.mark.parametrize("body", [[], {"index": True}, {"indexes": 1}])
async def test_what_is_no_switch_is_refused(lab: Lab, body: object) -> None:
    assert "indexes" in (await own(lab, "PUT", "strict", body))["error"]["message"]
    assert await own(lab, "GET", "strict") == {"indexes": False, "write_rate": False}


async def test_a_document_is_written_in_a_burst_and_then_once_a_second(lab: Lab) -> None:
    lab.clock.freeze()
    await strict(lab, write_rate=True)
    for _ in range(BURST):
        assert not isinstance(await lab.wire.write(hot={}), str)
    assert (await lab.wire.write(hot={})).startswith("ABORTED Too much contention")
    assert not isinstance(await lab.wire.write(other={}), str)
    for _ in range(3):
        lab.clock.advance(1)
        assert not isinstance(await lab.wire.write(hot={}), str)
        assert (await lab.wire.write(hot={}, third={})).startswith("ABORTED Too much contention")
    await strict(lab, write_rate=False)
    assert not isinstance(await lab.wire.write(hot={}), str)


async def test_the_environment_has_it_strict_from_the_start(lab: Lab, tmp_path: Path) -> None:
    folder = {"MG_STATE_DIR": str(tmp_path / "state")}
    cloud = make_cloud(environment.load({**folder, "MG_FIRESTORE_STRICT": "indexes, write_rate"}))
    running = await serve(await endpoint(cloud.context), 0)
    lab.address = running.address
    assert await own(lab, "GET", "strict") == {"indexes": True, "write_rate": True}
    await running.stop()
    cloud.journal.close()
    with pytest.raises(ValueError, match="MG_FIRESTORE_STRICT may name indexes, write_rate"):
        environment.load({"MG_FIRESTORE_STRICT": "index"})


async def test_a_plan_names_the_indexes_that_production_would_use(lab: Lab) -> None:
    stream = by_year(lab).stream(explain_options=ExplainOptions(analyze=False))
    assert [each async for each in stream] == []
    plan = (await stream.get_explain_metrics()).plan_summary
    assert [dict(each) for each in plan.indexes_used] == [
        {
            "query_scope": "Collection",
            "properties": "(kind ASC, year DESC, __name__ DESC)",
        }
    ]
