"""Job: bring the database's schema to the newest version."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.sql import migrate
from shared.runtime import jobs


class Options(BaseModel):
    """Options of one run; `target` is a version, or ``head`` for the newest."""

    model_config = ConfigDict(extra="forbid")

    target: str = "head"


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, str]:
    """Run every step not yet run; a second run does nothing."""
    return {"version": migrate.upgrade(connect.engine(), options.target)}
