"""Vertex AI Vector Search over its REST surface.

The official client costs 1.35 s to import (docs/lessons.md), which a search function cannot pay;
the same calls over HTTP cost one client and some JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from shared.adapters import connect
from shared.adapters.access_token import authorization
from shared.adapters.vector_restricts import numeric_restricts, restricts
from shared.kernel.errors import UnavailableError
from shared.search.document import MODEL
from shared.search.ports import Datapoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import urllib3

    from shared.search.filters import Filters
    from shared.search.ports import Vector

CALL_TIMEOUT_SECONDS = 10.0
POINTS_PER_CALL = 100
CONNECTIONS = 16
"""Kept open: as many as searches run retrievers at once."""
JSON = {"content-type": "application/json"}
FAILED = 300
"""Least status that is no answer."""
_pools: dict[str, urllib3.HTTPConnectionPool] = {}


class VertexVectorIndex:
    """`shared.search.ports.VectorIndex`, one streaming index with restricts."""

    def upsert(self, datapoints: Sequence[Datapoint]) -> None:
        """Make these points what they are now, in calls of 100.

        Raises:
            UnavailableError: The index did not take them; doing it again is safe.
        """
        for start in range(0, len(datapoints), POINTS_PER_CALL):
            points = [_point(p) for p in datapoints[start : start + POINTS_PER_CALL]]
            _change("upsertDatapoints", {"datapoints": points})

    def remove(self, ids: Sequence[str]) -> None:
        """Take these points out; unknown ones are no error.

        Raises:
            UnavailableError: The index did not answer.
        """
        for start in range(0, len(ids), POINTS_PER_CALL):
            some = list(ids[start : start + POINTS_PER_CALL])
            _change("removeDatapoints", {"datapointIds": some})

    def nearest(self, vector: Vector, filters: Filters, *, model: str, limit: int) -> Sequence[str]:
        """Return the ids of a model's nearest points that pass the filters, nearest first.

        Raises:
            UnavailableError: The index did not answer.
        """
        query = {
            "datapoint": {
                "datapointId": "query",
                "featureVector": vector,
                "restricts": [*restricts(filters), {"namespace": MODEL, "allowList": [model]}],
                "numericRestricts": numeric_restricts(filters),
            },
            "neighborCount": limit,
        }
        found = ask("findNeighbors", {"queries": [query]})
        lists = found.get("nearestNeighbors") or [{}]
        return [n["datapoint"]["datapointId"] for n in lists[0].get("neighbors", [])]

    def vectors(self, ids: Sequence[str], *, model: str) -> Mapping[str, Vector]:
        """Return the vectors of those of ``ids`` that are points of a model, in one call.

        Raises:
            UnavailableError: The index did not answer.
        """
        found = self.points(ids)
        return {p.id: p.vector for p in found if model in p.restricts.get(MODEL, ())}

    @staticmethod
    def points(ids: Sequence[str]) -> list[Datapoint]:
        """Return those of ``ids`` that are points, as the index has them, in one call.

        Raises:
            UnavailableError: The index did not answer.
        """
        found = ask("readIndexDatapoints", {"ids": list(ids)}).get("datapoints", [])
        return [_datapoint(point) for point in found]


def ask(verb: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the endpoint that serves the index answers.

    Args:
        verb: ``findNeighbors``.
        body: What is asked of the deployed index.

    Raises:
        UnavailableError: It did not answer, or refused.
    """
    at = connect.addresses()
    path = f"{_parent()}/indexEndpoints/{at.vector_endpoint}:{verb}"
    return _call(at.neighbors_url, path, {"deployedIndexId": at.deployed_index, **body})


def _point(datapoint: Datapoint) -> dict[str, Any]:
    return {
        "datapointId": datapoint.id,
        "featureVector": datapoint.vector,
        "restricts": [
            {"namespace": namespace, "allowList": tokens}
            for namespace, tokens in datapoint.restricts.items()
            if tokens
        ],
        "numericRestricts": [
            {"namespace": namespace, "valueInt": value}
            for namespace, value in datapoint.numbers.items()
        ],
    }


def _datapoint(point: Mapping[str, Any]) -> Datapoint:
    restricts = {r["namespace"]: list(r.get("allowList", ())) for r in point.get("restricts", ())}
    numbers = {n["namespace"]: int(n["valueInt"]) for n in point.get("numericRestricts", ())}
    vector = np.array(point["featureVector"], np.float32)
    return Datapoint(point["datapointId"], vector, restricts, numbers)


def _parent() -> str:
    at = connect.addresses()
    return f"/v1/projects/{at.project}/locations/{at.location}"


def _change(verb: str, body: dict[str, Any]) -> None:
    at = connect.addresses()
    _call(at.vertex_url, f"{_parent()}/indexes/{at.vector_index}:{verb}", body)


def _call(base: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    import urllib3  # noqa: PLC0415 - only where the index is reached

    content = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
    try:
        answer = _pool(base).urlopen(
            "POST", path, body=content, headers={**JSON, **authorization(base)}
        )
    except urllib3.exceptions.HTTPError as error:
        raise UnavailableError(f"vector search did not answer: {error!r}") from error
    if answer.status >= FAILED:
        detail = answer.data[:300].decode(errors="replace")
        raise UnavailableError(f"vector search answered {answer.status}: {detail}")
    found: dict[str, Any] = orjson.loads(answer.data or b"{}")
    return found


def _pool(base: str) -> urllib3.HTTPConnectionPool:
    # httpx2 takes .6 ms more for each call, a tenth of what a search waits for the index; urllib3's
    # own PoolManager takes .3.
    import urllib3  # noqa: PLC0415 - only where the index is reached

    known = _pools.get(base)
    if known is None:
        made = urllib3.connection_from_url(
            base, maxsize=CONNECTIONS, timeout=CALL_TIMEOUT_SECONDS, retries=False
        )
        known = _pools.setdefault(base, made)
    return known


def close() -> None:
    """Close every connection; the next call opens another."""
    while _pools:
        _pools.popitem()[1].close()
