"""Documents of one collection in the order of some fields, as queries that ask for it need them."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any

from emulators.firestore import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulators.firestore.data import Version
    from emulators.firestore.fields import FieldPath
    from emulators.firestore.values import Key


class Index:
    """The newest versions of documents by what fields are compared by, then by their names.

    Args:
        fields: A document that lacks one is not in the index.
        versions: Of the documents that are there.
    """

    def __init__(self, fields: tuple[FieldPath, ...], versions: Iterable[Version]) -> None:
        self._fields = fields
        entries = (self._entry(version) for version in versions)
        self._entries: list[Any] = sorted(entry for entry in entries if entry is not None)

    def put(self, before: Version | None, after: Version) -> None:
        """Let a version take the place of the one before."""
        entry = None if before is None else self._entry(before)
        if entry is not None:
            del self._entries[bisect_left(self._entries, entry)]
        entry = self._entry(after)
        if entry is not None:
            insort(self._entries, entry)

    def _entry(self, version: Version) -> tuple[Any, ...] | None:
        if version.document is None:
            return None
        keys = [version.key(field) for field in self._fields]
        # No two documents of a collection have one name, so versions are not compared.
        return None if None in keys else (*keys, names.sort_key(version.path.segments), version)

    def equal(self, keys: Iterable[Key]) -> Iterator[Version]:
        """Yield the documents whose first field is equal to one of some values."""
        for key in keys:
            # What is right behind a key is that key and something more.
            yield from self.between((key,), ((*key, 0),), reverse=False)

    def between(
        self, low: tuple[Key, ...], high: tuple[Key, ...], *, reverse: bool
    ) -> Iterator[Version]:
        """Yield documents in order whose first fields are from some keys to before others."""
        places = range(bisect_left(self._entries, low), bisect_left(self._entries, high))
        for place in reversed(places) if reverse else places:
            yield self._entries[place][-1]
