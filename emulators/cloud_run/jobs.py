"""Cloud Run jobs as processes: executions, retries, and operations that survive a restart."""

import asyncio
import json
import re
import secrets
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from emulators.cloud_run.functions import Function
from emulators.cloud_run.router import Answer, Call
from emulators.core.clock import Clock
from emulators.core.journal import Journal
from emulators.managed.process import die_with_parent

SPACE = "cloud_run.operations"
TYPE = "type.googleapis.com/google.cloud.run.v2.Execution"
EXIT_USAGE = 2
UNKNOWN = 2  # google.rpc.Code of a job that failed
LAST_LINES = 5
LONGEST_LINE = 1 << 24
PRODUCT_JOBS = (sys.executable, "-m", "shared.runtime.jobs")

_RUN = re.compile(
    r"/apis/run\.googleapis\.com/(?:v2/projects/[^/]+/locations/[^/]+|v1/namespaces/[^/]+)"
    r"/jobs/(?P<job>[^/:]+):run"
)
_POLL = re.compile(
    r"/apis/run\.googleapis\.com/v2/(?P<name>projects/[^/]+/locations/[^/]+/operations/[^/]+)"
)


@dataclass(frozen=True)
class JobHost:
    """Where jobs run.

    Attributes:
        root: Folder of the product, in which ``python -m shared.runtime.jobs`` runs.
        logs: Receives ``<job>.log``.
        env: Variables of every job.
        command: Starts a job; the folder's name and the arguments follow.
    """

    root: Path
    logs: Path
    env: Mapping[str, str]
    project: str
    location: str
    command: tuple[str, ...] = PRODUCT_JOBS


@dataclass(frozen=True)
class Task:
    """One process of an execution."""

    function: Function
    execution: str
    index: int
    args: tuple[str, ...]
    env: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """How a task ended: its exit code, its last line of output, and the end of what it said."""

    code: int
    summary: str
    tail: str


class Jobs:
    """Runs jobs and answers the run API.

    Args:
        functions: Jobs by service name.
        host: Where they run.
        journal: Keeps operations.
        clock: Dates them.
    """

    def __init__(
        self, functions: Mapping[str, Function], host: JobHost, journal: Journal, clock: Clock
    ) -> None:
        self._functions = functions
        self._host = host
        self._journal = journal
        self._clock = clock
        self._operations: dict[str, dict[str, Any]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def load(self) -> None:
        """Read what is known; what was running when the host died has failed."""
        for name, value in self._journal.load(SPACE):
            operation = json.loads(value)
            self._operations[name] = operation
            if not operation["done"]:
                message = "the host ended while the job ran"
                self._finish(operation, [Outcome(-signal.SIGKILL, "", message)])
        await self._journal.commit()

    async def answer(self, call: Call) -> Answer:
        """Answer one request of the run API.

        Raises:
            ValueError: The body cannot be read.
        """
        if call.method == "POST" and (found := _RUN.fullmatch(call.path)):
            return await self._run(found["job"], call.body)
        if call.method == "GET" and (found := _POLL.fullmatch(call.path)):
            operation = self._operations.get(found["name"])
            return (200, operation) if operation else _missing(found["name"])
        return _missing(f"{call.method} {call.path}")

    async def _run(self, job: str, body: bytes) -> Answer:
        function = self._functions.get(job)
        if function is None:
            return _missing(f"job {job}")
        args, env = _overrides(body)
        execution = f"{job}-{secrets.token_hex(4)}"
        operation = self._started(job, execution)
        await self._save(operation)
        tasks = [Task(function, execution, i, args, env) for i in range(function.tasks)]
        running = asyncio.get_running_loop().create_task(self._execute(operation, tasks))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return 200, operation

    def _started(self, job: str, execution: str) -> dict[str, Any]:
        place = f"projects/{self._host.project}/locations/{self._host.location}"
        metadata = {
            "@type": TYPE,
            "name": f"{place}/jobs/{job}/executions/{execution}",
            "job": job,
            "createTime": self._now(),
            "startTime": self._now(),
            "runningCount": 1,
            "logUri": (self._host.logs / f"{job}.log").as_uri(),
        }
        name = f"{place}/operations/{execution}"
        return {"name": name, "done": False, "metadata": metadata}

    async def _execute(self, operation: dict[str, Any], tasks: list[Task]) -> None:
        outcomes = await asyncio.gather(*(self._attempts(task) for task in tasks))
        self._finish(operation, list(outcomes))
        await self._save(operation)

    async def _attempts(self, task: Task) -> Outcome:
        """Run a task until it succeeds; wrong options are not tried again."""
        outcome = await self._attempt(task, 0)
        for number in range(1, task.function.max_retries + 1):
            if outcome.code in {0, EXIT_USAGE}:
                break
            outcome = await self._attempt(task, number)
        return outcome

    async def _attempt(self, task: Task, number: int) -> Outcome:
        log = self._host.logs / f"{task.function.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab", buffering=0) as output:
            start = output.tell()
            process = await self._spawn(task, number, output)
            limit = task.function.timeout_seconds
            try:
                summary = await asyncio.wait_for(_last_line(process, output), limit)
            except TimeoutError:
                process.kill()
                output.write(f"ended after {limit} s\n".encode())
                summary = ""
            code = await process.wait()
        return Outcome(code, summary, _end_of(log, start))

    async def _spawn(self, task: Task, number: int, output: BinaryIO) -> asyncio.subprocess.Process:
        env = {
            **self._host.env,
            "CLOUD_RUN_JOB": task.function.service,
            "CLOUD_RUN_EXECUTION": task.execution,
            "CLOUD_RUN_TASK_INDEX": str(task.index),
            "CLOUD_RUN_TASK_COUNT": str(task.function.tasks),
            "CLOUD_RUN_TASK_ATTEMPT": str(number),
            "K_SERVICE": task.function.service,
            **task.env,
        }
        return await asyncio.create_subprocess_exec(
            *self._host.command,
            task.function.name,
            *task.args,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=output,
            cwd=self._host.root,
            env=env,
            limit=LONGEST_LINE,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )

    def _finish(self, operation: dict[str, Any], outcomes: list[Outcome]) -> None:
        failed = [o for o in outcomes if o.code != 0]
        worst = failed[0] if failed else outcomes[0]
        metadata = operation["metadata"]
        metadata.pop("runningCount", None)
        metadata["completionTime"] = self._now()
        metadata["succeededCount"] = len(outcomes) - len(failed)
        metadata["failedCount"] = len(failed)
        metadata["annotations"] = {"exit-code": str(worst.code), "summary": worst.summary}
        operation["done"] = True
        if failed:
            message = f"{metadata['job']} ended with {worst.code}: {worst.tail}"
            operation["error"] = {"code": UNKNOWN, "message": message}
        else:
            operation["response"] = dict(metadata)
        self._put(operation)

    async def _save(self, operation: dict[str, Any]) -> None:
        self._operations[operation["name"]] = operation
        self._put(operation)
        await self._journal.commit()

    def _put(self, operation: dict[str, Any]) -> None:
        self._journal.put(SPACE, operation["name"], json.dumps(operation).encode())

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock.now(), UTC).isoformat().replace("+00:00", "Z")


def _missing(what: str) -> Answer:
    message = f"{what} was not found"
    return 404, {"error": {"code": 404, "message": message, "status": "NOT_FOUND"}}


def _overrides(body: bytes) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return arguments and variables of a run request.

    Raises:
        ValueError: The body is no JSON object of the right form.
    """
    request = json.loads(body) if body.strip() else {}
    try:
        containers = (request.get("overrides") or {}).get("containerOverrides") or [{}]
        first = containers[0]
        args = tuple(str(word) for word in first.get("args") or ())
        env = {entry["name"]: str(entry.get("value", "")) for entry in first.get("env") or ()}
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        raise ValueError(f"overrides cannot be read: {error!r}") from error
    return args, env


async def _last_line(process: asyncio.subprocess.Process, output: BinaryIO) -> str:
    """Copy what the job prints to its log until it ends; return its last line."""
    last = b""
    if process.stdout is not None:
        async for line in process.stdout:
            output.write(line)
            last = line.strip() or last
    return last.decode(errors="replace")


def _end_of(log: Path, start: int) -> str:
    with log.open("rb") as written:
        written.seek(start)
        lines = written.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-LAST_LINES:])
