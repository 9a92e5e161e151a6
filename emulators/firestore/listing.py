"""Lists of documents and of collections, page by page, and the parts of a large query."""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from emulators.core import errors
from emulators.firestore import fields, names
from emulators.firestore.data import Version
from emulators.firestore.messages import Cursor, Document, StructuredQuery, Value
from emulators.firestore.queries.query import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.data import Data

PAGE = 300
ASCENDING, DESCENDING = 1, 2
_DOCUMENTS, _COLLECTIONS, _PARTITIONS = b"documents:", b"collections:", b"partitions:"
_ORDER = re.compile(r"(\S+)(?: +(asc|desc))?", re.IGNORECASE)
_WAYS = {"asc": ASCENDING, "desc": DESCENDING}


def query(request: Proto) -> Query:
    """Return the query for a page of a collection's documents, from where the last one ended.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if request.show_missing and (request.order_by or not request.collection_id):
        raise errors.invalid_argument(
            "show_missing needs a collection_id and cannot be used with order_by."
        )
    said = _selected(request)
    if request.page_token:
        said.start_at.CopyFrom(_after(request.page_token))
        if not any(each.field.field_path == fields.NAME for each in said.order_by):
            last = said.order_by[-1].direction if said.order_by else ASCENDING
            said.order_by.add(direction=last).field.field_path = fields.NAME
    if not request.show_missing:
        said.limit.value = _size(request) + 1
    return Query(names.parent(request.parent), said)


def documents(data: Data, asked: Query, request: Proto, at: int | None) -> tuple[list[Proto], str]:
    """Return a page of a collection's documents, and the token of the next one.

    Args:
        data: Of the database.
        asked: What `query` returned.
        request: A ListDocumentsRequest.
        at: Microseconds; None is now.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    found = asked.run(data, at)
    if request.show_missing:
        found = _with_missing(found, asked, data, at)
    page, rest = found[: _size(request)], found[_size(request) :]
    place = asked.order.cursor(page[-1]).SerializeToString() if rest else b""
    token = _encoded(_DOCUMENTS, place) if rest else ""
    mask = request.mask.field_paths if request.HasField("mask") else None
    return [fields.masked(each.document, mask) for each in page], token


def _after(token: str) -> Proto:
    try:
        return Cursor.FromString(_decoded(_DOCUMENTS, token))
    except DecodeError:
        raise _strange_token() from None


def _encoded(method: bytes, place: bytes) -> str:
    return urlsafe_b64encode(method + place).decode()


def _decoded(method: bytes, token: str) -> bytes:
    """Return the place that a token of a method stands for."""
    try:
        found = b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        raise _strange_token() from None
    if not found.startswith(method):
        raise _strange_token()
    return found.removeprefix(method)


def _strange_token() -> errors.EmulatorError:
    return errors.invalid_argument("invalid page token: page_token is none of this method's.")


def _size(request: Proto) -> int:
    if request.page_size < 0:
        raise errors.invalid_argument("page_size must be greater than or equal to zero.")
    return int(request.page_size) or PAGE


def _selected(request: Proto) -> Proto:
    query = StructuredQuery()
    selector = query.from_.add()
    selector.collection_id = request.collection_id
    for part in re.split(", *", request.order_by) if request.order_by else ():
        found = _ORDER.fullmatch(part)
        if found is None:
            raise errors.invalid_argument(f'Invalid order by clause "{request.order_by}".')
        order = query.order_by.add(direction=_WAYS[(found[2] or "asc").lower()])
        order.field.field_path = found[1]
    return query


def _with_missing(found: list[Version], asked: Query, data: Data, at: int | None) -> list[Version]:
    collection = asked.parent.child(asked.collection)
    ids = data.below(asked.parent, at).get(collection.id, set())
    missing = {collection.child(each) for each in ids} - {version.path for version in found}
    named = (Version(path, 0, Document(name=str(path))) for path in missing)
    return asked.order.sorted([*found, *filter(asked.has, named)])


def collection_ids(data: Data, request: Proto, at: int | None) -> tuple[list[str], str]:
    """Return a page of the ids of a document's collections, and the token of the next one.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    ids = sorted(data.below(names.parent(request.parent), at), key=str.encode)
    after = _decoded(_COLLECTIONS, request.page_token) if request.page_token else b""
    rest = [each for each in ids if each.encode() > after]
    page = rest[: _size(request)]
    return page, _encoded(_COLLECTIONS, page[-1].encode()) if len(rest) > len(page) else ""


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


def paged(found: Sequence[Proto], request: Proto) -> tuple[list[Proto], str]:
    """Return the page that a request asks for, and the token of the next one.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    size = _size(request)
    try:
        start = int(_decoded(_PARTITIONS, request.page_token)) if request.page_token else 0
    except ValueError:
        raise _strange_token() from None
    token = _encoded(_PARTITIONS, str(start + size).encode()) if start + size < len(found) else ""
    return list(found[start : start + size]), token
