"""Documents of one collection by the values of one field, for queries that ask for equal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulators.firestore.data import Version
    from emulators.firestore.fields import FieldPath
    from emulators.firestore.values import Key


class Index:
    """The newest versions of documents, by what one of their fields is compared by.

    Args:
        field: A document that lacks it is not in the index.
        versions: Of the documents that are there.
    """

    def __init__(self, field: FieldPath, versions: Iterable[Version]) -> None:
        self._field = field
        self._found: dict[Key, dict[str, Version]] = {}
        for version in versions:
            self.put(None, version)

    def put(self, before: Version | None, after: Version) -> None:
        """Let a version take the place of the one before."""
        key = self._key(before)
        if key is not None:
            del self._found[key][after.path.id]
            if not self._found[key]:
                del self._found[key]
        key = self._key(after)
        if key is not None:
            self._found.setdefault(key, {})[after.path.id] = after

    def _key(self, version: Version | None) -> Key | None:
        gone = version is None or version.document is None
        return None if gone else version.key(self._field)  # type: ignore[union-attr]

    def equal(self, keys: Iterable[Key]) -> Iterator[Version]:
        """Yield the documents whose field is equal to one of some values, in no order."""
        for key in keys:
            yield from self._found.get(key, {}).values()
