"""The real local cloud, without its sample, on free ports."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from emulators.hub.calls import Answer, CallError, call

T = TypeVar("T")
ROOT = Path(__file__).parents[3]


@dataclass
class LocalCloud:
    """A local cloud in its own process."""

    state: Path
    process: subprocess.Popen[str]
    addresses: dict[str, str]

    def children(self) -> dict[str, int]:
        """Return the processes by name."""
        return dict(json.loads((self.state / "hub.json").read_text())["children"])

    def log(self) -> str:
        """Return what the hub said."""
        return (self.state / "hub.log").read_text()

    def call(self, method: str, service: str, path: str, body: object = None) -> Answer:
        """Call a service over REST."""
        return call(method, f"http://{self.addresses[service]}{path}", body)

    def answers(self, service: str, path: str) -> bool:
        """Tell whether a GET succeeds now."""
        try:
            return self.call("GET", service, path).is_good
        except CallError:
            return False

    def kill(self, name: str) -> float:
        """Kill a child; return the seconds until the hub says that it is back."""
        started, said = time.monotonic(), self.log().count(f"{name} is back")
        os.kill(self.children()[name], signal.SIGKILL)
        self.wait(lambda: self.log().count(f"{name} is back") > said)
        return time.monotonic() - started

    def wait(self, met: Callable[[], T], seconds: float = 20) -> T:
        """Return the first true answer of ``met``."""
        deadline = time.monotonic() + seconds
        while not (found := met()):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        return found


def start(state: Path) -> LocalCloud:
    """Start a local cloud on free ports and wait until it is ready."""
    state.mkdir(exist_ok=True)
    path = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - for a process
    command = [sys.executable, "-m", "emulators.hub", "--port", "0", "--no-sample", "--json"]
    with (state / "hub.log").open("a") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=ROOT,
            text=True,
            env={**path, "MG_STATE_DIR": str(state)},
        )
    assert process.stdout is not None
    record: dict[str, Any] = json.loads(process.stdout.readline() or "{}")
    cloud = LocalCloud(state, process, record.get("addresses", {}))
    if not record:
        end(cloud)
        raise AssertionError(cloud.log())
    return cloud


def end(cloud: LocalCloud) -> None:
    """Stop a local cloud in order."""
    cloud.process.terminate()
    cloud.process.wait(30)
    assert cloud.process.stdout is not None
    cloud.process.stdout.close()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    state = tmp_path_factory.mktemp("hub") / "a state, with spaces"
    running = start(state)
    yield running
    end(running)
