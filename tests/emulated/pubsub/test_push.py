"""Push subscriptions deliver by POST, with a token that can be checked."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.emulated.pubsub.conftest import Lab


pytestmark = pytest.mark.local("listens on this machine alone")


class Receiver:
    """A function that notes what is pushed to it and answers as told."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[tuple[dict[str, str], Any]] = asyncio.Queue()
        self.statuses: list[int] = []
        self.url = ""
        self.at_once = 0
        self.most_at_once = 0

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one push."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        wrapped = request.content_type == "application/json"
        body = await (request.json() if wrapped else request.read())
        self.calls.put_nowait((dict(request.headers), body))
        status = self.statuses.pop(0) if self.statuses else 204
        self.at_once -= 1
        return web.Response(status=status)

    async def next(self) -> tuple[dict[str, str], Any]:
        """Return headers and body of the next push."""
        return await asyncio.wait_for(self.calls.get(), 10)

    async def texts(self, count: int) -> list[str]:
        """Return what the next pushes say."""
        bodies = [(await self.next())[1] for _ in range(count)]
        return [base64.b64decode(body["message"]["data"]).decode() for body in bodies]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.add_routes([web.post("/push", made.handle)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/push"
    yield made
    await runner.cleanup()


@pytest.mark.differs("pushes without a token")
async def test_push_carries_the_message_and_a_token_for_its_audience(
    lab: Lab, receiver: Receiver
) -> None:
    token = {"service_account_email": "push@p.iam.gserviceaccount.com", "audience": "https://me"}
    await lab.setup(push_config={"push_endpoint": receiver.url, "oidc_token": token})

    [ident] = await lab.publish("Heat", year="1995")
    headers, body = await receiver.next()

    bearer = headers["Authorization"].removeprefix("Bearer ")
    claims = lab.emulator.context.signer.verify(bearer, "https://me")
    assert claims["email"] == "push@p.iam.gserviceaccount.com"
    message = body["message"]
    assert (body["subscription"], message["messageId"]) == (lab.subscription, ident)
    assert base64.b64decode(message["data"]) == b"Heat"
    assert message["attributes"] == {"year": "1995"}
    assert message["publishTime"].endswith("Z")
    assert "deliveryAttempt" not in body


@pytest.mark.differs("pushes without a token")
async def test_audience_of_the_token_is_the_endpoint_unless_given(
    lab: Lab, receiver: Receiver
) -> None:
    token = {"service_account_email": "push@p.iam.gserviceaccount.com"}
    await lab.setup(push_config={"push_endpoint": receiver.url, "oidc_token": token})

    await lab.publish("Heat")
    headers, _ = await receiver.next()

    bearer = headers["Authorization"].removeprefix("Bearer ")
    assert lab.emulator.context.signer.verify(bearer, receiver.url)["aud"] == receiver.url


@pytest.mark.ours("turns the clock")
async def test_refused_push_comes_again_and_accepted_push_does_not(
    lab: Lab, receiver: Receiver
) -> None:
    receiver.statuses = [500, 429, 200]
    await lab.setup(push_config={"push_endpoint": receiver.url})

    [ident] = await lab.publish("Heat")
    bodies = [(await receiver.next())[1] for _ in range(3)]
    lab.clock.advance(601)
    await asyncio.sleep(0.05)

    assert [body["message"]["messageId"] for body in bodies] == [ident] * 3
    assert receiver.calls.empty()


async def test_push_keeps_a_key_in_order_through_refusals(lab: Lab, receiver: Receiver) -> None:
    receiver.statuses = [200, 500, 200, 500]
    await lab.setup(push_config={"push_endpoint": receiver.url}, enable_message_ordering=True)

    await lab.publish("1", "2", "3", key="k")

    assert await receiver.texts(5) == ["1", "2", "2", "3", "3"]


async def test_push_has_a_bounded_number_of_requests_under_way(
    lab: Lab, receiver: Receiver
) -> None:
    await lab.setup(push_config={"push_endpoint": receiver.url})

    await lab.publish(*map(str, range(200)))

    assert sorted(map(int, await receiver.texts(200))) == list(range(200))
    assert receiver.most_at_once <= 32


async def test_subscription_switches_to_push_and_back(lab: Lab, receiver: Receiver) -> None:
    await lab.setup()
    change = {"subscription": lab.subscription, "push_config": {"push_endpoint": receiver.url}}

    await lab.publish("pulled later")
    await asyncio.to_thread(lab.subscriber.modify_push_config, request=change)
    pushed = await receiver.texts(1)
    back = {"subscription": lab.subscription, "push_config": {}}
    await asyncio.to_thread(lab.subscriber.modify_push_config, request=back)
    await lab.publish("Ronin")

    assert pushed == ["pulled later"]
    assert [r.message.data for r in await lab.pull()] == [b"Ronin"]
    topic = await asyncio.to_thread(lab.publisher.get_topic, topic=lab.topic)
    assert topic.name == lab.topic


async def test_unwrapped_push_carries_the_data_alone(lab: Lab, receiver: Receiver) -> None:
    await lab.setup(push_config={"push_endpoint": receiver.url, "no_wrapper": {}})

    await lab.publish("Heat", year="1995")
    headers, body = await receiver.next()

    assert body == b"Heat"
    assert not [name for name in headers if name.lower().startswith(("x-goog", "year"))]


@pytest.mark.differs("fails on attributes that are no headers")
async def test_unwrapped_push_writes_metadata_into_headers_when_told(
    lab: Lab, receiver: Receiver
) -> None:
    push = {"push_endpoint": receiver.url, "no_wrapper": {"write_metadata": True}}
    await lab.setup(push_config=push)

    attributes = {"year": "1995", "no name": "x", "lines": "a\r\nb: c", "Host": "x"}
    [ident] = await lab.publish("Heat", key="k", **attributes)
    headers, body = await receiver.next()

    assert body == b"Heat"
    assert headers["x-goog-pubsub-publish-time"].endswith("Z")
    assert headers["x-goog-pubsub-subscription-name"] == lab.subscription
    assert headers["x-goog-pubsub-message-id"] == ident
    assert headers["x-goog-pubsub-ordering-key"] == "k"
    assert headers["year"] == "1995"
    assert "lines" not in headers
    assert headers["Host"] in receiver.url
