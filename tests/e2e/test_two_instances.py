"""Two gateways over one Redis are one: what either learns, the other knows."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from emulators.hub.calls import call
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.kernel.ids import TimeOrderedIds
from tests.e2e.cloud import within
from tests.e2e.gateways import Service, gateway, newcomer, route, serving, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.cloud import Cloud

Pair = tuple[httpx2.Client, httpx2.Client]
SOON = 10
IDS = TimeOrderedIds(SystemClock())
VOLUME = 10
"""Calls after which a breaker of no area of its own looks at their errors."""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """What stands behind both gateways."""
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def well(service: Service) -> None:
    """Every test begins with a service that answers and has seen nothing."""
    service.status, service.headers = 200, {}
    service.seen.clear()


@pytest.fixture(scope="module")
def pair(
    cloud: Cloud, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Two gateways with one route table, one service and one Redis."""
    area = f"area-{IDS.new()}"
    rows = [
        route("/limited", area=area, rate="device"),
        route("/kept/{id}", area=area, cache_seconds=60),
        route("/failing", area=f"{area}-failing", method="POST"),
        route("/done", area=area, method="POST", idempotent=True),
    ]
    settings = {
        "MEDIA_GATEWAY_FUNCTION_URL": service.address,
        "MEDIA_GATEWAY_ROUTES_FILE": written(tmp_path_factory.mktemp("pair"), rows),
        "MEDIA_GATEWAY_TRUSTED_HOPS": "1",
    }
    with (
        gateway(cloud, **settings, MEDIA_GATEWAY_RATE_FACTOR="1") as one,
        gateway(cloud, **settings, MEDIA_GATEWAY_RATE_FACTOR="1") as other,
    ):
        yield one, other


def test_a_quota_that_one_has_spent_is_spent_at_the_other(pair: Pair) -> None:
    (one, other), somebody = pair, newcomer()
    assert [one.get("/limited", headers=somebody).status_code for _ in range(2)] == [200, 200]

    refused = other.get("/limited", headers=somebody)

    assert (refused.status_code, refused.json()["code"]) == (429, "rate-limited")
    assert int(refused.headers["retry-after"]) >= 1
    assert one.get("/limited", headers=somebody).status_code == 429


def test_an_answer_that_one_kept_is_given_by_the_other_until_an_event_purges_it(
    pair: Pair, service: Service, cloud: Cloud
) -> None:
    one, other = pair
    title = str(IDS.new())
    service.headers = {"x-cache-tags": title}

    def asked(gate: httpx2.Client) -> httpx2.Response:
        return gate.get(f"/kept/{title}", headers=newcomer())

    first, second = asked(one), asked(other)
    assert [each.headers["x-cache"] for each in (first, second)] == ["MISS", "HIT"]
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])
    assert len(service.seen) == 1

    publish(cloud, "content.updated", {"content_ids": [title]})

    within(SOON, lambda: asked(one).json()["calls"] > 1, "a new answer")
    within(SOON, lambda: asked(one).headers["x-cache"] == "HIT", "one that is kept")
    within(SOON, lambda: asked(other).content == asked(one).content, "the same at the other")


def test_a_breaker_that_one_opened_is_open_at_the_other_and_one_probe_closes_it(
    pair: Pair, service: Service
) -> None:
    one, other = pair
    service.status = 500
    for _ in range(VOLUME):
        one.post("/failing", headers=newcomer())
    calls = len(service.seen)

    refused = other.post("/failing", headers=newcomer())

    assert (refused.status_code, refused.json()["code"]) == (503, "circuit-open")
    assert int(refused.headers["retry-after"]) >= 1
    assert len(service.seen) == calls == VOLUME

    service.status = 200
    within(SOON, lambda: other.post("/failing", headers=newcomer()).is_success, "a good probe")
    within(SOON, lambda: one.post("/failing", headers=newcomer()).is_success, "a closed breaker")


def test_what_one_has_done_the_other_repeats_and_does_not_do_again(
    pair: Pair, service: Service
) -> None:
    one, other = pair
    head = {**newcomer(), "idempotency-key": str(IDS.new())}

    first = one.post("/done", headers=head, content=b"1")
    again = other.post("/done", headers=head, content=b"1")
    another = other.post("/done", headers=head, content=b"2")

    assert again.json() == first.json() == {"calls": 1}
    assert (again.headers["idempotency-replayed"], len(service.seen)) == ("true", 1)
    assert (another.status_code, another.json()["code"]) == (422, "idempotency-key-reused")


def publish(cloud: Cloud, topic: str, data: dict[str, Any]) -> None:
    """Publish an event as a product's step does."""
    event = Event(
        event_id=IDS.new(),
        event_type=topic,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        correlation_id=str(IDS.new()),
        data=data,
    )
    message = {"data": b64encode(event.model_dump_json().encode()).decode()}
    project = cloud.record()["variables"]["GOOGLE_CLOUD_PROJECT"]
    place = f"http://{cloud.address('pubsub')}/v1/projects/{project}/topics/{topic}:publish"
    call("POST", place, {"messages": [message]}).required()
