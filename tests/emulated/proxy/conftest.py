"""Every emulator in one process of its own, as `mg up` starts it, on free ports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulators.core.environment import DEFAULT_PORTS
from emulators.hub.calls import call
from emulators.managed.process import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
PROJECT = "media-gateway-local"


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud.

    Attributes:
        state: Its folder.
        ports: Port by service.
    """

    state: Path
    ports: dict[str, int]

    def told(self, credentials: str) -> dict[str, str]:
        """Return the variables of a process whose clients are made as in production."""
        url = f"http://127.0.0.1:{self.ports['console']}/_mg/production?credentials={credentials}"
        return dict(call("GET", url).required()["environment"])

    def run(self, credentials: str, *steps: str, **more: str) -> dict[str, Any]:
        """Run `tests.emulated.proxy.untouched` in a process that knows nothing else."""
        environment = {"PATH": os.environ["PATH"], **self.told(credentials), **more}  # noqa: TID251 - for a process
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-m", "tests.emulated.proxy.untouched", *steps],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    state = tmp_path_factory.mktemp("state")
    ports = {name: free_port() for name in DEFAULT_PORTS}
    variables = {f"MG_PORT_{name.upper()}": str(port) for name, port in ports.items()}
    with subprocess.Popen(
        [sys.executable, "-m", "emulators.serve"],
        env={"PATH": os.environ["PATH"], "MG_STATE_DIR": str(state), **variables},  # noqa: TID251 - for a process
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        said = ""
        while "ready" not in said:
            said = running.stdout.readline()
            assert said, "the emulators ended before they were ready"
        yield LocalCloud(state, ports)
        running.terminate()
