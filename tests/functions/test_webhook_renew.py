"""Subscriptions to a hub: asked for when they are new, and again before their leases end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from tests.fakes.edge import ask, load
from tests.fakes.hubs import Hub, serving_hub
from tests.fakes.surroundings import change
from tests.fakes.webhooks import REF, SECRETS, clock, register, turn_back

if TYPE_CHECKING:
    from collections.abc import Iterator

FEED = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
TOPICS = [FEED + "UC0123456789abcdefghijkl", FEED + "UCabcdefghijkl0123456789"]
LATE = "hub.lease_due"


class Desk:
    """The job, and the function that the hub asks back."""

    def __init__(self, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
        self.hub, self._capsys = hub, capsys
        self.main, self._back = load("webhook_renew"), load("webhook_youtube")
        self.main.secret = SECRETS.__getitem__  # type: ignore[attr-defined]
        for module in (self.main, self._back):
            module.clock = clock  # type: ignore[attr-defined]

    def renew(self, *, status: int = 0) -> tuple[list[str], str]:
        """Run the job; returns the topics that the hub was asked for, and what was printed."""
        before = len(self.hub.asked)
        assert self.main.handle(("--hub", self.hub.url)) == status
        printed = self._capsys.readouterr()
        said = printed.err if status else printed.out
        return [form["hub.topic"] for form in self.hub.asked[before:]], said

    def confirm(self, topic: str, seconds: int) -> None:
        """Let the hub confirm a topic by its own word."""
        lease: dict[str, Any] = {"hub.lease_seconds": seconds, "hub.challenge": "word"}
        said = urlencode({"hub.mode": "subscribe", "hub.topic": topic, **lease})
        answer = asyncio.run(ask(self._back.handle, "GET", f"/api/v1/webhooks/youtube?{said}"))
        assert (answer.status, answer.body) == (200, b"word")


@pytest.fixture
def desk(
    connected: connect.Addresses,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    """YouTube is registered with two topics that no hub has confirmed."""
    assert connected.database_url
    change(monkeypatch, {"MEDIA_GATEWAY_ISSUER": "https://media.example"})
    turn_back()
    register("youtube")
    add = text("INSERT INTO webhook_topic (topic, platform, created_at) VALUES (:t, 'youtube', :n)")
    with connect.engine().begin() as connection:
        connection.execute(add, [{"t": topic, "n": clock.now()} for topic in TOPICS])
    with serving_hub() as hub:
        yield Desk(hub, capsys)


def test_new_topics_are_asked_for_with_our_address_and_key(desk: Desk) -> None:
    topics, said = desk.renew()

    assert (topics, orjson.loads(said.splitlines()[-1])) == (TOPICS, {"due": 2})
    form = desk.hub.asked[0]
    assert form["hub.callback"] == "https://media.example/api/v1/webhooks/youtube"
    assert (form["hub.mode"], form["hub.secret"]) == ("subscribe", SECRETS[REF])
    assert (form["hub.verify"], form["hub.lease_seconds"]) == ("async", "432000")


def test_confirmed_topic_is_asked_for_again_at_four_fifths_of_its_lease(desk: Desk) -> None:
    for topic, days in zip(TOPICS, (5, 10), strict=True):
        desk.confirm(topic, days * 86_400)

    assert desk.renew()[0] == []
    clock.advance(timedelta(days=4, seconds=1))
    assert desk.renew()[0] == TOPICS[:1]
    desk.confirm(TOPICS[0], 5 * 86_400)
    assert desk.renew()[0] == []


def test_topic_that_the_hub_does_not_confirm_is_told_of_and_asked_for_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.renew()
    assert caplog.messages == []
    clock.advance(timedelta(hours=2, seconds=1))

    topics, _ = desk.renew()

    assert (topics, caplog.messages) == (TOPICS, [LATE, LATE])


def test_refusal_of_one_topic_stops_no_other_and_fails_the_job(desk: Desk) -> None:
    desk.hub.refuses.add(TOPICS[0])

    topics, said = desk.renew(status=1)

    assert topics == TOPICS
    assert "the hub did not take 1 topics" in said


def test_hub_that_does_not_answer_fails_the_job(desk: Desk) -> None:
    desk.hub.url = "http://127.0.0.1:9/subscribe"

    assert "the hub did not take 2 topics" in desk.renew(status=1)[1]


def test_no_hub_is_told_to_call_an_address_without_tls(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_ISSUER": "http://127.0.0.1:8080"})

    topics, said = desk.renew(status=1)

    assert (topics, "which is not https" in said) == ([], True)
