"""Table ``fetch_lease``: one run at a time fetches a part."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from shared.adapters.sql.statement import statement, translated
from shared.kernel.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from sqlalchemy import Engine

    from shared.adapters.sql.runs import Part
    from shared.kernel.clock import Clock

TAKE = statement(__file__, "lease_take")
GIVE = statement(__file__, "lease_give")


class FetchActiveError(ConflictError):
    """Another run fetches the same part right now."""


class FetchLeases:
    """Leases of parts; one that is not given back ends by itself."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @contextmanager
    def held(self, part: Part, lasts: timedelta) -> Iterator[None]:
        """Hold a part's lease inside the block; the run that has it may take it again.

        Raises:
            FetchActiveError: Another run has it.
        """
        now = self._clock.now()
        given = {**asdict(part), "now": now, "expires_at": now + lasts}
        with translated("fetch_lease"), self._engine.begin() as connection:
            row = connection.execute(TAKE(), given).one()
        if row.run_id != part.run_id:
            name = f"{part.provider} {part.kind} {part.platform}-{part.region}"
            until = row.expires_at.isoformat()
            raise FetchActiveError(f"run {row.run_id!r} fetches {name}, until {until} at most")
        try:
            yield
        finally:
            with translated("fetch_lease"), self._engine.begin() as connection:
                connection.execute(GIVE(), asdict(part))
