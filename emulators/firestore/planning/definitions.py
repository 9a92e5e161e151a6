"""Definitions of indexes, and the messages of the admin service that say them.

https://firebase.google.com/docs/firestore/query-data/index-overview
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from emulators.core import errors
from emulators.firestore import fields
from emulators.firestore.admin.messages import Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.fields import FieldPath

IndexField = Index.IndexField
NAME: FieldPath = (fields.NAME,)
MOST_FIELDS = 100
MOST_DIMENSION = 2048
COLLECTION, GROUP = 1, 2
"""Numbers of query scopes."""


class Kind(Enum):
    """How an index holds a field."""

    ASCENDING = "ASCENDING"
    DESCENDING = "DESCENDING"
    CONTAINS = "CONTAINS"
    VECTOR = "VECTOR"


ORDERS = (Kind.ASCENDING, Kind.DESCENDING)


class Part(NamedTuple):
    """One field of an index; the dimension is a vector's."""

    path: FieldPath
    kind: Kind
    dimension: int = 0


class Definition(NamedTuple):
    """An index of a collection, or of all collections of an id.

    Attributes:
        collection: Id of the collections.
        group: Whether it is for queries of all collections of the id; it serves no others.
        parts: Fields in their order, the name among them.
    """

    collection: str
    group: bool
    parts: tuple[Part, ...]

    def message(self, name: str = "") -> Proto:
        """Return the Index that says it."""
        made = Index(name=name, query_scope=GROUP if self.group else COLLECTION)
        for part in self.parts:
            made.fields.append(_said(part))
        return made


def _said(part: Part) -> Proto:
    made = IndexField(field_path=fields.written(part.path))
    if part.kind is Kind.VECTOR:
        made.vector_config.dimension = part.dimension
        made.vector_config.flat.SetInParent()
    elif part.kind is Kind.CONTAINS:
        made.array_config = IndexField.CONTAINS
    else:
        made.order = IndexField.Order.Value(part.kind.value)
    return made


def whole(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the fields of an index with the name, which the last field's order decides."""
    given = list(parts)
    if any(part.path == NAME for part in given):
        return tuple(given)
    ends = len(given) - (given[-1].kind is Kind.VECTOR)
    last = given[ends - 1].kind if ends else Kind.ASCENDING
    given.insert(ends, Part(NAME, last if last in ORDERS else Kind.ASCENDING))
    return tuple(given)


def composite(collection: str, said: Proto) -> Definition:
    """Return what an Index of the admin service defines.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming what is wrong with it.
    """
    if said.query_scope not in {COLLECTION, GROUP}:
        raise errors.invalid_argument(
            "index.query_scope must be specified: COLLECTION or COLLECTION_GROUP."
        )
    parts = [part(each) for each in said.fields]
    _check(parts)
    return Definition(collection, said.query_scope == GROUP, whole(parts))


def part(said: Proto) -> Part:
    """Return what an IndexField defines.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    path = fields.parse(said.field_path)
    mode = said.WhichOneof("value_mode")
    if mode == "vector_config":
        return Part(path, Kind.VECTOR, _dimension(said))
    if mode == "array_config" and said.array_config == IndexField.CONTAINS:
        return Part(path, Kind.CONTAINS)
    if mode == "order" and said.order in {IndexField.ASCENDING, IndexField.DESCENDING}:
        return Part(path, Kind(IndexField.Order.Name(said.order)))
    raise errors.invalid_argument(
        f"The index field {said.field_path} needs one of order, array_config and vector_config."
    )


def _dimension(said: Proto) -> int:
    config = said.vector_config
    if not 0 < config.dimension <= MOST_DIMENSION:
        raise errors.invalid_argument(
            f"vector_config.dimension of {said.field_path} must be from 1 to {MOST_DIMENSION}."
        )
    if not config.HasField("flat"):
        raise errors.invalid_argument(f"vector_config.flat of {said.field_path} must be set.")
    return int(config.dimension)


def _check(parts: list[Part]) -> None:
    if not 0 < len(parts) <= MOST_FIELDS:
        raise errors.invalid_argument(f"index.fields must be from 1 to {MOST_FIELDS} fields.")
    # One field may be both asked what it contains and ordered by.
    paths = [(part.path, part.kind is Kind.CONTAINS) for part in parts]
    if len(set(paths)) != len(paths):
        raise errors.invalid_argument("index.fields names a field more than once.")
    ordered = parts[:-1] if parts[-1].kind is Kind.VECTOR else parts
    if any(part.kind is Kind.VECTOR for part in ordered):
        raise errors.invalid_argument("index.fields may have one vector_config, at the end.")
    if sum(part.kind is Kind.CONTAINS for part in parts) > 1:
        raise errors.invalid_argument("index.fields may have one array_config.")
    if any(part.path == NAME for part in ordered[:-1]):
        raise errors.invalid_argument("index.fields may have __name__ only behind all others.")
    if any(part.path == NAME and part.kind not in ORDERS for part in parts):
        raise errors.invalid_argument("index.fields has __name__, which can only be ordered by.")
    if is_single(parts):
        raise errors.invalid_argument(
            "this index is not necessary, configure using single field index controls"
        )


def is_single(parts: Sequence[Part]) -> bool:
    """Tell whether the settings of one field are what is asked for; __name__ descending is not."""
    if parts[-1].kind is Kind.VECTOR or list(parts) == [Part(NAME, Kind.DESCENDING)]:
        return False
    *others, last = parts
    if last.path != NAME:
        return not others
    ends = {Kind.CONTAINS: Kind.ASCENDING}
    return not others or (
        len(others) == 1 and ends.get(others[0].kind, others[0].kind) == last.kind
    )
