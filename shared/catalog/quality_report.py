"""What the quality of a whole catalog comes to (spec/ingestion §5.7)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.catalog.links_check import CheckedLinks
from shared.catalog.quality import WEIGHTS, Completeness
from shared.catalog.values import ContentType

LOW = 0.6
"""A record below this is a poor one."""
FIFTHS = 5


def missing_fields(record: Completeness) -> list[str]:
    """Return what a record lacks, of what its type can have, the weightiest first."""
    lacking = [name for name, share in record.present().items() if share == 0]
    return sorted(lacking, key=lambda name: (-WEIGHTS[name], name))


class QualityReport(BaseModel):
    """Quality over all titles that live.

    Attributes:
        average: 0 to 1; 0 for an empty catalog.
        fifths: How many lie from 0 to .2, to .4, to .6, to .8 and to 1; a bound belongs to the
            fifth above it.
        low: How many lie below `threshold`.
        missing: How many lack each field, of those that can have it.
        runtimes_apart: Of how many some source says a runtime far from what is kept.
    """

    model_config = ConfigDict(extra="forbid")

    made_at: datetime
    total: int = Field(ge=0)
    average: float = Field(ge=0, le=1)
    fifths: tuple[int, int, int, int, int]
    threshold: float
    low: int = Field(ge=0)
    missing: dict[str, int]
    runtimes_apart: int = Field(default=0, ge=0)


@dataclass
class QualityTally:
    """Counts titles one by one."""

    total: int = 0
    sum: float = 0.0
    low: int = 0
    fifths: list[int] = field(default_factory=lambda: [0] * FIFTHS)
    missing: Counter[str] = field(default_factory=Counter)
    runtimes_apart: int = 0

    def add(self, record: Completeness, score: float, *, runtimes_apart: bool = False) -> None:
        """Count one title, whose quality is 0 to 1, and whether sources differ on its length."""
        self.total += 1
        self.sum += score
        self.low += score < LOW
        self.fifths[min(FIFTHS - 1, int(score * FIFTHS))] += 1
        self.missing.update(missing_fields(record))
        self.runtimes_apart += runtimes_apart

    def report(self, made_at: datetime) -> QualityReport:
        """Return what was counted so far."""
        first, second, third, fourth, fifth = self.fifths
        return QualityReport(
            made_at=made_at,
            total=self.total,
            average=round(self.sum / self.total, 4) if self.total else 0.0,
            fifths=(first, second, third, fourth, fifth),
            threshold=LOW,
            low=self.low,
            missing={name: self.missing[name] for name in WEIGHTS},
            runtimes_apart=self.runtimes_apart,
        )


class PoorTitlesQuery(BaseModel):
    """Which titles: those below a threshold."""

    model_config = ConfigDict(extra="forbid")

    threshold: float = Field(default=LOW, ge=0, le=1)
    limit: int = Field(default=100, ge=1, le=1000)


class PoorTitle(BaseModel):
    """A title of which little is known, or which nobody confirmed for long.

    Attributes:
        platform: One that has it, None where none does now.
    """

    model_config = ConfigDict(extra="forbid")

    id: UUID
    title: str
    quality_score: float
    missing_fields: list[str]
    platform: str | None
    content_type: ContentType


class GenreMiss(BaseModel):
    """A name of a genre that no map knows; titles have it as a theme.

    Attributes:
        platform: Who says it, empty where a source speaks of no platform.
        times: How often it was read within four weeks.
        first_week: Monday of the first of these weeks in which it was.
    """

    model_config = ConfigDict(extra="forbid")

    platform: str
    name: str
    times: int = Field(ge=1)
    first_week: date
    last_week: date


class PoorTitles(BaseModel):
    """The poorest titles first, and the whole catalog as it was at its last weekly recalculation.

    Attributes:
        total_low_quality: How many there are below the threshold, shown or not.
        report: None before the first recalculation.
        links: What pages of platforms said when they were last looked at, those most gone first.
        genre_misses: Names of genres that no map knows, those read most within four weeks first.
    """

    model_config = ConfigDict(extra="forbid")

    total_low_quality: int
    threshold: float
    low_quality_items: list[PoorTitle]
    report: QualityReport | None
    links: list[CheckedLinks] = []
    genre_misses: list[GenreMiss] = []
