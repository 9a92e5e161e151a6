"""One version of a configuration, as its row says it and as callers are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.search.tuning.changes import CONTROL
from shared.search.tuning.model import DEFAULT, Standing, Tuned, Tuning
from shared.search.tuning.replies import PastRanking, RankingAnswer, VariantAnswer
from shared.search.tuning.traffic import SLOTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row


@dataclass(frozen=True)
class Record:
    """A row of ``ranking_config``; by default what holds where nobody set anything.

    Attributes:
        traffic_percentage: As it was asked for; a variant that rests has no slots all the same.
    """

    version: int = 0
    name: str = CONTROL
    tuning: Tuning = DEFAULT
    is_active: bool = True
    traffic_percentage: int = 0
    slots: tuple[int, ...] = ()
    note: str = ""
    created_at: datetime | None = None
    created_by: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


def record_of(row: Row[Any]) -> Record:
    """Return what a row says."""
    said = dict(row._mapping)  # noqa: SLF001 - public, in spite of its name
    tuning = Tuning.model_validate(said.pop("weights"))
    return Record(**{**said, "tuning": tuning, "slots": tuple(said["slots"])})


def standing_of(records: Sequence[Record]) -> Standing:
    """Return what searches are ranked by, of what is in force."""
    usual, by_slot = Tuned(), dict[int, Tuned]()
    for each in records:
        if each.name == CONTROL:
            usual = Tuned(each.tuning, each.version)
        else:
            variant = Tuned(each.tuning, each.version, each.name)
            by_slot |= dict.fromkeys(each.slots, variant)
    return Standing(usual, by_slot)


def ranking_answer(record: Record) -> RankingAnswer:
    """Return what is told of the usual configuration."""
    return RankingAnswer.model_validate(_in_force(record))


def variant_answer(record: Record, records: Sequence[Record]) -> VariantAnswer:
    """Return what is told of a variant.

    Args:
        record: The variant, or the usual configuration.
        records: All that is in force: what they leave is the usual one's share.
    """
    share = record.traffic_percentage
    if record.name == CONTROL:
        share = SLOTS - sum(len(each.slots) for each in records)
    said = {"name": record.name, "is_active": record.is_active, "traffic_percentage": share}
    return VariantAnswer.model_validate(_in_force(record) | said)


def past_answer(record: Record) -> PastRanking:
    """Return what is told of a version, whether it holds or ended."""
    names = PastRanking.model_fields.keys() - Tuning.model_fields.keys()
    said = {name: getattr(record, name) for name in names}
    return PastRanking.model_validate(record.tuning.model_dump() | said)


def _in_force(record: Record) -> dict[str, Any]:
    return {
        **record.tuning.model_dump(),
        "version": record.version,
        "updated_at": record.created_at,
        "updated_by": record.created_by,
        "note": record.note,
    }
