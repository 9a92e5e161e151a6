"""``parallel`` steps: branches or iterations that run at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from emulators.workflows.errors import WorkflowError, failure, type_error, value_error
from emulators.workflows.loops import declare, iterations
from emulators.workflows.place import Place
from emulators.workflows.scope import Scope
from emulators.workflows.signals import Signal
from emulators.workflows.syntax import Block, For, Parallel
from emulators.workflows.values import Value, to_json

MAX_DEPTH = 2
MAX_AT_ONCE = 20
MAX_ERRORS = 100


@dataclass(frozen=True)
class Job:
    """One branch or iteration; ``prepare`` makes its own variables."""

    id: str
    body: Block
    prepare: Callable[[Scope], None]


async def run_parallel(action: Parallel, place: Place) -> Signal:
    """Run every job to its end, then fail if any of them did.

    Raises:
        WorkflowError: UnhandledBranchError; ParallelNestingError for a third level.
    """
    if place.parallels >= MAX_DEPTH:
        raise failure("ParallelNestingError", f"parallel steps are nested deeper than {MAX_DEPTH}")
    at_once = await _limit(action, place)
    jobs = await _jobs(action, place)
    failed: dict[int, WorkflowError] = {}
    waiting = iter(enumerate(jobs))
    run = partial(_run, shared=action.shared, place=place)
    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_once, len(jobs))):
            group.create_task(_worker(waiting, run, failed))
    if failed:
        raise _unhandled([(jobs[index].id, failed[index]) for index in sorted(failed)])
    return None


async def _worker(
    waiting: Iterator[tuple[int, Job]],
    run: Callable[[Job], Awaitable[None]],
    failed: dict[int, WorkflowError],
) -> None:
    for index, job in waiting:
        try:
            await run(job)
        except WorkflowError as error:
            failed[index] = error


async def _run(job: Job, *, shared: frozenset[str], place: Place) -> None:
    scope = place.scope.child(shared)
    try:
        job.prepare(scope)
        await place.machine.block(job.body, place.inside(scope, place.parallels + 1))
    finally:
        scope.close()


async def _jobs(action: Parallel, place: Place) -> Sequence[Job]:
    work = action.work
    if isinstance(work, For):
        values = enumerate(await iterations(work, place))
        return [_iteration(work, index, value) for index, value in values]
    return [Job(branch.name, branch.body, lambda _: None) for branch in work]


def _iteration(loop: For, index: int, value: Value) -> Job:
    return Job(str(index), loop.body, lambda scope: declare(loop, scope, index, value))


async def _limit(action: Parallel, place: Place) -> int:
    limit = await place.evaluate(action.limit)
    if limit is None:
        return MAX_AT_ONCE
    if type(limit) is not int:
        raise type_error("concurrency_limit must be an integer")
    if limit < 1:
        raise value_error("concurrency_limit must be positive")
    return min(limit, MAX_AT_ONCE)


def _unhandled(failed: Sequence[tuple[str, WorkflowError]]) -> WorkflowError:
    branches: list[Value] = [
        {"id": name, "error": {"context": context_of(error), "payload": payload_of(error)}}
        for name, error in failed[:MAX_ERRORS]
    ]
    return failure(
        "UnhandledBranchError",
        "One or more branches or iterations encountered an unhandled runtime error",
        branches=branches,
        truncated=len(failed) > MAX_ERRORS,
    )


def context_of(error: WorkflowError) -> str:
    """Return where an error came from: its innermost step and that step's routine."""
    if not error.frames:
        return ""
    return f'in step "{error.frames[0].step}", routine "{error.frames[0].routine}"'


def payload_of(error: WorkflowError) -> str:
    """Return what was raised as JSON text."""
    try:
        return to_json(error.payload)
    except WorkflowError:
        # Bytes in it have no JSON form; the error must be told all the same.
        return to_json(repr(error.payload))
