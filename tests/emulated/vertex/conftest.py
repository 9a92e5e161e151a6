"""An index of three dimensions, deployed, spoken to by the official clients and by plain HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
import grpc
import pytest_asyncio
from google.cloud import aiplatform_v1 as api
from google.cloud.aiplatform_v1.services.index_endpoint_service.transports.grpc_asyncio import (
    IndexEndpointServiceGrpcAsyncIOTransport,
)
from google.cloud.aiplatform_v1.services.index_service.transports.grpc_asyncio import (
    IndexServiceGrpcAsyncIOTransport,
)
from google.cloud.aiplatform_v1.services.match_service.transports.grpc_asyncio import (
    MatchServiceGrpcAsyncIOTransport,
)
from google.cloud.aiplatform_v1.services.prediction_service.transports.grpc_asyncio import (
    PredictionServiceGrpcAsyncIOTransport,
)

from emulators.vertex.service import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.emulated.conftest import ServeEmulator

# What the generated clients take and JSON bodies hold; neither is typed.
Json: TypeAlias = Any
PARENT = "projects/media-gateway-local/locations/us-central1"


@dataclass(frozen=True)
class Clients:
    """The official clients of the four services, and an HTTP session on the same port."""

    indexes: api.IndexServiceAsyncClient
    endpoints: api.IndexEndpointServiceAsyncClient
    match: api.MatchServiceAsyncClient
    prediction: api.PredictionServiceAsyncClient
    http: aiohttp.ClientSession
    channel: grpc.aio.Channel

    async def post(self, path: str, body: object) -> tuple[int, Json]:
        """POST JSON; return status and JSON."""
        async with self.http.post(f"/v1/{path}", json=body) as reply:
            return reply.status, await reply.json()

    async def create(self, **config: object) -> str:
        """Create a streaming index of three dimensions and return its name."""
        full = {"dimensions": 3, "approximateNeighborsCount": 10, **config}
        index = api.Index(
            display_name="titles",
            metadata={"config": full},
            index_update_method=api.Index.IndexUpdateMethod.STREAM_UPDATE,
        )
        operation = await self.indexes.create_index(parent=PARENT, index=index)
        return str((await done(operation)).name)

    async def deploy(self, index: str) -> Deployment:
        """Serve an index at a new public endpoint."""
        asked = api.IndexEndpoint(display_name="search", public_endpoint_enabled=True)
        created = await self.endpoints.create_index_endpoint(parent=PARENT, index_endpoint=asked)
        name = (await done(created)).name
        served = api.DeployedIndex(id="titles_v1", index=index)
        await done(await self.endpoints.deploy_index(index_endpoint=name, deployed_index=served))
        return Deployment(self, index, name)


@dataclass(frozen=True)
class Deployment:
    """One index behind one endpoint."""

    clients: Clients
    index: str
    endpoint: str

    async def upsert(self, *points: api.IndexDatapoint) -> None:
        """Upsert over gRPC."""
        request = api.UpsertDatapointsRequest(index=self.index, datapoints=points)
        await self.clients.indexes.upsert_datapoints(request)

    async def find(self, *queries: api.FindNeighborsRequest.Query, full: bool = False) -> Json:
        """Find neighbors over gRPC; returns the response."""
        return await self.clients.match.find_neighbors(
            api.FindNeighborsRequest(
                index_endpoint=self.endpoint,
                deployed_index_id="titles_v1",
                queries=queries,
                return_full_datapoint=full,
            )
        )

    async def ids(self, vector: list[float], count: int = 10, **traits: Json) -> list[str]:
        """Return the ids nearest to a vector, under the restricts given."""
        crowd = traits.pop("per_crowd", 0)
        query = api.FindNeighborsRequest.Query(
            datapoint=api.IndexDatapoint(feature_vector=vector, **traits),
            neighbor_count=count,
            per_crowding_attribute_neighbor_count=crowd,
        )
        response = await self.find(query)
        return [each.datapoint.datapoint_id for each in response.nearest_neighbors[0].neighbors]


def point(point_id: str, *vector: float, **traits: Json) -> api.IndexDatapoint:
    """Return a datapoint."""
    return api.IndexDatapoint(datapoint_id=point_id, feature_vector=vector, **traits)


def restrict(namespace: str, *allow: str, deny: tuple[str, ...] = ()) -> Json:
    """Return a restriction by tokens."""
    return api.IndexDatapoint.Restriction(namespace=namespace, allow_list=allow, deny_list=deny)


def number(namespace: str, op: str = "OPERATOR_UNSPECIFIED", **value: float) -> Json:
    """Return a restriction by number."""
    return api.IndexDatapoint.NumericRestriction(namespace=namespace, op=op, **value)


async def done(operation: Json) -> Json:
    """Return the result of a long-running operation."""
    return await operation.result()


def connect(address: str) -> Clients:
    """Return clients of a running emulator."""
    channel = grpc.aio.insecure_channel(address)
    return Clients(
        api.IndexServiceAsyncClient(transport=IndexServiceGrpcAsyncIOTransport(channel=channel)),
        api.IndexEndpointServiceAsyncClient(
            transport=IndexEndpointServiceGrpcAsyncIOTransport(channel=channel)
        ),
        api.MatchServiceAsyncClient(transport=MatchServiceGrpcAsyncIOTransport(channel=channel)),
        api.PredictionServiceAsyncClient(
            transport=PredictionServiceGrpcAsyncIOTransport(channel=channel)
        ),
        aiohttp.ClientSession(f"http://{address}"),
        channel,
    )


async def disconnect(clients: Clients) -> None:
    """Close what `connect` opened."""
    await clients.http.close()
    await clients.channel.close(None)


@pytest_asyncio.fixture
async def clients(serve_emulator: ServeEmulator) -> AsyncIterator[Clients]:
    """Clients of a fresh emulator."""
    emulator = await serve_emulator(endpoint)
    found = connect(emulator.address)
    yield found
    await disconnect(found)


@pytest_asyncio.fixture
async def titles(clients: Clients) -> Deployment:
    """An empty dot product index, deployed."""
    return await clients.deploy(await clients.create())
