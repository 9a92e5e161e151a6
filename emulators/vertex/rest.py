"""The data plane over REST, without protobuf in between: what a search waits for.

The same requests, answers and errors as the transcoded RPCs; tests hold both against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from emulators.core.binding import Binding
from emulators.core.errors import invalid_argument
from emulators.core.methods import Method
from emulators.vertex import plain
from emulators.vertex.datapoint import restricts_only
from emulators.vertex.prediction import predict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulators.core.context import Context
    from emulators.vertex.datapoint import Datapoint
    from emulators.vertex.plain import Json
    from emulators.vertex.store import Store
    from emulators.vertex.vectors import Neighbor

_PLACE = "projects/[^/:]+/locations/[^/:]+"
_INDEX = f"/v1/{{resource:{_PLACE}/indexes/[^/:]+}}"
_ENDPOINT = f"/v1/{{resource:{_PLACE}/indexEndpoints/[^/:]+}}"
# The client of google-genai asks under v1beta1.
_MODEL = f"/{{version:v1|v1beta1}}/{{resource:{_PLACE}/publishers/[^/:]+/models/[^/:]+}}"
_ROUTES = (
    (f"{_ENDPOINT}:findNeighbors", "MatchService/FindNeighbors"),
    (f"{_ENDPOINT}:readIndexDatapoints", "MatchService/ReadIndexDatapoints"),
    (f"{_INDEX}:upsertDatapoints", "IndexService/UpsertDatapoints"),
    (f"{_MODEL}:predict", "PredictionService/Predict"),
)


class DataPlane:
    """The hot RPCs on plain JSON: each takes the body with ``resource``, the name in the path."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def FindNeighbors(self, request: Json, _caller: object) -> Json:
        """Return the nearest datapoints of each query."""
        names = ("resource", "index_endpoint", "deployed_index_id", "queries")
        given = plain.fields(request, (*names, "return_full_datapoint"))
        endpoint, deployed_id = given["resource"], plain.text(given, "deployed_index_id")
        full = plain.flag(given, "return_full_datapoint")
        queries = [plain.query_of(raw) for raw in plain.items(given, "queries")]
        answers = self._store.search(endpoint, deployed_id, queries)
        nearest = []
        for query, found in zip(queries, answers, strict=True):
            points = self._full(endpoint, deployed_id, found) if full else [None] * len(found)
            nearest.append(_nearest(query.datapoint.id, found, points))
        return {"nearestNeighbors": nearest} if nearest else {}

    async def ReadIndexDatapoints(self, request: Json, _caller: object) -> Json:
        """Return the stored datapoints among the ids asked for."""
        given = plain.fields(request, ("resource", "index_endpoint", "deployed_index_id", "ids"))
        deployed_id, ids = plain.text(given, "deployed_index_id"), plain.items(given, "ids")
        found = self._store.read(given["resource"], deployed_id, ids)
        return {"datapoints": [plain.datapoint_json(point) for point in found]} if found else {}

    async def UpsertDatapoints(self, request: Json, _caller: object) -> Json:
        """Store datapoints; with ``allRestricts`` in the mask, only their restricts."""
        given = plain.fields(request, ("resource", "index", "datapoints", "update_mask"))
        points = [plain.datapoint_of(raw) for raw in plain.items(given, "datapoints")]
        mask = plain.text(given, "update_mask").replace("allRestricts", "all_restricts")
        if restricts_only([path for path in mask.split(",") if path]):
            self._store.upsert_restricts(given["resource"], points)
        else:
            self._store.upsert(given["resource"], points)
        await self._store.commit()
        return {}

    async def Predict(self, request: Json, _caller: object) -> Json:
        """Embed texts."""
        given = plain.fields(request, ("resource", "endpoint", "instances", "parameters", "labels"))
        instances = plain.items(given, "instances")
        return predict(given["resource"], instances, given.get("parameters"))

    def _full(self, endpoint: str, deployed_id: str, found: list[Neighbor]) -> list[Datapoint]:
        return self._store.read(endpoint, deployed_id, (neighbor.id for neighbor in found))


def data_routes(store: Store, *, service: str, context: Context) -> list[web.RouteDef]:
    """Routes of the data plane; put them before transcoded ones, which they shadow."""
    binding = Binding(DataPlane(store), service, context)
    return [web.post(path, _handler(binding, name)) for path, name in _ROUTES]


def _handler(binding: Binding, name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    method = Method(f"/google.cloud.aiplatform.v1.{name}", "unary_unary", None, None)

    async def handle(request: web.Request) -> web.Response:
        body = _parse(await request.read())
        body["resource"] = request.match_info["resource"]
        reply = await binding.unary(method, body, None)
        content = orjson.dumps(reply, option=orjson.OPT_SERIALIZE_NUMPY)
        return web.Response(body=content, content_type="application/json", charset="utf-8")

    return handle


def _parse(raw: bytes) -> Json:
    try:
        body: Any = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise invalid_argument(f"Invalid JSON payload received: {error}") from error
    if not isinstance(body, dict):
        raise invalid_argument("Invalid JSON payload received: an object was expected")
    return body


def _nearest(query_id: str, found: list[Neighbor], points: list[Datapoint] | list[None]) -> Json:
    answer: Json = {"id": query_id} if query_id else {}
    if found:
        pairs = zip(found, points, strict=True)
        answer["neighbors"] = [plain.neighbor_json(neighbor, point) for neighbor, point in pairs]
    return answer
