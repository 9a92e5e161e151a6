"""What the endpoints of API keys take and give, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.identity.accounts_wishes import Name
from shared.identity.api_keys import OVERLAP, SHOWN, KeyFacts
from shared.identity.scopes import SCOPES
from shared.kernel.errors import FieldIssue, InvalidInputError

if TYPE_CHECKING:
    from shared.kernel.ids import Ids
    from shared.kernel.principal import Principal

_KEY: dict[str, Any] = {
    "id": "0d6c7a0e-4444-4a52-9c0b-5b1f0a4c9f11",
    "name": "Home server",
    "prefix": "mg_live_3xK9aP",
    "scopes": ["read:watchlist"],
    "rate_limit_per_minute": 60,
    "created_at": "2026-01-01T00:00:00Z",
    "expires_at": "2026-04-01T00:00:00Z",
    "last_used_at": None,
    "replaced_by": None,
}


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [fields]})


class NewApiKey(BaseModel):
    """A wish for a key.

    Attributes:
        scopes: What it may do: at most what the token that asks may.
        rate_limit_per_minute: At most what the user's plan allows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    scopes: Annotated[list[str], Field(min_length=1, max_length=len(SCOPES))]
    expires_in_days: Annotated[int, Field(ge=1, le=365)] = 90
    rate_limit_per_minute: Annotated[int, Field(ge=1, le=10_000_000)] = 60


class Rotation(BaseModel):
    """A wish for another key in the place of one.

    Attributes:
        overlap_days: How long the old one is good beside it; 0 ends it at once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    overlap_days: Annotated[int, Field(ge=0, le=OVERLAP.days)] = OVERLAP.days


class WhichApiKey(BaseModel):
    """Which key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class ApiKey(BaseModel):
    """A key of the user's, as far as anybody can see it again.

    Attributes:
        prefix: Its beginning.
        last_used_at: To the minute.
        replaced_by: The key that was made in its place.
    """

    model_config = _example(**_KEY)

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    rate_limit_per_minute: int
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    replaced_by: str | None


class MadeApiKey(ApiKey):
    """A new key, the only time that it is shown."""

    model_config = _example(
        **_KEY, key="mg_live_3xK9aPq0uQ5p2Yc1l7m3n9R8s6t4v2x0z1A3C5E7G9I1K3M5O7"
    )

    key: str


class ApiKeyList(BaseModel):
    """The user's live keys, the newest first."""

    model_config = _example(items=[_KEY])

    items: list[ApiKey]


class KeyDigest(BaseModel):
    """The SHA-256 of a key, hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class TradedKey(BaseModel):
    """What the gateway sends on in the place of a key.

    Attributes:
        expires_in: Seconds.
    """

    model_config = _example(
        access_token="eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln",  # noqa: S106 - an example
        expires_in=180,
        key_id=_KEY["id"],
        rate_limit_per_minute=60,
    )

    access_token: str
    expires_in: int
    key_id: str
    rate_limit_per_minute: int


def planned(
    wish: NewApiKey, key: str, who: Principal, *, most: int, ids: Ids, now: datetime
) -> KeyFacts:
    """Return the key that a wish comes to.

    Args:
        wish: What is asked for.
        key: The new key.
        who: Asks.
        most: Requests a minute that the user's plan allows.
        ids: Make its id.
        now: When.

    Raises:
        InvalidInputError: It asks for more than its caller has.
    """
    issues = [
        FieldIssue("scopes", "not-covered", f"your own token does not cover {scope}")
        for scope in wish.scopes
        if scope not in SCOPES or not who.may(scope)
    ]
    if wish.rate_limit_per_minute > most:
        said = f"your plan allows {most} requests a minute"
        issues.append(FieldIssue("rate_limit_per_minute", "less-than-equal", said))
    if issues:
        raise InvalidInputError("the key would do more than you may", issues=issues)
    return KeyFacts(
        id=str(ids.new()),
        name=wish.name,
        prefix=key[:SHOWN],
        scopes=tuple(scope for scope in SCOPES if scope in wish.scopes),
        rate_limit_per_minute=wish.rate_limit_per_minute,
        created_at=now,
        expires_at=now + timedelta(days=wish.expires_in_days),
    )


def rotated(
    old: KeyFacts, key: str, wish: Rotation, *, ids: Ids, now: datetime
) -> tuple[KeyFacts, KeyFacts]:
    """Return a key as it ends, and the one that lives on with its name, scopes and time."""
    new = replace(
        old,
        id=str(ids.new()),
        prefix=key[:SHOWN],
        created_at=now,
        expires_at=now + (old.expires_at - old.created_at),
        last_used_at=None,
    )
    ends = min(old.expires_at, now + timedelta(days=wish.overlap_days))
    return replace(old, expires_at=ends, replaced_by=new.id), new
