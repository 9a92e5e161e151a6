"""Documents of one database, every version of the last hour.

    collection ─▶ document id ─▶ versions, oldest first; a deleted document's last one is empty

Times are microseconds since 1970. Each commit has one of its own, later than every one before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from emulators.firestore import fields, names, values
from emulators.firestore.indexes import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emulators.core.methods import Proto
    from emulators.firestore.names import Path
    from emulators.firestore.values import Key

KEPT = 3_600_000_000
"""How long a version can be read after another took its place (an hour, as without PITR)."""

Segments: TypeAlias = tuple[str, ...]


class Version:
    """A document as it was from one commit on.

    Attributes:
        path: Of the document.
        time: Of the commit.
        document: None where the commit deleted it.
    """

    __slots__ = ("_keys", "document", "path", "time")

    def __init__(self, path: Path, time: int, document: Proto | None) -> None:
        self.path, self.time, self.document = path, time, document
        self._keys: dict[fields.FieldPath, Key | None] = {}

    def key(self, field: fields.FieldPath) -> Key | None:
        """Return what a field is ordered by, None where the document has none."""
        if field not in self._keys:
            self._keys[field] = self._key(field)
        return self._keys[field]

    def _key(self, field: fields.FieldPath) -> Key | None:
        if field == (fields.NAME,):
            return values.REFERENCE, self.path.root, names.sort_key(self.path.segments)
        value = None if self.document is None else fields.get(self.document.fields, field)
        return None if value is None else values.key(value)


class Change(NamedTuple):
    """What a commit did to one document: there was none before, or is none after, where None."""

    before: Version | None
    after: Version


Commit: TypeAlias = "Callable[[int, list[Change]], None]"


class Data:
    """All documents of a database.

    Args:
        root: ``projects/P/databases/D``.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.last = 0
        self._collections: dict[Segments, dict[str, list[Version]]] = {}
        self._groups: dict[str, set[Segments]] = {}
        self._old: deque[tuple[int, Segments, str]] = deque()
        self._sizes: Counter[Segments] = Counter()
        self._indexes: dict[Segments, dict[tuple[fields.FieldPath, ...], Index]] = {}

    def put(self, time: int, documents: Mapping[Path, Proto | None]) -> list[Change]:
        """Let documents be as given from a time on, later than the last; return what changed."""
        self.last = time
        changes = [self._put(Version(path, time, made)) for path, made in documents.items()]
        self._forget(time - KEPT)
        return changes

    def _put(self, version: Version) -> Change:
        collection, document = version.path.segments[:-1], version.path.id
        if collection not in self._collections:
            self._collections[collection] = {}
            self._groups.setdefault(collection[-1], set()).add(collection)
        versions = self._collections[collection].setdefault(document, [])
        before = versions[-1] if versions else None
        versions.append(version)
        if before is not None or version.document is None:
            self._old.append((version.time, collection, document))
        if before is not None and before.document is None:
            before = None
        self._sizes[collection] += (version.document is not None) - (before is not None)
        for index in self._indexes.get(collection, {}).values():
            index.put(before, version)
        return Change(before, version)

    def find(self, path: Path, at: int | None = None) -> Version | None:
        """Return a document as it is, or was at a time; None where it is not there."""
        versions = self._collections.get(path.segments[:-1], {}).get(path.id, ())
        found = _at(versions, at)
        return None if found is None or found.document is None else found

    def collection(self, segments: Segments, at: int | None = None) -> Iterator[Version]:
        """Yield the documents of a collection in no order."""
        held = self._collections.get(segments, {}).values()
        versions = (each[-1] for each in held) if at is None else (_at(each, at) for each in held)
        for found in versions:
            if found is not None and found.document is not None:
                yield found

    def size(self, segments: Segments) -> int:
        """Return how many documents a collection has now."""
        return self._sizes[segments]

    def index(self, segments: Segments, *paths: fields.FieldPath) -> Index:
        """Return what finds the documents that a collection has now by some fields.

        The first who asks for them makes their index.
        """
        if segments not in self._collections:
            return Index(paths, ())
        indexes = self._indexes.setdefault(segments, {})
        if paths not in indexes:
            indexes[paths] = Index(paths, self.collection(segments))
        return indexes[paths]

    def group(self, parent: Path, collection_id: str, at: int | None = None) -> Iterator[Version]:
        """Yield the documents of all collections of one id below a document; any id where empty."""
        for segments in self.collections(parent, collection_id):
            yield from self.collection(segments, at)

    def collections(self, parent: Path, collection_id: str) -> list[Segments]:
        """Return the collections of one id below a document; any id where empty."""
        depth = len(parent.segments)
        named = self._groups.get(collection_id, set()) if collection_id else self._collections
        return [each for each in named if each[:depth] == parent.segments]

    def below(self, parent: Path, at: int | None = None) -> dict[str, set[str]]:
        """Return the ids of the collections of a document, each with those of its documents.

        A document that is not there, but has collections of its own, counts (a missing one).
        """
        found: dict[str, set[str]] = {}
        depth = len(parent.segments)
        for segments in self._collections:
            if len(segments) > depth and segments[:depth] == parent.segments:
                inner = segments[depth + 1 : depth + 2]
                ids = inner or (each.path.id for each in self.collection(segments, at))
                if inner and not any(self.collection(segments, at)):
                    continue
                found.setdefault(segments[depth], set()).update(ids)
        return {name: ids for name, ids in found.items() if ids}

    def everything(self) -> Iterator[Version]:
        """Yield every document."""
        for segments in self._collections:
            yield from self.collection(segments)

    def _forget(self, before: int) -> None:
        while self._old and self._old[0][0] < before:
            time, collection, document = self._old.popleft()
            versions = self._collections[collection][document]
            keep = bisect_right(versions, time, key=lambda version: version.time) - 1
            del versions[:keep]
            if len(versions) == 1 and versions[0].document is None:
                del self._collections[collection][document]
                if not self._collections[collection]:
                    del self._collections[collection], self._sizes[collection]
                    self._indexes.pop(collection, None)
                    self._groups[collection[-1]].discard(collection)


def _at(versions: list[Version] | tuple[()], at: int | None) -> Version | None:
    if at is None:
        return versions[-1] if versions else None
    place = bisect_right(versions, at, key=lambda version: version.time)
    return versions[place - 1] if place else None
