"""Job: look whether pages that links lead to are still there, each Wednesday."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters.egress import Egress
from shared.adapters.sql.links.checks import SqlLinkChecks
from shared.adapters.sql.links.reports import LinkReport, SqlLinkReports
from shared.adapters.web_pages import WebPages
from shared.catalog.links_check import SAMPLE, TemplateCheck, checked, pages_of, voter
from shared.catalog.links_health import week_of
from shared.catalog.links_templates import Device
from shared.kernel import ids
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

clock = SystemClock()
pages = WebPages(Egress(), asyncio.sleep)


class Options(BaseModel):
    """Which platforms (none: all), and how many offers of each."""

    model_config = ConfigDict(extra="forbid")

    platform: tuple[str, ...] = ()
    sample: int = Field(default=SAMPLE, ge=1, le=100)


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Look, keep what was seen, and give each template that can be judged its one vote."""
    checks = SqlLinkChecks(clock=clock)
    made = pages_of(checks.sample(options.platform, limit=options.sample))
    found = checked(made, asyncio.run(pages.states(made)))
    checks.keep(found)
    votes = sum(_voted(one) for one in found)
    gone = {one.template: list(one.examples) for one in found if one.examples}
    return {"pages": len(made), "templates": len(found), "votes": votes, "gone": gone}


def _voted(check: TemplateCheck) -> bool:
    week, template = week_of(clock.now().date()), check.template
    if check.vote is None:
        return False
    said = ids.named("links-check", template, week.isoformat())
    report = LinkReport(said, template, Device.WEB, check.vote, voter(template, week))
    return SqlLinkReports(clock=clock).take(report).counted
