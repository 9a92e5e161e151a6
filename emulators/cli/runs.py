"""``mg state`` and ``mg record``: the emulators' state as a folder, and runs done once more."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from emulators.cli.cloud import record as running_record
from emulators.cli.cloud import running
from emulators.cli.terminal import Format, FormatOption, fail, show, table
from emulators.core import environment
from emulators.hub.calls import Answer, CallError, call
from emulators.state.folder import DamagedError, export
from emulators.state.replay import Outcome, replay
from emulators.state.stored import JOURNAL, prepare, replace, stored

state = typer.Typer(no_args_is_help=True, help="The emulators' state as a folder that can be read.")
record = typer.Typer(no_args_is_help=True, help="Record what arrives at the emulators; replay it.")
Folder = Annotated[Path, typer.Argument(help="new or empty")]
BACK_SECONDS = 30.0
POLL_SECONDS = 0.1
LONG_SECONDS = 600.0


def _ask(form: Format, method: str, path: str, body: object = None) -> dict[str, Any]:
    url = f"{running(form).url('console')}/_mg/{path}"
    try:
        return dict(call(method, url, body, timeout_seconds=LONG_SECONDS).required())
    except CallError as error:
        fail(form, str(error))


def _await_back(form: Format, done: Callable[[Mapping[str, Any]], bool]) -> None:
    """Return once the emulators were started anew; they end some moments after they answered."""
    url = f"{running(form).url('console')}/_mg/status"
    deadline = time.monotonic() + BACK_SECONDS
    ended = False
    while time.monotonic() < deadline:
        answer = _tried(url)
        ended = ended or answer is None
        if answer is not None and (ended or done(answer.body)):
            return
        time.sleep(POLL_SECONDS)
    fail(form, "the emulators are not back, see `mg logs emulators`")


def _tried(url: str) -> Answer | None:
    try:
        return call("GET", url, timeout_seconds=2)
    except CallError:
        return None


@state.command("export")
def export_state(folder: Folder, form: FormatOption = Format.TEXT) -> None:
    """Write all that the emulators keep into a folder; secrets too. The cloud may run or not."""
    place = folder.absolute()
    if running_record() is not None:
        answer = _ask(form, "POST", "state/export", {"folder": str(place)})
    else:
        try:
            counts = export(stored(environment.load().state_dir / JOURNAL), place)
        except (DamagedError, OSError) as error:
            fail(form, str(error))
        answer = {"folder": str(place), "entries": counts}
    show(form, answer, lambda: table(f"written to {place}", answer["entries"]))


@state.command("import")
def import_state(folder: Path, form: FormatOption = Format.TEXT) -> None:
    """Take an exported folder in place of all that the emulators keep; all of it, or nothing."""
    place = folder.absolute()
    if running_record() is not None:
        answer = _ask(form, "POST", "state/import", {"folder": str(place)})
        _await_back(form, lambda _: False)
    else:
        file = environment.load().state_dir / JOURNAL
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            asyncio.run(_taken(place, file))
        except DamagedError as error:
            fail(form, f"folder: {error}")
        answer = {"folder": str(place)}
    show(form, answer, lambda: typer.echo(f"the emulators have the state of {place}"))


async def _taken(folder: Path, file: Path) -> None:
    # The services cost a second to import: only who needs them pays.
    from emulators.serve import try_load  # noqa: PLC0415

    await prepare(folder, file, try_load)
    replace(file)


@record.command("start")
def start_recording(
    folder: Folder,
    seed: Annotated[str, typer.Option(help="of ids and tokens; drawn if not given")] = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """Record from now on; the emulators start anew, so that no call is under way."""
    place = str(folder.absolute())
    answer = _ask(form, "POST", "record", {"folder": place, "seed": seed})
    _await_back(form, lambda status: status.get("recording") == place)
    show(form, answer, lambda: typer.echo(f"recording to {place}"))


@record.command("status")
def show_recording(form: FormatOption = Format.TEXT) -> None:
    """Show whether a run is recorded, and where."""
    answer = _ask(form, "GET", "record")
    show(form, answer, lambda: table("record", answer))


@record.command("stop")
def stop_recording(form: FormatOption = Format.TEXT) -> None:
    """Record no more."""
    answer = _ask(form, "DELETE", "record")
    show(form, answer, lambda: table("record", answer))


@record.command("replay")
def replay_recording(
    folder: Annotated[Path, typer.Argument(help="of a recording")],
    state: Annotated[Path | None, typer.Option(help="write the state at its end there")] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Do a recorded run once more, on emulators of its own; 1 where an answer differs."""
    try:
        outcome = asyncio.run(_replayed(folder))
        counts = export(outcome.state, state) if state is not None else {}
    except (DamagedError, OSError) as error:
        fail(form, str(error))
    answer = {
        "events": outcome.events,
        "differences": outcome.differences,
        "state": str(state or ""),
        "entries": counts,
    }
    if outcome.differences:
        fail(form, "\n".join(outcome.differences), answer)
    show(form, answer, lambda: typer.echo(f"{outcome.events} events, every answer as recorded"))


async def _replayed(folder: Path) -> Outcome:
    from emulators.services import find_service  # noqa: PLC0415 - as above

    return await replay(folder, find_service)
