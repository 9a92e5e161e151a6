"""Killed in the middle of the work of many clients, an emulator misses nothing it acknowledged."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
import pytest
from google.api_core import exceptions
from google.cloud.firestore import Client, Increment
from google.pubsub_v1.services.publisher.client import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.client import SubscriberClient
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport

from emulators.hub.calls import CallError, call
from emulators.state.stored import stored
from tests.emulated.alone import process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOPIC, SUBSCRIPTION = "projects/p/topics/films", "projects/p/subscriptions/films"
TURNS: list[Any] = [1, *(pytest.param(n, marks=pytest.mark.soak) for n in range(2, 12))]
GONE = (exceptions.GoogleAPICallError, grpc.RpcError, CallError, ValueError)


class Crowd:
    """Threads that work until what they work with is gone."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._done = threading.Event()

    def work(self, act: Callable[[int], None]) -> None:
        """Do something again and again, with a number that grows."""

        def run() -> None:
            with contextlib.suppress(*GONE):
                for number in range(10**9):
                    if self._done.is_set():
                        return
                    act(number)

        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()

    def wait(self, met: Callable[[], bool]) -> None:
        """Return once something has come about, in the middle of the work."""
        deadline = time.monotonic() + 60
        while not met() and time.monotonic() < deadline:
            time.sleep(0.005)
        assert met()

    def join(self) -> None:
        """End the work."""
        self._done.set()
        for thread in self._threads:
            thread.join(30)


@contextlib.contextmanager
def channel(address: str) -> Iterator[grpc.Channel]:
    """Connect, and disconnect."""
    opened = grpc.insecure_channel(address)
    yield opened
    opened.close()


@pytest.mark.parametrize("turn", TURNS)
def test_pubsub_misses_no_message_it_took_and_brings_none_back(tmp_path: Path, turn: int) -> None:
    journal = tmp_path / "emulators.sqlite"
    published, answered, asked = set[str](), set[str](), set[str]()
    crowd = Crowd()
    with contextlib.ExitStack() as connections:
        with process("pubsub", journal) as address:
            opened = connections.enter_context(channel(address))
            publisher = PublisherClient(transport=PublisherGrpcTransport(channel=opened))
            subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=opened))
            publisher.create_topic(name=TOPIC)
            request: dict[str, Any] = {"name": SUBSCRIPTION, "topic": TOPIC}
            subscriber.create_subscription(request={**request, "ack_deadline_seconds": 600})

            def publish(number: int) -> None:
                messages: list[Any] = [{"data": b"%d" % number}] * 3
                said = publisher.publish(topic=TOPIC, messages=messages, retry=None, timeout=5)
                published.update(said.message_ids)

            def acknowledge(_: int) -> None:
                pull = {"subscription": SUBSCRIPTION, "max_messages": 5}
                got = subscriber.pull(request=pull, retry=None, timeout=10).received_messages
                asked.update(each.message.message_id for each in got)
                ids = [each.ack_id for each in got]
                subscriber.acknowledge(
                    subscription=SUBSCRIPTION, ack_ids=ids, retry=None, timeout=5
                )
                answered.update(each.message.message_id for each in got)

            for _ in range(3):
                crowd.work(publish)
            crowd.work(acknowledge)
            crowd.wait(lambda: len(published) > 60 * turn and len(answered) > 15)
        crowd.join()

    with process("pubsub", journal) as address, channel(address) as opened:
        after = SubscriberClient(transport=SubscriberGrpcTransport(channel=opened))
        rest = {each.message.message_id for each in pulled(after)}

    assert published - asked <= rest
    assert not answered & rest


def pulled(subscriber: SubscriberClient) -> Iterator[Any]:
    """Yield everything that a subscription has."""
    pull = {"subscription": SUBSCRIPTION, "max_messages": 1000}
    with contextlib.suppress(exceptions.DeadlineExceeded):
        while got := subscriber.pull(request=pull, retry=None, timeout=2).received_messages:
            yield from got


@pytest.mark.parametrize("turn", TURNS)
def test_firestore_misses_no_write_it_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    journal = tmp_path / "emulators.sqlite"
    written: dict[str, int] = {}
    counted = [0] * 4
    crowd = Crowd()
    with process("firestore", journal) as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        client: Any = Client(project="p")

        def writer(worker: int) -> Callable[[int], None]:
            def write(number: int) -> None:
                batch = client.batch()
                name = f"w{worker}-{number % 20}"
                batch.set(client.document("films", name), {"n": number})
                batch.set(client.document("totals", "all"), {"n": Increment(1)}, merge=True)
                batch.commit(retry=None, timeout=5)
                written[name] = number
                counted[worker] += 1

            return write

        for worker in range(4):
            crowd.work(writer(worker))
        crowd.wait(lambda: sum(counted) > 40 * turn)
    crowd.join()
    client.close()

    with process("firestore", journal) as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        after: Any = Client(project="p")
        found = {each.id: each.get("n") for each in after.collection("films").stream()}
        total = after.document("totals", "all").get().get("n")
        after.close()

    assert {name: found[name] for name, number in written.items() if found[name] < number} == {}
    assert sum(counted) <= total <= sum(counted) + len(counted)


PLACE = "/v1/projects/p/locations/us-central1"
AUTOMATIC: dict[str, Any] = {"replication": {"automatic": {}}}
WORKFLOW = {"sourceContents": "- done: {return: 1}"}


def job(number: int) -> dict[str, object]:
    """Return a job that is never due."""
    name = f"{PLACE[4:]}/jobs/n{number}"
    target = {"topicName": TOPIC, "data": "YQ=="}
    return {"name": name, "schedule": "0 5 1 1 *", "timeZone": "UTC", "pubsubTarget": target}


Maker: TypeAlias = "Callable[[int], tuple[str, object]]"
KEPT: list[Any] = [
    (
        "secret_manager",
        lambda n: (f"/v1/projects/p/secrets?secretId=n{n}", AUTOMATIC),
        lambda n: f"/v1/projects/p/secrets/n{n}",
    ),
    (
        "scheduler",
        lambda n: (f"{PLACE}/jobs", job(n)),
        lambda n: f"{PLACE}/jobs/n{n}",
    ),
    (
        "workflows",
        lambda n: (f"{PLACE}/workflows?workflowId=n{n}", WORKFLOW),
        lambda n: f"{PLACE}/workflows/n{n}",
    ),
]


@pytest.mark.soak
@pytest.mark.parametrize(("service", "make", "place"), KEPT)
def test_the_other_services_miss_nothing_they_made(
    tmp_path: Path, service: str, make: Maker, place: Callable[[int], str]
) -> None:
    journal = tmp_path / "emulators.sqlite"
    made: list[int] = []
    crowd = Crowd()
    with process(service, journal) as address:

        def worker(offset: int) -> Callable[[int], None]:
            def act(number: int) -> None:
                path, body = make(4 * number + offset)
                call("POST", f"http://{address}{path}", body, timeout_seconds=5).required()
                made.append(4 * number + offset)

            return act

        for offset in range(4):
            crowd.work(worker(offset))
        crowd.wait(lambda: len(made) > 40)
    crowd.join()

    with process(service, journal) as address:
        answers = [call("GET", f"http://{address}{place(n)}").is_good for n in made]

    assert all(answers)


@pytest.mark.soak
def test_vertex_misses_no_datapoint_it_took(tmp_path: Path) -> None:
    journal = tmp_path / "emulators.sqlite"
    made: list[str] = []
    crowd = Crowd()
    index = {
        "displayName": "titles",
        "indexUpdateMethod": "STREAM_UPDATE",
        "metadata": {"config": {"dimensions": 3, "approximateNeighborsCount": 10}},
    }
    with process("vertex", journal) as address:
        url = f"http://{address}"
        operation = call("POST", f"{url}{PLACE}/indexes", index).required()
        name = operation["response"]["name"]

        def worker(offset: int) -> Callable[[int], None]:
            def act(number: int) -> None:
                point = f"n{4 * number + offset}"
                body = {"datapoints": [{"datapointId": point, "featureVector": [1, 2, number]}]}
                call("POST", f"{url}/v1/{name}:upsertDatapoints", body).required()
                made.append(point)

            return act

        for offset in range(4):
            crowd.work(worker(offset))
        crowd.wait(lambda: len(made) > 40)
    crowd.join()

    assert {*made} <= stored(journal)[f"vertex.datapoint/{name}"].keys()
