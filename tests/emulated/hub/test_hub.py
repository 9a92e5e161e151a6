"""The local cloud as a whole: it comes up usable, heals, and keeps what it was told."""

from pathlib import Path

import pytest

from emulators.managed.process import is_alive
from tests.emulated.hub.conftest import ROOT, LocalCloud, end, start

PLACE = "/v1/projects/media-gateway-local/locations/us-central1"
PUBSUB = "/v1/projects/media-gateway-local"


def test_ready_means_that_a_search_succeeds(cloud: LocalCloud) -> None:
    found = cloud.call("GET", "gateway", "/api/v1/search?q=heat")

    assert found.status == 200
    assert found.body["results"] == []


def test_events_reach_functions_by_push_with_retry_and_dead_letter(cloud: LocalCloud) -> None:
    name = f"{PUBSUB}/subscriptions/catalog-normalize--catalog.fetched"

    found = cloud.call("GET", "pubsub", name).body

    address = f"http://{cloud.addresses['cloud_run']}/catalog-normalize"
    assert found["pushConfig"]["pushEndpoint"] == f"{address}/"
    assert found["pushConfig"]["oidcToken"]["audience"] == address
    assert found["deadLetterPolicy"]["maxDeliveryAttempts"] == 5
    dead = found["deadLetterPolicy"]["deadLetterTopic"]
    assert dead.endswith("/topics/catalog.fetched--dead-letter")
    kept = cloud.call("GET", "pubsub", f"{PUBSUB}/subscriptions/catalog.fetched--dead-letter").body
    keeper = f"http://{cloud.addresses['cloud_run']}/dead-letters-keep/"
    assert (kept["topic"], kept["pushConfig"]["pushEndpoint"]) == (dead, keeper)


def test_schedules_and_workflows_are_made(cloud: LocalCloud) -> None:
    jobs = cloud.call("GET", "scheduler", f"{PLACE}/jobs").body["jobs"]
    workflows = cloud.call("GET", "workflows", f"{PLACE}/workflows").body["workflows"]

    names = {found["name"].rpartition("/")[2] for found in jobs}
    assert {"outbox-relay", "catalog-refresh"} <= names
    files = {file.stem.replace("_", "-") for file in (ROOT / "workflows").glob("*.yaml")}
    assert {w["name"].rpartition("/")[2] for w in workflows} == files


@pytest.mark.parametrize("name", ["postgres", "redis", "functions"])
def test_killed_process_is_back_and_search_succeeds(cloud: LocalCloud, name: str) -> None:
    before = cloud.children()[name]

    cloud.kill(name)

    cloud.wait(lambda: cloud.answers("gateway", "/api/v1/search?q=heat"))
    assert cloud.children()[name] != before


def test_topic_made_before_a_kill_is_there_after_it(cloud: LocalCloud) -> None:
    assert cloud.call("PUT", "pubsub", f"{PUBSUB}/topics/kept-topic", {}).is_good

    cloud.kill("emulators")

    assert cloud.call("GET", "pubsub", f"{PUBSUB}/topics/kept-topic").is_good


def test_reset_forgets_and_provisions_again(cloud: LocalCloud) -> None:
    cloud.call("PUT", "pubsub", f"{PUBSUB}/topics/forgotten-topic", {})

    assert cloud.call("POST", "console", "/_mg/reset").is_good

    cloud.wait(lambda: is_gone(cloud, f"{PUBSUB}/topics/forgotten-topic"))
    cloud.wait(lambda: cloud.answers("pubsub", f"{PUBSUB}/topics/catalog.fetched"))


def test_second_hub_of_the_same_state_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(AssertionError, match="runs already"):
        start(cloud.state)
    assert cloud.process.poll() is None


def test_everything_ends_with_the_hub_and_starts_again_over_what_was_kept(tmp_path: Path) -> None:
    cloud = start(tmp_path)
    cloud.call("PUT", "pubsub", f"{PUBSUB}/topics/kept-topic", {})
    children = cloud.children().values()
    end(cloud)

    assert cloud.process.returncode == 0
    assert not any(is_alive(pid) for pid in children)
    again = start(tmp_path)
    assert again.call("GET", "pubsub", f"{PUBSUB}/topics/kept-topic").is_good
    end(again)


def is_gone(cloud: LocalCloud, path: str) -> bool:
    """Tell whether the Pub/Sub emulator answers and does not know a resource."""
    return cloud.answers("console", "/_mg/status") and not cloud.answers("pubsub", path)
