"""Jobs, kept in memory and in the journal, and the moments they are due."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from emulators.core.errors import (
    already_exists,
    failed_precondition,
    invalid_argument,
    not_found,
)
from emulators.scheduler import cron
from emulators.scheduler.job import Job, Outcome, dump, load

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from emulators.core.clock import Clock
    from emulators.core.journal import Journal

_SPACE = "scheduler.job"
_PARENT = re.compile(r"projects/[^/]+/locations/[^/]+")
_NAME = re.compile(r"projects/[^/]+/locations/[^/]+/jobs/[A-Za-z0-9_-]{1,500}")


class Store:
    """The state of Cloud Scheduler.

    Changes reach the disk with `commit`, which a caller awaits before it answers.

    Args:
        clock: Says what is due.
        journal: The durable copy; what it holds is loaded at once.
        changed: Called after every change of when something is due.
    """

    def __init__(
        self, clock: Clock, journal: Journal, *, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._changed = changed
        self._jobs = {name: load(raw) for name, raw in journal.load(_SPACE)}

    def on_change(self, changed: Callable[[], None]) -> None:
        """Name who is told when something may be due earlier or later."""
        self._changed = changed

    async def commit(self) -> None:
        """Return when every change made before is on disk."""
        await self._journal.commit()

    def skip_missed(self) -> None:
        """Move what came due while nobody ran it to its next time; it is not made up for."""
        now = self._clock.now()
        for job in self.jobs():
            if job.state == "ENABLED" and (job.next_time or 0) <= now:
                self._put(self._fresh(job))

    def create(self, parent: str, job: Job) -> Job:
        """Store a new, enabled job."""
        if not _PARENT.fullmatch(parent):
            raise invalid_argument(f"parent {parent!r} is not projects/*/locations/*")
        if not _NAME.fullmatch(job.name) or not job.name.startswith(f"{parent}/jobs/"):
            raise invalid_argument(f"job.name {job.name!r} is not {parent}/jobs/JOB_ID")
        if job.name in self._jobs:
            raise already_exists(f"Job {job.name} already exists.")
        return self._put(self._fresh(replace(job, updated=self._clock.now())))

    def get(self, name: str) -> Job:
        """Return a job.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        try:
            return self._jobs[name]
        except KeyError:
            raise not_found(f"Job {name} not found.") from None

    def jobs(self, parent: str = "") -> list[Job]:
        """Return the jobs, or those of one location, by name."""
        prefix = f"{parent}/jobs/" if parent else ""
        return [self._jobs[name] for name in sorted(self._jobs) if name.startswith(prefix)]

    def update(self, job: Job) -> Job:
        """Replace what a user asked of a job; an enabled one is planned anew."""
        self.get(job.name)
        changed = replace(job, updated=self._clock.now())
        return self._put(self._fresh(changed) if job.state == "ENABLED" else changed)

    def delete(self, name: str) -> None:
        """Forget a job; an attempt under way goes on."""
        self.get(name)
        del self._jobs[name]
        self._journal.put(_SPACE, name, None)
        self._changed()

    def pause(self, name: str) -> Job:
        """Stop following the schedule of an enabled job."""
        job = self.get(name)
        if job.state != "ENABLED":
            raise failed_precondition(f"Job {name} is {job.state}; only an ENABLED job is paused.")
        return self._put(
            replace(job, state="PAUSED", next_time=None, failures=0, first_attempt=0.0)
        )

    def resume(self, name: str) -> Job:
        """Follow the schedule of a paused job again, from its next time on."""
        job = self.get(name)
        if job.state != "PAUSED":
            raise failed_precondition(f"Job {name} is {job.state}; only a PAUSED job is resumed.")
        return self._put(self._fresh(replace(job, state="ENABLED")))

    def begin(self, name: str) -> Job:
        """Note that an attempt begins now, and plan the execution after it."""
        job, now = self.get(name), self._clock.now()
        begun = replace(job, last_attempt=now, first_attempt=job.first_attempt or now)
        if job.state == "ENABLED":
            begun = replace(begun, next_time=self._next(job))
        return self._put(begun)

    def end(self, name: str, outcome: Outcome) -> None:
        """Note how an attempt ended; after a failure, plan a retry before the next execution."""
        job = self._jobs.get(name)
        if job is None:  # deleted meanwhile
            return
        ended = replace(job, outcome=outcome, failures=0, first_attempt=0.0)
        if outcome.code and job.next_time is not None:
            failed = replace(job, outcome=outcome, failures=job.failures + 1)
            at = self._retry_time(failed)
            if at < job.next_time:
                ended = replace(failed, next_time=at)
        self._put(ended)

    def due(self) -> list[Job]:
        """Return the jobs whose moment has come."""
        now = self._clock.now()
        return [job for job in self.jobs() if job.next_time is not None and job.next_time <= now]

    def next_time(self, *, without: Container[str] = ()) -> float | None:
        """Return when the next job is due, if any is planned that is not left out."""
        times = [
            job.next_time
            for job in self._jobs.values()
            if job.next_time is not None and job.name not in without
        ]
        return min(times, default=None)

    def _retry_time(self, job: Job) -> float:
        now = self._clock.now()
        if not job.retry.allows(job.failures, now - job.first_attempt):
            return float("inf")
        return now + job.retry.backoff(job.failures)

    def _fresh(self, job: Job) -> Job:
        return replace(job, next_time=self._next(job), failures=0, first_attempt=0.0)

    def _next(self, job: Job) -> float:
        return cron.next_after(job.schedule, job.time_zone, self._clock.now())

    def _put(self, job: Job) -> Job:
        self._jobs[job.name] = job
        self._journal.put(_SPACE, job.name, dump(job))
        self._changed()
        return job
