"""Indexes, endpoints and their datapoints, kept in memory and in the journal."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from emulators.core.errors import (
    already_exists,
    failed_precondition,
    invalid_argument,
    not_found,
)
from emulators.vertex.datapoint import check_query, check_stored
from emulators.vertex.vectors import Config, VectorTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.vertex.datapoint import Datapoint, Query
    from emulators.vertex.vectors import Neighbor

_T = TypeVar("_T")

_PARENT = re.compile(r"projects/[^/]+/locations/[^/]+")
_DEPLOYED_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")
_INDEXES = "vertex.index"
_ENDPOINTS = "vertex.endpoint"
_OPERATIONS = "vertex.operation"
_COUNTER = "vertex.counter"
_DATAPOINTS = "vertex.datapoint/"


@dataclass(frozen=True, slots=True)
class Index:
    """One index.

    Attributes:
        name: ``projects/P/locations/L/indexes/I``.
        config: How it measures.
        body: What the wire says about it beyond that; opaque here.
        created: Unix seconds.
        updated: Unix seconds.
    """

    name: str
    config: Config
    body: bytes
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class Deployed:
    """An index served by an endpoint."""

    id: str
    index: str
    body: bytes
    created: float


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One index endpoint, ``projects/P/locations/L/indexEndpoints/E``."""

    name: str
    body: bytes
    created: float
    updated: float
    deployed: tuple[Deployed, ...] = field(default=())


def numeric_id(kind: str, ordinal: int) -> str:
    """Return the id of the ``ordinal``-th resource: 19 digits, the same in every run."""
    digest = hashlib.sha256(f"{kind}/{ordinal}".encode()).digest()
    return str(10**18 + int.from_bytes(digest[:8], "big") % (9 * 10**18))


class Store:
    """The state of Vertex AI's Vector Search.

    Changes reach the disk with `commit`, which a caller awaits before it answers.

    Args:
        clock: Gives create and update times.
        journal: The durable copy; what it holds is loaded at once.
        ids: Gives the id of the n-th resource of a kind.
    """

    def __init__(
        self, clock: Clock, journal: Journal, *, ids: Callable[[str, int], str] = numeric_id
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._ids = ids
        self._counter = sum(int(value) for _, value in journal.load(_COUNTER))
        self._indexes = {key: _read_index(value) for key, value in journal.load(_INDEXES)}
        self._endpoints = {key: _read_endpoint(value) for key, value in journal.load(_ENDPOINTS)}
        self._operations = dict(journal.load(_OPERATIONS))
        self._tables = {index.name: self._load_table(index) for index in self._indexes.values()}

    async def commit(self) -> None:
        """Return when every change made before is on disk."""
        await self._journal.commit()

    # Indexes

    def create_index(self, parent: str, config: Config, body: bytes) -> Index:
        """Create an empty index with the next id."""
        now = self._clock.now()
        name = f"{_checked_parent(parent)}/indexes/{self.next_id('index')}"
        self._tables[name] = VectorTable(config)
        return self._put_index(Index(name, config, body, now, now))

    def index(self, name: str) -> Index:
        """Return an index.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        try:
            return self._indexes[name]
        except KeyError:
            raise not_found(f"Index {name} is not found.") from None

    def indexes(self, parent: str) -> list[Index]:
        """Return the indexes of one location, by name."""
        return _children(self._indexes, f"{_checked_parent(parent)}/indexes/")

    def update_index(self, name: str, body: bytes) -> Index:
        """Replace what the wire says about an index."""
        return self._put_index(replace(self.index(name), body=body, updated=self._clock.now()))

    def delete_index(self, name: str) -> None:
        """Delete an index that no endpoint serves, with its datapoints."""
        self.index(name)
        if served := self.deployments(name):
            raise failed_precondition(
                f"Index {name} is deployed as {served[0][1].id}; undeploy it first."
            )
        for point_id in self._tables.pop(name):
            self._journal.put(_DATAPOINTS + name, point_id, None)
        del self._indexes[name]
        self._journal.put(_INDEXES, name, None)

    def size(self, name: str) -> int:
        """Return the number of datapoints of an index."""
        return len(self._tables[name])

    def deployments(self, index: str) -> list[tuple[Endpoint, Deployed]]:
        """Return where an index is served."""
        return [
            (endpoint, deployed)
            for endpoint in self._endpoints.values()
            for deployed in endpoint.deployed
            if deployed.index == index
        ]

    # Datapoints

    def upsert(self, index_name: str, points: Sequence[Datapoint]) -> None:
        """Store datapoints, all or, when one is refused, none."""
        table = self._writable(index_name)
        config = self._indexes[index_name].config
        for point in points:
            check_stored(point, config.dimensions)
        for point in points:
            self._journal.put(_DATAPOINTS + index_name, point.id, table.upsert(point))

    def upsert_restricts(self, index_name: str, points: Sequence[Datapoint]) -> None:
        """Replace restricts and numeric restricts of stored datapoints; the rest stays.

        Raises:
            EmulatorError: NOT_FOUND when a datapoint is not stored.
        """
        table = self._writable(index_name)
        merged = []
        for point in points:
            stored = table.get(point.id)
            if stored is None:
                raise not_found(f"Datapoint {point.id!r} is not found in {index_name}.")
            new = point.traits
            traits = replace(stored.traits, restricts=new.restricts, numerics=new.numerics)
            merged.append(replace(stored, traits=traits))
        self.upsert(index_name, merged)

    def remove(self, index_name: str, point_ids: Iterable[str]) -> None:
        """Remove datapoints; ids that are not stored are passed over."""
        table = self._writable(index_name)
        for point_id in point_ids:
            if table.remove(point_id):
                self._journal.put(_DATAPOINTS + index_name, point_id, None)

    def search(
        self, endpoint: str, deployed_id: str, queries: Sequence[Query]
    ) -> list[list[Neighbor]]:
        """Answer each query from a deployed index, nearest first."""
        table, config = self._serving(endpoint, deployed_id)
        for query in queries:
            check_query(query, config.dimensions)
        return [table.search(query) for query in queries]

    def read(self, endpoint: str, deployed_id: str, ids: Iterable[str]) -> list[Datapoint]:
        """Return the stored datapoints among ``ids``, in their order."""
        table, _ = self._serving(endpoint, deployed_id)
        found = (table.get(point_id) for point_id in ids)
        return [point for point in found if point is not None]

    # Endpoints

    def create_endpoint(self, parent: str, body: bytes) -> Endpoint:
        """Create an endpoint that serves nothing, with the next id."""
        now = self._clock.now()
        name = f"{_checked_parent(parent)}/indexEndpoints/{self.next_id('endpoint')}"
        return self._put_endpoint(Endpoint(name, body, now, now))

    def endpoint(self, name: str) -> Endpoint:
        """Return an endpoint.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        try:
            return self._endpoints[name]
        except KeyError:
            raise not_found(f"IndexEndpoint {name} is not found.") from None

    def endpoints(self, parent: str) -> list[Endpoint]:
        """Return the endpoints of one location, by name."""
        return _children(self._endpoints, f"{_checked_parent(parent)}/indexEndpoints/")

    def update_endpoint(self, name: str, body: bytes) -> Endpoint:
        """Replace what the wire says about an endpoint."""
        return self._put_endpoint(
            replace(self.endpoint(name), body=body, updated=self._clock.now())
        )

    def delete_endpoint(self, name: str) -> None:
        """Delete an endpoint that serves nothing."""
        if self.endpoint(name).deployed:
            raise failed_precondition(f"IndexEndpoint {name} has deployed indexes; undeploy first.")
        del self._endpoints[name]
        self._journal.put(_ENDPOINTS, name, None)

    def deploy(
        self, endpoint_name: str, deployed_id: str, index_name: str, body: bytes
    ) -> Deployed:
        """Serve an index at an endpoint under an id of the caller's choice."""
        endpoint = self.endpoint(endpoint_name)
        if not _DEPLOYED_ID.fullmatch(deployed_id):
            raise invalid_argument(
                f"deployed_index.id {deployed_id!r} must be a letter, then up to 127 letters,"
                " digits or underscores"
            )
        if any(deployed.id == deployed_id for deployed in endpoint.deployed):
            raise already_exists(f"DeployedIndex {deployed_id} exists at {endpoint_name}.")
        deployed = Deployed(deployed_id, self.index(index_name).name, body, self._clock.now())
        self._put_endpoint(replace(endpoint, deployed=(*endpoint.deployed, deployed)))
        return deployed

    def undeploy(self, endpoint_name: str, deployed_id: str) -> None:
        """Stop serving an index."""
        endpoint = self.endpoint(endpoint_name)
        gone = self._deployed(endpoint, deployed_id)
        rest = tuple(deployed for deployed in endpoint.deployed if deployed is not gone)
        self._put_endpoint(replace(endpoint, deployed=rest))

    # Long-running operations, all done when they are made

    def next_id(self, kind: str) -> str:
        """Return an id that was never given before, nor will be after a restart."""
        self._counter += 1
        self._journal.put(_COUNTER, "next", str(self._counter).encode())
        return self._ids(kind, self._counter)

    def put_operation(self, name: str, body: bytes) -> None:
        """Remember the outcome of an operation; the wire knows what it says."""
        self._operations[name] = body
        self._journal.put(_OPERATIONS, name, body)

    def operation(self, name: str) -> bytes:
        """Return the outcome of an operation.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        try:
            return self._operations[name]
        except KeyError:
            raise not_found(f"Operation {name} is not found.") from None

    def delete_operation(self, name: str) -> None:
        """Forget an operation."""
        self.operation(name)
        del self._operations[name]
        self._journal.put(_OPERATIONS, name, None)

    def operations(self, prefix: str) -> list[bytes]:
        """Return the outcomes of the operations below a resource, by name."""
        return _children(self._operations, f"{prefix}/operations/")

    def _load_table(self, index: Index) -> VectorTable:
        table = VectorTable(index.config)
        table.restore(self._journal.load(_DATAPOINTS + index.name))
        return table

    def _writable(self, index_name: str) -> VectorTable:
        if not self.index(index_name).config.streaming:
            raise failed_precondition(f"StreamUpdate is not enabled on Index {index_name}.")
        return self._tables[index_name]

    def _serving(self, endpoint_name: str, deployed_id: str) -> tuple[VectorTable, Config]:
        deployed = self._deployed(self.endpoint(endpoint_name), deployed_id)
        return self._tables[deployed.index], self._indexes[deployed.index].config

    def _deployed(self, endpoint: Endpoint, deployed_id: str) -> Deployed:
        for deployed in endpoint.deployed:
            if deployed.id == deployed_id:
                return deployed
        raise not_found(f"DeployedIndex {deployed_id!r} is not found at {endpoint.name}.")

    def _put_index(self, index: Index) -> Index:
        self._indexes[index.name] = index
        self._journal.put(_INDEXES, index.name, _write(index))
        return index

    def _put_endpoint(self, endpoint: Endpoint) -> Endpoint:
        self._endpoints[endpoint.name] = endpoint
        self._journal.put(_ENDPOINTS, endpoint.name, _write(endpoint))
        return endpoint


def _checked_parent(parent: str) -> str:
    if not _PARENT.fullmatch(parent):
        raise invalid_argument(f"parent {parent!r} is not projects/*/locations/*")
    return parent


def _children(resources: dict[str, _T], prefix: str) -> list[_T]:
    return [resources[name] for name in sorted(resources) if name.startswith(prefix)]


def _write(record: Index | Endpoint) -> bytes:
    return orjson.dumps(asdict(record), default=lambda body: base64.b64encode(body).decode())


def _read_index(value: bytes) -> Index:
    raw: dict[str, Any] = orjson.loads(value)
    raw["config"] = Config(**raw["config"])
    return Index(**raw | {"body": base64.b64decode(raw["body"])})


def _read_endpoint(value: bytes) -> Endpoint:
    raw: dict[str, Any] = orjson.loads(value)
    deployed = tuple(
        Deployed(**each | {"body": base64.b64decode(each["body"])}) for each in raw["deployed"]
    )
    return Endpoint(**raw | {"body": base64.b64decode(raw["body"]), "deployed": deployed})
