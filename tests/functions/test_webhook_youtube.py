"""The subscriber's side of WebSub, as YouTube's hub calls it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from shared.adapters import connect
from tests.fakes.edge import Answer, ask, load
from tests.fakes.webhooks import REF, SECRETS, clock, register, rows, turn_back

if TYPE_CHECKING:
    from tests.functions.conftest import SentEvents

PATH = "/api/v1/webhooks/youtube"
TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl"
ATOM = 'xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
OUT = clock.now() - timedelta(hours=3)


def entry(video: str = "dQw4w9WgXcQ", title: str = "A trailer", *, late: int = 0) -> str:
    at = (OUT + timedelta(seconds=late)).isoformat()
    return (
        f"<entry><id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId>"
        f"<title>{title}</title><published>{OUT.isoformat()}</published><updated>{at}</updated></entry>"
    )


def feed(*entries: str) -> bytes:
    return f"<?xml version='1.0'?><feed {ATOM}><title>t</title>{''.join(entries)}</feed>".encode()


class Hub:
    """The hub, which knows our secret."""

    def __init__(self, sent: SentEvents) -> None:
        self.main = load("webhook_youtube")
        self.main.PubSubPublisher = sent  # type: ignore[attr-defined]
        self.main.secret = SECRETS.__getitem__  # type: ignore[attr-defined]
        self.main.clock = clock  # type: ignore[attr-defined]
        self.sent = sent

    async def push(
        self, body: bytes, *, method: str = "sha1", secret: str = SECRETS[REF]
    ) -> Answer:
        """Push a feed."""
        signature = hmac.new(secret.encode(), body, method).hexdigest()
        headers = {"x-hub-signature": f"{method}={signature}"}
        return await ask(self.main.handle, "POST", PATH, body=body, headers=headers)

    async def asks(self, mode: str, topic: str = TOPIC, **more: str) -> Answer:
        """Ask whether we want a topic."""
        said = {"hub.mode": mode, "hub.topic": topic, **more}
        return await ask(self.main.handle, "GET", f"{PATH}?{urlencode(said)}")


@pytest.fixture
def hub(connected: connect.Addresses, sent: SentEvents) -> Hub:
    """YouTube is registered with one topic."""
    assert connected.database_url
    turn_back()
    register("youtube")
    with connect.engine().begin() as connection:
        connection.execute(
            text("INSERT INTO webhook_topic VALUES (:topic, 'youtube', NULL, NULL, NULL, :at)"),
            {"topic": TOPIC, "at": clock.now()},
        )
    return Hub(sent)


async def test_a_topic_that_is_wanted_is_confirmed_by_the_hubs_own_word(hub: Hub) -> None:
    lease = {"hub.challenge": "<b>word</b>", "hub.lease_seconds": "432000"}
    answer = await hub.asks("subscribe", **lease)

    assert (answer.status, answer.body) == (200, b"<b>word</b>")
    assert answer.headers["content-type"].startswith("text/plain")
    ((seconds, renew_at),) = rows("SELECT lease_seconds, renew_at FROM webhook_topic")
    assert (seconds, renew_at - clock.now()) == (432_000, timedelta(days=4))


UNASKED = [
    ("subscribe", TOPIC + "x", 404),
    ("unsubscribe", TOPIC, 404),
    ("unsubscribe", TOPIC + "x", 200),
    ("denied", TOPIC, 200),
    ("conquer", TOPIC, 422),
    ("subscribe", "", 422),
    ("unsubscribe", f"{TOPIC}\0", 422),
]


async def test_nobody_subscribes_us_to_or_takes_from_us_what_we_did_not_ask_for(hub: Hub) -> None:
    for mode, topic, status in UNASKED:
        answer = await hub.asks(mode, topic, **{"hub.challenge": "word"})
        assert answer.status == status, (mode, topic)

    assert rows("SELECT confirmed_at FROM webhook_topic") == [(None,)]


async def test_each_entry_of_a_feed_is_a_notice_once(hub: Hub) -> None:
    body = feed(entry("aaaaaaaaaaa"), entry("bbbbbbbbbbb", "An &amp; another", late=7200))
    methods = ("sha1", "sha256", "sha384", "sha512")
    answers = [await hub.push(body, method=method) for method in methods]

    assert [(answer.status, answer.body) for answer in answers] == [(204, b"")] * 4
    found = rows("SELECT listing, event_type, platform FROM webhook_event ORDER BY listing")
    assert found == [
        ("aaaaaaaaaaa", "content_added", "youtube"),
        ("bbbbbbbbbbb", "content_updated", "youtube"),
    ]
    assert len(hub.sent.events) == 2


async def test_a_later_change_of_the_same_entry_is_another_notice(hub: Hub) -> None:
    for late in (0, 1):
        assert (await hub.push(feed(entry(late=late)))).status == 204
    assert rows("SELECT count(*) FROM webhook_event") == [(2,)]


async def test_a_deleted_entry_is_a_removal(hub: Hub) -> None:
    gone = (
        '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0"'
        f' ref="yt:video:dQw4w9WgXcQ" when="{OUT.isoformat()}"><link href="x"/></at:deleted-entry>'
    )
    assert (await hub.push(feed(gone))).status == 204
    found = rows("SELECT listing, event_type FROM webhook_event")
    assert found == [("dQw4w9WgXcQ", "content_removed")]


async def test_an_empty_feed_is_taken_and_leaves_nothing(hub: Hub) -> None:
    assert (await hub.push(feed())).status == 204
    assert rows("SELECT 1 FROM webhook_event") == []


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<feed>&b;&b;&b;</feed>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed>&a;</feed>'


NO_FEEDS = [
    (BOMB, 400),
    (OUTSIDE, 400),
    (b"<feed>", 400),
    (b"", 400),
    (b"{}", 400),
    (b"\xff\xfe<feed/>", 400),
    (b"<a>" * 40 + b"</a>" * 40, 400),
    (feed("<entry><title>no video</title></entry>"), 422),
    (feed(entry(late=12_000)), 422),
    (feed(*[entry(f"video{n:06}") for n in range(51)]), 422),
    (feed(entry("x" * 300_000)), 413),
]


async def test_what_is_no_feed_is_refused_and_nothing_is_expanded(hub: Hub) -> None:
    statuses = [(await hub.push(body)).status for body, _ in NO_FEEDS]

    assert statuses == [status for _, status in NO_FEEDS]
    assert rows("SELECT 1 FROM webhook_event") == []
    kept = rows("SELECT consumer, payload FROM rejected_event ORDER BY id")
    signed = [body for body, status in NO_FEEDS if status != 413]
    assert [(who, bytes(body)) for who, body in kept] == [("webhooks/youtube", b) for b in signed]


async def test_a_feed_that_the_hub_did_not_sign_is_refused(hub: Hub) -> None:
    body = feed(entry())
    stranger = await hub.push(body, secret="another")  # noqa: S106 - a wrong one
    unsigned = await ask(hub.main.handle, "POST", PATH, body=body)
    weak = {"x-hub-signature": "md5=" + hashlib.md5(body).hexdigest()}  # noqa: S324 - the point
    foolish = await ask(hub.main.handle, "POST", PATH, body=body, headers=weak)

    assert [answer.status for answer in (stranger, unsigned, foolish)] == [401, 400, 401]
    assert rows("SELECT 1 FROM webhook_event") == []
