"""Job: rate every title again as its record ages, each Monday."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.adapters.sql.life.quality import SqlQuality
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

clock = SystemClock()


class Options(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(extra="forbid")


@jobs.job(Options)
def handle(_options: Options) -> Mapping[str, Any]:
    """Rate them all and say what the catalog's quality comes to."""
    return SqlQuality(clock=clock).rescore().model_dump(mode="json")
