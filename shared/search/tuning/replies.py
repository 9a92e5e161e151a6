"""What administrators are told of the ranking."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.search.tuning.model import DEFAULT, Tuning

_AT = "2026-01-01T00:00:00Z"
_WHO = "7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11"
_SET: dict[str, Any] = DEFAULT.model_dump()
_RANKING: dict[str, Any] = {
    **_SET, "version": 7, "updated_at": _AT, "updated_by": _WHO, "note": "less graph",
}  # fmt: skip
_VARIANT = {**_RANKING, "name": "more-words", "is_active": True, "traffic_percentage": 10}
_PAST = {
    **_SET, "version": 7, "name": "control", "is_active": True, "traffic_percentage": 0,
    "note": "less graph", "created_at": _AT, "created_by": _WHO, "ended_at": None,
    "ended_by": None,
}  # fmt: skip


def _example(fields: dict[str, Any]) -> ConfigDict:
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [fields]})


class RankingAnswer(Tuning):
    """The configuration in force, and who set it.

    Attributes:
        version: 0 where nobody set anything: then these are the product's own values.
    """

    model_config = _example(_RANKING)

    version: int
    updated_at: datetime | None
    updated_by: str | None
    note: str


class VariantAnswer(RankingAnswer):
    """A variant; ``control`` is what everybody else gets."""

    model_config = _example(_VARIANT)

    name: str
    is_active: bool
    traffic_percentage: int


class VariantList(BaseModel):
    """All variants, ``control`` first with the share that the others leave."""

    model_config = _example({"items": [_VARIANT]})

    items: list[VariantAnswer]


class PastRanking(Tuning):
    """One version of a configuration: who set it and when, and who ended it.

    Attributes:
        ended_at: When another took its place, or the variant was ended; null while it is in force.
    """

    model_config = _example(_PAST)

    version: int
    name: str
    is_active: bool
    traffic_percentage: int
    note: str
    created_at: datetime | None
    created_by: str | None
    ended_at: datetime | None
    ended_by: str | None


class RankingHistory(BaseModel):
    """Versions, newest first; what ended is kept for 30 days."""

    model_config = _example({"items": [_PAST]})

    items: list[PastRanking]
