"""Job: count popular searches by hour, day and week, and forget what is too old."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.adapters.sql.analytics.rollup import SqlRollUp
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

clock = SystemClock()


class Options(BaseModel):
    """There are none."""

    model_config = ConfigDict(extra="forbid")


@jobs.job(Options)
def handle(_options: Options) -> Mapping[str, Any]:
    """Make every count what the searches say now."""
    return asdict(SqlRollUp(clock=clock).run())
