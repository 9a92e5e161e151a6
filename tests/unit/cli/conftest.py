"""A state folder, and a record of a local cloud whose services are one small HTTP server."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from emulators.cli.app import app
from emulators.hub.record import Record, write

Reply = tuple[int, Any]


@dataclass
class Services:
    """Answers by method and path without query, in turn; the last one is repeated."""

    port: int = 0
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def on(self, call: str, *replies: Reply) -> None:
        """Say what is answered to ``GET /path``."""
        self.replies[call] = list(replies)

    def answer(self, method: str, target: str, body: str) -> Reply:
        """Answer one call and remember it."""
        self.asked.append((f"{method} {target}", body))
        known = self.replies.get(f"{method} {target.partition('?')[0]}", [(404, {"error": "?"})])
        return known.pop(0) if len(known) > 1 else known[0]


def handler_of(services: Services) -> type[BaseHTTPRequestHandler]:
    """Return a handler that answers as ``services`` says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length).decode()
            status, answer = services.answer(self.command, self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - names of the standard library
        do_PUT = do_GET  # noqa: N815 - likewise
        do_DELETE = do_GET  # noqa: N815 - likewise

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    return Handler


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "a state"
    folder.mkdir()
    monkeypatch.setenv("MG_STATE_DIR", str(folder))
    return folder


@pytest.fixture
def services(state: Path) -> Iterator[Services]:
    made = Services()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(made))
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    # A process that a supervisor could be: its command line holds the module's name.
    wait = "import sys; sys.stdin.read()"
    command = [sys.executable, "-c", wait, "emulators.hub"]
    stand_in = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own words
    names = ("gateway", "cloud_run", "console", "firestore", "secret_manager", "workflows")
    addresses = dict.fromkeys(names, f"127.0.0.1:{made.port}")
    write(state / "hub.json", Record(stand_in.pid, "ready", addresses, {"A": "it's"}))
    yield made
    stand_in.communicate()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def mg() -> Callable[..., Result]:
    """Return what runs ``mg`` with words."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return run
