"""The commands of ``mg``. Exit codes: 0 done, 1 failed, 2 wrong usage."""

import typer

from emulators.cli import config, evaluate, faults, firestore, lifecycle, look, runs, work

app = typer.Typer(
    name="mg",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The whole Media Gateway on this machine.",
)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

app.command("up")(lifecycle.up)
app.command("down")(lifecycle.down)
app.command("reset")(lifecycle.reset)
app.command("status")(look.status)
app.command("env")(look.env)
app.command("logs")(look.logs)
app.command("exec", context_settings=PASS_ON)(look.execute)
app.command("search")(work.search)
app.command("ingest")(work.ingest)
app.command("run", context_settings=PASS_ON)(work.run)
app.command("workflow")(work.workflow)
app.add_typer(evaluate.evaluate, name="evaluate")
app.add_typer(config.config, name="config")
app.add_typer(faults.faults, name="faults")
app.add_typer(firestore.firestore, name="firestore")
app.add_typer(faults.faults, name="fault", hidden=True)
app.add_typer(faults.clock, name="clock")
app.add_typer(runs.state, name="state")
app.add_typer(runs.record, name="record")


def main() -> None:
    """Run ``mg``."""
    app()
