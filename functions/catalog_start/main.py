"""POST /api/v1/admin/ingestion/runs: a workflow of ingestion, started by a person."""

from typing import Any

from shared.adapters import connect, probes
from shared.adapters.executions import Executions
from shared.adapters.sql import audit
from shared.adapters.sql.life.starting import run_at_work, start_alone
from shared.adapters.sql.statement import translated
from shared.catalog.life_create_runs import RunActiveError, RunStarted, RunWanted, plan_run
from shared.kernel import trace
from shared.kernel.audit import AuditEvent
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.audit import audit_event
from shared.runtime.viewer import authorize

clock = SystemClock()
executions = Executions()


@http.describes(body=RunWanted, answer=RunStarted, status=202)
def start_run(request: http.Request) -> http.Reply:
    """Start a run, unless one of the same kind brings some of the same up to date."""
    asked = request.json(RunWanted)
    plan = plan_run(asked, clock.now())
    with translated("runs"), connect.engine().begin() as connection:
        start_alone(connection, plan.serving.workflow)
        if at_work := run_at_work(connection, plan, clock.now()):
            raise RunActiveError(at_work)
        for other in executions.active(plan.serving.workflow):
            if plan.is_met_by(other.argument):
                raise RunActiveError(plan.run_id(other.id))
        given = {**plan.argument, **trace.headers()}
        run_id = plan.run_id(executions.start(plan.serving.workflow, given))
        said = _said(request, run_id, asked.model_dump(mode="json"))
        audit.write(connection, said)
    return http.reply(RunStarted(run_id=run_id), status=202)


def _said(request: http.Request, run_id: str, details: dict[str, Any]) -> AuditEvent:
    who, kind = request.principal, "ingestion-run"
    return audit_event(
        request, who, "ADMIN_ACTION", resource_type=kind, resource_id=run_id, details=details
    )


handle = http.resource(__file__, start_run, authorize=authorize, probes=[probes.database])
