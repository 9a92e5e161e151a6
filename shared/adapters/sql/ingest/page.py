"""One page under way: what is known, what was decided, what is to be written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson

from shared.catalog.item import CanonicalItem
from shared.catalog.values import ExternalIdType
from shared.matching.directory import Directory, Listing
from shared.matching.facts import Facts, facts_of
from shared.matching.offers import OfferChange
from shared.matching.record import Record

Rows = list[dict[str, Any]]
Observed = tuple[str, str, str, str]
"""Platform, listing, region, source."""
_STRENGTH = {kind.value: place for place, kind in enumerate(ExternalIdType)}
NOT_OF_THE_TITLE = {"source", "region", "platform_content_id", "platform", "offers", "updated_at"}


@dataclass(frozen=True, slots=True)
class Observation:
    """What a source last said of a listing in a region."""

    item_hash: str
    offers_hash: str
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """An offer's change, and of which title it is."""

    content_id: UUID
    change: OfferChange


@dataclass
class Known:
    """What the database says about a page's items.

    Attributes:
        directory: Titles as they can be compared.
        records: Whole titles, held until the transaction ends.
        hashes: Of the whole titles.
        compared: Hashes of titles that can be compared and are not held, as they were then.
        observations: What sources said last.
    """

    directory: Directory = field(default_factory=Directory)
    records: dict[UUID, Record] = field(default_factory=dict)
    hashes: dict[UUID, bytes] = field(default_factory=dict)
    compared: dict[UUID, bytes] = field(default_factory=dict)
    observations: dict[Observed, Observation] = field(default_factory=dict)


@dataclass
class Changes:
    """What a page changed, for counters and events."""

    resolved: int = 0
    created: list[UUID] = field(default_factory=list)
    updated: list[UUID] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    def add(self, other: "Changes") -> "Changes":
        """Return both together."""
        return Changes(
            self.resolved + other.resolved,
            self.created + other.created,
            self.updated + other.updated,
            self.told + other.told,
        )


class RacedError(Exception):
    """Somebody else took an id or a listing between our look and our write."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An item with what identifies its observation."""

    item: CanonicalItem
    item_hash: str
    offers_hash: str
    facts: Facts

    @property
    def listing(self) -> Listing:
        """The platform's own entry."""
        return self.item.platform, self.item.platform_content_id

    @property
    def fetched_at(self) -> datetime:
        """When the source was asked; UTC where it does not say."""
        at = self.item.source.fetched_at
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    @property
    def observed(self) -> Observed:
        """The entry in a region, as one source tells of it."""
        return (*self.listing, self.item.region, self.item.source.provider)


def seen(item: CanonicalItem) -> Seen:
    """Return an item with the hashes of its title's part and of its offers."""
    said = item.model_dump(mode="json", exclude=NOT_OF_THE_TITLE)
    offers = [offer.model_dump(mode="json") for offer in item.offers]
    return Seen(item, _digest(said), _digest(offers), facts_of(item))


def _digest(value: Any) -> str:  # noqa: ANN401 - whatever JSON can say
    return blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def lock_keys(items: list[CanonicalItem], name_of: Callable[[CanonicalItem], str]) -> list[int]:
    """Return the sorted numbers under which pages that share a title exclude each other.

    Each item locks its strongest id (its listing where it has none) and its name.
    """
    words: set[str] = set()
    for item in items:
        strongest = min(item.external_ids, default=None, key=lambda kind: _STRENGTH[kind.value])
        if strongest is None:
            words.add(f"listing\x1f{item.platform}\x1f{item.platform_content_id}")
        else:
            words.add(f"{strongest.value}\x1f{item.external_ids[strongest]}")
        words.add(f"name\x1f{name_of(item)}")
    return sorted(_number(word) for word in words)


def _number(word: str) -> int:
    digest = blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def json_text(rows: Any) -> str:  # noqa: ANN401 - whatever JSON can say
    """Return one JSON parameter."""
    return orjson.dumps(rows).decode()
