"""What callers are told of titles that leave, as the API documents it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.catalog.expiry import LONGEST_DAYS
from shared.catalog.item import PlatformId, Region
from shared.catalog.values import OfferType


class ExpiringQuery(BaseModel):
    """Which titles: those whose last offer of a type ends within `days`."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(default=7, ge=1, le=LONGEST_DAYS)
    platform: PlatformId | None = None
    region: Region | None = None
    limit: int = Field(default=100, ge=1, le=1000)


class ExpiringItem(BaseModel):
    """A title that leaves: its last offer of that type, on that platform and in that region, ends.

    Attributes:
        days_until_expiration: A day that has begun counts whole.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    content_id: UUID
    title: str
    platform: str
    region: str
    availability_type: OfferType
    expires_at: datetime
    days_until_expiration: int = Field(ge=0, le=LONGEST_DAYS)


class Expiring(BaseModel):
    """What leaves soon, soonest first.

    Attributes:
        total: How many there are, shown or not.
        window_days: Within how many days.
    """

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,
        json_schema_extra={
            "examples": [
                {
                    "total": 1,
                    "window_days": 7,
                    "items": [
                        {
                            "content_id": "019b76da-a800-7b31-8000-2f3c5a1d9e40",
                            "title": "Heat",
                            "platform": "netflix",
                            "region": "US",
                            "availability_type": "subscription",
                            "expires_at": "2026-01-04T00:00:00Z",
                            "days_until_expiration": 3,
                        }
                    ],
                }
            ]
        },
    )

    total: int = Field(ge=0)
    window_days: int = Field(ge=1, le=LONGEST_DAYS)
    items: list[ExpiringItem]
