"""When ingestion falls behind although nothing fails (spec/ingestion §6, §10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.catalog.quality import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from shared.catalog.quality_report import QualityReport

STALE_AFTER = {"availability": timedelta(hours=3), "changes": timedelta(hours=13)}
"""By kind of fetch: two turns missed, and an hour for the work of the third."""
MOST_IN_REVIEW = 500
"""Questions that wait for a person, beyond which nobody works on them."""
MOST_DROPPED = 0.05
"""Completeness that a catalog may lose from one report to the next."""


@dataclass(frozen=True)
class Fetched:
    """When a feed was last read whole, somewhere."""

    kind: str
    platform: str
    region: str
    at: datetime


def stale(fetched: Iterable[Fetched], now: datetime) -> list[dict[str, object]]:
    """Return what was not fetched in time, as it is told: kind, place and hours, latest first."""
    late = [one for one in fetched if now - one.at > STALE_AFTER[one.kind]]
    return [
        {
            "kind": one.kind,
            "platform": one.platform,
            "region": one.region,
            "hours": round((now - one.at) / timedelta(hours=1), 1),
        }
        for one in sorted(late, key=lambda one: (one.at, one.kind, one.platform, one.region))
    ]


def completeness(report: QualityReport) -> float:
    """Return the weighted share of fields that a report's titles have, 0 to 1; 1 without titles.

    A field that a type cannot have counts as present.
    """
    if not report.total:
        return 1.0
    lacking = sum(WEIGHTS[name] * report.missing.get(name, 0) for name in WEIGHTS)
    return 1.0 - lacking / (sum(WEIGHTS.values()) * report.total)


def dropped(reports: Sequence[QualityReport]) -> float | None:
    """Return how much completeness was lost between the last two reports, where that is too much.

    Args:
        reports: The newest first.
    """
    if len(reports) <= 1:
        return None
    lost = round(completeness(reports[1]) - completeness(reports[0]), 4)
    return lost if lost > MOST_DROPPED else None
