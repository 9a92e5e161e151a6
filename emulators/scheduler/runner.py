"""Starts attempts when they are due, by the virtual clock; one at a time per job."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc

from emulators.scheduler.job import Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from emulators.core.clock import Clock
    from emulators.scheduler.job import Job
    from emulators.scheduler.store import Store

    Attempt = Callable[[Job, float], Awaitable[Outcome]]

logger = logging.getLogger(__name__)


class Runner:
    """Follows the schedules of a store while it runs.

    When time jumps over several moments of one schedule, its job runs once.

    Args:
        store: What is due.
        clock: Measures waits and attempt deadlines.
        attempt: Does what a job asks; takes the job and the time it was due.
    """

    def __init__(self, store: Store, clock: Clock, attempt: Attempt) -> None:
        self._store = store
        self._clock = clock
        self._attempt = attempt
        self._wake = asyncio.Event()
        self._running: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        store.on_change(self._wake.set)

    async def start(self) -> None:
        """Begin to follow schedules; what was missed before is not made up for."""
        self._store.skip_missed()
        self._spawn(self._follow())

    async def stop(self) -> None:
        """Give up attempts under way and stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def run_now(self, name: str) -> Job:
        """Begin an attempt at once, whatever the schedule or state; return the job."""
        return self._begin(name, self._clock.now())

    async def _follow(self) -> None:
        while True:
            self._wake.clear()
            for job in self._store.due():
                if not self._running[job.name] and job.next_time is not None:
                    self._begin(job.name, job.next_time)
            busy = {name for name, count in self._running.items() if count}
            await self._until(self._store.next_time(without=busy))

    async def _until(self, moment: float | None) -> None:
        woken = asyncio.ensure_future(self._wake.wait())
        waits: list[asyncio.Future[Any]] = [woken]
        if moment is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(moment - self._clock.now())))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _begin(self, name: str, due: float) -> Job:
        job = self._store.begin(name)
        self._running[name] += 1
        self._spawn(self._run(job, due))
        return job

    async def _run(self, job: Job, due: float) -> None:
        try:
            with self._clock.busy():
                outcome = await self._bounded(job, due)
            logger.info("job.attempted", extra={"job": job.name, "code": outcome.code})
        finally:
            self._running[job.name] -= 1
        self._store.end(job.name, outcome)
        await self._store.commit()

    async def _bounded(self, job: Job, due: float) -> Outcome:
        attempt = asyncio.ensure_future(self._attempt(job, due))
        deadline = asyncio.ensure_future(self._clock.sleep(job.deadline))
        try:
            await asyncio.wait((attempt, deadline), return_when=asyncio.FIRST_COMPLETED)
        finally:
            deadline.cancel()
        if attempt.done():
            return attempt.result()
        attempt.cancel()
        with suppress(asyncio.CancelledError):
            await attempt
        return Outcome(grpc.StatusCode.DEADLINE_EXCEEDED.value[0], "attempt_deadline has passed")

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("scheduler.failed", exc_info=error)
