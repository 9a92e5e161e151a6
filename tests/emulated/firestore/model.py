"""A model of Firestore that is easy to believe: dictionaries of documents, lists that are sorted.

Values are in the form that JSON gives them; a document is a dictionary of fields.
"""

from __future__ import annotations

import copy
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Value = dict[str, Any]
Fields = dict[str, Value]
Documents = dict[str, Fields]
"""Fields by path below the root, such as ``c/a``."""
Key = tuple[Any, ...]
NAME = "__name__"
KINDS = (
    "nullValue", "booleanValue", "number", "timestampValue", "stringValue", "bytesValue",
    "referenceValue", "geoPointValue", "arrayValue", "vector", "mapValue",
)  # fmt: skip
"""Types in Firestore's order."""
NULL, NAN = (KINDS.index("nullValue"),), (KINDS.index("number"), False, 0.0)
LESS, LESS_EQUAL, GREATER, GREATER_EQUAL = (
    "LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL",
)  # fmt: skip
RANGES = (LESS, LESS_EQUAL, GREATER, GREATER_EQUAL)
OF_MANY = ("IN", "NOT_IN", "ARRAY_CONTAINS_ANY")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST, SMALLEST = 2**63 - 1, -(2**63)


def key(value: Value) -> Key:
    """Return what a value is ordered and compared by; the first item is its type's place."""
    ((kind, said),) = value.items()
    if kind == "mapValue" and "__type__" in said["fields"]:
        kind, said = "vector", said["fields"]["value"]["arrayValue"]["values"]
    elif kind in {"integerValue", "doubleValue"}:
        kind, said = "number", number(value)
    return KINDS.index(kind), *_PARTS.get(kind, lambda held: (held.encode(),))(said)


_PARTS: dict[str, Callable[[Any], Key]] = {
    "nullValue": lambda _: (),
    "booleanValue": lambda held: (held,),
    "number": lambda held: (held == held, held if held == held else 0.0),  # noqa: PLR0124 - NaN is not itself
    "bytesValue": lambda held: (b64decode(held),),
    "referenceValue": lambda held: (name_key(held.removeprefix("$D/")),),
    "geoPointValue": lambda held: (held["latitude"], held["longitude"]),
    "arrayValue": lambda held: (tuple(map(key, held["values"])),),
    "vector": lambda held: (len(held), tuple(map(key, held))),
    "mapValue": lambda held: (
        tuple(sorted((name.encode(), key(each)) for name, each in held["fields"].items())),
    ),
}


def number(value: Value) -> float:
    """Return the number that a value is, an int or a float."""
    return int(value["integerValue"]) if "integerValue" in value else float(value["doubleValue"])


def stamp(time: int) -> str:
    """Return a time of microseconds in a form whose letters are in the order of time."""
    return (EPOCH + timedelta(microseconds=time)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def of_number(held: float) -> Value:
    """Return a number as a value."""
    if isinstance(held, int):
        return {"integerValue": str(held)}
    strange = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return {"doubleValue": strange.get(str(held), held)}


def name_key(path: str) -> Key:
    """Return what names are ordered by: ``__id7__`` by number, before all others."""
    return tuple(
        (False, int(each[4:-2]), b"") if each.startswith("__id") else (True, 0, each.encode())
        for each in path.split("/")
    )


def find(fields: Fields, path: str) -> Value | None:
    """Return the value at a path, None where there is none."""
    value: Value = {"mapValue": {"fields": fields}}
    for name in path.split("."):
        inner = value.get("mapValue", {}).get("fields", {})
        if name not in inner:
            return None
        value = inner[name]
    return value


def put(fields: Fields, path: str, value: Value | None) -> None:
    """Write a value, or remove one; what is in the way of one becomes a map."""
    *outer, last = path.split(".")
    for name in outer:
        if "mapValue" not in fields.get(name, {}):
            if value is None:
                return
            fields[name] = {"mapValue": {"fields": {}}}
        fields = fields[name]["mapValue"]["fields"]
    if value is None:
        fields.pop(last, None)
    else:
        fields[last] = copy.deepcopy(value)


@dataclass(frozen=True)
class Document:
    """A document that a query looks at."""

    path: str
    fields: Fields

    def key(self, at: str) -> Key | None:
        """Return what one of its fields is compared by, None where it has none."""
        if at == NAME:
            return KINDS.index("referenceValue"), name_key(self.path)
        value = find(self.fields, at)
        return None if value is None else key(value)


def passes(document: Document, where: Mapping[str, Any]) -> bool:
    """Tell whether a document passes a filter."""
    if "compositeFilter" in where:
        said = where["compositeFilter"]
        parts = [passes(document, each) for each in said["filters"]]
        return any(parts) if said["op"] == "OR" else all(parts)
    if "unaryFilter" in where:
        said = where["unaryFilter"]
        return _is(said["op"], document.key(said["field"]["fieldPath"]))
    said = where["fieldFilter"]
    op, value = said["op"], said["value"]
    many = [key(each) for each in value["arrayValue"]["values"]] if op in OF_MANY else [key(value)]
    return _compares(op, document.key(said["field"]["fieldPath"]), many)


def _is(op: str, held: Key | None) -> bool:
    if op in {"IS_NULL", "IS_NAN"}:
        return held == (NULL if op == "IS_NULL" else NAN)
    return held is not None and held != NULL and not (op == "IS_NOT_NAN" and held == NAN)


def _compares(op: str, held: Key | None, given: Sequence[Key]) -> bool:
    """Nothing is equal to null or NaN, less or more than it."""
    known = [each for each in given if each not in {NULL, NAN}]
    if held is None:
        return False
    if op in {"EQUAL", "IN"}:
        return held in known
    if op in {"NOT_EQUAL", "NOT_IN"}:
        return held != NULL and NULL not in given and held not in known
    if op in {"ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"}:
        return held[0] == KINDS.index("arrayValue") and any(each in known for each in held[1])
    if not known or held[0] != known[0][0] or held in {NULL, NAN}:
        return False
    (one,) = known
    ways = {LESS: held < one, LESS_EQUAL: held <= one, GREATER: held > one}
    return ways.get(op, held >= one)


def inequalities(where: Mapping[str, Any]) -> set[str]:
    """Return the fields that a filter orders by."""
    if "compositeFilter" in where:
        return set().union(*map(inequalities, where["compositeFilter"]["filters"]))
    ((kind, said),) = where.items()
    names = {*RANGES, "NOT_EQUAL", "NOT_IN", "IS_NOT_NULL", "IS_NOT_NAN"}
    return {said["field"]["fieldPath"]} if kind and said["op"] in names else set()


def order_of(query: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Return the fields that a query orders by, and whether each descends; the name last."""
    said = [(e["field"]["fieldPath"], e["direction"] == "DESCENDING") for e in query["orderBy"]]
    named, last = [path for path, _ in said], said[-1][1] if said else False
    more = sorted(inequalities(query["where"]) - {*named, NAME}) if query.get("where") else []
    whole = [*said, *((path, last) for path in more)]
    return whole if NAME in named else [*whole, (NAME, last)]


class Reverse:
    """A key that is ordered the other way."""

    def __init__(self, held: Key) -> None:
        self.held = held

    def __lt__(self, other: Reverse) -> bool:
        """Order."""
        return other.held < self.held

    def __eq__(self, other: object) -> bool:
        """Compare."""
        return isinstance(other, Reverse) and self.held == other.held

    __hash__ = None  # type: ignore[assignment]  # a list's item alone


def answer(query: Mapping[str, Any], documents: Documents) -> list[Document]:
    """Return a query's results in order.

    Args:
        query: With ``parent`` (a path, or empty) and what a StructuredQuery has.
        documents: That there are.
    """
    order = order_of(query)
    found = [each for each in map(Document, documents, documents.values()) if _covers(query, each)]
    if query.get("where"):
        found = [each for each in found if passes(each, query["where"])]
    found = [each for each in found if all(each.key(path) is not None for path, _ in order)]

    def place(document: Document) -> list[Any]:
        keys = [(document.key(path) or (), reverse) for path, reverse in order]
        return [Reverse(held) if reverse else held for held, reverse in keys]

    found.sort(key=place)
    for name, keeps in (("startAt", _is_behind), ("endAt", _is_before)):
        if name in query:
            cursor = query[name]
            ways = [reverse for _, reverse in order]
            bound = [
                Reverse(key(value)) if reverse else key(value)
                for value, reverse in zip(cursor["values"], ways, strict=False)
            ]
            found = [e for e in found if keeps(place(e)[: len(bound)], bound, cursor["before"])]
    start, limit = query.get("offset", 0), query.get("limit")
    return found[start : None if limit is None else start + limit]


def _is_behind(held: list[Any], bound: list[Any], before: bool) -> bool:
    return bound < held or (before and bound == held)


def _is_before(held: list[Any], bound: list[Any], before: bool) -> bool:
    return held < bound or (not before and bound == held)


def _covers(query: Mapping[str, Any], document: Document) -> bool:
    (source,) = query["from"]
    *above, collection, _ = document.path.split("/")
    parent = query["parent"].split("/") if query["parent"] else []
    if collection != source["collectionId"]:
        return False
    return above[: len(parent)] == parent if source.get("allDescendants") else above == parent


@dataclass
class Model:
    """A database: its documents now, and as they were after every commit.

    Attributes:
        documents: By path.
        before: Times of commits, microseconds, with the documents from then on.
    """

    documents: Documents = field(default_factory=dict)
    before: list[tuple[int, Documents]] = field(default_factory=list)

    def refusal(self, writes: Sequence[Mapping[str, Any]]) -> str:
        """Return the code that writes are refused with, empty where they are not."""
        left: dict[str, bool] = {}
        found = ""
        for write in writes:
            path, wanted = target(write), write.get("currentDocument", {}).get("exists")
            if wanted is not None and left.get(path, wanted) != wanted:
                return "INVALID_ARGUMENT"  # after one before it, whatever there is
            if wanted not in {None, left.get(path, path in self.documents)}:
                found = found or ("NOT_FOUND" if wanted else "ALREADY_EXISTS")
            left[path] = "delete" not in write
        return found

    def commit(self, writes: Sequence[Mapping[str, Any]], time: int, now: int) -> list[list[Value]]:
        """Do writes, and return the results of each one's transforms.

        Args:
            writes: That are not refused.
            time: Of the commit, microseconds.
            now: What ``REQUEST_TIME`` stands for.
        """
        after, results = copy.deepcopy(self.documents), []
        for write in writes:
            path, transformed = target(write), list[Value]()
            if "delete" in write:
                after.pop(path, None)
            else:
                after[path] = _made(write, after.get(path))
                for step in write.get("updateTransforms", []):
                    transformed.append(_transform(after[path], step, now))
            results.append(transformed)
        self.documents = after
        self.before.append((time, after))
        return results

    def at(self, time: int) -> Documents:
        """Return the documents as they were at a time."""
        return next((held for since, held in reversed(self.before) if since <= time), {})


def target(write: Mapping[str, Any]) -> str:
    """Return the path of the document that a write is about."""
    name = write["delete"] if "delete" in write else write["update"]["name"]
    return str(name).removeprefix("$D/")


def _made(write: Mapping[str, Any], held: Fields | None) -> Fields:
    said: Fields = write["update"].get("fields", {})
    made = copy.deepcopy(said)
    if "updateMask" in write:
        made = copy.deepcopy(held or {})
        for path in write["updateMask"].get("fieldPaths", []):
            put(made, path, find(said, path))
    return made


def _transform(made: Fields, step: Mapping[str, Any], now: int) -> Value:
    """Change one field, and return what the client is told of it: of arrays nothing."""
    path = step["fieldPath"]
    value = _transformed(step, find(made, path), now)
    put(made, path, value)
    return {"nullValue": None} if "arrayValue" in value else value


def _transformed(step: Mapping[str, Any], held: Value | None, time: int) -> Value:
    if "setToServerValue" in step:
        return {"timestampValue": stamp(time)}
    kind, said = next((k, v) for k, v in step.items() if k != "fieldPath")
    if kind in {"increment", "maximum", "minimum"}:
        if held is None or key(held)[0] != KINDS.index("number"):
            return dict(said)
        return _calculated(kind, held, said)
    there = held["arrayValue"].get("values", []) if held and "arrayValue" in held else []
    elements = list(there)
    if kind == "removeAllFromArray":
        gone = [key(each) for each in said["values"]]
        elements = [each for each in there if key(each) not in gone]
    else:
        for each in said["values"]:
            if key(each) not in [key(other) for other in elements]:
                elements.append(each)
    return {"arrayValue": {"values": elements}}


def _calculated(kind: str, held: Value, said: Value) -> Value:
    if kind == "increment":
        total = number(held) + number(said)
        return of_number(max(SMALLEST, min(LARGEST, total)) if isinstance(total, int) else total)
    if NAN in (key(held), key(said)):
        return {"doubleValue": "NaN"}
    one, other = key(held), key(said)
    return dict(held if one == other or (one > other) == (kind == "maximum") else said)
