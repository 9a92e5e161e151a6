"""The data plane in plain JSON answers what gRPC answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import aiplatform_v1 as api
from google.protobuf import json_format

from emulators.core.faults import Rule
from emulators.vertex.service import endpoint
from tests.emulated.vertex.conftest import connect, disconnect

if TYPE_CHECKING:
    from tests.emulated.conftest import ServeEmulator
    from tests.emulated.vertex.conftest import Clients, Deployment

POINTS = [
    {
        "datapointId": "heat",
        "featureVector": [0.1, 0.7, 0.2],
        "restricts": [{"namespace": "genre", "allowList": ["crime"], "denyList": ["comedy"]}],
        "numericRestricts": [
            {"namespace": "year", "valueInt": "1995"},
            {"namespace": "rating", "valueFloat": 8.3},
            {"namespace": "quality", "valueDouble": 0.1},
        ],
        "crowdingTag": {"crowdingAttribute": "mann"},
        "embeddingMetadata": {"title": "Heat"},
    },
    {"datapoint_id": "ronin", "feature_vector": [0.3, 0.1, 0.9], "restricts": None},
    {"datapointId": "apart", "featureVector": [0, 0, 0]},
]


async def over_rest(titles: Deployment, body: dict[str, Any]) -> tuple[int, Any]:
    request = {"deployedIndexId": "titles_v1", **body}
    return await titles.clients.post(f"{titles.endpoint}:findNeighbors", request)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    "query",
    [
        {"neighborCount": 5},
        {},
        {"datapoint": {"restricts": [{"namespace": "genre", "allowList": ["crime"]}]}},
        {"datapoint": {"restricts": [{"namespace": "genre", "denyList": ["crime"]}]}},
        {"datapoint": {"numericRestricts": [{"namespace": "year", "valueInt": 1995, "op": 3}]}},
        {
            "datapoint": {
                "numericRestricts": [{"namespace": "rating", "valueFloat": 9, "op": "LESS"}]
            },
            "perCrowdingAttributeNeighborCount": 1,
        },
        {"datapoint": {"restricts": [{"namespace": "genre", "allowList": ["western"]}]}},
    ],
)
async def test_search_over_rest_equals_search_over_grpc(
    titles: Deployment, query: dict[str, Any], *, full: bool
) -> None:
    status, _ = await titles.clients.post(
        f"{titles.index}:upsertDatapoints", {"datapoints": POINTS}
    )
    assert status == 200
    base = {"datapointId": "q", "featureVector": [0.5, 0.25, 1]}
    asked = query | {"datapoint": base | query.get("datapoint", {})}

    status, answer = await over_rest(titles, {"queries": [asked], "returnFullDatapoint": full})

    message = json_format.ParseDict(asked, api.FindNeighborsRequest.Query.pb()())
    response = await titles.find(api.FindNeighborsRequest.Query.wrap(message), full=full)
    assert status == 200
    assert answer == json_format.MessageToDict(type(response).pb(response))


async def test_datapoints_read_over_rest_equal_those_over_grpc(titles: Deployment) -> None:
    await titles.clients.post(f"{titles.index}:upsertDatapoints", {"datapoints": POINTS})
    asked = {"deployedIndexId": "titles_v1", "ids": ["ronin", "heat", "never"]}

    status, answer = await titles.clients.post(f"{titles.endpoint}:readIndexDatapoints", asked)

    response = await titles.clients.match.read_index_datapoints(
        api.ReadIndexDatapointsRequest(
            index_endpoint=titles.endpoint,
            deployed_index_id="titles_v1",
            ids=["ronin", "heat", "never"],
        )
    )
    assert status == 200
    assert answer == json_format.MessageToDict(type(response).pb(response))


@pytest.mark.parametrize(
    ("body", "code", "name"),
    [
        ({"queries": [{"datapoint": {"featureVector": [1, 2]}}]}, 400, "INVALID_ARGUMENT"),
        ({"queries": [{"datapoint": {"featureVektor": [1]}}]}, 400, "INVALID_ARGUMENT"),
        ({"queries": {"datapoint": {}}}, 400, "INVALID_ARGUMENT"),
        ({"queries": [{"neighborCount": "ten"}]}, 400, "INVALID_ARGUMENT"),
        ({"queries": [{"rrf": {"alpha": 1}}]}, 501, "UNIMPLEMENTED"),
        ({"deployedIndexId": "other", "queries": []}, 404, "NOT_FOUND"),
        (
            {"queries": [{"datapoint": {"featureVector": ["a", "b", "c"]}}]},
            400,
            "INVALID_ARGUMENT",
        ),
        (
            {
                "queries": [
                    {
                        "datapoint": {
                            "featureVector": [1, 2, 3],
                            "numericRestricts": [{"namespace": "y", "valueInt": 1, "op": "NEAR"}],
                        }
                    }
                ]
            },
            400,
            "INVALID_ARGUMENT",
        ),
    ],
)
async def test_bad_search_over_rest_gets_googles_error_body(
    titles: Deployment, body: dict[str, Any], code: int, name: str
) -> None:
    status, answer = await over_rest(titles, body)

    assert (status, answer["error"]["code"], answer["error"]["status"]) == (code, code, name)


async def test_unparsable_body_is_an_invalid_argument(titles: Deployment) -> None:
    url = f"/v1/{titles.endpoint}:findNeighbors"
    async with titles.clients.http.post(url, data=b"{queries") as reply:
        assert reply.status == 400
        assert (await reply.json())["error"]["status"] == "INVALID_ARGUMENT"


async def test_index_is_administered_and_emptied_over_rest(clients: Clients) -> None:
    created = {
        "displayName": "titles",
        "metadata": {"config": {"dimensions": 2}},
        "indexUpdateMethod": "STREAM_UPDATE",
    }
    parent = "projects/p/locations/us-central1"
    status, operation = await clients.post(f"{parent}/indexes", created)
    index = operation["response"]["name"]
    points = [{"datapointId": "heat", "featureVector": [1, 2]}]

    await clients.post(f"{index}:upsertDatapoints", {"datapoints": points})
    await clients.post(f"{index}:removeDatapoints", {"datapointIds": ["heat"]})
    async with clients.http.get(f"/v1/{operation['name']}") as reply:
        again = await reply.json()
    async with clients.http.get(f"/v1/{index}") as reply:
        described = await reply.json()

    assert (status, again["done"]) == (200, True)
    assert described["metadata"]["config"]["dimensions"] == 2
    assert described["indexStats"] == {"shardsCount": 1}


async def test_unsupported_method_says_so_with_its_full_name(titles: Deployment) -> None:
    status, answer = await titles.clients.post(f"{titles.endpoint}:mutateDeployedIndex", {})

    assert status == 501
    assert "IndexEndpointService.MutateDeployedIndex" in answer["error"]["message"]


async def test_injected_fault_strikes_the_data_plane_over_rest(
    serve_emulator: ServeEmulator,
) -> None:
    emulator = await serve_emulator(endpoint)
    clients = connect(emulator.address)
    titles = await clients.deploy(await clients.create())
    emulator.context.faults.add(Rule("error", "vertex", "FindNeighbors", remaining=1))

    struck, answer = await over_rest(titles, {"queries": []})
    spared, _ = await over_rest(titles, {"queries": []})
    await disconnect(clients)

    assert (struck, spared) == (503, 200)
    assert answer["error"]["message"] == "injected fault"
