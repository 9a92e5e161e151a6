"""What administrators ask of the life of titles and are told, as the API documents it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.catalog.values import ContentType
from shared.kernel.pages import CursorQuery

PlatformListing = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}(:[^\x00-\x1f\x7f]{1,500})?$")
]
_HEAT = "019b76da-a800-7b31-8000-2f3c5a1d9e40"
_OTHER = "019b76da-a801-7c02-8000-9a0b1c2d3e4f"


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class TitleOnly(_Asked):
    """Which title."""

    id: UUID


class Merge(_Asked):
    """Which title it is one with; of the two the older is kept."""

    into: UUID


class MergeAnswer(_Told):
    """What became of them: `merged_id` leads to `content_id` from now on."""

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,
        json_schema_extra={"examples": [{"content_id": _HEAT, "merged_id": _OTHER}]},
    )

    content_id: UUID
    merged_id: UUID


class Split(_Asked):
    """Which listings leave: ``netflix`` for all of a platform, ``netflix:80057281`` for one."""

    platform_ids: Annotated[list[PlatformListing], Field(min_length=1, max_length=100)]


class SplitAnswer(_Told):
    """What became of it.

    Attributes:
        split_id: The title that the listings belong to now.
        is_new: It was made for them; otherwise a merge was undone.
    """

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,
        json_schema_extra={
            "examples": [
                {
                    "content_id": _HEAT,
                    "split_id": _OTHER,
                    "is_new": False,
                    "platform_ids": ["hulu:heat-1995"],
                }
            ]
        },
    )

    content_id: UUID
    split_id: UUID
    is_new: bool
    platform_ids: list[str]


class ReviewStatus(StrEnum):
    """How far a question has come."""

    PENDING = "pending"
    MERGED = "merged"
    SEPARATE = "separate"


class ReviewQuery(CursorQuery):
    """Which questions, the likeliest first."""

    status: ReviewStatus = ReviewStatus.PENDING
    reason: str | None = Field(default=None, max_length=60, pattern=r"^[a-z]+(-[a-z]+)*$")
    platform: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{1,39}$")


class ReviewedTitle(_Told):
    """One of the two titles that may be one."""

    id: UUID
    title: str
    content_type: ContentType
    release_year: int | None
    merged_into: UUID | None


class ReviewItem(_Told):
    """A question for a person: is `listed` also `candidate`?

    Attributes:
        reason: Why it could not be decided.
        raw_uri: The record that raised it.
        listed: The title that the listing belongs to meanwhile.
        candidate: The title it may also be.
        id_type: Kind of the id that both lay claim to, where one is contested.
        score: How alike they are, 0 to 1.
        features: Of what the score is made, 0 to 1 each.
    """

    id: UUID
    reason: str
    platform: str
    platform_content_id: str
    region: str
    raw_uri: str
    listed: ReviewedTitle
    candidate: ReviewedTitle
    id_type: str | None
    id_value: str | None
    score: float
    features: dict[str, Any]
    status: ReviewStatus
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime


class ReviewOnly(_Asked):
    """Which question."""

    id: UUID


class Verdict(StrEnum):
    """What a person says of two titles."""

    MERGE = "merge"
    SEPARATE = "separate"


class Decision(_Asked):
    """The answer to a question.

    Attributes:
        entity_id: The title it is instead of the candidate; only with ``merge``.
    """

    decision: Verdict
    entity_id: UUID | None = None


class DecisionAnswer(_Told):
    """What became of the question; `content_id` is the title that the listing belongs to now."""

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,
        json_schema_extra={"examples": [{"id": _OTHER, "status": "merged", "content_id": _HEAT}]},
    )

    id: UUID
    status: ReviewStatus
    content_id: UUID
