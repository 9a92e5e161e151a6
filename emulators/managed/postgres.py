"""A real PostgreSQL server on 127.0.0.1, and test databases copied from a template."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pg8000.exceptions
import pg8000.native

from emulators.managed.binaries import Binaries, find_postgres
from emulators.managed.identity import NOBODY, Placement, give, place
from emulators.managed.process import (
    LaunchError,
    command_line,
    free_port,
    is_alive,
    run,
    spawn,
    stop,
    tail,
)

CLEAN_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
SYNC_AT_ONCE = {"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}
WANTED_EXTENSIONS = ("pg_trgm", "unaccent")
NOT_READY = (pg8000.exceptions.InterfaceError, pg8000.exceptions.DatabaseError, OSError)

# After a crash PostgreSQL syncs its folder: one call instead of one per file, 3 s less.
# Pages are touched only when used, so 512 MB cost a small catalog nothing. They hold 60,000 titles:
# a page that has to come from the system costs a search ten times what one here does.
DURABLE = SYNC_AT_ONCE | {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
}
# Tests drop a database each, and every drop walks through all of these pages.
VOLATILE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
}
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
PLENTY_BYTES = 4 << 30
COMMON = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "jit": "off",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
}
# From 18 on, workers read pages for the backends: two switches of process for each page.
READ_DIRECTLY = {"io_method": "sync"}
READS_BY_WORKERS = 18


@dataclass(frozen=True)
class PostgresOptions:
    """How a server is kept.

    Attributes:
        data: Folder of the cluster; made when missing.
        port: 0 takes any free port, the same one at every restart of this object.
        durable: What was committed survives a loss of power; off in tests.
        programs: Folder with ``initdb``, empty to look for one.
        log: File that receives the server's words.
    """

    data: Path
    log: Path
    port: int = 0
    durable: bool = False
    programs: str = ""


class Postgres:
    """One PostgreSQL cluster and its server process.

    ``prepare`` (slow the first time) may run on any thread, ``launch`` belongs on the main one.
    """

    def __init__(self, options: PostgresOptions) -> None:
        self._options = options
        self.port = options.port or free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.binaries: Binaries | None = None
        self._placement: Placement | None = None
        self._sockets: Path | None = None
        self._names = itertools.count(1)

    @property
    def note(self) -> str:
        """Where the programs come from and who runs them, for the terminal."""
        source = self.binaries.source if self.binaries else "not looked for yet"
        how = self._placement.note if self._placement else ""
        return f"PostgreSQL ({source}) {how}".strip()

    def prepare(self) -> None:
        """Find the programs, make the cluster when there is none, end a server left behind.

        Raises:
            LaunchError: No PostgreSQL is here, or ``initdb`` failed.
        """
        self.binaries = find_postgres(self._options.programs)
        self._placement = place(self.binaries, self._options.data.absolute())
        if not (self._placement.data / "PG_VERSION").exists():
            self._initialize(self._placement)
        _end_left_behind(self._placement.data)

    def _initialize(self, placement: Placement) -> None:
        initdb = str(placement.programs / "initdb")
        flags = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        command = [initdb, *flags, "-D", str(placement.data)]
        done = run(command, env=CLEAN_ENVIRONMENT, identity=placement.identity)
        if done.returncode != 0:
            raise LaunchError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server; `wait` tells when it answers."""
        if self._placement is None:
            self.prepare()
        if self._placement is None:
            raise LaunchError("the cluster was not prepared")
        self._sockets = self._sockets or self._socket_folder(self._placement)
        settings = COMMON | (DURABLE if self._options.durable else VOLATILE)
        settings["unix_socket_directories"] = str(self._sockets)
        if _major_version(self._placement.data) >= READS_BY_WORKERS:
            settings |= READ_DIRECTLY
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        program = str(self._placement.programs / "postgres")
        self.process = spawn(
            [program, "-D", str(self._placement.data), "-p", str(self.port), *words],
            log=self._options.log,
            env=CLEAN_ENVIRONMENT,
            identity=self._placement.identity,
            on_parent_death=signal.SIGINT,
        )
        return self.process

    def _socket_folder(self, placement: Placement) -> Path:
        # A socket's path holds 107 characters and no comma: never under the checkout.
        folder = Path(tempfile.mkdtemp(prefix="mg-pg-"))
        if placement.identity == NOBODY:
            give(folder, 65534)
        return folder

    def start(self, timeout_seconds: float = 30) -> "Postgres":
        """Prepare, launch and wait until a query succeeds.

        Raises:
            LaunchError: The server ended or did not answer in time; the message ends with its log.
        """
        self.prepare()
        self.launch()
        deadline = time.monotonic() + timeout_seconds
        while not self.answers():
            if self.process is None or self.process.poll() is not None:
                raise LaunchError(f"PostgreSQL ended at once: {tail(self._options.log)}")
            if time.monotonic() > deadline:
                raise LaunchError(f"PostgreSQL does not answer: {tail(self._options.log)}")
            time.sleep(0.02)
        return self

    def answers(self) -> bool:
        """Tell whether a query succeeds now."""
        try:
            return self.query("SELECT 1") == [[1]]
        except NOT_READY:
            return False

    def query(self, sql: str, database: str = "postgres") -> list[list[object]]:
        """Run one statement on its own connection and return its rows."""
        return query("127.0.0.1", self.port, sql, database=database)

    def extensions(self) -> dict[str, bool]:
        """Tell which of the extensions the product can use this server offers."""
        rows = self.query("SELECT name FROM pg_available_extensions")
        offered = {row[0] for row in rows}
        return {name: name in offered for name in WANTED_EXTENSIONS}

    def url(self, database: str) -> str:
        """Return the address of one database, in SQLAlchemy's form."""
        return f"postgresql+pg8000://postgres@127.0.0.1:{self.port}/{database}"

    def has_database(self, name: str) -> bool:
        """Tell whether a database of this name exists."""
        return [name] in self.query("SELECT datname FROM pg_database")

    def create_database(self, name: str, template: str = "template0") -> None:
        """Create a database unless it exists already."""
        if not self.has_database(name):
            self._copy(template, name)

    def _copy(self, template: str, name: str) -> None:
        # Copied as files, which takes a third of the time that pages one by one take.
        names = f"{_identifier(name)} TEMPLATE {_identifier(template)}"
        self.query(f"CREATE DATABASE {names} STRATEGY FILE_COPY")

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """Make a database once, fill it by calling ``build`` with its address, return its name."""
        if not self.has_database(name):
            self.create_database(name)
            build(self.url(name))
        return name

    @contextlib.contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Yield the address of a fresh copy of ``template``; it is dropped afterwards."""
        name = f"test_{self.port}_{next(self._names)}"
        self._copy(template, name)
        try:
            yield self.url(name)
        finally:
            self.query(f"DROP DATABASE IF EXISTS {_identifier(name)} WITH (FORCE)")

    def stop(self) -> None:
        """End the server in order (open connections are closed) and remove its sockets."""
        if self.process is not None:
            stop(self.process, number=signal.SIGINT, timeout_seconds=15)
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None


@contextlib.contextmanager
def temporary_postgres() -> Iterator[Postgres]:
    """Yield a running server for tests: any port, nothing durable, gone afterwards."""
    room = _room()
    room.chmod(0o755)  # the unprivileged user that runs it must pass through
    server = Postgres(PostgresOptions(data=room / "data", log=room / "postgres.log"))
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(room, ignore_errors=True)


def _room() -> Path:
    """Return a folder for files that nobody keeps: in memory, where there is plenty of it.

    A database of a test is three hundred files that live for a moment; on disk they cost a test
    two to three times as much of the system's time.
    """
    plenty = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= PLENTY_BYTES
    return Path(tempfile.mkdtemp(prefix="mg-test-pg-", dir=MEMORY if plenty else None))


def query(
    host: str, port: int, sql: str, *, database: str, user: str = "postgres", password: str = ""
) -> list[list[object]]:
    """Run one statement on a server anywhere and return its rows."""
    connection = pg8000.native.Connection(
        user,
        host=host,
        port=port,
        database=database,
        password=password or None,
        timeout=30,
        ssl_context=False,
    )
    try:
        rows: list[list[object]] = connection.run(sql) or []
        return rows
    finally:
        connection.close()


def _major_version(data: Path) -> int:
    return int((data / "PG_VERSION").read_text(encoding="ascii").split(".")[0])


def _end_left_behind(data: Path, timeout_seconds: float = 15) -> None:
    """End a server that outlived its hub, and drop a pid file that names a stranger."""
    lock = data / "postmaster.pid"
    words = lock.read_text().splitlines() if lock.exists() else []
    pid = int(words[0]) if words and words[0].strip().isdigit() else 0
    if not pid or not is_alive(pid):
        return  # PostgreSQL removes such a file itself
    if str(data) not in command_line(pid):
        lock.unlink()
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + timeout_seconds
    while str(data) in command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
