"""What the endpoints of a household give."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.identity.household_wishes import EXAMPLE
from shared.identity.parental_wishes import Rating

if TYPE_CHECKING:
    from shared.identity.household import HouseholdProfile

_SHOWN: dict[str, Any] = {
    "id": "0d6c7a0e-4444-4a52-9c0b-5b1f0a4c9f11",
    **EXAMPLE,
    "is_owner": False,
    "is_current": True,
    "created_at": "2026-01-01T00:00:00Z",
}


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class ProfileShown(BaseModel):
    """A profile of the household.

    Attributes:
        is_owner: It is the account's own.
        is_current: The request came as this viewer.
    """

    model_config = _example(**_SHOWN)

    id: str
    name: str
    is_child: bool
    language: str
    max_rating: Rating | None
    blocked_genres: tuple[str, ...]
    is_owner: bool
    is_current: bool
    created_at: datetime


class ProfileList(BaseModel):
    """The household: the owner first, then the others, the oldest first.

    Attributes:
        most: Profiles it may have.
    """

    model_config = _example(items=[_SHOWN], most=5)

    items: list[ProfileShown]
    most: int = Field(ge=1)


class SelectedToken(BaseModel):
    """An access token of the same session, which speaks of the profile."""

    model_config = _example(
        access_token="eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln",  # noqa: S106 - an example
        token_type="Bearer",  # noqa: S106 - likewise
        expires_in=900,
        scope="read:content write:watchlist",
        profile_id=_SHOWN["id"],
    )

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    profile_id: str


def shown(profile: HouseholdProfile, current: str) -> ProfileShown:
    """Return a profile as the household sees it.

    Args:
        profile: Which.
        current: Id of the viewer who asks.
    """
    said = {**vars(profile), "max_rating": profile.max_rating or None}
    return ProfileShown.model_validate({**said, "is_current": profile.id == current})
