"""A running local cloud as its user meets it: commands, the public door, the database."""

import json
import os
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from sqlalchemy import create_engine, text

from emulators.core import environment
from emulators.hub.calls import Answer, CallError, call

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
MG = Path(sysconfig.get_path("scripts")) / "mg"
TITLES = ROOT / "tests" / "fixtures" / "titles.csv"
GENERIC = ("--provider", "generic", "--preset", "justwatch", "--region", "US")
JSON = ("--format", "json")
POLL_SECONDS = 0.1
BOOT_SECONDS = 240
SETTLED = ("pages", "read", "normalized", "resolved", "set_aside", "titles", "listings", "offers")
ORIGIN = "https://tv.example"
"""Of the one web page that may call."""
RATE_FACTOR = "1000"
"""One caller asks here as often as a thousand would."""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """Return the one object it printed."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@dataclass(frozen=True)
class Cloud:
    """One local cloud, found by its state folder.

    Attributes:
        settings: Of its processes, besides what every test here sets.
    """

    state: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its commands."""
        own = {"MG_STATE_DIR": str(self.state), "MEDIA_GATEWAY_RATE_FACTOR": RATE_FACTOR}
        return {**environment.load().inherited, **own, **self.settings}

    def run(self, words: list[str], seconds: float = 60, **more: str) -> Done:
        """Run a command to its end, with some more variables."""
        done = subprocess.run(  # noqa: S603 - words of the README or of a test
            words,
            cwd=ROOT,
            env={**self.variables, **more},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def mg(self, *words: str, seconds: float = 60) -> Done:
        """Run ``mg`` to its end."""
        return self.run([str(MG), *words], seconds)

    def start_mg(self, *words: str) -> subprocess.Popen[str]:
        """Start ``mg``; both outputs are piped."""
        return subprocess.Popen(  # noqa: S603 - our own words
            [str(MG), *words],
            cwd=ROOT,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def record(self) -> dict[str, Any]:
        """Return what the hub says of itself."""
        found: dict[str, Any] = json.loads((self.state / "hub.json").read_text())
        return found

    def address(self, service: str) -> str:
        """Return ``host:port`` of a service."""
        return str(self.record()["addresses"][service])

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Send one request through the public door."""
        return call(method, f"http://{self.address('gateway')}{path}", body, timeout_seconds=10)

    def search(self, **parameters: object) -> dict[str, Any]:
        """Return the answer to a search that had to succeed."""
        answer = self.ask("GET", f"/api/v1/search?{urlencode(parameters, doseq=True)}")
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def finds(self, words: str) -> bool:
        """Tell whether a search finds anything now."""
        try:
            answer = self.ask("GET", f"/api/v1/search?{urlencode({'q': words})}")
        except CallError:
            return False
        return answer.is_good and bool(answer.body["results"])

    def status(self) -> dict[str, Any]:
        """Return what ``mg status`` says."""
        return self.mg("status", "--format", "json").json()

    def rows(self, query: str, **bound: object) -> list[tuple[Any, ...]]:
        """Return what a query finds in the product's database."""
        engine = create_engine(self.record()["variables"]["MEDIA_GATEWAY_DATABASE_URL"])
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query), bound)]
        finally:
            engine.dispose()

    def counts(self) -> Mapping[str, int]:
        """Return how many there are of everything that only ingestion changes."""
        found = self.status()["ingestion"]
        return {name: found[name] for name in SETTLED}

    def fingerprint(self) -> list[tuple[Any, ...]]:
        """Return every title with the time of its last change."""
        return self.rows("SELECT id, updated_at FROM content ORDER BY id")

    def kill(self, pid: int) -> None:
        """End one process of this cloud without warning."""
        assert pid > 0
        os.kill(pid, signal.SIGKILL)

    def child(self, name: str) -> int:
        """Return the process id of a child of the hub."""
        return int(self.record()["children"][name])

    def functions(self) -> dict[str, dict[str, Any]]:
        """Return what the functions host says of its processes."""
        url = f"http://{self.address('cloud_run')}/_mg/status"
        return dict(call("GET", url, timeout_seconds=5).required()["functions"])


def within(seconds: float, met: Callable[[], T], what: str) -> T:
    """Return the first true answer of ``met``, asked until the time is over."""
    deadline = time.monotonic() + seconds
    while not (found := met()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(POLL_SECONDS)
    return found


def quietly(question: Callable[[], T]) -> T | None:
    """Return an answer, or None while nobody answers."""
    try:
        return question()
    except (CallError, OSError):
        return None


def boot(state: Path, *flags: str, settings: Mapping[str, str] | None = None) -> Cloud:
    """Start a local cloud on free ports and return it once it is ready."""
    cloud = Cloud(state, settings or {})
    done = cloud.mg("up", "--detach", "--port", "0", *flags, seconds=BOOT_SECONDS)
    assert done.code == 0, done.out + done.err
    return cloud


def halt(cloud: Cloud) -> None:
    """Stop a local cloud with its own command."""
    done = cloud.mg("down")
    assert done.code == 0, done.out + done.err


def write_catalog(file: Path, titles: int, *, start: int = 0) -> None:
    """Write a catalog of invented films, one of ten without a title."""
    lines = TITLES.read_text(encoding="utf-8", errors="replace").splitlines()[:1]
    for number in range(start, start + titles):
        title = "" if number % 10 == 9 else f"The {number} Lanterns of Night"
        lines.append(f"e2e{number},{title},MOVIE,Lanterns.,1990,,90,['drama'],['US'],,,,,,")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Outcome:
    """How an interrupted ingestion ended."""

    code: int
    report: dict[str, Any]


def ingest_through_a_kill(cloud: Cloud, file: Path) -> Outcome:
    """Take a file in and kill the emulators as soon as its first page is kept."""
    before = cloud.rows("SELECT count(*) FROM ingest_page")[0][0]
    running = cloud.start_mg("ingest", str(file), *GENERIC, "--platform", "netflix", *JSON)
    within(
        20,
        lambda: cloud.rows("SELECT count(*) FROM ingest_page")[0][0] > before,
        f"a page of {file.name}",
    )
    cloud.kill(cloud.child("emulators"))
    out, err = running.communicate(timeout=180)
    assert out, err
    return Outcome(running.returncode, json.loads(out))
