"""The RPCs of ``google.cloud.scheduler.v1.CloudScheduler``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from google.cloud import scheduler_v1 as api
from google.protobuf import empty_pb2

from emulators.core.errors import invalid_argument
from emulators.scheduler.messages import Proto, job_message, job_of, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.scheduler.job import Job
    from emulators.scheduler.store import Store

_MAX_PAGE = 500


class CloudScheduler:
    """Cloud Scheduler on the wire.

    Args:
        store: The jobs.
        run_now: Begins an attempt and returns the job.
    """

    def __init__(self, store: Store, run_now: Callable[[str], Job]) -> None:
        self._store = store
        self._run_now = run_now

    async def CreateJob(self, request: Proto, _caller: object) -> Proto:
        """Create a job; without a name it gets one."""
        job = job_of(request.job)
        if not job.name:
            job = replace(job, name=self._free_name(request.parent))
        return await self._answer(self._store.create(request.parent, job))

    async def GetJob(self, request: Proto, _caller: object) -> Proto:
        """Return a job."""
        return job_message(self._store.get(request.name))

    async def ListJobs(self, request: Proto, _caller: object) -> Proto:
        """Return the jobs of a location, page by page."""
        start = request.page_token or "0"
        if request.page_size < 0 or not start.isdigit():
            raise invalid_argument("page_size or page_token is not valid")
        found = self._store.jobs(request.parent)
        end = int(start) + min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        page = [job_message(job) for job in found[int(start) : end]]
        token = str(end) if end < len(found) else ""
        return api.ListJobsResponse.pb()(jobs=page, next_page_token=token)

    async def UpdateJob(self, request: Proto, _caller: object) -> Proto:
        """Change the fields the mask names; without a mask, all that are given."""
        current = self._store.get(request.job.name)
        job = merged(current, request.job, list(request.update_mask.paths))
        return await self._answer(self._store.update(job))

    async def DeleteJob(self, request: Proto, _caller: object) -> Proto:
        """Delete a job."""
        self._store.delete(request.name)
        await self._store.commit()
        return empty_pb2.Empty()

    async def PauseJob(self, request: Proto, _caller: object) -> Proto:
        """Pause an enabled job."""
        return await self._answer(self._store.pause(request.name))

    async def ResumeJob(self, request: Proto, _caller: object) -> Proto:
        """Resume a paused job."""
        return await self._answer(self._store.resume(request.name))

    async def RunJob(self, request: Proto, _caller: object) -> Proto:
        """Begin an attempt now and answer without waiting for it."""
        return await self._answer(self._run_now(request.name))

    def _free_name(self, parent: str) -> str:
        taken = {job.name for job in self._store.jobs(parent)}
        number = len(taken) + 1
        while f"{parent}/jobs/job-{number}" in taken:
            number += 1
        return f"{parent}/jobs/job-{number}"

    async def _answer(self, job: Job) -> Proto:
        message = job_message(job)
        await self._store.commit()
        return message
