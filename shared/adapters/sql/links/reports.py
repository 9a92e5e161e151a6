"""Reports of what links came to: counted once, judged, and audited where a template changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.statement import statement, translated
from shared.catalog.links_health import KEPT_WEEKS, VOTES, Health, LinkOutcome, voted, week_of
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import Ids, TimeOrderedIds

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.catalog.links_templates import Device

TAKE_REPORT = statement(__file__, "take_report")
COUNT_OUTCOME = statement(__file__, "count_outcome")
KEEP_HEALTH = statement(__file__, "keep_health")


@dataclass(frozen=True)
class LinkReport:
    """What one viewer saw.

    Attributes:
        report_id: The client's own; the same one counts once.
        reporter: Stands for the viewer, None for one nobody knows, whose report is no vote.
    """

    report_id: UUID
    template: str
    device: Device
    outcome: LinkOutcome
    reporter: bytes | None = None

    @property
    def platform(self) -> str:
        """Whose template it is."""
        return self.template.partition(".")[0]


@dataclass(frozen=True)
class Taken:
    """What became of a report; `counted` as a vote."""

    duplicate: bool
    counted: bool


class SqlLinkReports:
    """Tables ``link_report``, ``link_vote`` and ``link_health``.

    A report is one transaction of two statements, three with a vote. Reports about one template on
    one kind of device wait for each other.
    """

    def __init__(
        self, engine: Engine | None = None, clock: Clock | None = None, ids: Ids | None = None
    ) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()
        self._ids = ids or TimeOrderedIds(self._clock)

    def take(self, report: LinkReport) -> Taken:
        """Count a report, and quarantine or restore its template where its vote decides that.

        Raises:
            ConflictError: Somebody else wrote at the same time.
            UnavailableError: The database does not answer.
        """
        now = self._clock.now()
        engine = self._engine or connect.engine()
        with translated("link reports"), engine.begin() as connection:
            is_new, has_vote = self._keep(connection, report, now)
            if not is_new:
                return Taken(duplicate=True, counted=False)
            before = _count(connection, report, now)
            if has_vote:
                after = voted(before, opened=report.outcome is LinkOutcome.OPENED, at=now)
                _conclude(connection, report, after)
                if (before.quarantined_at is None) != (after.quarantined_at is None):
                    audit.write(connection, self._act(report, before, after))
        return Taken(duplicate=False, counted=has_vote)

    @staticmethod
    def _keep(connection: Connection, report: LinkReport, now: datetime) -> tuple[bool, bool]:
        week = week_of(now.date())
        is_vote = report.outcome in VOTES
        given = {
            "report_id": str(report.report_id),
            "template": report.template,
            "device": report.device.value,
            "week": week.isoformat(),
            "opened": report.outcome is LinkOutcome.OPENED if is_vote else None,
            "reporter": report.reporter.hex() if report.reporter else None,
            "forget": (week - timedelta(weeks=KEPT_WEEKS)).isoformat(),
        }
        row = connection.execute(TAKE_REPORT(), given).one()
        return row.is_new, row.has_vote

    def _act(self, report: LinkReport, before: Health, after: Health) -> AuditEvent:
        out = after.quarantined_at is not None
        return AuditEvent(
            id=self._ids.new(),
            occurred_at=self._clock.now(),
            actor_id="link-reports",
            actor_type=ActorType.SYSTEM,
            action="CONFIG_CHANGE",
            resource_type="link-template",
            resource_id=f"{report.template}/{report.device.value}",
            details={
                "state": "quarantined" if out else "restored",
                "evidence_before": round(before.evidence, 3),
                "votes": after.votes,
            },
        )


def _count(connection: Connection, report: LinkReport, now: datetime) -> Health:
    given = {
        "template": report.template,
        "device": report.device.value,
        "platform": report.platform,
        "outcome": report.outcome.value,
        "now": now.isoformat(),
    }
    return Health(**connection.execute(COUNT_OUTCOME(), given).one()._asdict())


def _conclude(connection: Connection, report: LinkReport, health: Health) -> None:
    given = {
        "template": report.template,
        "device": report.device.value,
        "evidence": health.evidence,
        "votes": health.votes,
        "voted_at": health.voted_at,
        "quarantined_at": health.quarantined_at,
    }
    connection.execute(KEEP_HEALTH(), given)
