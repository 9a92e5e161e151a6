"""A whole local cloud of its own for a benchmark: temporary state, free ports, no sample."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from emulators.core import environment
from emulators.hub.record import Record, read
from shared.runtime.settings import use_settings
from tests.benchmarks.machine import ROOT
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND_SECONDS = 900
MG = (sys.executable, "-c", "from emulators.cli import main; main()")


class CommandError(Exception):
    """A command of ``mg`` failed; the message is what it said."""


@dataclass(frozen=True)
class Cloud:
    """One local cloud and its state folder."""

    state: Path

    def mg(self, *words: str) -> dict[str, Any]:
        """Run a command of ``mg`` and return its answer.

        Raises:
            CommandError: It failed.
        """
        done = subprocess.run(  # noqa: S603 - our own words
            [*MG, *words, "--format", "json"],
            cwd=ROOT,
            env={**environment.load().inherited, **self._own},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise CommandError(f"mg {' '.join(words)}: {done.stdout}{done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    @property
    def _own(self) -> dict[str, str]:
        """Its folder, and limits that one client of a benchmark does not meet."""
        return {"MG_STATE_DIR": str(self.state), "MEDIA_GATEWAY_RATE_FACTOR": "100000"}

    def up(self) -> float:
        """Start it and return the seconds until it said that it is ready."""
        began = perf_counter()
        self.mg("up", "--detach", "--no-sample", "--port", "0")
        return perf_counter() - began

    def down(self) -> None:
        """Stop it, if it runs."""
        self.mg("down")

    def record(self) -> Record:
        """Return where everything of the running cloud is.

        Raises:
            CommandError: It does not run.
        """
        found = read(self.state / "hub.json")
        if found is None:
            raise CommandError(f"no local cloud runs in {self.state}")
        return found


@contextmanager
def stopped_cloud() -> Iterator[Cloud]:
    """Yield a cloud that was never started; it is ended and forgotten afterwards."""
    room = Path(tempfile.mkdtemp(prefix="mg-bench-"))
    room.chmod(0o755)  # PostgreSQL's unprivileged user must pass through
    cloud = Cloud(room / "state")
    try:
        yield cloud
    finally:
        cloud.down()
        shutil.rmtree(room, ignore_errors=True)


@contextmanager
def running_cloud() -> Iterator[Cloud]:
    """Yield a cloud that is ready, with the adapters of this process working on it."""
    with stopped_cloud() as cloud, pytest.MonkeyPatch.context() as patch:
        cloud.up()
        change(patch, cloud.record().variables)
        use_settings()
        yield cloud
        change(patch, {})  # lets go of connections before the servers end
