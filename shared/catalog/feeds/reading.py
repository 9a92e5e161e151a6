"""How records of a page are read: refusals first, then every title that one tells of."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from shared.catalog.feeds.fields import Json
from shared.catalog.feeds.listing import Part, Told, items_of
from shared.catalog.feeds.refusals import refused
from shared.catalog.raw import FieldError, RawPage, RecordError

Read = Callable[[int, object], Iterator[Part]]
"""What a record, at its place in the page, comes to."""


def reading(comes_to: Callable[[int, Json], Iterable[Part]]) -> Read:
    """Return what reads a record; one that is no object comes to nothing, a refusal to an error.

    Args:
        comes_to: What any other record comes to; a `FieldError` sets the rest of it aside.
    """

    def read(index: int, record: object) -> Iterator[Part]:
        if not isinstance(record, Mapping):
            return
        if (refusal := refused(record)) is not None:
            yield RecordError(index, refusal.field, refusal.message)
            return
        try:
            yield from comes_to(index, record)
        except FieldError as error:
            yield RecordError(index, error.field, error.message)

    return read


def reading_titles(
    page: RawPage,
    raw_uri: str,
    *,
    entries: Callable[[Json], Iterable[tuple[str, Json]]],
    told_of: Callable[[Json, RawPage], Told],
) -> Read:
    """Return what reads a record that tells of titles, each read or set aside by itself.

    Args:
        page: Whose records are read.
        raw_uri: Where it lies.
        entries: The titles in a record, each with its place in it.
        told_of: What one tells; raises `FieldError` where it cannot be used.
    """

    def comes_to(index: int, record: Json) -> Iterator[Part]:
        for part, entry in entries(record):
            try:
                told = told_of(entry, page)
            except FieldError as error:
                yield RecordError(index, error.field, error.message, part)
            else:
                yield from items_of(page, raw_uri, index, replace(told, part=part))

    return reading(comes_to)
