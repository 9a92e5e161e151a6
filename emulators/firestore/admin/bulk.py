"""Documents that are deleted by their collections, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulators.core import errors
from emulators.firestore.messages import Write
from emulators.firestore.names import Path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.store import Database

BATCH = 500


class Deleted(NamedTuple):
    """How many documents were deleted, and how many bytes they had."""

    documents: int
    size: int


def collections(request: Proto) -> list[str]:
    """Return the ids of the collections that a BulkDeleteDocumentsRequest is about; "" is any.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    ids, namespaces = list(request.collection_ids), list(request.namespace_ids)
    if not ids and not namespaces:
        raise errors.invalid_argument(
            "collection_ids and namespace_ids are both empty: use DeleteDatabase instead."
        )
    for field, given in (("collection_ids", ids), ("namespace_ids", namespaces)):
        if len(set(given)) != len(given):
            raise errors.invalid_argument(f"{field} names one more than once.")
    if any(namespaces):
        raise errors.invalid_argument(
            f'namespace_ids has "{max(namespaces)}": there is the default namespace "" alone.'
        )
    if "" in ids:
        raise errors.invalid_argument("collection_ids has an empty id.")
    return ids or [""]


async def delete(database: Database, ids: Sequence[str]) -> Deleted:
    """Delete the documents that are in some collections now; those added meanwhile stay."""
    root = Path(database.data.root, ())
    found = [each for name in ids for each in database.data.group(root, name)]
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        await database.commit([Write(delete=str(each.path)) for each in batch], limited=False)
    documents = (each.document for each in found if each.document is not None)
    return Deleted(len(found), sum(each.ByteSize() for each in documents))
