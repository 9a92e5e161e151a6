"""Long-running operations: what was asked for is done when they are answered, and they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.longrunning import operations_pb2

from emulators.core import errors
from emulators.firestore.admin.ids import stable_id

if TYPE_CHECKING:
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto

SPACE = "firestore.operation"
Operation = operations_pb2.Operation


class Operations:
    """The operations of all databases.

    Args:
        journal: Where they are kept.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept = {name: Operation.FromString(body) for name, body in journal.load(SPACE)}

    def done(self, root: str, *, response: Proto, metadata: Proto, time: int) -> Proto:
        """Return a new operation that has done what it was for.

        Args:
            root: ``projects/P/databases/D``.
            response: What it made.
            metadata: How it went.
            time: Microseconds, which make its name.
        """
        number = sum(name.startswith(root) for name in self._kept)
        made = Operation(name=f"{root}/operations/{stable_id(root, time, number)}", done=True)
        made.response.Pack(response)
        made.metadata.Pack(metadata)
        self._kept[made.name] = made
        self._journal.put(SPACE, made.name, made.SerializeToString())
        return made

    def get(self, name: str) -> Proto:
        """Return an operation.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        if name not in self._kept:
            raise errors.not_found(f'Operation "{name}" not found.')
        return self._kept[name]

    def all(self, root: str) -> list[Proto]:
        """Return the operations of a database by their names."""
        return [self._kept[name] for name in sorted(self._kept) if name.startswith(f"{root}/")]

    def delete(self, name: str) -> None:
        """Forget an operation.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        self.get(name)
        del self._kept[name]
        self._journal.put(SPACE, name, None)
