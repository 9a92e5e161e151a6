"""Random histories: what is written, in which order, and what is asked after each commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.emulated.firestore.model import NAME, OF_MANY, RANGES, inequalities
from tests.emulated.firestore.wire import NULL, array, both, field, integer

if TYPE_CHECKING:
    from collections.abc import Mapping

Body = dict[str, Any]
PATHS = (
    "c/a",
    "c/b",
    "c/\u00e9",
    "c/__id7__",
    "c/__id10__",
    "d/a",
    "c/a/c/b",
    "d/a/c/a",
    "d/a/c/z",
)
"""Of documents; some are below others that may be missing."""
paths = st.sampled_from(PATHS)
names = st.sampled_from(["x", "y", "m.x"])
"""Of fields."""


def double(held: object) -> Body:
    """Return a double as a value."""
    return {"doubleValue": held}


def vector(*parts: float) -> Body:
    """Return a vector as a value."""
    held = {"__type__": {"stringValue": "__vector__"}, "value": array(*map(double, parts))}
    return {"mapValue": {"fields": held}}


numbers = st.sampled_from(
    [
        *map(integer, (-1, 0, 1, 2, 2**53 + 1, 2**63 - 1, -(2**63))),
        *map(double, (-0.5, 0.0, 1.0, 1.5, 2.0**53, 2.0**63, "Infinity", "-Infinity", "NaN")),
    ]
)
scalars = st.one_of(
    numbers,
    st.sampled_from(
        [
            NULL,
            {"booleanValue": False},
            {"booleanValue": True},
            {"timestampValue": "2020-01-01T00:00:00.000000Z"},
            {"timestampValue": "2020-01-01T00:00:00.000001Z"},
            *({"stringValue": each} for each in ("", "a", "aa", "\u00e9", "\uffff", "\U0001f600")),
            *({"bytesValue": each} for each in ("", "YQ==", "/w==")),
            *({"referenceValue": f"$D/{each}"} for each in ("c/a", "c/__id7__", "d/a")),
            {"geoPointValue": {"latitude": 1.0, "longitude": -2.0}},
            {"geoPointValue": {"latitude": 1.0, "longitude": 3.0}},
        ]
    ),
)
arrays = st.lists(scalars, min_size=1, max_size=2).map(lambda each: array(*each))
maps = st.dictionaries(st.sampled_from(["x", "z"]), scalars, min_size=1, max_size=2)
values = st.one_of(
    scalars,
    scalars,
    arrays,
    st.sampled_from([vector(1.0), vector(0.0, 2.0), vector(1.0, 1.0)]),
    maps.map(lambda each: {"mapValue": {"fields": each}}),
)
fields = st.fixed_dictionaries({}, optional={"x": values, "y": values}).flatmap(
    lambda held: st.builds(
        lambda inner: held | ({"m": {"mapValue": {"fields": inner}}} if inner else {}),
        st.none() | maps,
    )
)

conditions = st.sampled_from([{}, {}, {}, {}, {"exists": True}, {"exists": False}])
transforms = st.one_of(
    st.tuples(st.sampled_from(["increment", "maximum", "minimum"]), numbers),
    st.tuples(
        st.sampled_from(["appendMissingElements", "removeAllFromArray"]),
        st.lists(scalars, min_size=1, max_size=2).map(lambda each: {"values": each}),
    ),
    st.just(("setToServerValue", "REQUEST_TIME")),
)


@st.composite
def writes(draw: st.DrawFn) -> Body:
    """Return one write: a document set, merged, transformed or deleted."""
    name, condition = f"$D/{draw(paths)}", draw(conditions)
    made: Body = {"currentDocument": condition} if condition else {}
    kind = draw(st.sampled_from(["set", "set", "merge", "transform", "delete"]))
    if kind == "delete":
        return made | {"delete": name}
    made["update"] = {"name": name, "fields": draw(fields)}
    if kind != "set":
        made["updateMask"] = {"fieldPaths": draw(st.lists(names, max_size=2, unique=True))}
    if kind == "transform":
        path, (step, said) = draw(names), draw(transforms)
        made["updateTransforms"] = [{"fieldPath": path, step: said}]
    return made


@st.composite
def filters(draw: st.DrawFn) -> Body:
    """Return the filter of one field."""
    path = draw(names)
    kind = draw(st.integers(0, 9))
    if kind == 0:
        ops = ["IS_NULL", "IS_NAN", "IS_NOT_NULL", "IS_NOT_NAN"]
        return {"unaryFilter": {"op": draw(st.sampled_from(ops)), "field": {"fieldPath": path}}}
    if kind == 1:
        op = draw(st.sampled_from([*RANGES, "EQUAL"]))
        return field(NAME, op, {"referenceValue": f"$D/{draw(paths)}"})
    op = draw(st.sampled_from([*RANGES, *RANGES, *OF_MANY, "EQUAL", "NOT_EQUAL", "ARRAY_CONTAINS"]))
    if op in OF_MANY:
        return field(path, op, array(*draw(st.lists(scalars, min_size=1, max_size=3))))
    return field(path, op, draw(values))


wheres = st.one_of(
    st.none(),
    filters(),
    st.builds(both, filters(), filters(), op=st.sampled_from(["AND", "OR"])),
    st.builds(
        lambda one, two, three: both(one, both(two, three, op="OR")),
        filters(), filters(), filters(),
    ),
)  # fmt: skip
orders = st.lists(
    st.tuples(names, st.sampled_from(["ASCENDING", "DESCENDING"])),
    max_size=2,
    unique_by=lambda each: each[0],
)


@st.composite
def queries(draw: st.DrawFn) -> Body:
    """Return a query that is allowed: with ``parent``, a path or empty."""
    where = draw(wheres.filter(is_allowed))
    order = [{"field": {"fieldPath": path}, "direction": way} for path, way in draw(orders)]
    if draw(st.integers(0, 4)) == 0 and not (where and inequalities(where) - {NAME}):
        way = order[-1]["direction"] if order else "ASCENDING"
        order.append({"field": {"fieldPath": NAME}, "direction": way})
    deep = draw(st.integers(0, 2)) == 0
    made: Body = {
        "parent": "" if deep else draw(st.sampled_from(["", "", "c/a", "d/a"])),
        "from": [{"collectionId": "c", "allDescendants": deep}],
        "orderBy": order,
    }
    if where:
        made["where"] = where
    for name in ("startAt", "endAt"):
        if order and draw(st.integers(0, 3)) == 0:
            made[name] = draw(cursors(order))
    if draw(st.integers(0, 2)) == 0:
        made["limit"] = draw(st.integers(0, 3))
    if draw(st.integers(0, 4)) == 0:
        made["offset"] = draw(st.integers(1, 2))
    return made


@st.composite
def cursors(draw: st.DrawFn, order: list[Body]) -> Body:
    """Return a place within an order."""
    known = draw(st.integers(1, len(order)))
    given = [
        {"referenceValue": f"$D/{draw(paths)}"}
        if each["field"]["fieldPath"] == NAME
        else draw(values)
        for each in order[:known]
    ]
    return {"values": given, "before": draw(st.booleans())}


def is_allowed(where: Mapping[str, Any] | None) -> bool:
    """Leave out what every query is refused for; `bad_input` has those."""
    if where is None:
        return True
    said = list(leaves(where))
    ops = [each["op"] for each in said]
    exclusive = sum(op in {"NOT_EQUAL", "NOT_IN", "IS_NOT_NULL", "IS_NOT_NAN"} for op in ops)
    contains = sum(op.startswith("ARRAY") for op in ops)
    many = "IN" in ops or "ARRAY_CONTAINS_ANY" in ops or "'OR'" in repr(where)
    compared = {each["op"] for each in said if each["field"]["fieldPath"] == NAME}
    if compared == {"EQUAL"} and inequalities(where):
        return False
    return exclusive <= 1 and contains <= 1 and not ("NOT_IN" in ops and many)


def leaves(where: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the filters of which a filter is composed."""
    ((kind, said),) = where.items()
    if kind != "compositeFilter":
        return [said]
    return [leaf for each in said["filters"] for leaf in leaves(each)]


commits = st.lists(writes(), min_size=1, max_size=4)
histories = st.tuples(
    st.lists(commits, min_size=1, max_size=6), st.lists(queries(), min_size=1, max_size=5)
)
