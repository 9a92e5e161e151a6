"""Pages that are looked at each week: which, and what they said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import orjson

from shared.adapters import connect
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement, translated
from shared.catalog.links_check import CheckedLinks, PageState, SampledOffer, TemplateCheck
from shared.catalog.links_health import week_of
from shared.catalog.links_templates import Device
from shared.catalog.values import ContentType
from shared.kernel.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

SAMPLE = statement(__file__, "check_sample")
KEEP = statement(__file__, "check_keep")
LAST = statement(__file__, "check_last")
KEPT = timedelta(weeks=52)
SHOWN = timedelta(weeks=4)


class SqlLinkChecks:
    """Table ``link_check``, one row a template and week."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._given = engine
        self._clock = clock or SystemClock()

    @property
    def _engine(self) -> Engine:
        return self._given or connect.engine()

    def sample(self, platforms: Sequence[str], *, limit: int) -> list[SampledOffer]:
        """Return offers that can be watched now, at most `limit` a platform, others each week."""
        now = self._clock.now()
        week = week_of(now.date()).isoformat()
        given = {"platforms": json_text(list(platforms)), "limit": limit, "seed": week, "now": now}
        with translated("link checks"), self._engine.connect() as connection:
            rows = connection.execute(SAMPLE(), given).all()
        return [
            SampledOffer(
                row.platform, row.listing, row.region, ContentType(row.content_type), row.link
            )
            for row in rows
        ]

    def keep(self, checks: Sequence[TemplateCheck]) -> None:
        """Keep what was seen this week; a second look in a week takes the place of the first."""
        now = self._clock.now()
        rows = [
            {
                "template": one.template,
                "platform": one.platform,
                "examples": list(one.examples),
                **{state.value: one.counts.get(state, 0) for state in PageState},
            }
            for one in checks
        ]
        given = {
            "rows": json_text(rows),
            "device": Device.WEB.value,
            "week": week_of(now.date()).isoformat(),
            "forget": (now - KEPT).date().isoformat(),
            "now": now.isoformat(),
        }
        with translated("link checks"), self._engine.begin() as connection:
            connection.execute(KEEP(), given)

    def latest(self) -> list[CheckedLinks]:
        """Return what was seen last of each template within four weeks, the most gone first."""
        given = {"since": (self._clock.now() - SHOWN).date().isoformat()}
        with translated("link checks"), self._engine.connect() as connection:
            rows = connection.execute(LAST(), given).all()
        return [
            CheckedLinks.model_validate({**row._mapping, "examples": orjson.loads(row.examples)})  # noqa: SLF001 - SQLAlchemy's public name
            for row in rows
        ]
