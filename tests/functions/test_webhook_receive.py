"""POST /api/v1/webhooks/{platform}: every check in its order, and each notice once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.adapters import connect
from shared.adapters.outbox import publish_pending
from shared.adapters.raw_pages import RawFolder
from shared.catalog.webhooks.signing import SIGNATURE, sign
from shared.kernel.errors import UnavailableError
from shared.runtime import metrics
from tests.fakes.edge import Answer, ask, load
from tests.fakes.webhooks import (
    OLDER,
    PATH,
    REF,
    SECRETS,
    clock,
    notice,
    register,
    rows,
    signed,
    turn_back,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.functions.conftest import SentEvents


class Door:
    """The function over a registered platform, as a stranger calls it."""

    def __init__(self, sent: SentEvents) -> None:
        self.main = load("webhook_receive")
        self.main.PubSubPublisher = sent  # type: ignore[attr-defined]
        self.main.secret = SECRETS.__getitem__  # type: ignore[attr-defined]
        self.main.clock = clock  # type: ignore[attr-defined]
        self.sent = sent

    async def post(
        self, body: bytes, headers: Mapping[str, str] | None = None, path: str = PATH
    ) -> Answer:
        """Push a notice, signed now unless its headers are given."""
        given = signed(body) if headers is None else headers
        return await ask(self.main.handle, "POST", path, body=body, headers=given)


@pytest.fixture
def door(connected: connect.Addresses, sent: SentEvents) -> Door:
    """Netflix is registered, nothing was pushed."""
    assert connected.database_url
    turn_back()
    register()
    return Door(sent)


async def test_a_good_notice_is_kept_with_its_event_and_its_body(door: Door) -> None:
    body = notice()
    answer = await door.post(body)

    assert (answer.status, answer.json["status"]) == (200, "accepted")
    ((event_id, kind, listing, status, raw_uri),) = rows(
        "SELECT id, event_type, listing, status, raw_uri FROM webhook_event"
    )
    assert (str(event_id), kind) == (answer.json["event_id"], "content_added")
    assert (listing, status) == ("70131314", "received")
    raw = RawFolder(connect.addresses().raw_dir).read_json(raw_uri)
    assert raw["body"].encode() == body
    (event,) = door.sent.events
    assert (event.event_type, event.data["webhook_event_id"]) == (
        "webhook.received",
        answer.json["event_id"],
    )


async def test_the_same_notice_again_is_a_duplicate_of_the_first(door: Door) -> None:
    first = await door.post(notice(title="Heat", regions=["US", "CA"]))
    again = await door.post(notice(regions=["US", "CA"], title="Heat"))
    other = await door.post(notice(title="Ronin"))

    assert again.json == {"event_id": first.json["event_id"], "status": "duplicate"}
    assert other.json["status"] == "accepted"
    assert len(door.sent.events) == 2


async def test_an_idempotency_key_names_a_notice_whatever_it_says(door: Door) -> None:
    keyed = [
        await door.post(body, {**signed(body), "x-idempotency-key": key})
        for body, key in [(notice(), "a"), (notice(title="Ronin"), "a"), (notice(), "b")]
    ]
    assert [answer.json["status"] for answer in keyed] == ["accepted", "duplicate", "accepted"]


async def test_what_was_added_removed_and_added_again_is_three_notices(door: Door) -> None:
    kinds = ["content_added", "content_removed", "content_added", "content_added"]
    answers = []
    for kind in kinds:
        clock.advance(timedelta(milliseconds=1))
        answers.append((await door.post(notice(kind))).json["status"])
    assert answers == ["accepted", "accepted", "accepted", "duplicate"]


BODY = notice()
GOOD = signed(BODY)
BARE = sign(SECRETS[REF], BODY, timestamp="")
HOUR = timedelta(hours=1)


UNBELIEVED: list[tuple[bytes, Mapping[str, str], str, tuple[int, str]]] = [
    (BODY, GOOD, "/api/v1/webhooks/nosuch", (404, "not-found")),
    (BODY, {}, PATH, (400, "signature-missing")),
    (BODY, {SIGNATURE: GOOD[SIGNATURE]}, PATH, (400, "signature-missing")),
    (BODY, {**GOOD, SIGNATURE: "sha256=zz"}, PATH, (401, "signature-invalid")),
    (BODY, signed(BODY, secret="another"), PATH, (401, "signature-invalid")),  # noqa: S106
    (BODY + b" ", GOOD, PATH, (401, "signature-invalid")),
    (BODY, signed(BODY, age=HOUR), PATH, (401, "signature-invalid")),
    (BODY, signed(BODY, age=-HOUR), PATH, (401, "signature-invalid")),
    (BODY, {SIGNATURE: BARE}, PATH, (400, "signature-missing")),
    (BODY, GOOD, "/api/v1/webhooks/hulu", (401, "signature-invalid")),
    (b"x" * 300_000, signed(b"x" * 300_000), PATH, (413, "too-large")),
    (b"{", signed(b"{"), PATH, (400, "malformed")),
    (b"[]", signed(b"[]"), PATH, (400, "malformed")),
    (b"{}", signed(b"{}"), PATH, (422, "invalid-input")),
]  # fmt: skip


async def test_what_cannot_be_believed_is_refused_and_leaves_nothing(door: Door) -> None:
    for body, headers, path, expected in UNBELIEVED:
        answer = await door.post(body, headers, path)
        assert (answer.status, answer.json["code"]) == expected, headers

    assert rows("SELECT 1 FROM webhook_event") == []
    assert door.sent.events == []


SET_ASIDE = "SELECT consumer, reason, payload FROM rejected_event ORDER BY id"


async def test_what_a_platform_signed_and_nobody_can_read_stays_findable_once(door: Door) -> None:
    lost = notice().replace(b"content_", b"nothing_")
    for body in (b"{", b"{", lost):
        await door.post(body)
    for body, headers, path, (_, code) in UNBELIEVED:
        if code not in {"malformed", "invalid-input"}:
            await door.post(body, headers, path)

    unreadable, unacceptable = rows(SET_ASIDE)
    assert (unreadable[0], bytes(unreadable[2])) == ("webhooks/netflix", b"{")
    assert unreadable[1].startswith("the body is not JSON")
    assert bytes(unacceptable[2]) == lost
    assert "event_type: " in unacceptable[1]


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"platform": "hulu"}, "platform"),
    ({"event_type": "content_lost"}, "event_type"),
    ({"timestamp": "2026-01-01T00:00:00"}, "timestamp"),
    ({"timestamp": "2999-01-01T00:00:00Z"}, "timestamp"),
    ({"payload": {}}, "payload.content_id"),
    ({"payload": {"content_id": "1\n2"}}, "payload.content_id"),
    ({"payload": {"content_id": "1", "regions": ["Nowhere"]}}, "payload.regions.0"),
]


async def test_a_field_that_cannot_be_is_named(door: Door) -> None:
    for changes, field in IMPOSSIBLE:
        answer = await door.post(orjson.dumps({**orjson.loads(notice()), **changes}))
        named = [one["field"] for one in answer.json["errors"]]
        assert (answer.status, named) == (422, [field])


async def test_both_live_secrets_are_good_and_a_retired_one_is_not(
    connected: connect.Addresses, sent: SentEvents
) -> None:
    assert connected.database_url
    turn_back()
    register(previous_secret_ref=OLDER)
    register("hulu")
    door = Door(sent)
    one, two = notice(title="One"), notice(title="Two")
    hulu = one.replace(b'"netflix"', b'"hulu"')
    older = SECRETS[OLDER]

    answers = [
        await door.post(one),
        await door.post(two, signed(two, secret=older)),
        await door.post(hulu, signed(hulu, secret=older), "/api/v1/webhooks/hulu"),
    ]
    assert [answer.status for answer in answers] == [200, 200, 401]


async def test_a_signature_over_the_body_alone_is_good_only_where_it_was_registered(
    connected: connect.Addresses, sent: SentEvents
) -> None:
    assert connected.database_url
    turn_back()
    register(legacy=True)
    door, body = Door(sent), notice()
    bare = {SIGNATURE: sign(SECRETS[REF], body, timestamp="")}

    assert (await door.post(body, bare)).status == 200
    # Who takes the time away from a signed request has no signature over the body alone.
    torn = {SIGNATURE: signed(body)[SIGNATURE]}
    assert (await door.post(body, torn)).status == 401


async def test_the_burst_passes_and_the_next_is_told_when_to_come_again(door: Door) -> None:
    answers = [await door.post(notice(listing=str(n))) for n in range(21)]

    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    clock.advance(timedelta(seconds=0.6))
    assert (await door.post(notice(listing="20"))).status == 200
    assert (await door.post(notice(listing="21"))).status == 429


async def test_twenty_at_once_of_one_notice_make_one_event(door: Door) -> None:
    body = notice()
    answers = await asyncio.gather(*(door.post(body) for _ in range(20)))

    assert sorted(a.json["status"] for a in answers) == ["accepted"] + ["duplicate"] * 19
    assert len({answer.json["event_id"] for answer in answers}) == 1
    assert len(door.sent.events) == 1
    assert rows("SELECT count(*) FROM outbox") == [(1,)]


async def test_a_crash_between_insert_and_publish_loses_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("shared.adapters.sql.webhooks.intake.publish_now", _dies)
        assert (await door.post(notice())).status == 500

    again = await door.post(notice())
    published = await asyncio.to_thread(publish_pending, connect.engine(), door.sent)

    assert again.json["status"] == "duplicate"
    assert (published, len(door.sent.events)) == (1, 1)
    assert door.sent.events[0].data["webhook_event_id"] == again.json["event_id"]


def _dies(*_: object) -> None:
    raise RuntimeError("the process is gone")


async def test_a_crash_before_the_commit_keeps_nothing_and_the_sender_may_come_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(RawFolder, "write_json", _unwritable)
        assert (await door.post(notice())).status == 503

    assert rows("SELECT 1 FROM webhook_event") == rows("SELECT 1 FROM outbox") == []
    assert (await door.post(notice())).json["status"] == "accepted"


def _unwritable(*_: object) -> None:
    raise UnavailableError("the raw folder is full")


async def test_without_pubsub_the_notice_is_taken_all_the_same(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door.sent, "publish", _unpublishable)

    assert (await door.post(notice())).status == 200
    assert rows("SELECT count(*) FROM outbox WHERE published_at IS NULL") == [(1,)]


def _unpublishable(*_: object) -> None:
    raise UnavailableError("pub/sub is down")


async def test_what_became_of_deliveries_is_counted(door: Door) -> None:
    await door.post(notice())
    await door.post(notice())
    await door.post(notice(), {})

    found = rows("SELECT outcome, sum(count) FROM webhook_tally GROUP BY outcome ORDER BY outcome")
    assert found == [("accepted", 1), ("duplicate", 1), ("rejected", 1)]


async def test_what_became_of_notices_is_counted_by_platform(door: Door) -> None:
    metrics.reset()
    for _ in range(2):
        await door.post(notice())
    await door.post(notice(), {})

    shown = metrics.exposition().decode()
    for outcome in ("accepted", "duplicate", "rejected"):
        assert f'webhooks_total{{outcome="{outcome}",platform="netflix"}} 1.0' in shown
