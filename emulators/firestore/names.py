"""Names of databases, collections and documents: what they may be, and their parts.

    projects/P/databases/D/documents/users/ada/lists/later
    └───── database root ─────┘      └─ collection ─┘└ id ┘ …

https://cloud.google.com/firestore/quotas#collections_documents_and_fields
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from emulators.core import errors

MOST_ID_BYTES = 1500
MOST_DEPTH = 100
_ROOT = re.compile(r"projects/([^/]+)/databases/([^/]+)")
_NUMERIC = re.compile(r"__id(0|-?[1-9]\d*)__")
_LARGEST = 2**63
_RESERVED = re.compile(r"__.*__", re.DOTALL)
_SEPARATOR = "/documents"


class Path(NamedTuple):
    """A document or collection below a database.

    Attributes:
        root: ``projects/P/databases/D``.
        segments: Collection and document ids in turn; none is the root of all documents.
    """

    root: str
    segments: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join((self.root + _SEPARATOR, *self.segments))

    @property
    def is_document(self) -> bool:
        """Whether it names a document, or the root that stands for one."""
        return len(self.segments) % 2 == 0

    @property
    def parent(self) -> Path:
        """The collection of a document, or the document of a collection."""
        return Path(self.root, self.segments[:-1])

    @property
    def id(self) -> str:
        """Its last segment."""
        return self.segments[-1]

    def child(self, *segments: str) -> Path:
        """Return what is below it."""
        return Path(self.root, (*self.segments, *segments))

    def is_below(self, other: Path) -> bool:
        """Tell whether it lies under another path of the same database."""
        depth = len(other.segments)
        return self.root == other.root and self.segments[:depth] == other.segments


def database(name: str) -> str:
    """Return a database's name.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if not _ROOT.fullmatch(name):
        raise errors.invalid_argument(
            f'Invalid database name "{name}": expected projects/PROJECT/databases/DATABASE.'
        )
    return name


def parse(name: str) -> Path:
    """Return a document's, a collection's or the root's path; it may be remembered.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming what is wrong with it.
    """
    return _parsed(name)


@lru_cache(maxsize=65_536)
def _parsed(name: str) -> Path:
    found = _ROOT.match(name)
    rest = name[found.end() :] if found else ""
    if found is None or not (rest == _SEPARATOR or rest.startswith(_SEPARATOR + "/")):
        raise errors.invalid_argument(
            f'Resource name "{name}" does not start with '
            "projects/PROJECT/databases/DATABASE/documents."
        )
    if rest == _SEPARATOR + "/":
        raise errors.invalid_argument(f'Resource name "{name}" is invalid: Omit trailing "/".')
    below = rest[len(_SEPARATOR) + 1 :]
    segments = tuple(below.split("/")) if below else ()
    for segment in segments:
        check_id(segment, name)
    if len(segments) > 2 * MOST_DEPTH:
        raise errors.invalid_argument(f'"{name}" is nested over {MOST_DEPTH} levels deep.')
    return Path(found.group(), segments)


def document(name: str) -> Path:
    """Return the path of a document.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    path = parse(name)
    if not path.segments or not path.is_document:
        raise errors.invalid_argument(
            f'Document name "{name}" has invalid trailing components: ids of collections and '
            "documents come in pairs."
        )
    return path


def parent(name: str) -> Path:
    """Return the path of what collections are below: a document, or the root.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    path = parse(name)
    if not path.is_document:
        raise errors.invalid_argument(f'Parent "{name}" is a collection, not a document.')
    return path


def check_id(segment: str, name: str) -> None:
    """Refuse an id that no collection or document may have.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if not segment:
        raise errors.invalid_argument(f'Resource name "{name}" has an empty segment.')
    if "/" in segment:
        raise errors.invalid_argument(
            f'Resource id "{segment}" is invalid because it contains "/".'
        )
    if segment in {".", ".."}:
        raise errors.invalid_argument(f'Resource id "{segment}" is not allowed in "{name}".')
    if len(segment.encode()) > MOST_ID_BYTES:
        raise errors.invalid_argument(
            f"The id of a path is longer than {MOST_ID_BYTES} bytes: {segment[:50]}…"
        )
    if _RESERVED.fullmatch(segment) and len(segment) > 4:  # noqa: PLR2004 - "____" is no reserved name
        _check_numeric(segment)


def _check_numeric(segment: str) -> None:
    numeric = _NUMERIC.fullmatch(segment)
    if numeric is None:
        raise errors.invalid_argument(f'Resource id "{segment}" is invalid because it is reserved.')
    if not -_LARGEST <= int(numeric[1]) < _LARGEST:
        raise errors.invalid_argument(
            f'Resource id "{segment}" is invalid because it is not a 64 bit integer.'
        )


def sort_key(segments: tuple[str, ...]) -> tuple[tuple[int, int, bytes], ...]:
    """Return what paths are ordered by: numeric ids by number, then ids by their bytes."""
    return tuple(map(_segment_key, segments))


@lru_cache(maxsize=65_536)
def _segment_key(segment: str) -> tuple[int, int, bytes]:
    numeric = _NUMERIC.fullmatch(segment)
    return (0, int(numeric[1]), b"") if numeric else (1, 0, segment.encode())
