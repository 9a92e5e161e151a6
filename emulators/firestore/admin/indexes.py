"""Composite indexes: made, listed, deleted and kept; each is ready when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import names as places
from emulators.firestore.admin import names
from emulators.firestore.admin.ids import stable_id
from emulators.firestore.admin.messages import Index
from emulators.firestore.planning.definitions import Definition, composite

if TYPE_CHECKING:
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto

SPACE = "firestore.index"


class Indexes:
    """The composite indexes of all databases.

    Args:
        journal: Where they are kept.

    Attributes:
        changes: How often one was made or deleted.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.changes = 0
        self._kept: dict[str, dict[Definition, Proto]] = {}
        for name, body in journal.load(SPACE):
            root, collection = names.group(name.partition("/indexes/")[0])
            index = Index.FromString(body)
            self._kept.setdefault(root, {})[composite(collection, index)] = index

    def of(self, root: str) -> dict[Definition, Proto]:
        """Return the indexes of a database by what they define."""
        return self._kept.get(root, {})

    def create(self, parent: str, said: Proto) -> Proto:
        """Return a new index.

        Raises:
            EmulatorError: INVALID_ARGUMENT or ALREADY_EXISTS.
        """
        root, collection = names.group(parent)
        places.check_id(collection, parent)
        return self.add(root, composite(collection, said))

    def add(self, root: str, made: Definition) -> Proto:
        """Return a new index of a database.

        Raises:
            EmulatorError: ALREADY_EXISTS.
        """
        if made in self.of(root):
            raise errors.already_exists(f"index already exists: {self.of(root)[made].name}")
        key = stable_id(root, made)
        index = made.message(f"{root}/collectionGroups/{made.collection}/indexes/{key}")
        index.state, index.density = Index.READY, Index.SPARSE_ALL
        self._kept.setdefault(root, {})[made] = index
        self.changes += 1
        self._journal.put(SPACE, index.name, index.SerializeToString())
        return index

    def get(self, name: str) -> Proto:
        """Return an index.

        Raises:
            EmulatorError: NOT_FOUND or INVALID_ARGUMENT.
        """
        return self._find(name)[1]

    def all(self, parent: str) -> list[Proto]:
        """Return the indexes of a collection group, or of all where it is ``-``, by name.

        Raises:
            EmulatorError: INVALID_ARGUMENT.
        """
        root, collection = names.group(parent)
        kept = self.of(root).items()
        found = [index for made, index in kept if collection in {names.ANY, made.collection}]
        return sorted(found, key=lambda index: str(index.name))

    def delete(self, name: str) -> None:
        """Forget an index.

        Raises:
            EmulatorError: NOT_FOUND or INVALID_ARGUMENT.
        """
        made, _ = self._find(name)
        del self._kept[name.partition("/collectionGroups/")[0]][made]
        self.changes += 1
        self._journal.put(SPACE, name, None)

    def forget(self, root: str) -> None:
        """Forget the indexes of a database."""
        self.changes += 1
        for index in self._kept.pop(root, {}).values():
            self._journal.put(SPACE, index.name, None)

    def _find(self, name: str) -> tuple[Definition, Proto]:
        root = names.index(name).partition("/collectionGroups/")[0]
        for made, index in self.of(root).items():
            if index.name == name:
                return made, index
        raise errors.not_found(f'Index "{name}" not found.')
