"""What the endpoints of a household take and give."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.identity.accounts_wishes import Name
from shared.identity.parental_wishes import Genres, Rating

if TYPE_CHECKING:
    from shared.identity.household import HouseholdProfile

Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)
]
_WISH: dict[str, Any] = {
    "name": "Tomás",
    "is_child": True,
    "language": "es",
    "max_rating": "PG",
    "blocked_genres": ["Horror"],
}
_SHOWN: dict[str, Any] = {
    "id": "0d6c7a0e-4444-4a52-9c0b-5b1f0a4c9f11",
    **_WISH,
    "is_owner": False,
    "is_current": True,
    "created_at": "2026-01-01T00:00:00Z",
}


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [fields]})


class NewProfile(BaseModel):
    """A wish for one more profile.

    Attributes:
        language: IETF tag (RFC 5646); the account's where it is left out.
        max_rating: Titles up to this; a child's has one, ``PG`` where it is left out.
    """

    model_config = _example(**_WISH)

    name: Name
    is_child: bool = False
    language: Language | None = None
    max_rating: Rating | None = None
    blocked_genres: Genres = ()


class ProfileChange(BaseModel):
    """What to change; what is left out stays.

    Attributes:
        max_rating: Null takes it away, but for a child's.
    """

    model_config = _example(name="Tomás", max_rating="PG-13")

    name: Name = ""
    is_child: bool = False
    language: Language = "en"
    max_rating: Rating | None = None
    blocked_genres: Genres = ()

    def values(self) -> dict[str, Any]:
        """Return what changes, as `HouseholdProfile` names it."""
        found = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: "" if value is None else value for name, value in found.items()}

    def fields(self) -> list[str]:
        """Return the names of what changes, for the log: never what it changes to."""
        return sorted(self.model_fields_set)


class WhichProfile(BaseModel):
    """Which profile."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[
        str,
        StringConstraints(
            pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
        ),
    ]


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
