"""``mg status``, ``mg env``, ``mg logs``, ``mg exec``: look at the local cloud."""

import base64
import os
import shlex
import subprocess
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from emulators.cli.cloud import layout, record, running, try_call
from emulators.cli.terminal import Format, FormatOption, fail, is_json, show, table
from emulators.core import environment
from emulators.hub.calls import CallError, call
from emulators.hub.ingestion import call_function
from emulators.hub.layout import Layout
from emulators.managed.process import tail

LINES = 20
FOLLOW_SECONDS = 0.2
STAGES = "/api/v1/internal/ingestion/status"


def status(form: FormatOption = Format.TEXT) -> None:
    """Show what runs and how far ingestion has come; 1 where nothing runs."""
    found = record()
    if found is None:
        fail(form, "the local cloud does not run", {"state": "stopped"})
    where = layout()
    functions = try_call("GET", f"{where.url('cloud_run')}/_mg/status")
    answer = {
        "state": found.state,
        "addresses": dict(found.addresses),
        "children": dict(found.children),
        "functions": functions.get("functions", functions),
        "console": try_call("GET", f"{where.url('console')}/_mg/status"),
        "ingestion": _ingestion(where),
        "sample": {"password of every sample viewer": _sample_password(where)},
    }
    show(form, answer, lambda: _status_text(answer))


def _ingestion(where: Layout) -> Any:  # noqa: ANN401 - whatever the function answers
    try:
        return call_function(where, "catalog-status", STAGES).required()
    except CallError as error:
        return {"error": str(error)}


def _sample_password(where: Layout) -> str:
    """Return what the sample's viewers sign in with here; nothing where there is no sample."""
    url = f"{where.url('secret_manager')}/v1/{where.secret('sample-password')}:access"
    found = try_call("GET", url)
    return base64.b64decode(found.get("payload", {}).get("data", "")).decode()


def _status_text(answer: dict[str, Any]) -> None:
    typer.echo(f"local cloud: {answer['state']}")
    table("addresses", answer["addresses"])
    functions = answer["functions"]
    table(
        "functions",
        {n: f.get("state", f) if isinstance(f, dict) else f for n, f in functions.items()},
    )
    table("ingestion", answer["ingestion"])
    table("sample", answer["sample"])


ProductionOption = Annotated[
    bool,
    typer.Option("--production", help="for clients made as in production: through the proxy"),
]


class Credentials(StrEnum):
    """Whose default credentials a process made as in production finds."""

    KEY = "key"
    USER = "user"
    METADATA = "metadata"


CredentialsOption = Annotated[
    Credentials, typer.Option(help="with --production: a key file, a login, or the metadata server")
]


def env(
    *,
    production: ProductionOption = False,
    credentials: CredentialsOption = Credentials.KEY,
    form: FormatOption = Format.TEXT,
) -> None:
    """Print the variables of the product's processes, for ``eval "$(mg env)"``."""
    found, gone = _told(form, credentials) if production else (variables(), [])

    def text() -> None:
        for name in gone:
            typer.echo(f"unset {name}")
        for name, value in found.items():
            typer.echo(f"export {name}={shlex.quote(value)}")

    show(form, {"environment": found} | ({"unset": gone} if production else {}), text)


def _told(form: Format, credentials: Credentials) -> tuple[dict[str, str], list[str]]:
    """Return what to set, and what to remove, for clients that are made as in production."""
    query = urlencode({"credentials": credentials.value})
    try:
        answer = call("GET", f"{running(form).url('console')}/_mg/production?{query}").required()
    except CallError as error:
        fail(form, str(error))
    gone = list(answer["unset"])
    kept = {name: value for name, value in variables().items() if name not in gone}
    return {**kept, **answer["environment"]}, gone


def variables() -> dict[str, str]:
    """Return what the product's processes are told."""
    found = record()
    return dict(found.variables) if found else layout().product_variables()


def execute(
    context: typer.Context,
    *,
    production: ProductionOption = False,
    credentials: CredentialsOption = Credentials.KEY,
    form: FormatOption = Format.TEXT,
) -> None:
    """Run a command with those variables: ``mg exec -- CMD ARGS``; its exit code is ours."""
    command = context.args
    if not command:
        raise typer.BadParameter("name a command: mg exec -- CMD ARGS")
    found, gone = _told(form, credentials) if production else (variables(), [])
    inherited = environment.load().inherited
    environ = {**{n: v for n, v in inherited.items() if n not in gone}, **found}
    try:
        if not is_json(form):
            os.execvpe(command[0], command, environ)  # noqa: S606 - the caller's own command
        done = subprocess.run(  # noqa: S603 - the caller's own command
            command, env=environ, capture_output=True, text=True, check=False
        )
    except OSError as error:
        fail(form, f"{command[0]} cannot be run: {error}")
    answer = {"exit_code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
    show(form, answer, lambda: None)
    raise typer.Exit(done.returncode)


def logs(
    name: Annotated[str, typer.Argument(help="of a function, job or server")] = "",
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on as lines come")] = False,
    lines: Annotated[int, typer.Option(help="of each log, from its end")] = LINES,
    form: FormatOption = Format.TEXT,
) -> None:
    """Show the last lines of one log, or of all."""
    if follow and is_json(form):
        raise typer.BadParameter("--follow does not end, so it has no JSON form")
    files = _files(form, environment.load().state_dir / "logs", name.replace("-", "_"))
    answer = {file.stem: tail(file, lines).splitlines() for file in files}

    def text() -> None:
        for stem, found in answer.items():
            for line in found:
                typer.echo(f"{stem}: {line}")

    show(form, {"logs": answer}, text)
    if follow:
        _follow(files)


def _files(form: Format, folder: Path, name: str) -> list[Path]:
    files = sorted(folder.glob("*.log"))
    chosen = [file for file in files if not name or file.stem == name]
    if not chosen:
        known = ", ".join(file.stem for file in files) or "none yet"
        fail(form, f"there is no log {name!r}; there are: {known}")
    return chosen


def _follow(files: list[Path]) -> None:
    """Print what is added until Ctrl-C."""
    opened = {file.stem: file.open(encoding="utf-8", errors="replace") for file in files}
    for stream in opened.values():
        stream.seek(0, os.SEEK_END)
    try:
        while True:
            for stem, stream in opened.items():
                for line in stream:
                    typer.echo(f"{stem}: {line}", nl=False)
            time.sleep(FOLLOW_SECONDS)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    finally:
        for stream in opened.values():
            stream.close()
