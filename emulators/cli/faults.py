"""``mg faults`` and ``mg clock``: break services on purpose, move their time."""

from typing import Annotated, Any

import typer

from emulators.cli.cloud import running
from emulators.cli.terminal import Format, FormatOption, fail, show, table
from emulators.core.rules import ACTIONS
from emulators.hub.calls import CallError, call

faults = typer.Typer(
    no_args_is_help=True, help="Delay, refuse, lose, repeat or cut off calls; crash the emulators."
)
clock = typer.Typer(no_args_is_help=True, help="The time of the emulators.")
Pattern = Annotated[str, typer.Option(help="or * for any")]


TRAVEL_SECONDS = 3600  # a long way of the clock has many timers


def _ask(form: Format, method: str, path: str, body: object = None) -> dict[str, Any]:
    where = running(form)
    url = f"{where.url('console')}/_mg/{path}"
    try:
        return dict(call(method, url, body, timeout_seconds=TRAVEL_SECONDS).required())
    except CallError as error:
        fail(form, str(error))


def _show_rules(form: Format, answer: dict[str, Any]) -> None:
    def text() -> None:
        for rule in answer["rules"]:
            said = {name: value for name, value in rule.items() if value not in (None, "")}
            table(f"fault {rule['id']}, struck {rule['struck']} of {rule['seen']}", said)
        if not answer["rules"]:
            typer.echo("no faults")

    show(form, answer, text)


@faults.command("list")
def list_faults(form: FormatOption = Format.TEXT) -> None:
    """Show the faults in force."""
    _show_rules(form, _ask(form, "GET", "faults"))


@faults.command("add")
def add_fault(  # noqa: PLR0913 - each is an option of the command line
    action: Annotated[str, typer.Argument(help=" ".join(ACTIONS))],
    *,
    service: Pattern = "*",
    method: Pattern = "*",
    resource: Annotated[str, typer.Option(help="its name, or a pattern with *")] = "*",
    at: Annotated[
        str | None, typer.Option(help="before, after; a crash also before_disk, after_disk")
    ] = None,
    reply: Annotated[
        int | None, typer.Option(help="of a stream: strike at its n-th reply, 0 at any")
    ] = None,
    nth: Annotated[int | None, typer.Option(help="strike the n-th matching call only")] = None,
    every: Annotated[int | None, typer.Option(help="strike each n-th")] = None,
    probability: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    times: Annotated[
        int | None, typer.Option(help="how often; without end if not given, a crash once")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="of a delay or of waiting")] = None,
    status: Annotated[str | None, typer.Option(help="gRPC status of an error")] = None,
    message: Annotated[str | None, typer.Option(help="text of an error")] = None,
    unsynced: Annotated[
        str | None, typer.Option(help="of a crash: what is not on disk is lost or kept")
    ] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Put a fault in force; `mg fault targets` says what it can name."""
    asked = {
        "action": action,
        "service": service,
        "method": method,
        "resource": resource,
        "at": at,
        "reply": reply,
        "nth": nth,
        "every": every,
        "probability": probability,
        "remaining": times,
        "seconds": seconds,
        "status": status,
        "message": message,
        "unsynced": unsynced,
    }
    rule = {name: value for name, value in asked.items() if value is not None}
    _show_rules(form, _ask(form, "POST", "faults", rule))


@faults.command("targets")
def show_targets(form: FormatOption = Format.TEXT) -> None:
    """Show which actions can happen to which methods."""
    answer = _ask(form, "GET", "faults/targets")

    def text() -> None:
        for service, methods in answer.items():
            table(service, {name: " ".join(actions) for name, actions in methods.items()})

    show(form, answer, text)


@faults.command("seed")
def seed_faults(seed: int, form: FormatOption = Format.TEXT) -> None:
    """Let chances follow from another seed, from their beginning."""
    _show_rules(form, _ask(form, "PUT", "faults/seed", {"seed": seed}))


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
    """Let time pass: what is due on the way happens, each at its moment."""
    _show_time(form, _ask(form, "POST", "clock", {"action": "advance", "seconds": seconds}))


@clock.command("jump")
def jump_clock(
    moment: Annotated[str, typer.Argument(help="such as 2026-12-24T18:00:00Z, not before now")],
    form: FormatOption = Format.TEXT,
) -> None:
    """Let time pass up to a moment."""
    _show_time(form, _ask(form, "POST", "clock", {"action": "jump", "to": moment}))


@clock.command("freeze")
def freeze_clock(form: FormatOption = Format.TEXT) -> None:
    """Stop time."""
    _show_time(form, _ask(form, "POST", "clock", {"action": "freeze"}))


@clock.command("resume")
def resume_clock(form: FormatOption = Format.TEXT) -> None:
    """Let time run on."""
    _show_time(form, _ask(form, "POST", "clock", {"action": "resume"}))
