"""``mg config``: the product's settings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import typer

from emulators.cli.look import variables
from emulators.cli.terminal import Format, FormatOption, fail, show
from emulators.core import environment

config = typer.Typer(no_args_is_help=True, help="The product's settings.")
ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "shared.runtime.configuration")


@config.command("explain")
def explain(form: FormatOption = Format.TEXT) -> None:
    """Show every setting, and whether environment, .env or default gave it; secrets struck out."""
    done = subprocess.run(  # noqa: S603 - our own words
        COMMAND,
        cwd=ROOT,
        env={**environment.load().inherited, **variables()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        fail(form, done.stderr.strip())
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)

    def text() -> None:
        width = max(map(len, found))
        for name, one in found.items():
            typer.echo(f"{name:<{width}}  {one['source']:<11}  {one['value']}")

    show(form, {"settings": found}, text)
