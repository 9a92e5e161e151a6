"""A viewer opened a title that a search had found (spec/discovery §3)."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.search.analytics.events import moment_of
from shared.search.query import MAX_CANDIDATES

LONGEST = timedelta(days=30)
"""How long searches are kept, and with them what was clicked."""
AHEAD = timedelta(minutes=5)
"""How much two clocks may differ."""
MOST_CLICKS = 100
"""Titles that count of one search."""


class Click(BaseModel):
    """One title that was opened from the results of a search.

    Attributes:
        search_id: As the answer named it.
        position: Its place among all results, from 1.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "search_id": "019b76da-a800-7b31-8000-2f3c5a1d9e41",
                    "content_id": "019b76da-a800-7b31-8000-2f3c5a1d9e40",
                    "position": 1,
                }
            ]
        },
    )

    search_id: UUID
    content_id: UUID
    position: int = Field(ge=1, le=MAX_CANDIDATES)


class ClickReceipt(BaseModel):
    """A click was taken; the same one taken again changes nothing and is told the same."""

    model_config = ConfigDict(
        extra="forbid", defer_build=True, json_schema_extra={"examples": [{"status": "accepted"}]}
    )

    status: Literal["accepted"] = "accepted"


def is_kept(click: Click, now: datetime) -> bool:
    """Tell whether its search may be there: its id says a time that is not over 30 days past."""
    try:
        searched_at = moment_of(click.search_id)
    except ValueError:
        return False
    return -AHEAD <= now - searched_at <= LONGEST
