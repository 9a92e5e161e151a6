"""``mg faults`` and ``mg clock``: break services on purpose, move their time."""

from typing import Annotated, Any

import typer

from emulators.cli.cloud import running
from emulators.cli.terminal import Format, FormatOption, fail, show, table
from emulators.hub.calls import CallError, call

faults = typer.Typer(no_args_is_help=True, help="Delay, refuse or lose calls of the emulators.")
clock = typer.Typer(no_args_is_help=True, help="The time of the emulators.")
Pattern = Annotated[str, typer.Option(help="or * for any")]


def _ask(form: Format, method: str, path: str, body: object = None) -> dict[str, Any]:
    where = running(form)
    try:
        return dict(call(method, f"{where.url('console')}/_mg/{path}", body).required())
    except CallError as error:
        fail(form, str(error))


def _show_rules(form: Format, answer: dict[str, Any]) -> None:
    def text() -> None:
        for rule in answer["rules"]:
            table(f"fault {rule['id']}", rule)
        if not answer["rules"]:
            typer.echo("no faults")

    show(form, answer, text)


@faults.command("list")
def list_faults(form: FormatOption = Format.TEXT) -> None:
    """Show the faults in force."""
    _show_rules(form, _ask(form, "GET", "faults"))


@faults.command("add")
def add_fault(  # noqa: PLR0913 - each is an option of the command line
    action: Annotated[str, typer.Argument(help="delay, error, drop, duplicate or reorder")],
    *,
    service: Pattern = "*",
    method: Pattern = "*",
    seconds: Annotated[float, typer.Option(help="of a delay")] = 0.0,
    status: Annotated[str, typer.Option(help="gRPC status of an error")] = "UNAVAILABLE",
    probability: Annotated[float, typer.Option(min=0, max=1)] = 1.0,
    times: Annotated[int | None, typer.Option(help="how often; without end if not given")] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Put a fault in force."""
    rule = {
        "action": action,
        "service": service,
        "method": method,
        "seconds": seconds,
        "status": status,
        "probability": probability,
        "remaining": times,
    }
    _show_rules(form, _ask(form, "POST", "faults", rule))


@faults.command("remove")
def remove_fault(number: int, form: FormatOption = Format.TEXT) -> None:
    """Lift one fault."""
    _show_rules(form, _ask(form, "DELETE", f"faults/{number}"))


@faults.command("clear")
def clear_faults(form: FormatOption = Format.TEXT) -> None:
    """Lift every fault."""
    _show_rules(form, _ask(form, "DELETE", "faults"))


def _show_time(form: Format, answer: dict[str, Any]) -> None:
    show(form, answer, lambda: table("clock", answer))


@clock.command("show")
def show_clock(form: FormatOption = Format.TEXT) -> None:
    """Show the time."""
    _show_time(form, _ask(form, "GET", "clock"))


@clock.command("advance")
def advance_clock(
    seconds: Annotated[float, typer.Argument(min=0)], form: FormatOption = Format.TEXT
) -> None:
    """Move time forward: what was due meanwhile happens now."""
    _show_time(form, _ask(form, "POST", "clock", {"action": "advance", "seconds": seconds}))


@clock.command("freeze")
def freeze_clock(form: FormatOption = Format.TEXT) -> None:
    """Stop time."""
    _show_time(form, _ask(form, "POST", "clock", {"action": "freeze"}))


@clock.command("resume")
def resume_clock(form: FormatOption = Format.TEXT) -> None:
    """Let time run on."""
    _show_time(form, _ask(form, "POST", "clock", {"action": "resume"}))
