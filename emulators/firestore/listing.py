"""Lists of documents and of collections, page by page, and the parts of a large query."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import fields, names
from emulators.firestore.messages import Cursor, Document, StructuredQuery, Value
from emulators.firestore.queries.query import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.data import Data
    from emulators.firestore.names import Path

PAGE = 300
ASCENDING, DESCENDING = 1, 2
_WAYS = {"asc": ASCENDING, "desc": DESCENDING}


def documents(data: Data, request: Proto, at: int | None) -> tuple[list[Proto], str]:
    """Return a page of a collection's documents, and the token of the next one.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    parent = names.parent(request.parent)
    if request.show_missing and request.order_by:
        raise errors.invalid_argument("show_missing cannot be used with order_by.")
    query = Query(parent, _selected(request))
    found = [version.document for version in query.run(data, at)]
    if request.show_missing:
        found = _with_missing(found, parent.child(request.collection_id), data, at)
    page, token = paged(found, request)
    mask = request.mask.field_paths if request.HasField("mask") else None
    return [fields.masked(each, mask) for each in page], token


def _selected(request: Proto) -> Proto:
    query = StructuredQuery()
    selector = query.from_.add()
    selector.collection_id = request.collection_id
    selector.all_descendants = not request.collection_id
    for part in filter(None, (each.strip() for each in request.order_by.split(","))):
        name, _, way = part.partition(" ")
        if way.strip().lower() not in {"", *_WAYS}:
            raise errors.invalid_argument(f'order_by "{part}" is neither asc nor desc.')
        order = query.order_by.add(direction=_WAYS.get(way.strip().lower(), ASCENDING))
        order.field.field_path = name
    return query


def _with_missing(found: list[Proto], collection: Path, data: Data, at: int | None) -> list[Proto]:
    there = {document.name: document for document in found}
    ids = data.below(collection.parent, at).get(collection.id, set())
    paths = sorted((collection.child(each) for each in ids), key=_by_name)
    return [there.get(str(path)) or Document(name=str(path)) for path in paths]


def _by_name(path: Path) -> tuple[tuple[int, int, bytes], ...]:
    return names.sort_key(path.segments)


def collection_ids(data: Data, request: Proto, at: int | None) -> tuple[list[str], str]:
    """Return a page of the ids of a document's collections, and the token of the next one.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    return paged(sorted(data.below(names.parent(request.parent), at)), request)


def paged(found: Sequence[Proto], request: Proto) -> tuple[list[Proto], str]:
    """Return the page that a request asks for, and the token of the next one.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if request.page_size < 0:
        raise errors.invalid_argument("page_size is negative.")
    start, size = _place(request.page_token), request.page_size or PAGE
    rest = start + size < len(found)
    token = urlsafe_b64encode(str(start + size).encode()).decode() if rest else ""
    return list(found[start : start + size]), token


def _place(token: str) -> int:
    try:
        return int(urlsafe_b64decode(token)) if token else 0
    except ValueError:
        raise errors.invalid_argument("page_token is none of this method's.") from None


def partitions(data: Data, request: Proto, at: int | None) -> list[Proto]:
    """Return cursors that part the results of a query, in order.

    Raises:
        EmulatorError: INVALID_ARGUMENT: the query is not of a whole collection group, by name.
    """
    said = request.structured_query
    query = Query(names.parent(request.parent), said)
    if not query.deep or said.HasField("where") or said.HasField("limit") or said.offset:
        raise errors.invalid_argument(
            "Only queries of all descendants, ordered by name and without filter, are parted."
        )
    if query.order.paths != ((fields.NAME,),) or any(query.order.reverse):
        raise errors.invalid_argument("Queries that are parted are ordered by __name__ ascending.")
    if request.partition_count <= 0:
        raise errors.invalid_argument("partition_count must be positive.")
    found = query.run(data, at)
    parts = min(request.partition_count, len(found))
    places = [len(found) * number // parts for number in range(1, parts)] if parts else []
    return [Cursor(values=[Value(reference_value=str(found[each].path))]) for each in places]
