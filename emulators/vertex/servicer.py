"""The RPCs of IndexService, IndexEndpointService, MatchService and PredictionService."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.cloud import aiplatform_v1 as api
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2, json_format

from emulators.core.errors import invalid_argument, unimplemented
from emulators.vertex.datapoint import restricts_only
from emulators.vertex.messages import (
    PbDeployed,
    PbEndpoint,
    PbIndex,
    Proto,
    config_of,
    datapoint_of,
    deployed_message,
    endpoint_message,
    fill_datapoint,
    index_message,
    query_of,
)
from emulators.vertex.prediction import predict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.vertex.store import Endpoint, Index, Store

_DEFAULT_PAGE = 100
_MUTABLE = ("display_name", "description", "labels")


class Operations:
    """``google.longrunning.Operations``; every operation is done when it is answered."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def GetOperation(self, request: Proto, _caller: object) -> Proto:
        """Return an operation."""
        return operations_pb2.Operation.FromString(self._store.operation(request.name))

    async def WaitOperation(self, request: Proto, _caller: object) -> Proto:
        """Return an operation, which is done."""
        return operations_pb2.Operation.FromString(self._store.operation(request.name))

    async def ListOperations(self, request: Proto, _caller: object) -> Proto:
        """Return the operations of a resource."""
        _refuse(request, ("filter",))
        found = self._store.operations(request.name)
        page, token = _page(found, request)
        operations = [operations_pb2.Operation.FromString(body) for body in page]
        return operations_pb2.ListOperationsResponse(operations=operations, next_page_token=token)

    async def DeleteOperation(self, request: Proto, _caller: object) -> Proto:
        """Forget an operation."""
        self._store.delete_operation(request.name)
        await self._store.commit()
        return empty_pb2.Empty()

    async def CancelOperation(self, request: Proto, _caller: object) -> Proto:
        """Change nothing: a done operation stays done."""
        self._store.operation(request.name)
        return empty_pb2.Empty()

    async def _done(self, resource: str, response: Proto, metadata: Proto) -> Proto:
        """Answer with a finished operation, once everything is on disk."""
        name = f"{resource}/operations/{self._store.next_id('operation')}"
        operation = operations_pb2.Operation(name=name, done=True)
        operation.response.Pack(response)
        operation.metadata.Pack(metadata)
        self._store.put_operation(name, operation.SerializeToString())
        await self._store.commit()
        return operation


class IndexService(Operations):
    """``google.cloud.aiplatform.v1.IndexService``."""

    async def CreateIndex(self, request: Proto, _caller: object) -> Proto:
        """Create an index."""
        asked = request.index
        _require(asked, ("display_name",), "index")
        _refuse(asked, ("encryption_spec", "etag"), "index.")
        config = config_of(asked)
        index = self._store.create_index(request.parent, config, _index_body(asked))
        metadata = api.CreateIndexOperationMetadata.pb()()
        return await self._done(index.name, self._message(index), metadata)

    async def GetIndex(self, request: Proto, _caller: object) -> Proto:
        """Return an index."""
        return self._message(self._store.index(request.name))

    async def ListIndexes(self, request: Proto, _caller: object) -> Proto:
        """Return the indexes of a location, page by page."""
        _refuse(request, ("filter", "read_mask"))
        page, token = _page(self._store.indexes(request.parent), request)
        indexes = [self._message(index) for index in page]
        return api.ListIndexesResponse.pb()(indexes=indexes, next_page_token=token)

    async def UpdateIndex(self, request: Proto, _caller: object) -> Proto:
        """Change what is mutable of an index: its names and labels."""
        _refuse(request.index, ("etag",), "index.")
        index = self._store.index(request.index.name)
        body = PbIndex.FromString(index.body)
        _apply(request.index, body, request.update_mask.paths)
        updated = self._store.update_index(index.name, body.SerializeToString())
        metadata = api.UpdateIndexOperationMetadata.pb()()
        return await self._done(index.name, self._message(updated), metadata)

    async def DeleteIndex(self, request: Proto, _caller: object) -> Proto:
        """Delete an index that is not deployed."""
        self._store.delete_index(request.name)
        metadata = api.DeleteOperationMetadata.pb()()
        return await self._done(request.name, empty_pb2.Empty(), metadata)

    async def UpsertDatapoints(self, request: Proto, _caller: object) -> Proto:
        """Store datapoints; with ``all_restricts`` in the mask, only their restricts."""
        points = [datapoint_of(message) for message in request.datapoints]
        if restricts_only(request.update_mask.paths):
            self._store.upsert_restricts(request.index, points)
        else:
            self._store.upsert(request.index, points)
        await self._store.commit()
        return api.UpsertDatapointsResponse.pb()()

    async def RemoveDatapoints(self, request: Proto, _caller: object) -> Proto:
        """Remove datapoints."""
        self._store.remove(request.index, request.datapoint_ids)
        await self._store.commit()
        return api.RemoveDatapointsResponse.pb()()

    def _message(self, index: Index) -> Proto:
        served = self._store.deployments(index.name)
        return index_message(index, self._store.size(index.name), served)


class IndexEndpointService(Operations):
    """``google.cloud.aiplatform.v1.IndexEndpointService``.

    Args:
        store: The state.
        address: What a public endpoint gives as its domain name.
    """

    def __init__(self, store: Store, address: str) -> None:
        super().__init__(store)
        self._address = address

    async def CreateIndexEndpoint(self, request: Proto, _caller: object) -> Proto:
        """Create an endpoint."""
        asked = request.index_endpoint
        _require(asked, ("display_name",), "index_endpoint")
        _refuse(
            asked,
            ("encryption_spec", "private_service_connect_config", "etag"),
            "index_endpoint.",
        )
        endpoint = self._store.create_endpoint(request.parent, _endpoint_body(asked))
        metadata = api.CreateIndexEndpointOperationMetadata.pb()()
        return await self._done(endpoint.name, self._message(endpoint), metadata)

    async def GetIndexEndpoint(self, request: Proto, _caller: object) -> Proto:
        """Return an endpoint."""
        return self._message(self._store.endpoint(request.name))

    async def ListIndexEndpoints(self, request: Proto, _caller: object) -> Proto:
        """Return the endpoints of a location, page by page."""
        _refuse(request, ("filter", "read_mask"))
        page, token = _page(self._store.endpoints(request.parent), request)
        endpoints = [self._message(endpoint) for endpoint in page]
        return api.ListIndexEndpointsResponse.pb()(index_endpoints=endpoints, next_page_token=token)

    async def UpdateIndexEndpoint(self, request: Proto, _caller: object) -> Proto:
        """Change what is mutable of an endpoint: its names and labels."""
        _refuse(request.index_endpoint, ("etag",), "index_endpoint.")
        endpoint = self._store.endpoint(request.index_endpoint.name)
        body = PbEndpoint.FromString(endpoint.body)
        _apply(request.index_endpoint, body, request.update_mask.paths)
        updated = self._store.update_endpoint(endpoint.name, body.SerializeToString())
        await self._store.commit()
        return self._message(updated)

    async def DeleteIndexEndpoint(self, request: Proto, _caller: object) -> Proto:
        """Delete an endpoint that serves nothing."""
        self._store.delete_endpoint(request.name)
        metadata = api.DeleteOperationMetadata.pb()()
        return await self._done(request.name, empty_pb2.Empty(), metadata)

    async def DeployIndex(self, request: Proto, _caller: object) -> Proto:
        """Serve an index at an endpoint."""
        asked = request.deployed_index
        _refuse(asked, ("deployed_index_auth_config",), "deployed_index.")
        body = PbDeployed.FromString(asked.SerializeToString())
        deployed = self._store.deploy(
            request.index_endpoint, asked.id, asked.index, body.SerializeToString()
        )
        response = api.DeployIndexResponse.pb()(deployed_index=deployed_message(deployed))
        metadata = api.DeployIndexOperationMetadata.pb()(deployed_index_id=deployed.id)
        return await self._done(request.index_endpoint, response, metadata)

    async def UndeployIndex(self, request: Proto, _caller: object) -> Proto:
        """Stop serving an index."""
        self._store.undeploy(request.index_endpoint, request.deployed_index_id)
        response = api.UndeployIndexResponse.pb()()
        metadata = api.UndeployIndexOperationMetadata.pb()()
        return await self._done(request.index_endpoint, response, metadata)

    def _message(self, endpoint: Endpoint) -> Proto:
        return endpoint_message(endpoint, self._address)


class MatchService(Operations):
    """``google.cloud.aiplatform.v1.MatchService``."""

    async def FindNeighbors(self, request: Proto, _caller: object) -> Proto:
        """Return the nearest datapoints of each query."""
        endpoint, deployed_id = request.index_endpoint, request.deployed_index_id
        queries = [query_of(message) for message in request.queries]
        response = api.FindNeighborsResponse.pb()()
        answers = self._store.search(endpoint, deployed_id, queries)
        for query, neighbors in zip(queries, answers, strict=True):
            nearest = response.nearest_neighbors.add(id=query.datapoint.id)
            for neighbor in neighbors:
                message = nearest.neighbors.add(distance=neighbor.distance)
                message.datapoint.datapoint_id = neighbor.id
                if neighbor.crowding:
                    message.datapoint.crowding_tag.crowding_attribute = neighbor.crowding
        if request.return_full_datapoint:
            self._fill(response, endpoint, deployed_id)
        return response

    async def ReadIndexDatapoints(self, request: Proto, _caller: object) -> Proto:
        """Return the stored datapoints among the ids asked for."""
        response = api.ReadIndexDatapointsResponse.pb()()
        for point in self._store.read(
            request.index_endpoint, request.deployed_index_id, request.ids
        ):
            fill_datapoint(response.datapoints.add(), point)
        return response

    def _fill(self, response: Proto, endpoint: str, deployed_id: str) -> None:
        for nearest in response.nearest_neighbors:
            ids = [neighbor.datapoint.datapoint_id for neighbor in nearest.neighbors]
            points = self._store.read(endpoint, deployed_id, ids)
            for neighbor, point in zip(nearest.neighbors, points, strict=True):
                fill_datapoint(neighbor.datapoint, point)


class PredictionService(Operations):
    """``google.cloud.aiplatform.v1.PredictionService``."""

    async def Predict(self, request: Proto, _caller: object) -> Proto:
        """Embed texts."""
        instances = [json_format.MessageToDict(value) for value in request.instances]
        parameters = json_format.MessageToDict(request.parameters)
        response = api.PredictResponse.pb()()
        json_format.ParseDict(predict(request.endpoint, instances, parameters), response)
        return response


def _index_body(asked: Proto) -> bytes:
    body = PbIndex(metadata=asked.metadata, index_update_method=asked.index_update_method)
    body.metadata_schema_uri = asked.metadata_schema_uri
    if not body.index_update_method:
        body.index_update_method = int(api.Index.IndexUpdateMethod.BATCH_UPDATE)
    _apply(asked, body, _MUTABLE)
    return bytes(body.SerializeToString())


def _endpoint_body(asked: Proto) -> bytes:
    body = PbEndpoint(network=asked.network, public_endpoint_enabled=asked.public_endpoint_enabled)
    _apply(asked, body, _MUTABLE)
    return bytes(body.SerializeToString())


def _apply(asked: Proto, body: Proto, paths: Sequence[str]) -> None:
    for path in paths or _MUTABLE:
        if path not in _MUTABLE:
            raise unimplemented(f"update_mask: {path} cannot be updated here")
        body.ClearField(path)
        if path == "labels":
            body.labels.update(asked.labels)
        else:
            setattr(body, path, getattr(asked, path))
    _require(body, ("display_name",), "resource")


def _require(message: Proto, names: Sequence[str], owner: str) -> None:
    for name in names:
        if not getattr(message, name):
            raise invalid_argument(f"{owner}.{name} is required")


def _refuse(message: Proto, names: Sequence[str], prefix: str = "") -> None:
    present = {field.name for field, _ in message.ListFields()}
    for name in names:
        if name in present:
            raise unimplemented(f"{prefix}{name} is not supported here")


def _page(found: list[Any], request: Proto) -> tuple[list[Any], str]:
    start = request.page_token or "0"
    if request.page_size < 0 or not start.isdigit():
        raise invalid_argument("page_size or page_token is not valid")
    end = int(start) + (request.page_size or _DEFAULT_PAGE)
    return found[int(start) : end], str(end) if end < len(found) else ""
