"""What commands print: text for people, or one JSON object and nothing else."""

import json
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

EXIT_FAILED = 1

Json = Mapping[str, Any]


class Format(StrEnum):
    """How a command answers."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="text, or one JSON object")]


def is_json(form: Format) -> bool:
    """Tell whether the answer is one JSON object."""
    return form is Format.JSON


def show(form: Format, answer: Json, text: Callable[[], None]) -> None:
    """Print the answer of a command."""
    if is_json(form):
        typer.echo(json.dumps(answer, default=str))
    else:
        text()


def fail(form: Format, message: str, answer: Json | None = None) -> NoReturn:
    """Say what went wrong and end with 1."""
    if is_json(form):
        typer.echo(json.dumps({**(answer or {}), "error": message}, default=str))
    else:
        typer.echo(message, err=True)
    raise typer.Exit(EXIT_FAILED)


def progress(form: Format) -> Callable[[str], None]:
    """Return what shows how far long work is: one line on a terminal, lines elsewhere."""
    if is_json(form):
        return lambda _: None
    if sys.stderr.isatty():
        return lambda text: typer.echo(f"\r\033[K{text}", err=True, nl=False)
    seen: list[str] = []

    def line(text: str) -> None:
        if text not in seen[-1:]:
            seen[:] = [text]
            typer.echo(text, err=True)

    return line


def table(title: str, rows: Mapping[str, object]) -> None:
    """Print names and values, a long value over several lines: a part of it would be of no use."""
    made = Table(title=title, show_header=False, title_justify="left")
    made.add_column()
    made.add_column(overflow="fold")
    for name, value in rows.items():
        made.add_row(name, str(value))
    Console().print(made)
