"""What a key may still ask: so many calls a minute and a month of the virtual clock."""

from datetime import UTC, datetime
from typing import Final

import grpc
from pydantic import BaseModel, ConfigDict, Field

from emulators.core import errors
from emulators.core.clock import Clock
from emulators.core.journal import Journal

PLANS: Final = "providers.plan"
USES: Final = "providers.use"
MINUTE: Final = 60


class Plan(BaseModel):
    """How much one key may ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_minute: int = Field(default=6_000, ge=1)
    per_month: int = Field(default=500_000, ge=1)


class Use(BaseModel):
    """What one key has asked in its current minute and month; windows are named by their start."""

    minute: int = 0
    in_minute: int = 0
    month: int = 0
    in_month: int = 0


class SpentError(errors.EmulatorError):
    """A key has no calls left for ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(grpc.StatusCode.RESOURCE_EXHAUSTED, message)
        self.retry_after = retry_after


class Meter:
    """Counts calls per key; plans and the month's count survive a restart."""

    def __init__(self, clock: Clock, journal: Journal, plan: Plan) -> None:
        self._clock = clock
        self._journal = journal
        self._default = plan
        self._plans = {k: Plan.model_validate_json(v) for k, v in journal.load(PLANS)}
        self._uses = {k: Use.model_validate_json(v) for k, v in journal.load(USES)}

    def set_plan(self, key: str, plan: Plan) -> None:
        """Give ``key`` a plan of its own."""
        self._plans[known(key)] = plan
        self._journal.put(PLANS, key, plan.model_dump_json().encode())

    def take(self, key: str | None) -> None:
        """Count one call of ``key``.

        Raises:
            EmulatorError: UNAUTHENTICATED for no or an unknown key; `SpentError` when none is left.
        """
        name = known(key)
        plan, use = self._plans.get(name, self._default), self._current(name)
        if use.in_minute >= plan.per_minute:
            raise SpentError("You have exceeded the rate limit per minute", self._minute_left())
        if use.in_month >= plan.per_month:
            raise SpentError("You have exceeded the monthly quota", self._month_left())
        use.in_minute += 1
        use.in_month += 1
        self._journal.put(USES, name, use.model_dump_json().encode())

    def headers(self, key: str | None) -> dict[str, str]:
        """Return the limits of ``key`` and what is left of them; nothing for an unknown key."""
        if not is_known(key):
            return {}
        name = known(key)
        plan, use = self._plans.get(name, self._default), self._current(name)
        return {
            "X-RateLimit-Limit": str(plan.per_minute),
            "X-RateLimit-Remaining": str(max(0, plan.per_minute - use.in_minute)),
            "X-RateLimit-Reset": str(self._minute_left()),
            "X-RateLimit-Requests-Limit": str(plan.per_month),
            "X-RateLimit-Requests-Remaining": str(max(0, plan.per_month - use.in_month)),
            "X-RateLimit-Requests-Reset": str(self._month_left()),
        }

    def _current(self, key: str) -> Use:
        """Return the counts of ``key``, at zero where a new window has begun."""
        use = self._uses.setdefault(key, Use())
        minute, (month, _) = int(self._clock.now()) // MINUTE * MINUTE, self._month()
        if use.minute != minute:
            use.minute, use.in_minute = minute, 0
        if use.month != month:
            use.month, use.in_month = month, 0
        return use

    def _minute_left(self) -> int:
        return MINUTE - int(self._clock.now()) % MINUTE

    def _month_left(self) -> int:
        return self._month()[1] - int(self._clock.now())

    def _month(self) -> tuple[int, int]:
        """Return when this month (UTC) began and when the next one begins."""
        today = datetime.fromtimestamp(self._clock.now(), UTC)
        first = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        year, month = divmod(first.year * 12 + first.month, 12)
        following = first.replace(year=year, month=month + 1)
        return int(first.timestamp()), int(following.timestamp())


def is_known(key: str | None) -> bool:
    """Tell whether calls with ``key`` are served: ``local-key`` and all that start alike."""
    return key is not None and key.startswith("local-") and len(key) > len("local-")


def known(key: str | None) -> str:
    """Return ``key``.

    Raises:
        EmulatorError: UNAUTHENTICATED, when calls with it are not served.
    """
    if key is None:
        raise errors.unauthenticated("Missing X-RapidAPI-Key")
    if not is_known(key):
        raise errors.unauthenticated("Invalid X-RapidAPI-Key")
    return key
