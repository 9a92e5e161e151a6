"""Notices of platforms, counted as a metric where they are counted for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.runtime import metrics

if TYPE_CHECKING:
    from datetime import datetime

    from shared.catalog.webhooks.receiving import Tally


@dataclass(frozen=True)
class CountedTally:
    """`shared.catalog.webhooks.receiving.Tally` before another, which keeps what it is told."""

    kept: Tally

    def add(self, platform: str, outcome: str, *, milliseconds: int, at: datetime) -> None:
        """Count one delivery of a platform that we know."""
        metrics.count(metrics.WEBHOOKS, platform=platform, outcome=outcome)
        self.kept.add(platform, outcome, milliseconds=milliseconds, at=at)
