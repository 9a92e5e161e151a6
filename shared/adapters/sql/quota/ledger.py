"""Tables ``quota_ledger`` and ``quota_pace``: one account of a key for every worker."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters.sql.statement import statement, translated
from shared.catalog.quota import CALL, Debit, debits
from shared.gateway.gcra import decide, microseconds
from shared.gateway.ports import Quota
from shared.kernel.errors import ExhaustedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from shared.catalog.quota import Limits, Pace
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

DEBIT = statement(__file__, "debit")
HOLD_PACE = statement(__file__, "pace_hold")
KEEP_PACE = statement(__file__, "pace_keep")
PRUNE = statement(__file__, "prune")
KEPT = timedelta(days=400)
"""How long ended periods are kept: last year's same month is still there to compare with."""


@dataclass(frozen=True)
class Account:
    """Whose units are used, and what for.

    Attributes:
        key_ref: Reference of the key, never the key.
        kind: Of the fetch; it decides how much of an allowance may be used up.
    """

    provider: str
    key_ref: str
    kind: str

    @property
    def names(self) -> dict[str, str]:
        """What its rows are found by."""
        return {"provider": self.provider, "key_ref": self.key_ref}


class QuotaLedger:
    """Debits a key before each of its calls; every worker debits the same rows.

    Args:
        engine: Where they are kept.
        clock: Says in which period a call falls.
        limits: Plans of all providers.
        wait: Lets time pass until the pace allows the next call.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        limits: Limits,
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._limits = limits
        self._wait = wait

    def debit(self, account: Account, call: str = CALL) -> None:
        """Take what one call costs, all of it or nothing, once the pace allows the call.

        Raises:
            ExhaustedError: An allowance does not reach for it; the message says until when.
            UnavailableError: The database does not answer.
        """
        while (seconds := self._taken(account, call)) > 0:
            self._wait(seconds)

    def prune(self) -> None:
        """Forget periods that ended long ago."""
        with translated("quota_ledger"), self._engine.begin() as connection:
            connection.execute(PRUNE(), {"before": self._clock.now() - KEPT})

    def _taken(self, account: Account, call: str) -> float:
        """Debit one call and return 0, or return after how many seconds to try again."""
        plan = self._limits.plan(account.provider)
        share = self._limits.share(account.kind)
        with translated("quota_ledger"), self._engine.begin() as connection:
            seconds = self._paced(connection, account, plan.pace) if plan.pace else 0.0
            if seconds > 0:
                return seconds
            due = debits(plan, call, share=share, now=self._clock.now())
            told = [(debit, self._used(connection, account, debit)) for debit in due]
        for debit, used in told:
            self._tell(account, debit, used)
        return 0.0

    def _paced(self, connection: Connection, account: Account, pace: Pace) -> float:
        arrival = connection.execute(HOLD_PACE(), account.names).scalar_one()
        quota = Quota("pace", account.key_ref, pace.calls, pace.seconds, pace.burst)
        told, (after,) = decide([quota], [arrival], microseconds(self._clock.now()))
        if told.admitted:
            connection.execute(KEEP_PACE(), {**account.names, "arrival": after})
        return told.retry_after_seconds

    def _used(self, connection: Connection, account: Account, debit: Debit) -> int:
        used = connection.execute(DEBIT(), {**account.names, **asdict(debit)}).scalar()
        if used is None:
            left = (debit.end - self._clock.now()).total_seconds()
            message = (
                f"{account.provider}: {account.kind} may use {debit.ceiling} of {debit.allowed}"
                f" units a {debit.period}, which are spent until {debit.end.isoformat()}"
            )
            raise ExhaustedError(message, retry_after_seconds=left)
        return int(used)

    def _tell(self, account: Account, debit: Debit, used: int) -> None:
        if debit.crossed(used, self._limits.alert_at):
            fields = {**account.names, "period": debit.period, "used": used}
            more = {"allowed": debit.allowed, "resets_at": debit.end.isoformat()}
            logger.warning("quota.low", extra={**fields, **more})
