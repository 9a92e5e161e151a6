"""What queries need of indexes, and whether some indexes serve it.

A filter is taken apart into conjunctions, each served by itself. A conjunction of the equalities
E and the order O (inequalities are of it, the name ends it) is served by indexes that each have
some of E in front, in any order, and then exactly O; together they have all of E. That is one
index, or a merge of several that are walked together. Indexes are not walked backwards, and each
is of one scope.

https://firebase.google.com/docs/firestore/query-data/index-overview
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from emulators.firestore import fields
from emulators.firestore.planning.definitions import NAME, ORDERS, Definition, Kind, Part
from emulators.firestore.queries import operators as op

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.fields import FieldPath
    from emulators.firestore.queries.query import Query

    Modes: TypeAlias = Callable[[FieldPath], frozenset[tuple[Kind, bool]]]

Asked: TypeAlias = "frozenset[tuple[FieldPath, bool]]"
"""Fields that are asked for by a value, each with whether an array is to contain it."""
_EQUAL = frozenset({op.EQUAL, op.IN})
_CONTAINS = frozenset({op.ARRAY_CONTAINS, op.ARRAY_CONTAINS_ANY})
_SAME = frozenset({op.IS_NULL, op.IS_NAN})
SCAN = (Part(NAME, Kind.ASCENDING),)
"""The order that every collection has without an index."""


class Need(NamedTuple):
    """What one conjunction of a query needs.

    Attributes:
        collection: Id of the collections.
        group: Whether all collections of the id are asked.
        asked: The fields that are asked for by a value.
        order: The other fields that results are ordered by, the name last.
        vector: The field that nearest vectors are of.
    """

    collection: str
    group: bool
    asked: Asked
    order: tuple[Part, ...]
    vector: Part | None = None

    @property
    def generated(self) -> Definition:
        """The index that serves it alone."""
        known = sorted(self.asked)
        if len(known) == 1 and len(self.order) == 1 and not known[0][1]:
            kind = self.order[0].kind  # then the index of the field alone does
        else:
            kind = Kind.ASCENDING
        front = [Part(path, Kind.CONTAINS if inside else kind) for path, inside in known]
        end = [self.vector] if self.vector is not None else []
        return Definition(self.collection, self.group, (*front, *self.order, *end))


def needs(query: Query) -> list[Need]:
    """Return what a query needs, once each; nothing where it asks whole collections of any id."""
    if not query.collection:
        return []
    said, ordered = query.said, zip(query.order.paths, query.order.reverse, strict=True)
    order = [Part(path, Kind.DESCENDING if down else Kind.ASCENDING) for path, down in ordered]
    vector = _vector(said.find_nearest) if said.HasField("find_nearest") else None
    found = []
    for asked in dict.fromkeys(_conjunctions(said.where)) if said.HasField("where") else [_NONE]:
        if (NAME, False) not in asked:  # documents that are named are looked up
            rest = tuple(part for part in order if (part.path, False) not in asked)
            found.append(Need(query.collection, query.deep, asked, rest, vector))
    return found


_NONE: Asked = frozenset()


def _vector(said: Proto) -> Part:
    numbers = said.query_vector.map_value.fields["value"].array_value.values
    return Part(fields.parse(said.vector_field.field_path), Kind.VECTOR, len(numbers))


def _conjunctions(where: Proto) -> list[Asked]:
    """Return what the conjunctions of a filter's disjunctive normal form ask for."""
    kind = where.WhichOneof("filter_type")
    if kind == "field_filter":
        said = where.field_filter
        if said.op not in _EQUAL | _CONTAINS:
            return [_NONE]
        return [frozenset({(fields.parse(said.field.field_path), said.op in _CONTAINS)})]
    if kind == "unary_filter":
        said = where.unary_filter
        found = {(fields.parse(said.field.field_path), False)} if said.op in _SAME else _NONE
        return [frozenset(found)]
    parts = [list(dict.fromkeys(_conjunctions(each))) for each in where.composite_filter.filters]
    if where.composite_filter.op == op.OR:
        return [each for part in parts for each in part]
    return [frozenset[tuple["FieldPath", bool]]().union(*each) for each in product(*parts)]


def served(need: Need, composites: Iterable[Definition], modes: Modes) -> list[Definition] | None:
    """Return the indexes that serve a need, None where none do.

    Args:
        need: Of a query.
        composites: The composite indexes of the database.
        modes: How a field is indexed by itself, each with whether for all collections of an id.
    """
    own = [each for each in composites if each[:2] == (need.collection, need.group)]
    if need.vector is not None:
        return next(([each] for each in own if _serves_vector(each, need)), None)
    useful: list[tuple[Asked, Definition]] = []
    for each in [*_automatic(need, modes), *own]:
        front = _front(each, need)
        if front is not None and (front or not need.asked):
            useful.append((front, each))
    return _cover(need.asked, useful)


def _front(index: Definition, need: Need) -> Asked | None:
    """Return what an index has in front of the order, None where it does not end in the order."""
    size = len(index.parts) - len(need.order)
    if size < 0 or index.parts[size:] != need.order:
        return None
    front = frozenset((part.path, part.kind is Kind.CONTAINS) for part in index.parts[:size])
    return front if front <= need.asked else None


def _automatic(need: Need, modes: Modes) -> Iterator[Definition]:
    """Yield the indexes of one field that may be of use."""
    paths = [path for path, _ in sorted(need.asked)] + [part.path for part in need.order]
    for path in dict.fromkeys(paths):
        if path == NAME:
            yield Definition(need.collection, need.group, SCAN)
            continue
        for kind, group in sorted(modes(path), key=str):
            if group == need.group:
                name = Part(NAME, kind if kind in ORDERS else Kind.ASCENDING)
                yield Definition(need.collection, need.group, (Part(path, kind), name))


def _cover(asked: Asked, useful: Sequence[tuple[Asked, Definition]]) -> list[Definition] | None:
    """Return indexes that have all that is asked between them, those with most first."""
    if not asked:
        return [useful[0][1]] if useful else None
    chosen, left = [], set(asked)
    for front, index in sorted(useful, key=lambda each: -len(each[0])):
        if not left.isdisjoint(front):
            chosen.append(index)
            left -= front
    return None if left else chosen


def _serves_vector(index: Definition, need: Need) -> bool:
    """Vectors are not merged: the index has all that is asked in front of the order."""
    if index.parts[-1] != need.vector:
        return False
    front = _front(index._replace(parts=index.parts[:-1]), need)
    return front == need.asked
