"""Databases as resources: made by name or by being named, changed, deleted and kept.

One that data is read from or written to is there from then on, with the settings of a new one.
One that was deleted is gone until it is made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore.admin import names
from emulators.firestore.admin.ids import stable_id, stable_uuid
from emulators.firestore.admin.messages import REALTIME_ENABLED, Database
from emulators.firestore.data import KEPT
from emulators.firestore.writes import SECOND, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto

SPACE = "firestore.database"
MUTABLE = frozenset(
    {
        "app_engine_integration_mode",
        "concurrency_mode",
        "delete_protection_state",
        "firestore_data_access_mode",
        "mongodb_compatible_data_access_mode",
        "point_in_time_recovery_enablement",
        "type_",
    }
)
_IMMUTABLE = frozenset({"database_edition", "location_id", "realtime_updates_mode"})


class Databases:
    """The databases of all projects.

    Args:
        clock: The time.
        journal: Where they are kept.
        location: Of those that say none.
    """

    def __init__(self, clock: Clock, journal: Journal, location: str) -> None:
        self._clock, self._journal, self._location = clock, journal, location
        self._live: dict[str, Proto] = {}
        self._deleted: dict[str, Proto] = {}
        for name, body in journal.load(SPACE):
            kept = Database.FromString(body)
            (self._deleted if kept.HasField("delete_time") else self._live)[name] = kept

    def opened(self, root: str) -> Proto:
        """Return a database that is named, which makes it where it never was.

        Raises:
            EmulatorError: NOT_FOUND: it was deleted. INVALID_ARGUMENT: this is no name of one.
        """
        self.check_there(root)
        if root not in self._live:
            self._keep(self._made(names.database(root), Database()))
        return self._live[root]

    def check_there(self, root: str) -> None:
        """Refuse a database that was deleted; one that was never named is empty, and good.

        Raises:
            EmulatorError: NOT_FOUND or INVALID_ARGUMENT.
        """
        names.database(root)
        if root not in self._live and any(_was(each) == root for each in self._deleted.values()):
            raise _lost(root)

    def create(self, parent: str, database_id: str, said: Proto) -> Proto:
        """Return a new database.

        Raises:
            EmulatorError: INVALID_ARGUMENT or ALREADY_EXISTS.
        """
        project = names.project(parent)
        names.check_new(database_id)
        if not said.location_id:
            raise errors.invalid_argument("database.location_id must be set.")
        root = f"{project}/databases/{database_id}"
        if root in self._live:
            raise errors.already_exists(f'Database "{root}" already exists.')
        return self._keep(self._made(root, said))

    def _made(self, root: str, said: Proto) -> Proto:
        now = self._now()
        made = Database(
            name=root,
            uid=stable_uuid(root, now),
            location_id=said.location_id or self._location,
            type_=Database.FIRESTORE_NATIVE,
            concurrency_mode=said.concurrency_mode or Database.PESSIMISTIC,
            point_in_time_recovery_enablement=Database.POINT_IN_TIME_RECOVERY_DISABLED,
            app_engine_integration_mode=Database.DISABLED,
            delete_protection_state=said.delete_protection_state
            or Database.DELETE_PROTECTION_DISABLED,
            free_tier=not any(
                each.free_tier for each in self.all(root.partition("/databases/")[0])
            ),
            database_edition=Database.STANDARD,
            realtime_updates_mode=REALTIME_ENABLED,
            firestore_data_access_mode=Database.DATA_ACCESS_MODE_ENABLED,
            mongodb_compatible_data_access_mode=Database.DATA_ACCESS_MODE_DISABLED,
        )
        made.version_retention_period.seconds = KEPT // SECOND
        made.create_time.CopyFrom(stamp(now))
        return made

    def get(self, name: str) -> Proto:
        """Return a database, or one that was deleted by its new name.

        Raises:
            EmulatorError: NOT_FOUND or INVALID_ARGUMENT.
        """
        found = self._live.get(names.database(name)) or self._deleted.get(name)
        if found is None:
            raise _lost(name)
        return self._shown(found)

    def all(self, parent: str, *, deleted: bool = False) -> list[Proto]:
        """Return the databases of a project by name, those that were deleted too if asked.

        Raises:
            EmulatorError: INVALID_ARGUMENT.
        """
        start = f"{names.project(parent)}/databases/"
        kept = self._live | self._deleted if deleted else self._live
        return [self._shown(kept[name]) for name in sorted(kept) if name.startswith(start)]

    def update(self, said: Proto, mask: Iterable[str]) -> Proto:
        """Change a database; without a mask, whatever is said that can change.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT, or FAILED_PRECONDITION: another etag.
        """
        held = self._of(said.name, said.etag)
        given = {field.name for field, _ in said.ListFields()}
        paths = {"type_" if path == "type" else path for path in mask} or given
        for path in sorted(paths):
            _check_change(path, said, held)
        changed = Database()
        changed.CopyFrom(held)
        for path in paths & MUTABLE:
            setattr(changed, path, getattr(said, path))
        return self._keep(changed)

    def delete(self, name: str, etag: str) -> Proto:
        """Return what is left of a database: its id is free, and it has its uid for a name.

        Raises:
            EmulatorError: NOT_FOUND, or FAILED_PRECONDITION: it is protected, or of another etag.
        """
        held = self._of(name, etag)
        if held.delete_protection_state == Database.DELETE_PROTECTION_ENABLED:
            raise errors.failed_precondition(
                f'Database "{name}" has delete protection enabled: disable it first.'
            )
        gone = Database()
        gone.CopyFrom(held)
        project, _, gone.previous_id = name.partition("/databases/")
        gone.name = f"{project}/databases/{gone.uid}"
        gone.delete_time.CopyFrom(stamp(self._now()))
        del self._live[name]
        self._journal.put(SPACE, name, None)
        return self._keep(gone)

    def _of(self, name: str, etag: str) -> Proto:
        held = self._live.get(names.database(name))
        if held is None:
            raise _lost(name)
        if etag and etag != held.etag:
            raise errors.failed_precondition(
                f'etag "{etag}" is not that of database "{name}", "{held.etag}".'
            )
        return held

    def _keep(self, made: Proto) -> Proto:
        made.update_time.CopyFrom(stamp(self._now()))
        made.ClearField("etag")
        made.etag = stable_id(made.SerializeToString(deterministic=True))
        kept = self._deleted if made.HasField("delete_time") else self._live
        kept[made.name] = made
        self._journal.put(SPACE, made.name, made.SerializeToString())
        return self._shown(made)

    def _shown(self, kept: Proto) -> Proto:
        shown = Database()
        shown.CopyFrom(kept)
        shown.earliest_version_time.CopyFrom(stamp(self._now() - KEPT))
        return shown

    def _now(self) -> int:
        return int(self._clock.now() * SECOND)


def _check_change(path: str, said: Proto, held: Proto) -> None:
    """Refuse a path of a mask that names nothing, or what cannot change and is another."""
    if path not in said.DESCRIPTOR.fields_by_name:
        raise errors.invalid_argument(f"update_mask: a database has no field {path}.")
    if path in MUTABLE and not getattr(said, path):
        raise errors.invalid_argument(f"update_mask names {path}, which database does not say.")
    if path in _IMMUTABLE and getattr(said, path) != getattr(held, path):
        raise errors.invalid_argument(f"update_mask: {path} of a database cannot change.")


def _was(gone: Proto) -> str:
    return f"{gone.name.partition('/databases/')[0]}/databases/{gone.previous_id}"


def _lost(name: str) -> errors.EmulatorError:
    project, _, database_id = name.removeprefix("projects/").partition("/databases/")
    return errors.not_found(f"The database {database_id} does not exist for project {project}.")
