"""Requests that cannot be: what is wrong with each, and what its refusal has to name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulated.firestore.wire import array, both, field, integer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Body = dict[str, Any]
Case = tuple[str, Body, str]
"""A method, a request, and words of the refusal."""

ONE, DOCUMENT, LONG = integer(1), "$D/c/a", "x" * 1501
EPOCH = "1969-12-31T23:59:59Z"
OTHER = "projects/p/databases/other/documents/c/a"
NO_DOCUMENTS = {
    "": "", "x": "x", "$D": "$D", "$D/c": "$D/c", "$D/c/a/b": "$D/c/a/b", "$D/c//a": "empty",
    "$D/c/a/": "empty", "$R/c/a": "$R/c/a", "projects//databases/d/documents/c/a": "projects//",
    "projects/p/databases//documents/c/a": "databases//", "/$D/c/a": "/$D", "$D/c/.": '"."',
    "$D/c/..": '".."', "$D/c/__a__": "__a__", "$D/__c__/a": "__c__", "$D/c/__id07__": "__id07__",
}  # fmt: skip
"""Names that no document has, and what a refusal says of each."""
NO_DATABASES = ("", "x", "projects/p", "projects/p/databases/", "$R/", "$D", "$D/c/a")
NO_PARENTS = ("", "x", "$D/c", "$D/c/a/b", "$R", "$D/", "$D/c/.", "$D/__c__/a")
NO_IDS = {"a/b": "a/b", ".": '"."', "..": '".."', "__x__": "__x__", LONG: "1500"}
NO_PATHS = (
    "a..b", ".a", "a.", "`a", "a`", "1a", "a b", "a-b", "a*", "__x__", "a.__x__", "``", "a.``",
    "`a`b", "a[0]", "x" * 1500, ".".join("a" * 21),
)  # fmt: skip
"""Paths of fields that cannot be."""


def vector(*numbers: float) -> Body:
    """Return a vector as a value."""
    parts = array(*({"doubleValue": each} for each in numbers))
    return {"mapValue": {"fields": {"__type__": {"stringValue": "__vector__"}, "value": parts}}}


def mapped(**fields: Body) -> Body:
    """Return a map as a value."""
    return {"mapValue": {"fields": fields}}


VECTOR_TYPE = {"stringValue": "__vector__"}
NO_VALUES: tuple[tuple[Body, str], ...] = (
    ({}, "type unset"),
    ({"geoPointValue": {"latitude": 91}}, "latitude"),
    ({"geoPointValue": {"longitude": -181}}, "longitude"),
    ({"geoPointValue": {"latitude": "NaN"}}, "latitude"),
    ({"referenceValue": ""}, "property"),
    ({"referenceValue": "$D/c"}, "$D/c"),
    ({"referenceValue": "$D/c/__a__"}, "__a__"),
    (array({}), "type unset"),
    (mapped(a={}), "type unset"),
    (mapped(__x__=ONE), "__x__"),
    (vector(), "zero length"),
    (vector(*[1.0] * 2049), "2048"),
    (mapped(__type__=VECTOR_TYPE), "value"),
    (mapped(__type__=VECTOR_TYPE, value=array(ONE)), "double"),
    (mapped(__type__=VECTOR_TYPE, value=array({"doubleValue": 1}), x=ONE), "extraneous"),
    ({"fieldReferenceValue": "a"}, "FIELD_REFERENCE_VALUE"),
)
"""Values that are none, wherever they stand."""
UNFIT_VALUES: tuple[tuple[Body, str], ...] = (
    (array(array(ONE)), "nested"),
    (array(vector(1.0)), "vector"),
    (mapped(**{"": ONE}), "empty"),
)
"""Values that can be compared with, but that no document holds."""


def query(**said: Any) -> Body:  # noqa: ANN401 - parts of a query
    """Return a request of RunQuery over ``c``."""
    return {"parent": "$D", "structuredQuery": {"from": [{"collectionId": "c"}], **said}}


def aggregation(*said: Body, **of: Any) -> Body:  # noqa: ANN401 - parts of a query
    """Return a request of RunAggregationQuery over ``c``."""
    asked = {"structuredQuery": query(**of)["structuredQuery"], "aggregations": list(said)}
    return {"parent": "$D", "structuredAggregationQuery": asked}


def commit(**write: Any) -> Body:  # noqa: ANN401 - parts of a write
    """Return a request of Commit with one write."""
    return {"database": "$R", "writes": [write]}


def transform(**said: Any) -> Body:  # noqa: ANN401 - parts of a transform
    """Return a request of Commit with one transform."""
    return commit(update={"name": DOCUMENT}, updateMask={}, updateTransforms=[said])


def nearest(**said: Any) -> Body:  # noqa: ANN401 - parts of a search
    """Return a search for the nearest vectors; what is said None is left out."""
    whole = {
        "vectorField": {"fieldPath": "v"}, "queryVector": vector(1.0), "limit": 1,
        "distanceMeasure": "COSINE", **said,
    }  # fmt: skip
    return {name: each for name, each in whole.items() if each is not None}


def ordered(path: str, **said: Any) -> list[Body]:  # noqa: ANN401 - parts of an order
    """Return an order by one field."""
    return [{"field": {"fieldPath": path}, **said}]


def of_documents() -> Iterator[Case]:
    """Yield requests that name no document."""
    places: dict[str, Callable[[str], Body]] = {
        "GetDocument": lambda name: {"name": name},
        "DeleteDocument": lambda name: {"name": name},
        "UpdateDocument": lambda name: {"document": {"name": name}},
        "BatchGetDocuments": lambda name: {"database": "$R", "documents": [name]},
        "BatchWrite": lambda name: commit(delete=name),
        "Commit": lambda name: commit(update={"name": name}),
    }
    for name, says in NO_DOCUMENTS.items():
        for method, made in places.items():
            yield method, made(name), says
        yield "Commit", commit(delete=name), says
        parts = [{"fieldPath": "a", "increment": ONE}]
        yield "Commit", commit(transform={"document": name, "fieldTransforms": parts}), says


def of_places() -> Iterator[Case]:
    """Yield requests that name no database, no parent, no collection or no id."""
    for name in NO_DATABASES:
        for method in ("Commit", "BatchWrite", "BeginTransaction", "BatchGetDocuments"):
            yield method, {"database": name}, name
        yield "Rollback", {"database": name, "transaction": "YWJj"}, name
    for parent in NO_PARENTS:
        yield "RunQuery", query() | {"parent": parent}, parent.rpartition("/")[2]
        yield "RunAggregationQuery", aggregation({"count": {}}) | {"parent": parent}, ""
        yield "ListDocuments", {"parent": parent, "collectionId": "c"}, ""
        yield "ListCollectionIds", {"parent": parent}, ""
        yield "CreateDocument", {"parent": parent, "collectionId": "c", "document": {}}, ""
    for name, says in NO_IDS.items():
        if name != LONG:  # Google's emulator lists what cannot be there
            yield "RunQuery", query(**{"from": [{"collectionId": name}]}), says
            yield "ListDocuments", {"parent": "$D", "collectionId": name}, says
        made = {"parent": "$D", "collectionId": name, "documentId": "x", "document": {}}
        yield "CreateDocument", made, says
        yield "CreateDocument", made | {"collectionId": "c", "documentId": name}, says


def of_paths() -> Iterator[Case]:
    """Yield requests with a path of fields that cannot be."""
    for path in NO_PATHS:
        mask, at = {"mask": {"fieldPaths": [path]}}, {"field": {"fieldPath": path}}
        says = path[:20]
        yield "GetDocument", {"name": DOCUMENT, **mask}, says
        yield "BatchGetDocuments", {"database": "$R", "documents": [DOCUMENT], **mask}, says
        yield "ListDocuments", {"parent": "$D", "collectionId": "c", **mask}, says
        yield "Commit", commit(update={"name": DOCUMENT}, updateMask=mask["mask"]), says
        yield "RunQuery", query(where=field(path, "EQUAL", ONE)), says
        yield "RunQuery", query(where=field(path, "IN", array(ONE))), says
        yield "RunQuery", query(where={"unaryFilter": {"op": "IS_NULL", **at}}), says
        yield "RunQuery", query(orderBy=[at]), says
        yield "RunQuery", query(select={"fields": [at["field"]]}), says
        yield "RunAggregationQuery", aggregation({"sum": at}), says


def of_values() -> Iterator[Case]:
    """Yield requests with a value that is none."""
    for value, says in (*NO_VALUES, *UNFIT_VALUES):
        yield "Commit", commit(update={"name": DOCUMENT, "fields": {"a": value}}), says
    for value, says in NO_VALUES:
        inner = array(value)
        yield "Commit", commit(update={"name": DOCUMENT, "fields": {"a": inner}}), ""
        yield "RunQuery", query(where=field("a", "EQUAL", value)), says
        yield "RunQuery", query(where=field("a", "ARRAY_CONTAINS", value)), says
        yield "RunQuery", query(where=field("a", "NOT_IN", inner)), says
        yield "RunQuery", query(orderBy=ordered("a"), startAt={"values": [value]}), says
        yield "Commit", transform(fieldPath="a", removeAllFromArray={"values": [value]}), says
        yield "Commit", transform(fieldPath="a", appendMissingElements={"values": [value]}), says
        yield "Commit", transform(fieldPath="n", increment=value), ""
        yield "RunQuery", query(findNearest=nearest(queryVector=value)), ""


def of_filters() -> Iterator[Case]:
    """Yield queries that cannot be."""
    many = array(*map(integer, range(31)))
    eleven = array(*map(integer, range(11)))
    one, reference = field("a", "EQUAL", ONE), {"referenceValue": "$D/c"}
    wheres: tuple[tuple[Body, str], ...] = (
        ({}, "empty"),
        ({"fieldFilter": {}}, ""),
        ({"unaryFilter": {"field": {"fieldPath": "a"}}}, "a"),
        (field("a", "OPERATOR_UNSPECIFIED", ONE), "a"),
        (field("a", "IN", array()), "'IN'"),
        (field("a", "IN", many), "30"),
        (field("a", "NOT_IN", eleven), "NOT_IN"),
        (field("a", "ARRAY_CONTAINS_ANY", many), "30"),
        (field("a", "IN", ONE), "'IN'"),
        (both(one, op="OPERATOR_UNSPECIFIED"), "op"),
        (both(op="OR"), "at least one"),
        (both(*(field("a", "EQUAL", integer(each)) for each in range(31)), op="OR"), "30"),
        (both(field("a", "NOT_EQUAL", ONE), field("b", "NOT_IN", array(ONE))), "NOT_IN"),
        (field("__name__", "EQUAL", ONE), "__name__"),
        (field("__name__", "IN", array(ONE)), "__name__"),
        (field("__name__", "EQUAL", reference), "$D/c"),
        (field("__name__", "EQUAL", {"referenceValue": OTHER}), "other"),
        (field("__name__", "ARRAY_CONTAINS", {"referenceValue": DOCUMENT}), "__name__"),
        ({"unaryFilter": {"op": "IS_NAN", "field": {"fieldPath": "__name__"}}}, "__name__"),
    )
    for where, says in wheres:
        yield "RunQuery", query(where=where), says
    of_name = field("__name__", "EQUAL", {"referenceValue": DOCUMENT})
    less_than_one = field("a", "LESS_THAN", ONE)
    apart = both(of_name, less_than_one)
    yield "RunQuery", query(where=apart), "__name__"
    group = [{"collectionId": "c", "allDescendants": True}]
    for part in ({"where": less_than_one}, {"orderBy": ordered("a")}):
        yield "RunQuery", query(**{"from": group}, **part) | {"parent": DOCUMENT}, "parent"
    of_a = {"sum": {"field": {"fieldPath": "a"}}}
    yield "RunAggregationQuery", aggregation(of_a, where=of_name), "[a]"
    yield "RunAggregationQuery", aggregation(of_a, orderBy=ordered("__name__")), "[a]"
    yield "RunQuery", {"parent": "$D"}, "structured"
    yield "RunQuery", query(limit=-1), "limit"
    yield "RunQuery", query(offset=-1), "offset"
    yield "RunQuery", query(orderBy=ordered("a", direction=7)), "order"
    yield "RunQuery", query(orderBy=ordered("a") * 2), "order"
    yield "RunQuery", query(orderBy=ordered("__name__") + ordered("a")), "order"
    by_name = ordered("__name__")
    yield "RunQuery", query(where=less_than_one, orderBy=by_name), "order"
    yield "RunQuery", query(where=less_than_one, startAt={"values": [ONE]}), "start_at"
    yield "RunQuery", query(orderBy=ordered("a"), endAt={"values": [ONE, ONE]}), "end_at"
    yield "RunQuery", query(orderBy=ordered("__name__"), startAt={"values": [ONE]}), "__name__"
    other = {"values": [{"referenceValue": OTHER}]}
    yield "RunQuery", query(orderBy=ordered("__name__"), startAt=other), "other"


def of_searches() -> Iterator[Case]:
    """Yield searches and aggregations that cannot be."""
    for name in ("vectorField", "queryVector", "distanceMeasure", "limit"):
        yield "RunQuery", query(findNearest=nearest(**{name: None})), ""
    for limit in (0, -1, 1001):
        yield "RunQuery", query(findNearest=nearest(limit=limit)), "limit"
    yield "RunQuery", query(findNearest=nearest(distanceResultField="__x__")), "__x__"
    yield "RunQuery", query(findNearest=nearest(), limit=1), "limit"
    yield "RunQuery", query(findNearest=nearest(), offset=1), "offset"
    start = {"values": [ONE]}
    yield "RunQuery", query(findNearest=nearest(), orderBy=ordered("a"), startAt=start), "start_at"
    count: Body = {"count": {}}
    asked: tuple[tuple[tuple[Body, ...], str], ...] = (
        ((), "Aggregations can not be empty"),
        (({},), "aggregation"),
        ((count | {"alias": "n"}, count | {"alias": "n"}), "duplicate alias"),
        ((count | {"alias": "__x__"},), "__x__"),
        (({"count": {"upTo": "-1"}},), "up_to"),
        (({"sum": {}},), ""),
        (({"avg": {"field": {"fieldPath": "__name__"}}},), "__name__"),
    )
    for said, says in asked:
        yield "RunAggregationQuery", aggregation(*said), says


def of_writes() -> Iterator[Case]:
    """Yield writes, times, transactions and tokens that cannot be."""
    increment = {"fieldPath": "a", "increment": ONE}
    mask: Body = {"fieldPaths": ["a"]}
    yield "Commit", commit(), "update, delete or transform"
    yield "Commit", commit(delete=DOCUMENT, updateMask=mask), "mask"
    yield "Commit", commit(delete=DOCUMENT, updateTransforms=[increment]), "transform"
    yield "Commit", commit(transform={"document": DOCUMENT, "fieldTransforms": []}), "empty"
    yield "Commit", transform(fieldPath="a"), "a"
    yield "Commit", transform(fieldPath="a", setToServerValue=0), "a"
    yield "Commit", transform(increment=ONE), ""
    nested = [increment, {"fieldPath": "a.b", "increment": ONE}]
    yield "Commit", commit(update={"name": DOCUMENT}, updateTransforms=nested), "nested"
    yield "Commit", commit(update={"name": DOCUMENT, "fields": {"__x__": ONE}}), "__x__"
    yield "Commit", commit(update={"name": DOCUMENT, "fields": {"": ONE}}), ""
    yield "Commit", commit(delete=DOCUMENT, currentDocument={"updateTime": EPOCH}), "epoch"
    yield "BatchWrite", commit(update={"name": DOCUMENT, "fields": {"a": {}}}), "a"
    yield "BatchWrite", {"database": "$R", "writes": [{"delete": DOCUMENT}] * 2}, "same document"
    reads: dict[str, Body] = {
        "GetDocument": {"name": DOCUMENT},
        "BatchGetDocuments": {"database": "$R", "documents": [DOCUMENT]},
        "RunQuery": query(),
        "RunAggregationQuery": aggregation({"count": {}}),
        "ListDocuments": {"parent": "$D", "collectionId": "c"},
    }
    for method, body in reads.items():
        yield method, body | {"readTime": EPOCH}, "epoch"
        yield method, body | {"readTime": "2199-01-01T00:00:00Z"}, "read_time"
        yield method, body | {"transaction": "YWJj"}, "transaction"
        yield method, body | {"transaction": ""}, "transaction"
    for method in ("Commit", "Rollback"):
        yield method, {"database": "$R", "transaction": "YWJj"}, "transaction"
    listed = reads["ListDocuments"]
    yield "ListDocuments", listed | {"pageSize": -1}, "page_size"
    yield "ListDocuments", listed | {"pageToken": "YWJj"}, "page_token"
    yield "ListDocuments", listed | {"showMissing": True, "orderBy": "a"}, "show_missing"
    for order in ("a x", "a,", ",", " a", "a desc desc"):
        yield "ListDocuments", listed | {"orderBy": order}, "order"
    yield "ListCollectionIds", {"parent": "$D", "pageSize": -1}, "page_size"
    yield "ListCollectionIds", {"parent": "$D", "pageToken": "YWJj"}, "page_token"
