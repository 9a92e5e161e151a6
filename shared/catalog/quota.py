"""What providers may be asked, and for what: plans from ``data/providers.json`` (spec §5.8).

Two kinds of limit. A *pace* bounds calls in any stretch of time. An *allowance* bounds units of a
day or month of the provider's own calendar; what a call costs is the plan's to say. Purposes share
an allowance: availability may use all of it, the catalog and enrichment a part each, so that the
rest is there when what matters more asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.catalog.raw import first_issue
from shared.kernel.errors import InvalidInputError

CALL = "call"
"""What a call costs that the plan has no price for: one unit."""
LONGEST_KEPT = 90 * 86_400.0
"""Seconds that an answer may be used again at most: no raw page lies longer."""
OVERDUE = 1.5
"""Share of a fetch's expected time after which another may take its place (spec §7)."""


Seconds = Annotated[float, Field(ge=0, le=LONGEST_KEPT)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pace(_Part):
    """At most `calls` come evenly in `seconds`, and `burst` of them at once.

    No stretch of `seconds` sees more than `calls` + `burst`, which is what the provider allows.
    """

    calls: int = Field(ge=1)
    seconds: float = Field(gt=0)
    burst: int = Field(default=1, ge=1)


class Allowance(_Part):
    """Units of a period that begins at midnight of `zone`."""

    period: Literal["day", "month"]
    units: int = Field(ge=0)
    zone: str = "UTC"

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """Return when the period of `now` began and when the next one begins."""
        there = now.astimezone(ZoneInfo(self.zone))
        start = there.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.period == "month":
            start = start.replace(day=1)
            # No month has 32 days, and each has 28.
            following = (start + timedelta(days=32)).replace(day=1)
        else:
            following = start + timedelta(days=1)
        return start.astimezone(now.tzinfo), following.astimezone(now.tzinfo)


class Plan(_Part):
    """What one key of a provider may be used for.

    Attributes:
        costs: Units by kind of call; others cost one.
        keeps: Seconds that an answer may be used again, by kind of call; None as `Limits` has it.
    """

    pace: Pace | None = None
    allowances: tuple[Allowance, ...] = ()
    costs: Mapping[str, int] = Field(default_factory=dict)
    keeps: Mapping[str, Seconds] | None = None

    def cost(self, kind: str) -> int:
        """Return the units of one call of this kind."""
        return self.costs.get(kind, 1)


class Limits(_Part):
    """``data/providers.json``.

    Attributes:
        alert_at: Share of an allowance at which somebody is told.
        shares: How much of an allowance each purpose may use up.
        purposes: What each kind of fetch is for.
        expected_seconds: How long each kind of fetch takes.
        stand_ins: Who may take a provider's parts while it cannot be asked, in that order.
        renewing: Who is compared whole every week, and so confirms all that it still brings.
        keeps: Seconds that answers may be used again, by provider and kind of call, where its
            plan does not say otherwise; answers to other calls are not kept.
        providers: Plans; a provider without one has no limit of ours.
    """

    alert_at: float = Field(gt=0, le=1)
    shares: Mapping[str, float]
    purposes: Mapping[str, str]
    expected_seconds: Mapping[str, float]
    stand_ins: Mapping[str, tuple[str, ...]]
    renewing: tuple[str, ...]
    keeps: Mapping[str, Mapping[str, Seconds]]
    providers: Mapping[str, Plan]

    def plan(self, provider: str) -> Plan:
        """Return a provider's plan."""
        return self.providers.get(provider, Plan())

    def kept(self, provider: str) -> Mapping[str, float]:
        """Return the seconds that answers of a provider may be used again, by kind of call."""
        own = self.plan(provider).keeps
        return self.keeps.get(provider, {}) if own is None else own

    def share(self, kind: str) -> float:
        """Return how much of an allowance a kind of fetch may use up, 0 to 1."""
        return self.shares[self.purposes[kind]]

    def lease(self, kind: str) -> timedelta:
        """Return after how long a fetch that says nothing more is taken for lost."""
        return timedelta(seconds=self.expected_seconds[kind] * OVERDUE)


@cache
def limits(changed: str = "") -> Limits:
    """Return the limits of every provider.

    Args:
        changed: Plans that replace those of the file, as JSON by provider; empty for none.

    Raises:
        InvalidInputError: They are not acceptable.
    """
    given: dict[str, Any] = orjson.loads(
        (Path(__file__).parent / "data" / "providers.json").read_bytes()
    )
    try:
        given["providers"] |= orjson.loads(changed) if changed else {}
        return Limits.model_validate(given)
    except ValidationError as error:
        raise InvalidInputError("plans of providers: {}: {}".format(*first_issue(error))) from error
    except (ValueError, TypeError) as error:
        raise InvalidInputError(f"plans of providers are no JSON object: {error}") from error


@dataclass(frozen=True)
class Debit:
    """Units to take from one allowance, and where that ends.

    Attributes:
        ceiling: Most units that this purpose may leave used.
    """

    period: str
    start: datetime
    end: datetime
    units: int
    allowed: int
    ceiling: int = field(default=0)

    def crossed(self, used: int, alert_at: float) -> bool:
        """Tell whether this debit, after which `used` are used, is the one to tell of."""
        mark = alert_at * self.allowed
        return used - self.units < mark <= used


def debits(plan: Plan, kind: str, *, share: float, now: datetime) -> list[Debit]:
    """Return what one call takes from the plan's allowances, in their order.

    Args:
        plan: Of the key that is used.
        kind: Of the call.
        share: How much of each allowance its purpose may use up.
        now: Decides in which period it falls.
    """
    found = []
    for allowance in plan.allowances:
        start, end = allowance.window(now)
        ceiling = int(allowance.units * share)
        units = plan.cost(kind)
        found.append(Debit(allowance.period, start, end, units, allowance.units, ceiling))
    return found
