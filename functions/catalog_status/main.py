"""GET /api/v1/internal/ingestion/…: how far ingestion has come."""

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import probes
from shared.adapters.sql.runs import Runs
from shared.runtime import http

runs = cache(Runs)


class RunQuery(BaseModel):
    """Which run."""

    model_config = ConfigDict(extra="forbid")

    run_id: str = Field(min_length=1, max_length=200)


def status(_request: http.Request) -> http.Reply:
    """Answer with counts per stage over everything there is, and how long changes wait."""
    return http.reply(runs().status())


def run(request: http.Request) -> http.Reply:
    """Answer with how far one run has come."""
    return http.reply(runs().report(request.query(RunQuery).run_id))


handle = http.resource(__file__, status, run, probes=[probes.database])
