"""``mg search``, ``ingest``, ``run``, ``workflow``: let the local cloud work."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.table import Table

from emulators.cli.cloud import running
from emulators.cli.terminal import Format, FormatOption, fail, progress, show, table
from emulators.hub.calls import CallError, call
from emulators.hub.ingestion import describe, follow_run
from emulators.hub.layout import Layout
from emulators.hub.run_api import JobError, run_job

POLL_SECONDS = 0.5
Platforms = Annotated[list[str] | None, typer.Option("--platform", help="may be repeated")]


def search(
    words: Annotated[str, typer.Argument(help="what to look for")],
    *,
    platform: Platforms = None,
    region: Annotated[str, typer.Option(help="of the offers, such as US")] = "",
    limit: Annotated[int, typer.Option(help="most results")] = 10,
    form: FormatOption = Format.TEXT,
) -> None:
    """Search through the gateway."""
    where = running(form)
    asked = [("q", words), ("page_size", str(limit))]
    asked += [("platforms", name) for name in platform or ()]
    asked += [("region", region)] if region else []
    url = f"{where.url('gateway')}/api/v1/search?{urlencode(asked)}"
    answer = _required(form, lambda: call("GET", url).required())
    show(form, answer, lambda: _results(answer))


def _results(answer: dict[str, Any]) -> None:
    shown = Table("title", "year", "type", "platforms", "score")
    for result in answer["results"]:
        content = result["content"]
        shown.add_row(
            content["title"],
            str(content.get("release_year") or ""),
            content["content_type"],
            ", ".join(content["platforms"]),
            f"{result['relevance_score']:.3f}",
        )
    console = Console()
    console.print(shown)
    late = f", without {', '.join(answer['degraded'])}" if answer.get("degraded") else ""
    console.print(f"{answer['total_count']} titles in {answer['search_time_ms']} ms{late}")


def run(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="folder of the job, such as db_migrate")],
    form: FormatOption = Format.TEXT,
) -> None:
    """Run a job with the options that follow its name, and wait for its end."""
    where = running(form)
    summary = _run(form, where, job, context.args)
    answer = {"job": job, "summary": summary}
    show(form, answer, lambda: table(job, summary or {"done": "yes"}))


def _run(form: Format, where: Layout, job: str, args: Sequence[str]) -> dict[str, Any]:
    started, told = time.monotonic(), progress(form)

    def tick() -> None:
        told(f"{job} has run for {time.monotonic() - started:.0f} s")

    summary: dict[str, Any] = _required(form, lambda: run_job(where, job, args, tick))
    return summary


def _required(form: Format, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - any JSON
    try:
        return work()
    except (CallError, JobError) as error:
        fail(form, str(error))


def ingest(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="file to take in")],
    *,
    provider: Annotated[str, typer.Option(help="which reads it, such as generic")],
    preset: Annotated[str, typer.Option(help="its columns, where they are known")] = "",
    platform: Annotated[str, typer.Option(help="whose catalog it is")] = "",
    region: Annotated[str, typer.Option(help="where it is offered")] = "US",
    form: FormatOption = Format.TEXT,
) -> None:
    """Take a catalog file in and wait until each record is stored or set aside; 1 on any loss."""
    where = running(form)
    named = {"provider": provider, "preset": preset, "platform": platform, "region": region}
    args = [word for name, value in named.items() if value for word in (f"--{name}", value)]
    started = time.monotonic()
    fetched = _run(form, where, "catalog_fetch", [*args, "--path", str(path.absolute())])
    told = progress(form)
    report = _required(
        form, lambda: follow_run(where, fetched["run_id"], lambda found: told(describe(found)))
    )
    lost = report["read"] - report["stored"] - report["set_aside"]
    answer = {**report, "lost": lost, "seconds": round(time.monotonic() - started, 2)}
    if lost or report.get("errors"):
        fail(form, f"{lost} of {report['read']} items are lost", answer)
    show(form, answer, lambda: _totals(answer))


def _totals(answer: dict[str, Any]) -> None:
    typer.echo("", err=True)
    shown = {name: answer[name] for name in ("run_id", "read", "stored", "set_aside", "lost")}
    table("ingested", {**shown, **answer.get("by_stage", {}), "seconds": answer["seconds"]})


def workflow(
    name: Annotated[str, typer.Argument(help="such as catalog_refresh")],
    data: Annotated[str, typer.Option(help="its argument, JSON")] = "{}",
    form: FormatOption = Format.TEXT,
) -> None:
    """Run a workflow and wait for its end; 1 unless it succeeds."""
    where = running(form)
    try:
        json.loads(data)
    except ValueError as error:
        raise typer.BadParameter(f"--data is not JSON: {error}") from error
    execution = _required(form, lambda: _execute(form, where, name.replace("_", "-"), data))
    answer = {
        "workflow": name,
        "state": execution["state"],
        "result": json.loads(execution.get("result") or "null"),
    }
    if execution["state"] != "SUCCEEDED":
        why = execution.get("error", {}).get("context", "it gave no reason")
        fail(form, f"{name} {execution['state']}: {why}", answer)
    show(form, answer, lambda: typer.echo(json.dumps(answer["result"], indent=2)))


def _execute(form: Format, where: Layout, workflow_id: str, data: str) -> dict[str, Any]:
    base, told = f"{where.url('workflows')}/v1", progress(form)
    place = f"projects/{where.env.project}/locations/{where.env.location}"
    path = f"{base}/{place}/workflows/{workflow_id}/executions"
    execution: dict[str, Any] = call("POST", path, {"argument": data}).required()
    while execution["state"] in {"ACTIVE", "QUEUED"}:
        steps = execution.get("status", {}).get("currentSteps") or [{}]
        told(f"{workflow_id}: {steps[-1].get('step', 'starting')}")
        time.sleep(POLL_SECONDS)
        execution = call("GET", f"{base}/{execution['name']}").required()
    return execution
