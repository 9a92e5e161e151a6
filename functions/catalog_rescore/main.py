"""Job: rate every title again as its record ages; the workflow ``quality`` runs it."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters.sql.life.genres import GenreMisses
from shared.adapters.sql.life.quality import SqlQuality
from shared.adapters.sql.runs import Part, Runs
from shared.catalog.raw import ALL_PLATFORMS, ALL_REGIONS
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

clock = SystemClock()
OWN = "media_gateway"
"""Whose word a run of ours is, where others name a provider."""


class Options(BaseModel):
    """The run it is, where administrators are to see it among those of ingestion."""

    model_config = ConfigDict(extra="forbid")

    run_id: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,99})?$")


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Rate them all and say what the catalog's quality comes to."""
    part = Part(options.run_id, OWN, ALL_PLATFORMS, ALL_REGIONS, "quality")
    with Runs().noted(part) if options.run_id else nullcontext():
        report = SqlQuality(clock=clock).rescore()
        GenreMisses(clock=clock).forget()
    return report.model_dump(mode="json")
