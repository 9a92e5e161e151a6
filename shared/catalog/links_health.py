"""Which templates of links work, told by what viewers' links came to.

Each vote moves the evidence that a template broke by the logarithm of how much likelier the vote is
with a broken template (opens `BROKEN` of its links) than with a working one (`WORKS`), never below
0: Page's cumulative sum (Biometrika 41, 1954). At `QUARANTINE_AT` the template is passed over. By
Lorden's bound (Annals of Mathematical Statistics 42, 1971, theorem 2) a working one gets there once
in e^QUARANTINE_AT = 100,000 votes or more on average; one that opens nothing gets there in 10.

While it is quarantined, links of a share of titles are still made by it, and the same sum runs the
other way, to `RESTORE_AT`. Old evidence fades, by half in a week, so that few votes prove nothing
however long they go on: with one vote of a kind a week, four liars never get a template out.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.catalog.links_templates import Device

WORKS = 0.8
BROKEN = 0.3
FAILED_STEP = log((1 - BROKEN) / (1 - WORKS))
OPENED_STEP = log(BROKEN / WORKS)
QUARANTINE_AT = log(100_000)
RESTORE_AT = log(1_000)
HALF_LIFE_DAYS = 7.0
PROBE_SHARE = 0.05
"""Share of titles whose links are still made by a quarantined template, another share each day."""
KEPT_WEEKS = 2
_DAY_SECONDS = 86_400.0


class LinkOutcome(StrEnum):
    """What a link came to."""

    OPENED = "opened"
    FAILED = "failed"
    WRONG_TITLE = "wrong_title"
    NOT_INSTALLED = "not_installed"


VOTES = frozenset({LinkOutcome.OPENED, LinkOutcome.FAILED})
"""What speaks of the template: another title is the fault of an id, a missing app nobody's."""


@dataclass(frozen=True)
class Health:
    """What is concluded about a template on a kind of device.

    Attributes:
        evidence: That it broke; while it is quarantined, that it works again.
        voted_at: When the last vote came.
        quarantined_at: Since when it is passed over, None while it is used.
    """

    evidence: float = 0.0
    voted_at: datetime | None = None
    quarantined_at: datetime | None = None
    votes: int = 0


def voted(health: Health, *, opened: bool, at: datetime) -> Health:
    """Return what is concluded after one more vote; older votes than the last count as of now."""
    step = OPENED_STEP if opened else FAILED_STEP
    days = 0.0
    if health.voted_at is not None:
        days = max(0.0, (at - health.voted_at).total_seconds() / _DAY_SECONDS)
    faded = health.evidence * 0.5 ** (days / HALF_LIFE_DAYS)
    is_out = health.quarantined_at is not None
    evidence = max(0.0, faded - step if is_out else faded + step)
    if evidence >= (RESTORE_AT if is_out else QUARANTINE_AT):
        return Health(0.0, at, None if is_out else at, health.votes + 1)
    return replace(health, evidence=evidence, voted_at=at, votes=health.votes + 1)


def week_of(day: date) -> date:
    """Return the Monday of a day's week, within which a viewer has one vote of a kind."""
    return day - timedelta(days=day.weekday())


def reporter(key: bytes, user: str, *, template: str, device: Device, week: date) -> bytes:
    """Return what tells a viewer's votes apart, and nothing else: HMAC-SHA-256 (RFC 2104), cut.

    It differs by template, device and week, so that no two votes can be brought together.
    """
    said = f"link-report\x1f{template}\x1f{device}\x1f{week.isoformat()}\x1f{user}"
    return hmac.digest(key, said.encode(), "sha256")[:16]


def is_probed(template: str, device: Device, content_id: str, day: date) -> bool:
    """Tell whether links of a title are made by a quarantined template on a day.

    It is the same for everybody who asks, so an answer may be kept.
    """
    said = f"{template}\x1f{device}\x1f{content_id}\x1f{day.isoformat()}"
    number = int.from_bytes(blake2b(said.encode(), digest_size=8).digest(), "big")
    return number < PROBE_SHARE * 2**64
