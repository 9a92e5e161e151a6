"""Normalizing: one raw page in, canonical items and set-aside records out."""

from collections.abc import Callable, Iterator
from functools import partial

from shared.catalog import streaming_availability as v4
from shared.catalog.drift import Tally
from shared.catalog.feeds import justwatch, ott_details, tmdb, watchmode, youtube
from shared.catalog.feeds import streaming_availability_older as older
from shared.catalog.feeds.refusals import refused
from shared.catalog.genres import counting_misses
from shared.catalog.item import CanonicalItem
from shared.catalog.mapping import chosen_mapping
from shared.catalog.raw import (
    FieldError,
    Normalized,
    RawPage,
    RecordError,
    Unconfigured,
    source_of,
    unreadable,
)
from shared.catalog.tabular import TabularReader
from shared.kernel.errors import InvalidInputError

GENERIC = "generic"
_FEEDS = {feed.PROVIDER: feed.reader for feed in (justwatch, ott_details, tmdb, watchmode, youtube)}
PROVIDERS = (GENERIC, v4.PROVIDER, *_FEEDS)
"""Whose pages can be read; not all of them can be fetched."""
SHAPE = "shape"
"""Field of a record at fault as a whole, in a way that nobody thought of."""
_SURPRISES = (TypeError, ValueError, AttributeError, KeyError, OverflowError, RecursionError)
"""What a record of an unforeseen shape makes our code raise; it must not cost the page."""

Part = CanonicalItem | RecordError
Reader = Callable[[int, object], Iterator[Part]]


def normalize_page(page: RawPage, raw_uri: str) -> Normalized:
    """Return the items of a page and the records that were set aside.

    Args:
        page: At most 100 records of one provider.
        raw_uri: Where the page lies, for the pointers back.

    Raises:
        InvalidInputError: The page itself cannot be used: unknown provider, mapping not acceptable.
        NotFoundError: There is no preset of the page's name.
    """
    reader = _reader(page, raw_uri)
    with counting_misses() as misses:
        parts = [
            part
            for index, record in enumerate(page.records)
            for part in _read(reader, index, record)
        ]
    aside = [part for part in parts if isinstance(part, RecordError)]
    return Normalized(
        items=tuple(part for part in parts if isinstance(part, CanonicalItem)),
        errors=tuple(part for part in aside if not isinstance(part, Unconfigured)),
        unconfigured=tuple(part for part in aside if isinstance(part, Unconfigured)),
        genre_misses=misses,
    )


def listings(page: RawPage, raw_uri: str) -> Tally:
    """Return how many items and errors a page comes to: a show on three platforms counts thrice.

    A file's row is one listing, whatever it holds; whether it can be read is seen later.
    """
    if page.provider == GENERIC:
        return Tally(len(page.records))
    found = normalize_page(page, raw_uri)
    faulty = len({error.index for error in found.errors})
    return Tally(len(found.items) + len(found.errors), len(found.errors), faulty)


def _reader(page: RawPage, raw_uri: str) -> Reader:
    if page.provider == v4.PROVIDER:
        read = v4.change_items if page.kind == "changes" else v4.show_items
        return partial(_shows, read, page, raw_uri)
    if page.provider in _FEEDS:
        return _whole(_FEEDS[page.provider](page, raw_uri))
    if page.provider == GENERIC:
        mapping = chosen_mapping(page.preset, page.mapping)
        platform = page.platform or mapping.platform
        if not platform:
            raise InvalidInputError("the file's platform is not known: name it")
        table = TabularReader(mapping, platform=platform, region=page.region)
        return partial(_row, table, page, raw_uri)
    raise InvalidInputError(f"there is no normalizer for provider {page.provider!r}")


def _read(reader: Reader, index: int, record: object) -> Iterator[Part]:
    wrong = unreadable(record)
    if wrong is not None:
        yield RecordError(index, wrong.field, wrong.message)
        return
    try:
        yield from reader(index, record)
    except _SURPRISES as error:
        yield RecordError(index, SHAPE, f"is none that we know: {error}")


def _shows(
    read: Callable[[RawPage, str, int, v4.Json], Iterator[Part]],
    page: RawPage,
    raw_uri: str,
    index: int,
    record: object,
) -> Iterator[Part]:
    if not isinstance(record, dict):
        return
    if (refusal := refused(record)) is not None:
        yield RecordError(index, refusal.field, refusal.message)
        return
    # A list, so that a surprise half way leaves one error and no item behind.
    for show in older.unwrapped(record):
        yield from list(_show(read, page, raw_uri, index, show))


def _show(
    read: Callable[[RawPage, str, int, v4.Json], Iterator[Part]],
    page: RawPage,
    raw_uri: str,
    index: int,
    show: v4.Json,
) -> Iterator[Part]:
    try:
        told = older.modern(show) if older.is_older(show) else show
    except FieldError as error:
        yield RecordError(index, error.field, error.message)
        return
    yield from read(page, raw_uri, index, told)
    if told.get("seasons"):
        yield from v4.part_items(page, raw_uri, index, told)


def _whole(read: Reader) -> Reader:
    """Return a reader that gives all of a record or nothing of it."""
    return lambda index, record: iter(list(read(index, record)))


def _row(
    table: TabularReader, page: RawPage, raw_uri: str, index: int, record: object
) -> Iterator[Part]:
    try:
        if isinstance(record, dict):
            yield table.item(record, source_of(page, raw_uri, index))
    except FieldError as error:
        yield RecordError(index, error.field, error.message)
