"""What the admin service is about, in one place: it reaches the documents of each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.admin import names
from emulators.firestore.admin.databases import Databases
from emulators.firestore.admin.expiry import Expiry, Policy
from emulators.firestore.admin.indexes import Indexes
from emulators.firestore.admin.messages import Database
from emulators.firestore.admin.operations import Operations
from emulators.firestore.admin.settings import Settings
from emulators.firestore.planning.needed import Needed
from emulators.firestore.planning.planner import Indexed, Planner, Strict
from emulators.firestore.rate import WriteRate
from emulators.firestore.writes import SECOND, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.core.context import Context
    from emulators.core.methods import Proto
    from emulators.firestore import store as documents


class Resources:
    """Databases, indexes, settings of fields and operations, and what is refused.

    Args:
        context: The local cloud.
        store: The documents; from now on a database that was deleted is not opened.
    """

    def __init__(self, context: Context, store: documents.Store) -> None:
        self._clock, self._store = context.clock, store
        self.databases = Databases(context.clock, context.journal, context.location)
        self.indexes = Indexes(context.journal)
        self.settings = Settings(context.journal)
        self.operations = Operations(context.journal)
        self.needed = Needed(context.journal)
        self.strict = Strict(
            indexes="indexes" in context.firestore_strict,
            write_rate="write_rate" in context.firestore_strict,
        )
        self._expiries: dict[str, Expiry] = {}
        for database in store.all():
            self._opened(database)
        store.on_open = self._opened

    def _opened(self, database: documents.Database) -> None:
        root = database.data.root
        kept = self.databases.opened(root)
        database.transactions.optimistic = kept.concurrency_mode == Database.OPTIMISTIC
        database.planner = self._planner(root)
        database.rate = WriteRate(self._clock, self.strict)
        self._expiries[root] = Expiry(database, self._clock)
        self._follow(root)

    def _planner(self, root: str) -> Planner:
        indexed = Indexed(
            lambda: self.indexes.of(root),
            lambda collection, path: self.settings.modes(root, collection, path),
            lambda: (self.indexes.changes, self.settings.changes),
        )
        return Planner(root, indexed, self.strict, self.needed.add)

    def _follow(self, root: str) -> None:
        policies = {
            name.collection: Policy(name.path or (), offset)
            for name, offset in self.settings.expiring(root)
        }
        self._expiries[root].follow(policies)

    def database(self, root: str) -> documents.Database:
        """Return the documents of a database.

        Raises:
            EmulatorError: NOT_FOUND or INVALID_ARGUMENT.
        """
        return self._store.database(root)

    def create(self, request: Proto) -> Proto:
        """Make the database of a CreateDatabaseRequest; see `Databases.create`."""
        made = self.databases.create(request.parent, request.database_id, request.database)
        self._store.database(made.name)
        return made

    def update(self, said: Proto, mask: Iterable[str]) -> Proto:
        """Change a database; see `Databases.update`."""
        made = self.databases.update(said, mask)
        optimistic = made.concurrency_mode == Database.OPTIMISTIC
        self._store.database(made.name).transactions.optimistic = optimistic
        return made

    def delete(self, name: str, etag: str) -> Proto:
        """Delete a database with its documents, indexes and settings; see `Databases.delete`."""
        gone = self.databases.delete(name, etag)
        self.indexes.forget(name)
        self.needed.forget(name)
        self.settings.forget(name)
        if name in self._expiries:
            self._expiries.pop(name).close()
        self._store.forget(name)
        return gone

    def set_field(self, said: Proto, mask: Iterable[str]) -> tuple[Proto, Proto]:
        """Change the settings of a field; see `Settings.update`."""
        root = names.field(said.name).root
        self._store.database(root)
        changed = self.settings.update(said, mask)
        self._follow(root)
        return changed

    def now(self) -> int:
        """Return the time in microseconds."""
        return int(self._clock.now() * SECOND)

    def stamp(self) -> Proto:
        """Return the time as a Timestamp."""
        return stamp(self.now())

    async def commit(self) -> None:
        """Return when everything that was done would survive the process."""
        await self._store.commit()

    def close(self) -> None:
        """End nothing more by its time."""
        for each in self._expiries.values():
            each.close()
