"""Between the wire's messages and what the store keeps. Messages are raw protobuf, untyped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from google.cloud import aiplatform_v1 as api
from google.protobuf import json_format

from emulators.core.errors import invalid_argument, unimplemented
from emulators.vertex.datapoint import (
    DEFAULT_NEIGHBORS,
    OPERATORS,
    Datapoint,
    Numeric,
    NumericKind,
    Query,
    Restrict,
    Traits,
    datapoint,
)
from emulators.vertex.vectors import DISTANCES, Config, Distance

if TYPE_CHECKING:
    from emulators.vertex.store import Deployed, Endpoint, Index

Proto: TypeAlias = Any

PbIndex: Proto = api.Index.pb()
PbEndpoint: Proto = api.IndexEndpoint.pb()
PbDeployed: Proto = api.DeployedIndex.pb()

_KINDS: dict[str, NumericKind] = {
    "value_int": "int",
    "value_float": "float",
    "value_double": "double",
}
_NANO = 1_000_000_000


def set_time(timestamp: Proto, seconds: float) -> None:
    """Set a Timestamp from Unix seconds."""
    timestamp.FromNanoseconds(round(seconds * _NANO))


def datapoint_of(message: Proto) -> Datapoint:
    """Return an IndexDatapoint as a datapoint.

    Raises:
        EmulatorError: UNIMPLEMENTED for a sparse embedding, INVALID_ARGUMENT for a bad value.
    """
    if message.HasField("sparse_embedding"):
        raise unimplemented("sparse_embedding is not supported here")
    metadata = b""
    if message.HasField("embedding_metadata"):
        metadata = json_format.MessageToJson(message.embedding_metadata, indent=None).encode()
    traits = Traits(
        tuple(
            Restrict(r.namespace, tuple(r.allow_list), tuple(r.deny_list))
            for r in message.restricts
        ),
        tuple(numeric_of(n) for n in message.numeric_restricts),
        message.crowding_tag.crowding_attribute,
        metadata,
    )
    return datapoint(message.datapoint_id, message.feature_vector, traits)


def numeric_of(message: Proto) -> Numeric:
    """Return a NumericRestriction as a number with its comparison."""
    which = message.WhichOneof("Value")
    if which is None:
        raise invalid_argument(f"numeric_restricts of {message.namespace!r} need a value")
    if not 0 <= message.op <= len(OPERATORS):
        raise invalid_argument(f"numeric_restricts: {message.op} is no operator")
    op = OPERATORS[message.op - 1] if message.op else None
    return Numeric(message.namespace, _KINDS[which], getattr(message, which), op)


def query_of(message: Proto) -> Query:
    """Return a FindNeighborsRequest.Query as a query."""
    if message.HasField("rrf"):
        raise unimplemented("rrf is not supported here")
    if message.approximate_neighbor_count < 0:
        raise invalid_argument("approximate_neighbor_count must not be negative")
    if not 0 <= message.fraction_leaf_nodes_to_search_override <= 1:
        raise invalid_argument("fraction_leaf_nodes_to_search_override must be from 0 to 1")
    return Query(
        datapoint_of(message.datapoint),
        message.neighbor_count or DEFAULT_NEIGHBORS,
        message.per_crowding_attribute_neighbor_count,
        message.approximate_neighbor_count,
    )


def fill_datapoint(message: Proto, point: Datapoint) -> None:
    """Write a datapoint into an IndexDatapoint."""
    message.datapoint_id = point.id
    message.feature_vector.extend(point.vector.tolist())
    for restrict in point.traits.restricts:
        message.restricts.add(
            namespace=restrict.namespace, allow_list=restrict.allow, deny_list=restrict.deny
        )
    for numeric in point.traits.numerics:
        message.numeric_restricts.add(
            namespace=numeric.namespace, **{f"value_{numeric.kind}": numeric.value}
        )
    if point.traits.crowding:
        message.crowding_tag.crowding_attribute = point.traits.crowding
    if point.traits.metadata:
        json_format.Parse(point.traits.metadata, message.embedding_metadata)


def config_of(index: Proto) -> Config:
    """Return the measuring part of an Index to be created.

    Raises:
        EmulatorError: UNIMPLEMENTED for a batch import, INVALID_ARGUMENT for a bad configuration.
    """
    metadata = json_format.MessageToDict(index.metadata)
    if not isinstance(metadata, dict) or not isinstance(metadata.get("config"), dict):
        raise invalid_argument("index.metadata.config is required")
    if metadata.get("contentsDeltaUri"):
        raise unimplemented("index.metadata.contentsDeltaUri is not supported here")
    config = metadata["config"]
    dimensions = _count(config, "dimensions")
    norm = config.get("featureNormType", "NONE")
    if norm not in {"NONE", "UNIT_L2_NORM"}:
        raise invalid_argument(f"index.metadata.config.featureNormType: {norm!r} is unknown")
    streaming = index.index_update_method == api.Index.IndexUpdateMethod.STREAM_UPDATE
    return Config(
        dimensions,
        _distance(config),
        norm == "UNIT_L2_NORM",
        streaming,
        _approximate(config),
    )


def _count(config: dict[str, Any], name: str) -> int:
    value = str(config.get(name)).removesuffix(".0")
    # Numbers of a Struct are doubles; some callers write them as strings.
    if not value.isdigit() or int(value) < 1:
        raise invalid_argument(f"index.metadata.config.{name} must be an integer above 0")
    return int(value)


def _approximate(config: dict[str, Any]) -> int:
    algorithm = config.get("algorithmConfig", {"bruteForceConfig": {}})
    match algorithm:
        case {"treeAhConfig": dict()} if len(algorithm) == 1:
            return _count(config, "approximateNeighborsCount")
        case {"bruteForceConfig": dict()} if len(algorithm) == 1:
            return 0
    raise invalid_argument(
        "index.metadata.config.algorithmConfig must hold treeAhConfig or bruteForceConfig"
    )


def _distance(config: dict[str, Any]) -> Distance:
    asked = config.get("distanceMeasureType", "DOT_PRODUCT_DISTANCE")
    for known in DISTANCES:
        if asked == known:
            return known
    raise invalid_argument(f"index.metadata.config.distanceMeasureType: {asked!r} is unknown")


def index_message(index: Index, size: int, served: list[tuple[Endpoint, Deployed]]) -> Proto:
    """Return an index as the wire's Index, output-only fields filled."""
    message = PbIndex.FromString(index.body)
    message.name = index.name
    set_time(message.create_time, index.created)
    set_time(message.update_time, index.updated)
    message.index_stats.vectors_count = size
    message.index_stats.shards_count = 1
    for endpoint, deployed in served:
        message.deployed_indexes.add(index_endpoint=endpoint.name, deployed_index_id=deployed.id)
    return message


def endpoint_message(endpoint: Endpoint, address: str) -> Proto:
    """Return an endpoint as the wire's IndexEndpoint; a public one is reached at ``address``."""
    message = PbEndpoint.FromString(endpoint.body)
    message.name = endpoint.name
    set_time(message.create_time, endpoint.created)
    set_time(message.update_time, endpoint.updated)
    if message.public_endpoint_enabled:
        message.public_endpoint_domain_name = address
    message.deployed_indexes.extend(deployed_message(deployed) for deployed in endpoint.deployed)
    return message


def deployed_message(deployed: Deployed) -> Proto:
    """Return a deployed index as the wire's DeployedIndex. It is always in step."""
    message = PbDeployed.FromString(deployed.body)
    message.id = deployed.id
    message.index = deployed.index
    set_time(message.create_time, deployed.created)
    set_time(message.index_sync_time, deployed.created)
    return message
