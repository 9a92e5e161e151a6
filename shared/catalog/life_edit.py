"""Titles as administrators read, write and delete them, as the API documents it."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from shared.catalog.values import GENRES, ContentType

Text = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$")
]
"""A line that says something."""
Genre = Annotated[str, Field(json_schema_extra={"enum": list(GENRES)})]


def _nothing() -> Any:  # noqa: ANN401 - stands for any field that was not given
    return None


class TitleEdit(BaseModel):
    """What a person writes over what sources say; it stays until a person changes it.

    Attributes:
        genres: In place of those that sources gave.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    # Nothing can be given for a field: what is known stays known.
    title: Text = Field(default_factory=_nothing, max_length=500)
    original_title: Text = Field(default_factory=_nothing, max_length=500)
    overview: Text = Field(default_factory=_nothing, max_length=1000)
    release_year: int = Field(default_factory=_nothing, ge=1800, le=2100)
    release_date: date = Field(default_factory=_nothing)
    runtime_minutes: int = Field(default_factory=_nothing, gt=0, le=6000)
    genres: list[Genre] = Field(default_factory=_nothing, max_length=5)

    @field_validator("genres")
    @classmethod
    def _are_known(cls, genres: list[str]) -> list[str]:
        unknown = [genre for genre in genres if genre not in GENRES]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no genre of the catalog")
        return genres

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one field")
        return self

    def changes(self) -> dict[str, Any]:
        """Return the fields that are written, as JSON has them."""
        return self.model_dump(mode="json", exclude_unset=True)


class TitleDeletion(BaseModel):
    """Which title goes, and why."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    reason: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")


class ListingOf(BaseModel):
    """A platform's own entry, and the sources that tell of it."""

    model_config = ConfigDict(extra="forbid")

    platform: str
    platform_content_id: str
    sources: list[str]


class EditedTitle(BaseModel):
    """A title with what is known of where each field comes from.

    Attributes:
        fields: Value by field.
        sources: Who wrote each field; ``manual`` is a person.
        runtimes_apart: Minutes by source, of those that are more than five from what is kept.
        merged: Titles that lead to this one.
    """

    model_config = ConfigDict(extra="forbid")

    id: UUID
    content_type: ContentType
    fields: dict[str, Any]
    sources: dict[str, str]
    listings: list[ListingOf]
    runtimes_apart: dict[str, int]
    merged: list[UUID]
    created_at: datetime
    updated_at: datetime
