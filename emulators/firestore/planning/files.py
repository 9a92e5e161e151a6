"""``firestore.indexes.json``, as the Firebase CLI reads and writes it.

https://firebase.google.com/docs/reference/firestore/indexes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from emulators.core import errors
from emulators.firestore import fields
from emulators.firestore.admin.messages import Index
from emulators.firestore.planning.definitions import (
    NAME,
    Definition,
    Kind,
    Part,
    composite,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json = dict[str, Any]
_KEYS = {"indexes", "fieldOverrides"}
_INDEX_KEYS = {"collectionGroup", "queryScope", "fields", "density"}


def written(indexes: Iterable[Definition], overrides: Iterable[Json]) -> Json:
    """Return the content of the file: composite indexes in order, then settings of fields."""
    ordered = sorted(indexes, key=lambda index: (index.collection, index.group, str(index.parts)))
    return {"indexes": [_index(each) for each in ordered], "fieldOverrides": list(overrides)}


def _index(index: Definition) -> Json:
    parts = index.parts
    without = tuple(part for part in parts if part.path != NAME)
    # The name goes without saying where its order does.
    if without and whole(without) == parts:
        parts = without
    return {
        "collectionGroup": index.collection,
        "queryScope": scope(group=index.group),
        "fields": [{"fieldPath": fields.written(part.path), **mode(part)} for part in parts],
    }


def scope(*, group: bool) -> str:
    """Return how a scope is called."""
    return "COLLECTION_GROUP" if group else "COLLECTION"


def mode(part: Part) -> Json:
    """Return how an index holds a field."""
    if part.kind is Kind.VECTOR:
        return {"vectorConfig": {"dimension": part.dimension, "flat": {}}}
    if part.kind is Kind.CONTAINS:
        return {"arrayConfig": "CONTAINS"}
    return {"order": part.kind.value}


def read(content: object) -> tuple[list[Definition], list[Json]]:
    """Return the composite indexes and the settings of fields that a file's content says.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming what is wrong.
    """
    if not isinstance(content, dict) or content.keys() - _KEYS:
        raise errors.invalid_argument(
            "The file must be an object with the lists indexes and fieldOverrides alone."
        )
    overrides = content.get("fieldOverrides", [])
    listed = content.get("indexes", [])
    if not isinstance(overrides, list) or not isinstance(listed, list):
        raise errors.invalid_argument("indexes and fieldOverrides must be lists.")
    found = [_read_index(each, number) for number, each in enumerate(listed)]
    return found, [entry(each, f"fieldOverrides[{n}]") for n, each in enumerate(overrides)]


def entry(said: object, place: str) -> Json:
    """Return an object of the file.

    Raises:
        EmulatorError: INVALID_ARGUMENT: it is none, naming the place.
    """
    if not isinstance(said, dict):
        raise errors.invalid_argument(f"{place} must be an object.")
    return said


def _read_index(said: object, number: int) -> Definition:
    place = f"indexes[{number}]"
    given = entry(said, place)
    if unknown := sorted(given.keys() - _INDEX_KEYS):
        raise errors.invalid_argument(f"{place} has {unknown[0]}, which is not known.")
    collection = given.get("collectionGroup")
    if not isinstance(collection, str) or not collection:
        raise errors.invalid_argument(f"{place}.collectionGroup must be the id of a collection.")
    try:
        return composite(collection, message(given, {"queryScope", "fields"}, place))
    except errors.EmulatorError as error:
        raise errors.invalid_argument(f"{place}: {error.message}") from None


def message(given: Mapping[str, Any], keys: set[str], place: str) -> Any:  # noqa: ANN401 - a message
    """Return an Index of some of the keys of an object.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    known = {key: value for key, value in given.items() if key in keys}
    try:
        return json_format.ParseDict(known, Index())
    except json_format.ParseError as error:
        raise errors.invalid_argument(f"{place}: {error}") from None
