"""Names of what the admin service keeps, and their parts."""

from __future__ import annotations

import re
from typing import NamedTuple

from emulators.core import errors
from emulators.firestore import fields

ANY = "-"
"""Stands for every collection group in the parent of a list."""
DEFAULTS = "__default__"
"""The collection group of the database's own settings of fields."""
EVERY_FIELD = "*"
_PROJECT = re.compile(r"projects/([^/]+)")
_DATABASE = re.compile(r"projects/[^/]+/databases/[^/]+")
_GROUP = re.compile(rf"({_DATABASE.pattern})/collectionGroups/([^/]+)")
_INDEX = re.compile(rf"({_DATABASE.pattern})/collectionGroups/([^/]+)/indexes/([^/]+)")
_FIELD = re.compile(rf"({_DATABASE.pattern})/collectionGroups/([^/]+)/fields/(.+)", re.DOTALL)
_ID = re.compile(r"[a-z][a-z0-9-]{2,61}[a-z0-9]")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class FieldName(NamedTuple):
    """A field of a collection group.

    Attributes:
        root: ``projects/P/databases/D``.
        collection: Id of the collections, or `DEFAULTS`.
        path: None for every field.
    """

    root: str
    collection: str
    path: fields.FieldPath | None

    def __str__(self) -> str:
        return f"{self.root}/collectionGroups/{self.collection}/fields/{self.written}"

    @property
    def written(self) -> str:
        """How its path is said."""
        return EVERY_FIELD if self.path is None else fields.written(self.path)


def project(parent: str) -> str:
    """Return a project's name.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    return _matched(_PROJECT, parent, "parent", "projects/PROJECT").group()


def database(name: str) -> str:
    """Return a database's name.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    return _matched(_DATABASE, name, "name", "projects/PROJECT/databases/DATABASE").group()


def group(parent: str) -> tuple[str, str]:
    """Return the database and the collection id of a collection group.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    form = "projects/PROJECT/databases/DATABASE/collectionGroups/COLLECTION"
    found = _matched(_GROUP, parent, "parent", form)
    return found[1], found[2]


def index(name: str) -> str:
    """Return an index's name.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    form = "projects/PROJECT/databases/DATABASE/collectionGroups/COLLECTION/indexes/INDEX"
    return _matched(_INDEX, name, "name", form).group()


def field(name: str) -> FieldName:
    """Return the parts of a field's name.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    form = "projects/PROJECT/databases/DATABASE/collectionGroups/COLLECTION/fields/FIELD"
    found = _matched(_FIELD, name, "name", form)
    if found[2] == DEFAULTS and found[3] != EVERY_FIELD:
        raise errors.invalid_argument(f'"{name}": {DEFAULTS} has the field {EVERY_FIELD} alone.')
    path = None if found[3] == EVERY_FIELD else fields.parse(found[3])
    return FieldName(found[1], found[2], path)


def check_new(database_id: str) -> None:
    """Refuse an id that no new database may have.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    fits = _ID.fullmatch(database_id) and not _UUID.fullmatch(database_id)
    if database_id != "(default)" and not fits:
        raise errors.invalid_argument(
            f'database_id "{database_id}" must be "(default)", or 4 to 63 lower-case letters, '
            "digits and hyphens that begin with a letter, end with a letter or digit, and are "
            "no UUID."
        )


def _matched(pattern: re.Pattern[str], name: str, field_name: str, form: str) -> re.Match[str]:
    found = pattern.fullmatch(name)
    if found is None:
        raise errors.invalid_argument(f'Invalid {field_name} "{name}": expected {form}.')
    return found
