"""A search as the event ``search.performed``: pseudonyms, figures and a text that is sealed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.kernel.errors import FieldIssue, InvalidInputError
from shared.kernel.events import Event
from shared.search.analytics.events import SearchEvent, moment_of, monday

TOPIC = "search.performed"
LONGEST_SEALED = 4096
"""Characters; 500 of a text are at most 2,000 bytes, and sealing makes 1.4 times of them."""
MOST = 2**31 - 1
"""What a column of four bytes holds."""

Pseudonym = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Label = Annotated[str, StringConstraints(max_length=200)]


class _Said(BaseModel):
    """What the event says; that of a later publisher may say more."""

    model_config = ConfigDict(frozen=True)

    query_hash: Pseudonym
    principal_hash: Pseudonym | None = None
    sealed_text: str = Field(default="", max_length=LONGEST_SEALED)
    result_count: int = Field(ge=0, le=MOST)
    latency_ms: float = Field(ge=0, le=MOST)
    filters: dict[str, Any] = Field(default_factory=dict)
    cache_hit: bool = False
    degraded: tuple[Label, ...] = Field(default=(), max_length=50)
    ranking_version: int = Field(default=0, ge=0, le=MOST)
    variant: Label | None = None


def performed_event(search: SearchEvent, correlation_id: str) -> Event:
    """Return what is published of a search; the search's id is the event's, so each counts once."""
    person = search.principal_hash
    said = _Said(
        query_hash=search.query_hash.hex(),
        principal_hash=None if person is None else person.hex(),
        sealed_text=search.sealed_text,
        result_count=search.result_count,
        latency_ms=search.latency_ms,
        filters=dict(search.filters),
        cache_hit=search.cache_hit,
        degraded=search.degraded,
        ranking_version=search.ranking_version,
        variant=search.variant,
    )
    return Event(
        event_id=search.search_id,
        event_type=TOPIC,
        occurred_at=search.occurred_at,
        correlation_id=correlation_id,
        data=said.model_dump(mode="json", exclude_none=True),
    )


def search_of(event: Event) -> SearchEvent:
    """Return the search that an event tells; when it was, its id says.

    Raises:
        InvalidInputError: It tells none, naming every field; no repetition can mend it.
    """
    try:
        occurred_at = moment_of(event.event_id)
        said = _Said.model_validate(event.data)
    except ValidationError as error:
        raise InvalidInputError("the event tells no search", issues=_issues(error)) from None
    except ValueError as error:
        raise InvalidInputError(f"event_id: {error}") from None
    person = said.principal_hash
    return SearchEvent(
        search_id=event.event_id,
        occurred_at=occurred_at,
        week=monday(occurred_at),
        query_hash=bytes.fromhex(said.query_hash),
        principal_hash=None if person is None else bytes.fromhex(person),
        sealed_text=said.sealed_text if person is not None else "",
        **said.model_dump(exclude={"query_hash", "principal_hash", "sealed_text"}),
    )


def _issues(error: ValidationError) -> list[FieldIssue]:
    return [
        FieldIssue(".".join(map(str, one["loc"])), one["type"], one["msg"])
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    ]
