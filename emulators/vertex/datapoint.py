"""What an index holds and what is asked of it, free of any wire."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import orjson

from emulators.core.errors import invalid_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NumericKind = Literal["int", "float", "double"]
Operator = Literal["LESS", "LESS_EQUAL", "EQUAL", "GREATER_EQUAL", "GREATER", "NOT_EQUAL"]

# In the order of their numbers in IndexDatapoint.NumericRestriction.Operator, which start at 1.
OPERATORS: tuple[Operator, ...] = (
    "LESS",
    "LESS_EQUAL",
    "EQUAL",
    "GREATER_EQUAL",
    "GREATER",
    "NOT_EQUAL",
)
# What a query gets that does not say how many neighbors it wants.
DEFAULT_NEIGHBORS = 10
_HEADER = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Restrict:
    """Tokens of one namespace: those a datapoint has or a query asks for, and those refused."""

    namespace: str
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Numeric:
    """One number of a datapoint; a query adds the comparison, datapoint on the left."""

    namespace: str
    kind: NumericKind
    value: float
    op: Operator | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """Everything about a datapoint but its id and its vector."""

    restricts: tuple[Restrict, ...] = ()
    numerics: tuple[Numeric, ...] = ()
    crowding: str = ""
    metadata: bytes = b""  # embedding_metadata as JSON, empty when absent


@dataclass(frozen=True, slots=True)
class Datapoint:
    """One vector with its traits.

    Attributes:
        id: Unique in its index.
        vector: Shape ``(dimensions,)``, float32, finite.
        traits: What searches may be restricted to.
    """

    id: str
    vector: NDArray[np.float32]
    traits: Traits


@dataclass(frozen=True, slots=True)
class Query:
    """One search for the nearest datapoints.

    Attributes:
        datapoint: The vector and, as its traits, the restricts.
        count: Most neighbors to return, at least 1.
        per_crowd: Most neighbors with the same crowding tag; 0 means any number.
        approximate: What stands for the index's number of neighbors found approximately; 0 means
            nothing does.
    """

    datapoint: Datapoint
    count: int
    per_crowd: int = 0
    approximate: int = 0


def datapoint(point_id: str, values: Sequence[float], traits: Traits) -> Datapoint:
    """Build a datapoint from plain numbers.

    Raises:
        EmulatorError: INVALID_ARGUMENT when a value is not a finite float32.
    """
    # Overflow shows as infinity below; numpy would also warn about it.
    with np.errstate(over="ignore"):
        try:
            vector = np.fromiter(values, np.float32, len(values))
        except (TypeError, ValueError) as error:
            raise invalid_argument(f"feature_vector of {point_id!r} holds no numbers") from error
    if not np.isfinite(vector).all():
        raise invalid_argument(f"feature_vector of {point_id!r} holds a value that is not finite")
    return Datapoint(point_id, vector, traits)


def check_stored(point: Datapoint, dimensions: int) -> None:
    """Refuse a datapoint an index cannot hold.

    Raises:
        EmulatorError: INVALID_ARGUMENT names what is wrong.
    """
    if not point.id:
        raise invalid_argument("datapoint_id is required")
    check_dimensions(point, dimensions)
    check_restricts(point.traits.restricts)
    if any(numeric.op for numeric in point.traits.numerics):
        raise invalid_argument(f"numeric_restricts of {point.id!r}: op is for queries only")
    namespaces = [numeric.namespace for numeric in point.traits.numerics]
    if len(namespaces) != len(set(namespaces)):
        raise invalid_argument(f"numeric_restricts of {point.id!r}: a namespace appears twice")


def check_query(query: Query, dimensions: int) -> None:
    """Refuse a query an index cannot answer.

    Raises:
        EmulatorError: INVALID_ARGUMENT names what is wrong.
    """
    check_dimensions(query.datapoint, dimensions)
    check_restricts(query.datapoint.traits.restricts)
    if query.count < 1:
        raise invalid_argument(f"neighbor_count must be at least 1, not {query.count}")
    if query.per_crowd < 0:
        raise invalid_argument("per_crowding_attribute_neighbor_count must not be negative")
    if any(not numeric.op for numeric in query.datapoint.traits.numerics):
        raise invalid_argument("numeric_restricts of a query need an op")


def check_dimensions(point: Datapoint, dimensions: int) -> None:
    """Refuse a vector of another length than the index has."""
    if len(point.vector) != dimensions:
        raise invalid_argument(
            f"feature_vector of {point.id!r} has {len(point.vector)} dimensions,"
            f" the index has {dimensions}"
        )


def check_restricts(restricts: Sequence[Restrict]) -> None:
    """Refuse restricts without a namespace, or the same namespace twice."""
    namespaces = [restrict.namespace for restrict in restricts]
    if not all(namespaces):
        raise invalid_argument("restricts need a namespace")
    if len(namespaces) != len(set(namespaces)):
        raise invalid_argument("restricts: a namespace appears twice")


def restricts_only(paths: Sequence[str]) -> bool:
    """Whether an upsert's mask asks to replace the restricts alone.

    Raises:
        EmulatorError: INVALID_ARGUMENT for a mask the service does not have.
    """
    if not paths:
        return False
    if set(paths) != {"all_restricts"}:
        raise invalid_argument(f"update_mask may name all_restricts only, not {sorted(paths)}")
    return True


def pack_traits(traits: Traits) -> bytes:
    """Return traits as compact JSON; the inverse is `unpack_traits`."""
    return orjson.dumps(
        {
            "r": [(r.namespace, r.allow, r.deny) for r in traits.restricts],
            "n": [(n.namespace, n.kind, n.value) for n in traits.numerics],
            "c": traits.crowding,
            "m": traits.metadata.decode(),
        }
    )


def unpack_traits(packed: bytes) -> Traits:
    """Return the traits that `pack_traits` packed."""
    raw: dict[str, Any] = orjson.loads(packed)
    return Traits(
        tuple(Restrict(name, tuple(allow), tuple(deny)) for name, allow, deny in raw["r"]),
        tuple(Numeric(name, kind, value) for name, kind, value in raw["n"]),
        raw["c"],
        raw["m"].encode(),
    )


def pack(vector: NDArray[np.float32], traits: bytes) -> bytes:
    """Return a datapoint without its id as bytes: length of packed traits, traits, raw float32."""
    return _HEADER.pack(len(traits)) + traits + vector.astype("<f4", copy=False).tobytes()


def unpack(packed: bytes) -> tuple[NDArray[np.float32], bytes]:
    """Return the vector and the packed traits that `pack` packed."""
    (length,) = _HEADER.unpack_from(packed)
    end = _HEADER.size + length
    return np.frombuffer(packed, dtype="<f4", offset=end), packed[_HEADER.size : end]
