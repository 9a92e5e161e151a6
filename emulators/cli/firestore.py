"""``mg firestore``: what Firestore refuses as in production, and ``firestore.indexes.json``."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from emulators.cli.cloud import running
from emulators.cli.terminal import Format, FormatOption, fail, show, table
from emulators.core import environment
from emulators.hub.calls import CallError, call

firestore = typer.Typer(no_args_is_help=True, help="Indexes and strictness of Firestore.")
Database = Annotated[str, typer.Option(help="its id")]


class Switch(StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


def _ask(form: Format, method: str, path: str, body: object = None) -> dict[str, Any]:
    where = running(form)
    try:
        return dict(call(method, f"{where.url('firestore')}/emulator/v1/{path}", body).required())
    except CallError as error:
        fail(form, str(error))


def _place(database: str) -> str:
    return f"projects/{environment.load().project}/databases/{database}/indexes"


@firestore.command("strict")
def strict(
    *,
    indexes: Annotated[Switch | None, typer.Option(help="queries that lack an index")] = None,
    write_rate: Annotated[
        Switch | None, typer.Option(help="over one sustained write a second to a document")
    ] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Show or switch what is refused as in production."""
    given = {"indexes": indexes, "write_rate": write_rate}
    body = {name: value is Switch.ON for name, value in given.items() if value is not None}
    answer = _ask(form, "PUT" if body else "GET", "strict", body or None)
    show(form, answer, lambda: table("refused as in production", answer))


@firestore.command("indexes")
def indexes(database: Database = "(default)", *, forget: bool = False) -> None:
    """Print the indexes that queries needed, as firestore.indexes.json has them; or forget them."""
    answer = _ask(Format.JSON, "DELETE" if forget else "GET", _place(database))
    typer.echo(json.dumps(answer, indent=2))


@firestore.command("load")
def load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    database: Database = "(default)",
    form: FormatOption = Format.TEXT,
) -> None:
    """Make the indexes and settings of fields of a firestore.indexes.json."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        fail(form, f"{file} is not JSON: {error}")
    answer = _ask(form, "PUT", _place(database), content)
    show(form, answer, lambda: table(f"made of {file}", answer))
