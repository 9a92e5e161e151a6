"""Table ``provider_stop``: whose answers could not be read, and until when nobody asks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shared.adapters.sql.statement import statement, translated
from shared.catalog.drift import STOPPED_FOR, ProviderStoppedError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from shared.adapters.sql.runs import Part
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

KEEP = statement(__file__, "stop_keep")
READ = statement(__file__, "stop_read")
LIFT = statement(__file__, "stop_lift")


class ProviderStops:
    """Providers that are not asked, each with the run that could not read it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def check(self, provider: str) -> None:
        """Make sure that a provider may be asked.

        Raises:
            ProviderStoppedError: It is stopped, and that is not over yet.
        """
        now = self._clock.now()
        with translated("provider_stop"), self._engine.connect() as connection:
            row = connection.execute(READ(), {"provider": provider, "now": now}).first()
        if row is not None:
            seconds = (row.until - now).total_seconds()
            message = f"{provider} is stopped since run {row.run_id}: {row.reason}"
            raise ProviderStoppedError(message, retry_after_seconds=seconds)

    def stop(self, part: Part, reason: str) -> None:
        """Let nobody ask the part's provider for a day, and say so where an alert hears it."""
        now = self._clock.now()
        given = {"provider": part.provider, "run_id": part.run_id, "reason": reason}
        with translated("provider_stop"), self._engine.begin() as connection:
            connection.execute(KEEP(), {**given, "now": now, "until": now + STOPPED_FOR})
        logger.error("provider.stopped", extra={**given, "platform": part.platform})

    @staticmethod
    def lift(connection: Connection, run_id: str) -> bool:
        """End the stop that a run led to; tells whether there was one."""
        return connection.execute(LIFT(), {"run_id": run_id}).rowcount > 0
