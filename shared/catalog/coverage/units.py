"""Titles of an answer, one by one, each with what it needs to be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.catalog.coverage.declared import declared
from shared.catalog.feeds import tmdb, tmdb_parts
from shared.catalog.item import CanonicalItem
from shared.catalog.normalize import normalize_page
from shared.catalog.raw import ALL_PLATFORMS, ALL_REGIONS, Normalized, RawPage, RecordError

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DEPTH = 3


@dataclass
class Unit:
    """One record of a provider, read alone.

    Attributes:
        provider: Whose it is.
        record: The record; leaves may be taken out of it for a while.
        beside: A title for a part that speaks of one without naming it.
    """

    provider: str
    record: Any
    beside: Sequence[Any] = ()
    _known: dict[str, tuple[CanonicalItem, ...]] = field(default_factory=dict)

    def read(self, region: str = ALL_REGIONS) -> Normalized:
        """Return what becomes of the record."""
        page = RawPage.model_construct(
            provider=self.provider,
            platform=ALL_PLATFORMS,
            region=region,
            kind="catalog",
            fetched_at=_EPOCH,
            records=[*self.beside, self.record],
            shows={},
            preset="",
            mapping=None,
            next_cursor=None,
        )
        return normalize_page(page, "page")

    def items(self, region: str) -> tuple[CanonicalItem, ...]:
        """Return the items of the whole record, read once for each region."""
        if region not in self._known:
            self._known[region] = self.read(region).items
        return self._known[region]

    def problems(self) -> tuple[RecordError, ...]:
        """Return everything that was set aside of the record."""
        found = self.read()
        return (*found.errors, *found.unconfigured)


def units(provider: str, record: Any) -> Iterator[Unit]:  # noqa: ANN401 - JSON
    """Yield the titles of an answer; an answer without any is one unit as it is."""
    if provider == tmdb.PROVIDER and isinstance(record, Mapping):
        beside = tmdb_parts.stand_in(record)
        if beside is not None:
            yield Unit(provider, record, [beside])
            return
    yield from (Unit(provider, entry) for entry in _entries(provider, record, _DEPTH))


def _entries(provider: str, record: Any, depth: int) -> Iterator[Any]:  # noqa: ANN401 - JSON
    if not isinstance(record, dict) or depth == 0:
        yield record
        return
    rest = dict(record)
    inner: list[Any] = []
    people = ("cast", "crew") if provider == tmdb.PROVIDER and tmdb_parts.of_person(rest) else ()
    for name in (*declared(provider).entries, *people):
        if isinstance(rest.get(name), list | dict):
            given = rest.pop(name)
            inner += given if isinstance(given, list) else [given]
    for answer in rest.pop("data").values() if isinstance(rest.get("data"), dict) else ():
        inner += answer.get("edges", [answer]) if isinstance(answer, dict) else []
    if not inner or Unit(provider, rest).read().items:
        yield rest if inner else record
    for entry in inner:
        yield from _entries(provider, entry, depth - 1)
