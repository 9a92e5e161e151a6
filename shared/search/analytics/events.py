"""A search as analytics keep it: people and what they typed are pseudonyms (spec/discovery §4).

The text itself leaves the process that was asked only sealed, and only where a person asked. It is
opened and written once `ENOUGH` different people used it within one week (UTC, from Monday), by the
one whose search makes them enough. Nobody's pseudonym is the same in two weeks.
"""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shared.kernel import text
from shared.search.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    Seal = Callable[[str, bytes], str]

ENOUGH = 5
"""So many people make a text nobody's in particular (spec/discovery §4)."""
LONGEST = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIME_ORDERED = 7
"""Version of an identifier that begins with milliseconds (RFC 9562 §5.7)."""
_TYPED = {"keywords", "creators"}
"""Filters whose values a viewer writes freely, so that they may tell as much as the text."""


@dataclass(frozen=True)
class PerformedSearch:
    """A search that was answered, as it is known where it was.

    Attributes:
        search_id: Says when, too (`moment_of`).
        typed: The query as it came.
        user: Id of the person who asked; empty where nobody knows who did.
        filters: Those of the request; what was read from the words is not among them.
        cache_hit: It was not searched for, but answered from before.
        degraded: As in the answer.
        ranking_version: Of the weights in force, 0 where there is none.
        variant: Of the experiment, where there is one.
    """

    search_id: UUID
    typed: str
    user: str
    result_count: int
    latency_ms: float
    filters: Filters = field(default_factory=Filters)
    cache_hit: bool = False
    degraded: tuple[str, ...] = ()
    ranking_version: int = 0
    variant: str | None = None


@dataclass(frozen=True)
class SearchEvent:
    """The same search as it may be kept.

    Attributes:
        week: Monday of its week, UTC.
        query_hash: 32 bytes, equal for equal texts.
        principal_hash: 32 bytes, equal for one person within a week; None for nobody.
        sealed_text: What was typed, for nobody to read before the text is anybody's; empty where
            it cannot become so: nothing was typed, or nobody knows who did.
        filters: Without what a viewer wrote freely, of which only the number is told.
    """

    search_id: UUID
    occurred_at: datetime
    week: date
    query_hash: bytes
    principal_hash: bytes | None
    sealed_text: str
    result_count: int
    latency_ms: float
    filters: Mapping[str, Any]
    cache_hit: bool
    degraded: tuple[str, ...]
    ranking_version: int
    variant: str | None


@dataclass(frozen=True)
class Pseudonyms:
    """Stand for texts and people; HMAC-SHA-256 (RFC 2104).

    Attributes:
        key: 32 bytes or more. Whoever has it can try out texts and ids.
    """

    key: bytes = field(repr=False)

    def of_text(self, norm: str) -> bytes:
        """Return what stands for a text, in all weeks the same."""
        return self._made(f"search-text\x1f{norm}")

    def of_person(self, user: str, week: date) -> bytes:
        """Return what stands for a person in one week: another key than in any other week."""
        rotated = self._made(f"search-week\x1f{week.isoformat()}")
        return hmac.digest(rotated, user.encode("utf-8", "replace"), "sha256")

    def _made(self, said: str) -> bytes:
        return hmac.digest(self.key, said.encode(), "sha256")


def normalized(typed: str) -> str:
    """Return the text under which equal questions meet (spec/discovery §5.1), at most 500 long.

    Compatibility forms, lower case, white space collapsed, no control characters; in the form that
    a database takes, without halves of characters.
    """
    found = text.clean(unicodedata.normalize("NFKC", typed)).lower()
    return found[:LONGEST].encode("utf-8", "replace").decode().strip()


def moment_of(search_id: UUID) -> datetime:
    """Return when an identifier was made, to the millisecond, UTC.

    Raises:
        ValueError: It does not say.
    """
    if search_id.version != TIME_ORDERED:
        raise ValueError("an identifier of a search begins with its time (UUID version 7)")
    try:
        return _EPOCH + timedelta(milliseconds=search_id.int >> 80)
    except OverflowError:
        raise ValueError("an identifier of a search is of a year before 10000") from None


def monday(moment: datetime) -> date:
    """Return the first day of a moment's week, UTC."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def as_kept(search: PerformedSearch, pseudonyms: Pseudonyms, seal: Seal) -> SearchEvent:
    """Return a search as it may be kept.

    Args:
        search: As it was answered.
        pseudonyms: Stand for its text and its person.
        seal: Closes a text for whoever may open it, bound to what stands for it.

    Raises:
        ValueError: Its identifier does not say when it was.
    """
    occurred_at, norm = moment_of(search.search_id), normalized(search.typed)
    week, query_hash = monday(occurred_at), pseudonyms.of_text(norm)
    return SearchEvent(
        search_id=search.search_id,
        occurred_at=occurred_at,
        week=week,
        query_hash=query_hash,
        principal_hash=pseudonyms.of_person(search.user, week) if search.user else None,
        sealed_text=seal(norm, query_hash) if norm and search.user else "",
        result_count=search.result_count,
        latency_ms=search.latency_ms,
        filters=told_filters(search.filters),
        cache_hit=search.cache_hit,
        degraded=search.degraded,
        ranking_version=search.ranking_version,
        variant=search.variant,
    )


def told_filters(filters: Filters) -> dict[str, Any]:
    """Return the filters that were asked for; of free text only how much there was."""
    told = filters.model_dump(mode="json", exclude_defaults=True, exclude=_TYPED)
    counts = {name: len(getattr(filters, name)) for name in sorted(_TYPED)}
    return {**told, **{name: count for name, count in counts.items() if count}}
