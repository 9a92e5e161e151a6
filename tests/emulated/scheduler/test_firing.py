"""Jobs fire by the virtual clock, carry who sends them, and are tried again."""

from __future__ import annotations

import json
from base64 import b64decode

from google.cloud import scheduler_v1 as api
from google.protobuf import duration_pb2

from emulators.core.identity import service_account
from tests.emulated.scheduler.conftest import START, Scheduler, Target

EMAIL = service_account("media-gateway-local", "scheduler")


def seconds(amount: int) -> duration_pb2.Duration:
    return duration_pb2.Duration(seconds=amount)


async def test_job_fires_when_its_time_comes_and_plans_the_next(
    scheduler: Scheduler, target: Target
) -> None:
    created = await scheduler.create(
        http_target=api.HttpTarget(
            uri=scheduler.url("/refresh"), body=b'{"all": true}', headers={"X-Reason": "hourly"}
        )
    )
    assert created.schedule_time.timestamp() == START + 270

    scheduler.clock.advance(269)
    assert target.calls.empty()
    scheduler.clock.advance(1)
    call = await target.call()
    job = await scheduler.ended(0)

    assert (call.method, call.path, call.body) == ("POST", "/refresh", b'{"all": true}')
    assert call.headers["X-Reason"] == "hourly"
    assert call.headers["Content-Type"] == "application/octet-stream"
    assert call.headers["User-Agent"] == "Google-Cloud-Scheduler"
    assert call.headers["X-CloudScheduler-JobName"] == "refresh"
    assert call.headers["X-CloudScheduler-ScheduleTime"] == "2026-06-01T10:05:00Z"
    assert job.last_attempt_time.timestamp() == START + 270
    assert job.schedule_time.timestamp() == START + 570


async def test_each_occurrence_fires_once(scheduler: Scheduler, target: Target) -> None:
    await scheduler.create()

    for _ in range(3):
        scheduler.clock.advance(300)
        await target.call()
        await scheduler.ended(0)

    assert target.calls.empty()


async def test_jump_over_several_occurrences_fires_once(
    scheduler: Scheduler, target: Target
) -> None:
    await scheduler.create()

    scheduler.clock.advance(86_400)
    await target.call()
    job = await scheduler.ended(0)

    assert target.calls.empty()
    assert job.schedule_time.timestamp() == START + 86_400 + 270


async def test_paused_job_holds_until_it_is_resumed(scheduler: Scheduler, target: Target) -> None:
    job = await scheduler.create()
    paused = await scheduler.client.pause_job(name=job.name)

    scheduler.clock.advance(3600)
    assert paused.state == api.Job.State.PAUSED
    assert "last_attempt_time" not in await scheduler.get()

    resumed = await scheduler.client.resume_job(name=job.name)
    assert resumed.schedule_time.timestamp() == START + 3600 + 270
    scheduler.clock.advance(270)
    await target.call()
    assert target.calls.empty()


async def test_run_starts_a_job_at_once_even_when_paused(
    scheduler: Scheduler, target: Target
) -> None:
    job = await scheduler.create("0 0 1 1 *")
    await scheduler.client.pause_job(name=job.name)

    await scheduler.client.run_job(name=job.name)
    await target.call()
    ended = await scheduler.ended(0)

    assert ended.state == api.Job.State.PAUSED
    assert "schedule_time" not in ended


async def test_oidc_token_of_the_target_verifies_for_its_audience(
    scheduler: Scheduler, target: Target
) -> None:
    token = api.OidcToken(service_account_email=EMAIL, audience="https://catalog-fetch.local")
    uri = scheduler.url("/run?full=1")
    job = await scheduler.create(http_target=api.HttpTarget(uri=uri, oidc_token=token))

    await scheduler.client.run_job(name=job.name)
    bearer = (await target.call()).headers["Authorization"].removeprefix("Bearer ")

    _, _, context = scheduler.running
    claims = context.signer.verify(bearer, "https://catalog-fetch.local")
    assert claims["email"] == EMAIL


async def test_audience_is_the_uri_when_none_is_given(scheduler: Scheduler, target: Target) -> None:
    uri = scheduler.url("/run")
    token = api.OidcToken(service_account_email=EMAIL)
    job = await scheduler.create(http_target=api.HttpTarget(uri=uri, oidc_token=token))

    await scheduler.client.run_job(name=job.name)
    bearer = (await target.call()).headers["Authorization"].removeprefix("Bearer ")

    _, _, context = scheduler.running
    assert context.signer.verify(bearer, uri)["aud"] == uri


async def test_googles_workflow_address_reaches_the_local_workflows(
    scheduler: Scheduler, target: Target
) -> None:
    path = "/v1/projects/p/locations/us-central1/workflows/catalog_refresh/executions"
    request = api.HttpTarget(
        uri=f"https://workflowexecutions.googleapis.com{path}",
        body=b'{"argument": "{}"}',
        oauth_token=api.OAuthToken(service_account_email=EMAIL),
    )
    job = await scheduler.create(http_target=request)

    await scheduler.client.run_job(name=job.name)
    call = await target.call()

    assert call.path == path
    assert call.headers["Authorization"].startswith("Bearer ey")


async def test_pubsub_target_publishes_data_and_attributes(
    scheduler: Scheduler, target: Target
) -> None:
    topic = "projects/media-gateway-local/topics/content.expiring"
    await scheduler.create(
        pubsub_target=api.PubsubTarget(topic_name=topic, data=b"now", attributes={"by": "clock"})
    )

    scheduler.clock.advance(270)
    call = await target.call()
    (message,) = json.loads(call.body)["messages"]

    assert call.path == f"/v1/{topic}:publish"
    assert (b64decode(message["data"]), message["attributes"]) == (b"now", {"by": "clock"})


async def test_failure_is_tried_again_after_growing_waits_then_waits_for_the_schedule(
    scheduler: Scheduler, target: Target
) -> None:
    target.status = 503
    retry = api.RetryConfig(retry_count=2, min_backoff_duration=seconds(10))
    await scheduler.create("0 * * * *", retry_config=retry)
    scheduler.clock.advance(3570)

    planned = []
    for _ in range(3):
        await target.call()
        job = await scheduler.ended(14)
        now = scheduler.clock.now()
        planned.append(job.schedule_time.timestamp() - now)
        scheduler.clock.advance(min(planned[-1], 20))

    assert planned == [10, 20, 3570]
    assert target.calls.empty()


async def test_success_after_a_retry_clears_the_failure(
    scheduler: Scheduler, target: Target
) -> None:
    target.status = 500
    await scheduler.create("0 * * * *", retry_config=api.RetryConfig(retry_count=5))
    scheduler.clock.advance(3570)
    await target.call()
    failed = await scheduler.ended(13)

    target.status = 204
    scheduler.clock.advance(5)
    await target.call()
    job = await scheduler.ended(0)

    assert "answered 500" in failed.status.message
    assert job.schedule_time.timestamp() == START + 3570 + 3600


async def test_target_that_does_not_answer_is_given_up_at_the_deadline(
    scheduler: Scheduler, target: Target
) -> None:
    target.gate.clear()
    await scheduler.create(attempt_deadline=seconds(15))
    scheduler.clock.advance(270)
    await target.call()

    scheduler.clock.advance(15)

    assert (await scheduler.ended(4)).schedule_time.timestamp() == START + 570


async def test_next_execution_waits_for_the_one_under_way(
    scheduler: Scheduler, target: Target
) -> None:
    target.gate.clear()
    await scheduler.create("* * * * *")
    scheduler.clock.advance(30)
    await target.call()
    scheduler.clock.advance(60)
    await scheduler.get()
    assert target.calls.empty()

    target.gate.set()

    call = await target.call()
    assert call.headers["X-CloudScheduler-ScheduleTime"] == "2026-06-01T10:02:00Z"


async def test_unreachable_target_is_an_outcome_not_a_crash(scheduler: Scheduler) -> None:
    job = await scheduler.create(http_target=api.HttpTarget(uri="http://127.0.0.1:9/none"))

    await scheduler.client.run_job(name=job.name)

    assert "ClientConnectorError" in (await scheduler.ended(14)).status.message
