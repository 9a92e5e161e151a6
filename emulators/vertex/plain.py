"""Between JSON values and what the store keeps, by the rules of protobuf's JSON form.

Names may be written in camel case or as in the .proto file, 64-bit numbers as strings, enumerations
by name or number; null means absent; an unknown name is an error. Answers leave out what is empty.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from emulators.core.errors import invalid_argument, unimplemented
from emulators.vertex.datapoint import (
    DEFAULT_NEIGHBORS,
    OPERATORS,
    Datapoint,
    Numeric,
    NumericKind,
    Operator,
    Query,
    Restrict,
    Traits,
    datapoint,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.vertex.vectors import Neighbor

Json = dict[str, Any]

_DATAPOINT = (
    "datapoint_id",
    "feature_vector",
    "sparse_embedding",
    "restricts",
    "numeric_restricts",
    "crowding_tag",
    "embedding_metadata",
)
_QUERY = (
    "datapoint",
    "neighbor_count",
    "per_crowding_attribute_neighbor_count",
    "approximate_neighbor_count",
    "fraction_leaf_nodes_to_search_override",
    "rrf",
)
_KINDS: dict[str, NumericKind] = {
    "value_int": "int",
    "value_float": "float",
    "value_double": "double",
}


def fields(raw: object, names: tuple[str, ...]) -> Json:
    """Return the values of a JSON object by the names of the .proto file, nulls left out.

    Raises:
        EmulatorError: INVALID_ARGUMENT when it is no object or holds another name.
    """
    if not isinstance(raw, dict):
        raise invalid_argument("Invalid JSON payload received: an object was expected")
    known = _spellings(names)
    try:
        return {known[name]: value for name, value in raw.items() if value is not None}
    except KeyError as error:
        raise invalid_argument(
            f"Invalid JSON payload received. Unknown name {error}: Cannot find field."
        ) from None


@lru_cache
def _spellings(names: tuple[str, ...]) -> Mapping[str, str]:
    camel = {re.sub("_([a-z])", lambda found: found[1].upper(), name): name for name in names}
    return camel | {name: name for name in names}


def datapoint_of(raw: object) -> Datapoint:
    """Return an IndexDatapoint in JSON as a datapoint."""
    given = fields(raw, _DATAPOINT)
    if "sparse_embedding" in given:
        raise unimplemented("sparse_embedding is not supported here")
    crowding = fields(given.get("crowding_tag", {}), ("crowding_attribute",))
    metadata = given.get("embedding_metadata")
    traits = Traits(
        tuple(_restrict(each) for each in items(given, "restricts")),
        tuple(_numeric(each) for each in items(given, "numeric_restricts")),
        text(crowding, "crowding_attribute"),
        b"" if metadata is None else orjson.dumps(metadata),
    )
    return datapoint(text(given, "datapoint_id"), items(given, "feature_vector"), traits)


def query_of(raw: object) -> Query:
    """Return a FindNeighborsRequest.Query in JSON as a query."""
    given = fields(raw, _QUERY)
    if "rrf" in given:
        raise unimplemented("rrf is not supported here")
    if _whole(given, "approximate_neighbor_count") < 0:
        raise invalid_argument("approximate_neighbor_count must not be negative")
    if not 0 <= _number(given, "fraction_leaf_nodes_to_search_override") <= 1:
        raise invalid_argument("fraction_leaf_nodes_to_search_override must be from 0 to 1")
    return Query(
        datapoint_of(given.get("datapoint", {})),
        _whole(given, "neighbor_count") or DEFAULT_NEIGHBORS,
        _whole(given, "per_crowding_attribute_neighbor_count"),
        _whole(given, "approximate_neighbor_count"),
    )


def datapoint_json(point: Datapoint) -> Json:
    """Return a datapoint as an IndexDatapoint in JSON."""
    traits = point.traits
    found: Json = {"datapointId": point.id, "featureVector": point.vector}
    if traits.restricts:
        found["restricts"] = [_restrict_json(restrict) for restrict in traits.restricts]
    if traits.numerics:
        found["numericRestricts"] = [_numeric_json(numeric) for numeric in traits.numerics]
    if traits.crowding:
        found["crowdingTag"] = {"crowdingAttribute": traits.crowding}
    if traits.metadata:
        found["embeddingMetadata"] = orjson.loads(traits.metadata)
    return found


def neighbor_json(neighbor: Neighbor, full: Datapoint | None) -> Json:
    """Return a neighbor as FindNeighborsResponse.Neighbor in JSON, with its datapoint if given."""
    point: Json = {"datapointId": neighbor.id}
    if full is not None:
        point = datapoint_json(full)
    elif neighbor.crowding:
        point["crowdingTag"] = {"crowdingAttribute": neighbor.crowding}
    found: Json = {"datapoint": point}
    if neighbor.distance:
        found["distance"] = neighbor.distance
    return found


def text(given: Json, name: str) -> str:
    """Return a string field, empty when absent."""
    value = given.get(name, "")
    if not isinstance(value, str):
        raise invalid_argument(f"Invalid JSON payload received: {name} must be a string")
    return value


def items(given: Json, name: str) -> list[Any]:
    """Return a repeated field, empty when absent."""
    value = given.get(name, [])
    if not isinstance(value, list):
        raise invalid_argument(f"Invalid JSON payload received: {name} must be a list")
    return value


def flag(given: Json, name: str) -> bool:
    """Return a boolean field, false when absent."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise invalid_argument(f"Invalid JSON payload received: {name} must be true or false")
    return value


def _restrict(raw: object) -> Restrict:
    given = fields(raw, ("namespace", "allow_list", "deny_list"))
    return Restrict(
        text(given, "namespace"), _tokens(given, "allow_list"), _tokens(given, "deny_list")
    )


def _tokens(given: Json, name: str) -> tuple[str, ...]:
    tokens = items(given, name)
    if not all(isinstance(token, str) for token in tokens):
        raise invalid_argument(f"Invalid JSON payload received: {name} must hold strings")
    return tuple(tokens)


def _numeric(raw: object) -> Numeric:
    given = fields(raw, ("namespace", "op", *_KINDS))
    namespace = text(given, "namespace")
    present = [name for name in _KINDS if name in given]
    if len(present) != 1:
        raise invalid_argument(f"numeric_restricts of {namespace!r} need one value")
    (name,) = present
    value = _whole(given, name) if name == "value_int" else _number(given, name)
    return Numeric(namespace, _KINDS[name], value, _operator(given.get("op", 0)))


def _operator(value: object) -> Operator | None:
    if value in {0, "OPERATOR_UNSPECIFIED"}:
        return None
    if isinstance(value, int) and 1 <= value <= len(OPERATORS):
        return OPERATORS[value - 1]
    for known in OPERATORS:
        if value == known:
            return known
    raise invalid_argument(f"numeric_restricts: {value!r} is no operator")


def _whole(given: Json, name: str) -> int:
    value = given.get(name, 0)
    try:
        whole = int(value)
        if not isinstance(value, bool) and whole == float(value):
            return whole
    except (TypeError, ValueError, OverflowError):
        pass  # told below, like a fraction
    raise invalid_argument(f"Invalid JSON payload received: {name} must be an integer")


def _number(given: Json, name: str) -> float:
    value = given.get(name, 0.0)
    try:
        if not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError):
        pass  # told below, like a boolean
    raise invalid_argument(f"Invalid JSON payload received: {name} must be a number")


def _restrict_json(restrict: Restrict) -> Json:
    found: Json = {"namespace": restrict.namespace}
    if restrict.allow:
        found["allowList"] = restrict.allow
    if restrict.deny:
        found["denyList"] = restrict.deny
    return found


def _numeric_json(numeric: Numeric) -> Json:
    # A 64-bit integer is a string in JSON, a 32-bit float has only the digits it needs.
    written: dict[NumericKind, Any] = {
        "int": str(int(numeric.value)),
        "float": np.float32(numeric.value),
        "double": numeric.value,
    }
    key = f"value{numeric.kind.capitalize()}"
    return {"namespace": numeric.namespace, key: written[numeric.kind]}
