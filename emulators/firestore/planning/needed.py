"""The indexes that queries turned out to need, kept so that a file can be made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.admin.messages import Index
from emulators.firestore.planning.definitions import GROUP, Definition, part

if TYPE_CHECKING:
    from emulators.core.journal import Journal

SPACE = "firestore.needed"
_AFTER = "/collectionGroups/"


class Needed:
    """The indexes, beyond those that every field has, that queries of any database needed.

    Args:
        journal: Where they are kept.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept: dict[str, dict[Definition, str]] = {}
        for key, body in journal.load(SPACE):
            root, _, rest = key.partition(_AFTER)
            said = Index.FromString(body)
            made = Definition(
                rest.partition("/")[0], said.query_scope == GROUP, tuple(map(part, said.fields))
            )
            self._kept.setdefault(root, {})[made] = key

    def add(self, root: str, index: Definition) -> None:
        """Remember an index."""
        kept = self._kept.setdefault(root, {})
        if index not in kept:
            kept[index] = f"{root}{_AFTER}{index.collection}/{index.group}/{index.parts}"
            self._journal.put(SPACE, kept[index], index.message().SerializeToString())

    def of(self, root: str) -> list[Definition]:
        """Return what the queries of a database needed."""
        return list(self._kept.get(root, ()))

    def forget(self, root: str) -> None:
        """Let a database be as if nothing had been asked."""
        for key in self._kept.pop(root, {}).values():
            self._journal.put(SPACE, key, None)
