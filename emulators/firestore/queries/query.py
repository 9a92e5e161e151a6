"""One query, found good: which documents it has, in which order."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import fields, names
from emulators.firestore.queries import combinations, nearest, ordering
from emulators.firestore.queries.filters import (
    EVERYTHING,
    check_names,
    compiled,
    equalities,
    ranges,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.core.methods import Proto
    from emulators.firestore.data import Data, Version
    from emulators.firestore.names import Path
    from emulators.firestore.values import Key

_NAME = (fields.NAME,)


class Query:
    """What a StructuredQuery asks for.

    Args:
        parent: Below it the collections are.
        said: The StructuredQuery.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming what is wrong with it.
    """

    def __init__(self, parent: Path, said: Proto) -> None:
        self.parent, self.said = parent, said
        self.collection, self.deep = _source(said)
        self._matches = compiled(said.where) if said.HasField("where") else None
        check_names(said.where, parent.root)
        self._equal = equalities(said.where) if said.HasField("where") else None
        self.order = ordering.ordering(said)
        if self.deep and self.collection and parent.segments and self._asks_fields():
            raise errors.invalid_argument(
                "collection group queries are only allowed at the root parent (parent)."
            )
        self._low, self._high = self._between()
        self._start = self._bound("start_at")
        self._end = self._bound("end_at")
        self.limit: int | None = said.limit.value if said.HasField("limit") else None
        _check_numbers(said, self.limit)
        if said.HasField("find_nearest"):
            nearest.check(said)
        self._select = None
        if said.HasField("select"):
            self._select = [fields.parse(each.field_path) for each in said.select.fields]

    def _asks_fields(self) -> bool:
        """Tell whether it is about more than names: indexes of groups are of the whole database."""
        return len(self.order.paths) > 1 or combinations.has_fields(self.said.where)

    def _between(self) -> tuple[Key, Key]:
        """Return between which keys the first field of the order is in every result."""
        low, high = EVERYTHING
        for path, (lower, higher) in ranges(self.said.where):
            if path == self.order.paths[0]:
                low, high = max(low, lower), min(high, higher)
        return low, high

    def _bound(self, name: str) -> list[tuple[object, ...]] | None:
        cursor = getattr(self.said, name)
        return (
            ordering.bound(cursor, self.said, self.parent.root)
            if self.said.HasField(name)
            else None
        )

    def has(self, version: Version) -> bool:
        """Tell whether a document is a result, but for offset and limit."""
        return self.covers(version.path) and self._passes(version)

    def covers(self, path: Path) -> bool:
        """Tell whether a document is of the collections that are asked about."""
        if not path.is_below(self.parent) or self.collection not in {"", path.segments[-2]}:
            return False
        return self.deep or len(path.segments) == len(self.parent.segments) + 2

    def _passes(self, version: Version) -> bool:
        if self._matches is not None and not self._matches(version):
            return False
        if len(self.order.paths) > 1 and not self.order.has(version):
            return False
        return (self._start is None and self._end is None) or self._is_within(version)

    def _is_within(self, version: Version) -> bool:
        if self._start is not None:
            way = self.order.compare(version, self._start)
            if way < 0 or (way == 0 and not self.said.start_at.before):
                return False
        if self._end is not None:
            way = self.order.compare(version, self._end)
            if way > 0 or (way == 0 and self.said.end_at.before):
                return False
        return True

    def run(self, data: Data, at: int | None = None) -> list[Version]:
        """Return the documents in order, after the offset and up to the limit.

        Args:
            data: Of the database.
            at: Microseconds; None is now.
        """
        offset = self.said.offset
        most = None if self.limit is None else offset + self.limit
        if at is None and self._is_in_order():
            ordered = filter(self._passes, self._walk(data))
            return list(islice(ordered, offset, most))
        found = (version for version in self._source(data, at) if self._passes(version))
        return self.order.sorted(found, most)[offset:]

    def count(self, data: Data, at: int | None = None) -> int:
        """Return how many documents `run` has; they are not put in order for it."""
        total = self._size(data) if at is None else None
        if total is None:
            total = sum(map(self._passes, self._source(data, at)))
        rest = max(0, total - int(self.said.offset))
        return rest if self.limit is None else min(rest, self.limit)

    def _size(self, data: Data) -> int | None:
        """Return how many documents there are, None where each has to be looked at."""
        whole = self._matches is None and len(self.order.paths) == 1
        if not whole or self._start is not None or self._end is not None or not self.collection:
            return None
        return sum(map(data.size, self._collections(data)))

    def _collections(self, data: Data) -> list[tuple[str, ...]]:
        if self.deep:
            return data.collections(self.parent, self.collection)
        return [(*self.parent.segments, self.collection)]

    def _is_in_order(self) -> bool:
        """Tell whether an index has the results in their order, so that no more are looked at."""
        paths = self.order.paths
        one_way = len(paths) <= 2 and len(set(self.order.reverse)) == 1  # noqa: PLR2004 - a field and the name
        if not one_way or self.deep or not self.collection:
            return False
        if self._equal is None:
            return len(paths) > 1
        path, keys = self._equal
        return len(keys) == 1 and path not in paths and path != _NAME

    def _walk(self, data: Data) -> Iterator[Version]:
        """Yield what may be a result, in order."""
        (segments,) = self._collections(data)
        paths, reverse = self.order.paths[:-1], self.order.reverse[0]
        front: tuple[Key, ...] = ()
        if self._equal is not None:
            path, keys = self._equal
            paths, front = (path, *paths), tuple(keys)
        index = data.index(segments, *paths)
        if len(self.order.paths) == 1:
            ((key,),) = (front,)
            return index.between((key,), ((*key, 0),), reverse=reverse)
        low, high = self._walked(reverse=reverse)
        return index.between((*front, low), (*front, high), reverse=reverse)

    def _walked(self, *, reverse: bool) -> tuple[Key, Key]:
        """Return between which keys the first field of the order is, cursors included."""
        first, last = (self._end, self._start) if reverse else (self._start, self._end)
        low, high = self._low, self._high
        if first:
            low = max(low, first[0])
        if last:
            high = min(high, (*last[0], 0))  # right behind it
        return low, high

    def _source(self, data: Data, at: int | None) -> Iterator[Version]:
        if at is None and self._equal is not None and self.collection:
            field, keys = self._equal
            indexes = (data.index(each, field) for each in self._collections(data))
            return chain.from_iterable(index.equal(keys) for index in indexes)
        if self.deep:
            return data.group(self.parent, self.collection, at)
        if not self.collection:
            everything = data.group(self.parent, "", at)
            return (version for version in everything if self.covers(version.path))
        return data.collection((*self.parent.segments, self.collection), at)

    def results(self, data: Data, at: int | None = None) -> list[Proto]:
        """Return the documents as they are answered, with the fields that are asked for."""
        found, said = self.run(data, at), self.said.find_nearest
        if not self.said.HasField("find_nearest"):
            return [self.shown(version.document) for version in found]
        return [
            self.shown(nearest.with_distance(version, away, said.distance_result_field))
            for version, away in nearest.nearest(said, found)
        ]

    def shown(self, document: Proto) -> Proto:
        """Return a document with the fields that are asked for."""
        return document if self._select is None else fields.projected(document, self._select)


def _source(said: Proto) -> tuple[str, bool]:
    if len(said.from_) > 1:
        raise errors.invalid_argument("StructuredQuery.from cannot have more than one selector.")
    if not said.from_:
        return "", False
    selector = said.from_[0]
    if selector.collection_id:
        names.check_id(selector.collection_id, selector.collection_id)
    return selector.collection_id, selector.all_descendants


def _check_numbers(said: Proto, limit: int | None) -> None:
    if said.offset < 0:
        raise errors.invalid_argument("offset is negative")
    if limit is not None and limit < 0:
        raise errors.invalid_argument("limit is negative")
