"""Indexes, endpoints and datapoints come, change, go and survive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from google.api_core import exceptions
from google.cloud import aiplatform_v1 as api
from google.longrunning import operations_pb2

from emulators.vertex.service import endpoint
from tests.emulated.vertex.conftest import (
    PARENT,
    Clients,
    Deployment,
    connect,
    disconnect,
    done,
    number,
    point,
    restrict,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulated.conftest import ServeEmulator


async def test_created_index_is_described_by_get_and_list(clients: Clients) -> None:
    name = await clients.create(distanceMeasureType="COSINE_DISTANCE")

    index = await clients.indexes.get_index(name=name)
    listed = [each.name async for each in await clients.indexes.list_indexes(parent=PARENT)]

    assert name.removeprefix(f"{PARENT}/indexes/").isdigit()
    assert index.display_name == "titles"
    assert index.metadata["config"]["distanceMeasureType"] == "COSINE_DISTANCE"
    assert index.index_stats.vectors_count == 0
    assert listed == [name]


async def test_list_pages_through_all_indexes(clients: Clients) -> None:
    names = {await clients.create() for _ in range(5)}

    request = api.ListIndexesRequest(parent=PARENT, page_size=2)
    pages = [page async for page in (await clients.indexes.list_indexes(request)).pages]

    assert [len(page.indexes) for page in pages] == [2, 2, 1]
    assert {index.name for page in pages for index in page.indexes} == names


async def test_update_changes_what_the_mask_names_and_nothing_else(clients: Clients) -> None:
    name = await clients.create()
    change = api.Index(name=name, display_name="ignored", labels={"model": "minilm"})

    operation = await clients.indexes.update_index(index=change, update_mask={"paths": ["labels"]})
    updated = await done(operation)

    assert (updated.display_name, dict(updated.labels)) == ("titles", {"model": "minilm"})
    with pytest.raises(exceptions.MethodNotImplemented, match="metadata"):
        await clients.indexes.update_index(index=change, update_mask={"paths": ["metadata"]})


async def test_finished_operation_can_be_asked_for_again(clients: Clients) -> None:
    index = api.Index(display_name="x", metadata={"config": {"dimensions": 2}})
    operation = await clients.indexes.create_index(parent=PARENT, index=index)

    request = operations_pb2.GetOperationRequest(name=operation.operation.name)
    again = await clients.indexes.get_operation(request)

    assert again == operation.operation
    assert again.done


@pytest.mark.parametrize("dimensions", [0, -1, 2.5, "many", None])
async def test_index_without_usable_dimensions_is_refused(
    clients: Clients, dimensions: object
) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="dimensions"):
        await clients.create(dimensions=dimensions)


async def test_deployed_index_must_be_undeployed_before_it_is_deleted(titles: Deployment) -> None:
    indexes, endpoints = titles.clients.indexes, titles.clients.endpoints
    with pytest.raises(exceptions.FailedPrecondition, match="titles_v1"):
        await indexes.delete_index(name=titles.index)
    with pytest.raises(exceptions.FailedPrecondition, match="undeploy"):
        await endpoints.delete_index_endpoint(name=titles.endpoint)

    gone = {"index_endpoint": titles.endpoint, "deployed_index_id": "titles_v1"}
    await done(await endpoints.undeploy_index(gone))
    await done(await indexes.delete_index(name=titles.index))
    await done(await endpoints.delete_index_endpoint(name=titles.endpoint))

    with pytest.raises(exceptions.NotFound):
        await indexes.get_index(name=titles.index)
    with pytest.raises(exceptions.NotFound):
        await endpoints.get_index_endpoint(name=titles.endpoint)


async def test_deployed_index_id_is_taken_once_and_must_be_an_identifier(
    titles: Deployment,
) -> None:
    async def deploy(deployed_id: str) -> None:
        served = api.DeployedIndex(id=deployed_id, index=titles.index)
        await titles.clients.endpoints.deploy_index(
            index_endpoint=titles.endpoint, deployed_index=served
        )

    with pytest.raises(exceptions.AlreadyExists):
        await deploy("titles_v1")
    with pytest.raises(exceptions.InvalidArgument, match="1titles"):
        await deploy("1titles")


async def test_upsert_replaces_and_removal_hides_a_datapoint(titles: Deployment) -> None:
    await titles.upsert(point("heat", 1, 0, 0, restricts=[restrict("genre", "crime")]))
    await titles.upsert(point("heat", 0, 1, 0), point("ronin", 1, 0, 0))
    assert await titles.ids([1, 0, 0], restricts=[restrict("genre", "crime")]) == []
    assert await titles.ids([0, 1, 0], 1) == ["heat"]

    await titles.clients.indexes.remove_datapoints(
        api.RemoveDatapointsRequest(index=titles.index, datapoint_ids=["heat", "never"])
    )

    assert await titles.ids([0, 1, 0]) == ["ronin"]
    index = await titles.clients.indexes.get_index(name=titles.index)
    assert index.index_stats.vectors_count == 1


async def test_upsert_with_a_mask_replaces_restricts_and_keeps_the_vector(
    titles: Deployment,
) -> None:
    await titles.upsert(point("heat", 1, 2, 3, restricts=[restrict("platform", "prime")]))
    change = api.IndexDatapoint(
        datapoint_id="heat",
        restricts=[restrict("platform", "hulu")],
        numeric_restricts=[number("year", value_int=1995)],
    )

    await titles.clients.indexes.upsert_datapoints(
        api.UpsertDatapointsRequest(
            index=titles.index, datapoints=[change], update_mask={"paths": ["all_restricts"]}
        )
    )

    assert await titles.ids([1, 0, 0], restricts=[restrict("platform", "prime")]) == []
    response = await titles.clients.match.read_index_datapoints(
        api.ReadIndexDatapointsRequest(
            index_endpoint=titles.endpoint, deployed_index_id="titles_v1", ids=["heat", "never"]
        )
    )
    (found,) = response.datapoints
    assert list(found.feature_vector) == [1, 2, 3]
    assert found.restricts[0].allow_list == ["hulu"]
    assert [(one.namespace, one.value_int) for one in found.numeric_restricts] == [("year", 1995)]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (point("short", 1, 2), "has 2 dimensions, the index has 3"),
        (point("", 1, 2, 3), "datapoint_id is required"),
        (point("inf", 1, float("inf"), 3), "not finite"),
        (
            point("op", 1, 2, 3, numeric_restricts=[number("y", "LESS", value_int=1)]),
            "op is for queries only",
        ),
    ],
)
async def test_one_bad_datapoint_refuses_the_whole_upsert(
    titles: Deployment, bad: api.IndexDatapoint, message: str
) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=message):
        await titles.upsert(point("good", 1, 0, 0), bad)

    assert await titles.ids([1, 0, 0]) == []


async def test_index_for_batches_refuses_streamed_datapoints(clients: Clients) -> None:
    index = api.Index(display_name="x", metadata={"config": {"dimensions": 1}})
    operation = await clients.indexes.create_index(parent=PARENT, index=index)
    name = (await done(operation)).name

    with pytest.raises(exceptions.FailedPrecondition, match="StreamUpdate"):
        await Deployment(clients, name, "").upsert(point("heat", 1))


async def test_everything_acknowledged_is_there_after_a_restart(
    serve_emulator: ServeEmulator, tmp_path: Path
) -> None:
    journal = tmp_path / "emulators.sqlite"
    first = connect((await serve_emulator(endpoint, journal=journal)).address)
    before = await first.deploy(await first.create())
    await before.upsert(
        *(point(f"p{n}", n, 0, 0, restricts=[restrict("odd", str(n % 2))]) for n in range(9))
    )
    await first.indexes.remove_datapoints(
        api.RemoveDatapointsRequest(index=before.index, datapoint_ids=["p7"])
    )
    await disconnect(first)
    await serve_emulator.stop()

    second = connect((await serve_emulator(endpoint, journal=journal)).address)
    after = Deployment(second, before.index, before.endpoint)
    found = await after.ids([1, 0, 0], restricts=[restrict("odd", "1")])
    fresh = await second.create()
    await disconnect(second)

    assert found == ["p5", "p3", "p1"]
    assert fresh != before.index
