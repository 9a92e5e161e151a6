"""What the endpoints of a household take."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.identity.accounts_wishes import Name
from shared.identity.parental_wishes import Genres, Rating

Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)
]
EXAMPLE: dict[str, Any] = {
    "name": "Tomás",
    "is_child": True,
    "language": "es",
    "max_rating": "PG",
    "blocked_genres": ["Horror"],
}


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [fields]})


class NewProfile(BaseModel):
    """A wish for one more profile.

    Attributes:
        language: IETF tag (RFC 5646); the account's where it is left out.
        max_rating: Titles up to this; a child's has one, ``PG`` where it is left out.
    """

    model_config = _example(**EXAMPLE)

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

    name: Name | None = None
    is_child: bool = False
    language: Language | None = None
    max_rating: Rating | None = None
    blocked_genres: Genres = ()

    def values(self) -> dict[str, Any]:
        """Return what changes, as `HouseholdProfile` names it."""
        found = {name: getattr(self, name) for name in self.model_fields_set}
        if "max_rating" in found:
            found["max_rating"] = self.max_rating or ""
        return {name: value for name, value in found.items() if value is not None}

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
