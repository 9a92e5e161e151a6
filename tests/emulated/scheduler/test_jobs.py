"""Jobs are created, listed, changed, deleted, refused, and survive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from google.api_core import exceptions
from google.cloud import scheduler_v1 as api
from google.protobuf import duration_pb2

from emulators.scheduler.cron import next_after
from emulators.scheduler.job import Retry
from tests.emulated.scheduler.conftest import PARENT, START

if TYPE_CHECKING:
    from tests.emulated.scheduler.conftest import Scheduler, Target

URL = "http://127.0.0.1:1/run"


def moment(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


@pytest.mark.parametrize(
    ("schedule", "zone", "now", "expected"),
    [
        ("0 9 * * 1", "Etc/UTC", "2026-06-01T10:00+00:00", "2026-06-08T09:00+00:00"),
        ("0 9 * * *", "America/New_York", "2026-06-01T10:00+00:00", "2026-06-01T13:00+00:00"),
        ("0 9 * * *", "America/New_York", "2026-12-01T10:00+00:00", "2026-12-01T14:00+00:00"),
        ("0 0 29 2 *", "Etc/UTC", "2026-06-01T10:00+00:00", "2028-02-29T00:00+00:00"),
        # The clocks go back on 25 October: half past six comes an hour later in UTC.
        ("30 6 * * *", "Europe/Berlin", "2026-10-24T05:00+00:00", "2026-10-25T05:30+00:00"),
        ("0 0 1 * 1", "Etc/UTC", "2026-06-02T00:00+00:00", "2026-06-08T00:00+00:00"),
    ],
)
def test_schedule_is_read_in_its_time_zone(
    schedule: str, zone: str, now: str, expected: str
) -> None:
    assert next_after(schedule, zone, moment(now)) == moment(expected)


def test_backoff_doubles_then_grows_evenly_up_to_its_maximum() -> None:
    retry = Retry(count=5, min_backoff=10, max_backoff=300, max_doublings=3)

    waits = [retry.backoff(failures) for failures in range(1, 9)]

    assert waits == [10, 20, 40, 80, 160, 240, 300, 300]


async def test_created_job_shows_its_defaults(scheduler: Scheduler) -> None:
    job = await scheduler.create("0 4 * * *")

    assert job.state == api.Job.State.ENABLED
    assert job.time_zone == "Etc/UTC"
    assert job.http_target.http_method == api.HttpMethod.POST
    assert job.attempt_deadline.total_seconds() == 180
    assert job.retry_config.max_doublings == 5
    assert job.user_update_time.timestamp() == START
    assert await scheduler.get() == job


async def test_list_pages_through_the_jobs_of_a_location(scheduler: Scheduler) -> None:
    target = api.HttpTarget(uri=URL)
    for _ in range(3):
        await scheduler.client.create_job(
            parent=PARENT, job=api.Job(schedule="0 4 * * *", http_target=target)
        )

    request = api.ListJobsRequest(parent=PARENT, page_size=2)
    pages = [page async for page in (await scheduler.client.list_jobs(request)).pages]

    names = [[job.name.rpartition("/")[2] for job in page.jobs] for page in pages]
    assert names == [["job-1", "job-2"], ["job-3"]]


async def test_update_changes_what_the_mask_names_and_plans_anew(scheduler: Scheduler) -> None:
    job = await scheduler.create("0 4 * * *", description="nightly")
    change = api.Job(name=job.name, schedule="0 5 * * *", description="ignored")

    updated = await scheduler.client.update_job(job=change, update_mask={"paths": ["schedule"]})

    assert updated.description == "nightly"
    assert updated.http_target == job.http_target
    assert updated.schedule_time.timestamp() == job.schedule_time.timestamp() + 3600


async def test_update_can_exchange_the_target(scheduler: Scheduler) -> None:
    job = await scheduler.create()
    topic = api.PubsubTarget(topic_name="projects/p/topics/t", data=b"x")

    updated = await scheduler.client.update_job(
        job=api.Job(name=job.name, pubsub_target=topic), update_mask={"paths": ["pubsub_target"]}
    )

    assert updated.pubsub_target == topic
    assert "http_target" not in updated


async def test_update_reaches_into_the_target_and_clears_what_is_not_given(
    scheduler: Scheduler,
) -> None:
    target = api.HttpTarget(uri=URL, body=b"x", headers={"A": "b"})
    job = await scheduler.create(http_target=target, description="nightly")
    change = api.Job(name=job.name, http_target=api.HttpTarget(uri=URL + "/all"))

    updated = await scheduler.client.update_job(
        job=change, update_mask={"paths": ["http_target.uri", "http_target.body", "description"]}
    )

    assert (updated.http_target.uri, updated.http_target.body) == (URL + "/all", b"")
    assert (dict(updated.http_target.headers), updated.description) == ({"A": "b"}, "")


async def test_update_without_a_mask_changes_what_is_given(scheduler: Scheduler) -> None:
    job = await scheduler.create(description="nightly")

    updated = await scheduler.client.update_job(job=api.Job(name=job.name, schedule="0 5 * * *"))

    assert (updated.schedule, updated.description) == ("0 5 * * *", "nightly")
    assert updated.http_target == job.http_target


async def test_update_of_what_is_output_only_is_refused(scheduler: Scheduler) -> None:
    job = await scheduler.create()

    with pytest.raises(exceptions.InvalidArgument, match="state"):
        await scheduler.client.update_job(job=job, update_mask={"paths": ["state"]})


async def test_deleted_job_never_fires(scheduler: Scheduler, target: Target) -> None:
    job = await scheduler.create()
    await scheduler.client.delete_job(name=job.name)

    scheduler.clock.advance(3600)

    with pytest.raises(exceptions.NotFound):
        await scheduler.get()
    assert target.calls.empty()


async def test_name_is_taken_once(scheduler: Scheduler) -> None:
    await scheduler.create()
    with pytest.raises(exceptions.AlreadyExists, match="refresh"):
        await scheduler.create()


async def test_only_the_other_state_can_be_entered(scheduler: Scheduler) -> None:
    job = await scheduler.create()
    with pytest.raises(exceptions.FailedPrecondition, match="PAUSED"):
        await scheduler.client.resume_job(name=job.name)
    await scheduler.client.pause_job(name=job.name)
    with pytest.raises(exceptions.FailedPrecondition, match="ENABLED"):
        await scheduler.client.pause_job(name=job.name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"schedule": "every day"}, "English-like"),
        ({"schedule": "61 * * * *"}, "unix-cron"),
        ({"schedule": "* * * * * *"}, "unix-cron"),
        ({"schedule": "0 0 30 2 *"}, "never comes round"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"http_target": api.HttpTarget(uri="ftp://x")}, "uri"),
        (
            {"http_target": api.HttpTarget(uri=URL, http_method="GET", body=b"x")},
            "not allowed with GET",
        ),
        (
            {"http_target": api.HttpTarget(uri=URL, oidc_token=api.OidcToken(audience="x"))},
            "service_account_email",
        ),
        ({"retry_config": api.RetryConfig(retry_count=6)}, "retry_count"),
        ({"attempt_deadline": duration_pb2.Duration(seconds=1)}, "attempt_deadline"),
        ({"pubsub_target": api.PubsubTarget(topic_name="projects/p/topics/t")}, "data or attrib"),
    ],
)
async def test_job_that_could_not_run_is_refused_with_the_field_named(
    scheduler: Scheduler, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(
        (exceptions.InvalidArgument, exceptions.MethodNotImplemented), match=message
    ):
        await scheduler.create(**fields)


async def test_app_engine_target_is_named_as_unsupported(scheduler: Scheduler) -> None:
    target = api.AppEngineHttpTarget(relative_uri="/")
    job = api.Job(name=f"{PARENT}/jobs/x", schedule="* * * * *", app_engine_http_target=target)

    with pytest.raises(exceptions.MethodNotImplemented, match="app_engine_http_target"):
        await scheduler.client.create_job(parent=PARENT, job=job)


async def test_jobs_survive_a_restart_and_missed_runs_are_not_made_up_for(
    scheduler: Scheduler, target: Target
) -> None:
    token = api.OidcToken(service_account_email="a@b", audience="c")
    url = scheduler.url("/run")
    http = api.HttpTarget(uri=url, headers={"A": "b"}, body=b"\x00\xff", oidc_token=token)
    before = await scheduler.create(http_target=http)
    await scheduler.stop()

    scheduler.clock.advance(3600)
    await scheduler.start()
    after = await scheduler.get()

    assert after.http_target == before.http_target
    assert after.schedule_time.timestamp() == before.schedule_time.timestamp() + 3600
    assert target.calls.empty()
    scheduler.clock.advance(270)
    assert (await target.call()).body == b"\x00\xff"


async def test_attempt_cut_off_by_a_stop_leaves_a_job_that_fires_again(
    scheduler: Scheduler, target: Target
) -> None:
    target.gate.clear()
    await scheduler.create()
    scheduler.clock.advance(270)
    await target.call()
    await scheduler.stop()

    target.gate.set()
    await scheduler.start()
    scheduler.clock.advance(300)

    await target.call()


async def test_job_is_created_paused_and_run_over_rest(
    scheduler: Scheduler, target: Target
) -> None:
    running, _, _ = scheduler.running
    asked = {
        "name": f"{PARENT}/jobs/refresh",
        "schedule": "0 4 * * *",
        "httpTarget": {"uri": scheduler.url("/run")},
    }
    async with aiohttp.ClientSession(f"http://{running.address}") as http:
        async with http.post(f"/v1/{PARENT}/jobs", json=asked) as reply:
            assert (await reply.json())["scheduleTime"] == "2026-06-02T04:00:00Z"
        async with http.post(f"/v1/{PARENT}/jobs/refresh:pause", json={}) as reply:
            assert (await reply.json())["state"] == "PAUSED"
        async with http.post(f"/v1/{PARENT}/jobs/refresh:run", json={}) as reply:
            assert reply.status == 200
        async with http.get(f"/v1/{PARENT}/jobs/none") as reply:
            assert (await reply.json())["error"]["status"] == "NOT_FOUND"

    assert (await target.call()).path == "/run"
