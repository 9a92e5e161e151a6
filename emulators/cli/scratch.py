"""A local cloud for the length of one command: no sample, free ports, gone afterwards."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from emulators.cli.cloud import ROOT
from emulators.core import environment
from emulators.hub.record import last

MG = (sys.executable, "-c", "from emulators.cli import main; main()")


class ScratchError(Exception):
    """It did not start; the message says why."""


@contextmanager
def scratch_cloud() -> Iterator[Mapping[str, str]]:
    """Yield the environment of processes that work on a new, empty local cloud.

    Raises:
        ScratchError: It did not start.
    """
    room = Path(tempfile.mkdtemp(prefix="mg-scratch-"))
    room.chmod(0o755)  # PostgreSQL's unprivileged user must pass through
    inherited = {**environment.load().inherited, "MG_STATE_DIR": str(room / "state")}
    try:
        _mg(inherited, "up", "--detach", "--no-sample", "--port", "0")
        try:
            yield {**inherited, **_variables(room / "state" / "hub.json")}
        finally:
            _mg(inherited, "down")
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _variables(file: Path) -> Mapping[str, str]:
    found = last(file)
    if found is None:
        raise ScratchError(f"the local cloud left no {file.name}")
    return found.variables


def _mg(variables: Mapping[str, str], *words: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        [*MG, *words, "--format", "json"],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ScratchError(_reason(done.stdout) or done.stderr.strip())


def _reason(answer: str) -> str:
    try:
        return str(json.loads(answer)["error"])
    except (ValueError, KeyError):
        return answer.strip()
