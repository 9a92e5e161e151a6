"""Past churn and lateness, from the offers themselves."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.catalog.receipts import Churn, Delay, hazards
from shared.kernel.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine, TextClause

COUNT_CHURN = statement(__file__, "count_churn")
COUNT_DELAYS = statement(__file__, "count_delays")
KEEP_CHURN = statement(__file__, "keep_churn")
KEEP_DELAYS = statement(__file__, "keep_delays")


def recount(engine: Engine | None = None, clock: Clock | None = None) -> tuple[int, int]:
    """Count churn and delays again; returns how many regions and sources were counted.

    One transaction that reads every offer twice; doing it again changes nothing but its time.

    Raises:
        UnavailableError: The database does not answer.
    """
    now = (clock or SystemClock()).now().isoformat()
    with translated("churn"), (engine or connect.engine()).begin() as connection:
        churn = [Churn(*row) for row in _answer(connection, COUNT_CHURN())]
        delays = [Delay(*row) for row in _answer(connection, COUNT_DELAYS())]
        found = hazards(churn)
        rows = [asdict(each) | found[each.platform, each.region]._asdict() for each in churn]
        late = [asdict(each) | {"lag_days": each.lag_days} for each in delays]
        connection.execute(KEEP_CHURN(), {"rows": orjson.dumps(rows).decode(), "now": now})
        connection.execute(KEEP_DELAYS(), {"rows": orjson.dumps(late).decode(), "now": now})
    return len(churn), len(delays)


def _answer(connection: Connection, what: TextClause) -> Sequence[Sequence[Any]]:
    found: list[list[Any]] = orjson.loads(connection.execute(what).scalar_one())
    return found
