"""Subscriptions to events, and events pushed to a subscriber over TLS."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect, sealing
from shared.adapters.egress import Egress
from shared.adapters.sealing import Sealer
from shared.catalog.webhooks.signing import verify
from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.errors import UnavailableError
from shared.kernel.events import Event
from shared.runtime import metrics
from shared.runtime.events import TICK
from tests.fakes.edge import Answer, ask, load, pushed
from tests.fakes.subscribers import Subscriber, subscriber
from tests.fakes.tokens import Authority, trusted
from tests.fakes.webhooks import rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/api/v1/webhook-subscriptions"
WORD = "a secret of sixteen"
KEYS = f"{'new-' * 8}\n{'old-' * 8}\n"
OTHER = "0d6c7a0e-9999-4a52-9c0b-5b1f0a4c9f11"


class House:
    """Both functions, with an issuer and a subscriber of their own and a clock that is turned."""

    def __init__(self, authority: Authority, receiver: Subscriber) -> None:
        self.authority, self.receiver = authority, receiver
        self.clock = FixedClock(SystemClock().now())
        self.waited: list[float] = []
        self.subscribe, self.deliver = load("webhook_subscribe"), load("webhook_deliver")
        calling = Egress(allow_loopback=True, trusted=receiver.trusted)
        self.subscribe.egress = calling  # type: ignore[attr-defined]
        self.deliver.Egress = lambda: calling  # type: ignore[attr-defined]
        for module in (self.subscribe, self.deliver):
            module.clock = self.clock  # type: ignore[attr-defined]
        self.deliver.sleep = self._wait  # type: ignore[attr-defined]

    def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    async def ask(self, method: str, said: Any = None, which: str = "", **claims: Any) -> Answer:  # noqa: ANN401 - JSON
        """Ask as a viewer."""
        headers = {"authorization": f"Bearer {self.authority.token(**claims)}"}
        body = b"" if said is None else orjson.dumps(said)
        return await ask(self.subscribe.handle, method, PATH + which, body=body, headers=headers)

    async def wish(self, **changes: Any) -> Answer:  # noqa: ANN401 - any field
        """Subscribe the receiver to changes of availability."""
        types = ["availability.changed"]
        said = {"url": self.receiver.url, "event_types": types, "secret": WORD}
        return await self.ask("POST", {**said, **changes})

    async def tell(self, kind: str = "availability.changed", number: int = 1) -> Event:
        """Let an event happen."""
        data = {"content_ids": ["x"], "run_id": "internal", "platform": "netflix"}
        event = Event(
            event_id=UUID(int=number),
            event_type=kind,
            occurred_at=self.clock.now(),
            correlation_id="test",
            data={} if kind == TICK else data,
        )
        answer = await ask(self.deliver.handle, "POST", "/", body=pushed(event))
        assert answer.status == 204, answer.body
        return event


@pytest.fixture
def house(
    connected: connect.Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """The functions over an empty database."""
    assert connected.database_url
    monkeypatch.setattr(sealing, "secret", lambda _reference: KEYS)
    with trusted(monkeypatch) as authority, subscriber(tmp_path) as receiver:
        sealing.sealer.cache_clear()
        yield House(authority, receiver)
        sealing.sealer.cache_clear()


async def test_a_subscriber_is_pushed_what_it_wants_signed_and_once(house: House) -> None:
    assert (await house.wish()).status == 201
    event = await house.tell()
    await house.tell()
    await house.tell("content.updated", 2)

    ((headers, body),) = house.receiver.taken
    verify(headers, body, secrets=[WORD], now=house.clock.now())
    assert headers["x-webhook-event"] == "availability.changed"
    ((delivery, status),) = rows("SELECT id, status FROM webhook_delivery")
    assert (headers["x-webhook-id"], status) == (str(delivery), "delivered")
    said = orjson.loads(body)
    assert said["event_id"] == str(event.event_id)
    assert said["data"] == {"content_ids": ["x"], "platform": "netflix"}


async def test_a_secret_is_neither_shown_nor_stored_as_it_is(house: House) -> None:
    made = await house.wish()
    listed = await house.ask("GET")

    assert listed.json["items"] == [made.json]
    assert set(made.json) == {
        "id", "url", "event_types", "status", "paused_because", "paused_at", "created_at"
    }  # fmt: skip
    ((sealed,),) = rows("SELECT sealed_secret FROM webhook_subscription")
    assert WORD not in sealed
    assert WORD not in str(rows("SELECT s::text FROM audit.audit_log AS s"))
    changed_over = Sealer(["even-newer-" * 3, *KEYS.split()])
    assert changed_over.open(sealed, place=made.json["id"]) == WORD


def test_what_was_sealed_for_one_place_cannot_be_opened_at_another_or_without_its_key() -> None:
    sealer = Sealer(["k" * 32])
    sealed = sealer.seal(WORD, place="here")

    assert sealer.open(sealed, place="here") == WORD
    for other, place in ((sealer, "there"), (Sealer(["x" * 32]), "here")):
        with pytest.raises(UnavailableError):
            other.open(sealed, place=place)
    with pytest.raises(UnavailableError):
        sealer.open(sealed[:-4] + "AAAA", place="here")
    for keys in ([], ["short"]):
        with pytest.raises(ValueError, match="at least 32"):
            Sealer(keys)


async def test_what_is_not_taken_is_tried_after_5_10_20_and_40_s_then_the_subscription_rests(
    house: House,
) -> None:
    await house.wish()
    house.receiver.status = 500
    start = house.clock.now()
    await house.tell()
    await house.tell("availability.changed", 2)
    moments = [timedelta(0)]
    for _ in range(3):
        await house.tell(TICK, 9)
    moments += [timedelta(seconds=s) for s in _sums(house.waited)]

    assert [m.total_seconds() for m in moments] == [0, 5, 15, 35, 75]
    ((status, because, paused_at),) = rows(
        "SELECT status, paused_because, paused_at FROM webhook_subscription"
    )
    assert (status, because) == ("paused", "answered 500")
    assert paused_at - start == timedelta(seconds=75)
    assert len({headers["x-webhook-id"] for headers, _ in house.receiver.taken}) == 2
    assert len(house.receiver.taken) == 10
    assert rows("SELECT DISTINCT status FROM webhook_delivery") == [("failed",)]
    assert rows("SELECT actor_type, details->>'status' FROM audit.audit_log ORDER BY number")[
        1:
    ] == [("system", "paused")]

    house.receiver.status = 204
    await house.tell("availability.changed", 3)
    assert len(house.receiver.taken) == 10


def _sums(waits: list[float]) -> list[float]:
    return [round(sum(waits[: n + 1]), 3) for n in range(len(waits))]


async def test_what_is_taken_at_last_is_not_sent_again(house: House) -> None:
    metrics.reset()
    await house.wish()
    house.receiver.status = 503
    await house.tell()
    house.receiver.status = 200
    await house.tell(TICK, 9)
    await house.tell(TICK, 9)

    assert len(house.receiver.taken) == 2
    assert rows("SELECT status, attempts FROM webhook_delivery") == [("delivered", 2)]
    shown = metrics.exposition().decode()
    for outcome in ("failed", "delivered"):
        assert f'webhook_deliveries_total{{outcome="{outcome}"}} 1.0' in shown


async def test_nothing_but_2xx_is_taken(house: House) -> None:
    await house.wish()
    house.receiver.headers = {"location": house.receiver.url}
    for number, status in enumerate([301, 304, 307, 404, 410], start=1):
        house.receiver.status = status
        await house.tell("availability.changed", number)

    assert len(house.receiver.taken) == 5
    assert rows("SELECT DISTINCT status, attempts FROM webhook_delivery") == [("waiting", 1)]


async def test_a_try_whose_process_died_is_made_again_when_its_hold_ends(house: House) -> None:
    await house.wish()
    with connect.engine().begin() as connection:
        connection.execute(
            text(
                "INSERT INTO webhook_delivery (id, subscription_id, event_id, event_type, body,"
                " attempts, next_at, created_at) SELECT gen_random_uuid(), id, gen_random_uuid(),"
                " 'content.updated', '{}', 1, :held, :held FROM webhook_subscription"
            ),
            {"held": house.clock.now() + timedelta(seconds=30)},
        )
    await house.tell(TICK, 9)

    assert house.waited == [30.0]
    assert len(house.receiver.taken) == 1


async def test_twenty_deliverers_of_one_event_push_it_once(house: House) -> None:
    await house.wish()
    await asyncio.gather(*(house.tell() for _ in range(20)))

    assert len(house.receiver.taken) == 1


async def test_with_nothing_to_wait_for_a_turn_ends_at_once_and_old_deliveries_go(
    house: House,
) -> None:
    await house.wish()
    await house.tell()
    house.clock.advance(timedelta(hours=25))
    await house.tell(TICK, 9)

    assert house.waited == []
    assert rows("SELECT 1 FROM webhook_delivery") == []


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"url": "http://example.com/hook"}, "url"),
    ({"url": "https://169.254.169.254/latest"}, "url"),
    ({"url": "https://10.0.0.1/hook"}, "url"),
    ({"event_types": []}, "event_types"),
    ({"event_types": ["content.updated", "user.deleted"]}, "event_types.1"),
    ({"secret": "short"}, "secret"),
    ({"owner": OTHER}, "owner"),
]


async def test_a_wish_that_cannot_be_names_its_field(house: House) -> None:
    for changes, field in IMPOSSIBLE:
        answer = await house.wish(**changes)
        named = [one["field"] for one in answer.json["errors"]]
        assert (answer.status, named) == (422, [field])
        assert WORD.encode() not in answer.body

    assert rows("SELECT 1 FROM webhook_subscription") == []


async def test_an_account_has_one_subscription_a_url_and_ten_at_most(house: House) -> None:
    again = [(await house.wish()).status for _ in range(2)]
    others = [await house.wish(url=f"{house.receiver.url}{n}") for n in range(10)]

    assert again == [201, 409]
    assert [answer.status for answer in others] == [201] * 9 + [409]
    assert others[-1].json["code"] == "subscription-limit"


async def test_a_subscription_is_its_accounts_own_and_ends_with_what_waits(house: House) -> None:
    which = "/" + (await house.wish()).json["id"]
    house.receiver.status = 500
    await house.tell()

    strangers = await house.ask("DELETE", which=which, sub=OTHER)
    assert (strangers.status, (await house.ask("GET", sub=OTHER)).json) == (404, {"items": []})
    gone = await house.ask("DELETE", which=which)
    assert (gone.status, gone.body) == (204, b"")
    assert rows("SELECT 1 FROM webhook_delivery") == []
    assert (await house.ask("DELETE", which=which)).status == 404
    assert (await house.ask("DELETE", which="/nonsense")).status == 422


async def test_nobody_subscribes_without_a_token(house: House) -> None:
    assert (await ask(house.subscribe.handle, "POST", PATH, body=b"{}")).status == 401
