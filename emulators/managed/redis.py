"""A real Redis server on 127.0.0.1."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from emulators.managed.binaries import find_redis
from emulators.managed.process import LaunchError, free_port, spawn, stop, tail


@dataclass(frozen=True)
class RedisOptions:
    """How a server is kept.

    Attributes:
        data: Folder of its append-only file.
        log: File that receives the server's words.
        port: 0 takes any free port, the same one at every restart of this object.
        durable: Write an append-only file, synced each second; off in tests.
        program: Path of ``redis-server``, empty to look for one.
    """

    data: Path
    log: Path
    port: int = 0
    durable: bool = False
    program: str = ""


class Redis:
    """One Redis server process. ``launch`` belongs on the main thread."""

    def __init__(self, options: RedisOptions) -> None:
        self._options = options
        self.port = options.port or free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.source = ""

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server; `answers` tells when it is usable.

        Raises:
            LaunchError: No Redis is here.
        """
        program, self.source = find_redis(self._options.program)
        self._options.data.mkdir(parents=True, exist_ok=True)
        self.process = spawn(
            [str(program), *self._flags()],
            log=self._options.log,
            cwd=self._options.data,  # files go here by relative name: its path may hold spaces
        )
        return self.process

    def _flags(self) -> list[str]:
        keep = ["--appendonly", "yes", "--appendfsync", "everysec"]
        forget = ["--appendonly", "no"]
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        return [*place, *(keep if self._options.durable else forget)]

    def start(self, timeout_seconds: float = 10) -> "Redis":
        """Launch and wait until it answers.

        Raises:
            LaunchError: The server ended or did not answer in time; the message ends with its log.
        """
        process = self.launch()
        deadline = time.monotonic() + timeout_seconds
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise LaunchError(f"Redis does not answer: {tail(self._options.log)}")
            time.sleep(0.01)
        return self

    def answers(self) -> bool:
        """Tell whether the server answers a ping (it does not while it loads its file)."""
        client = redis.Redis(port=self.port, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def stop(self) -> None:
        """End the server in order."""
        if self.process is not None:
            stop(self.process)


@contextlib.contextmanager
def temporary_redis() -> Iterator[Redis]:
    """Yield a running server for tests: any port, nothing durable, gone afterwards."""
    room = Path(tempfile.mkdtemp(prefix="mg-test-redis-"))
    server = Redis(RedisOptions(data=room, log=room / "redis.log"))
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(room, ignore_errors=True)
