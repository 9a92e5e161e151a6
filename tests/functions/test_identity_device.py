"""Devices that ask to be let in, from their first request to their tokens."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from shared.adapters import connect, qr
from shared.identity.device import LIFE, normalized
from shared.kernel.clock import FixedClock, SystemClock
from shared.runtime import issuing
from shared.runtime.viewer import authorize
from tests.fakes.identity import ADA, BEN
from tests.fakes.identity_house import DEVICE_GRANT, ISSUER, House, rows

if TYPE_CHECKING:
    from shared.identity.sessions import TokenSet
    from tests.fakes.edge import Answer

SECOND = timedelta(seconds=1)
APPROVE = "/auth/device/approve"


class Room:
    """A television that waits, its user's telephone, and a clock that is turned."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house, self.clock = house, FixedClock(SystemClock().now())
        self.phone = house.start()
        monkeypatch.setattr(issuing, "SystemClock", lambda: self.clock)
        issuing.reset()
        for module in (house.devices, house.tokens):
            module.clock = self.clock  # type: ignore[attr-defined]
        house.forget()

    async def begin(self, **more: str) -> Any:  # noqa: ANN401 - JSON
        """Let the television ask, as the gateway passes it on."""
        where = {"x-client-network": "203.0.113.9"}
        answer = await self.house.post("/auth/device", where, client_id="mg-tv", **more)
        assert answer.status == 200, answer.body
        return answer.json

    async def poll(self, code: str, client_id: str = "mg-tv") -> Answer:
        """Ask whether it was let in."""
        given = {"grant_type": DEVICE_GRANT, "device_code": code, "client_id": client_id}
        return await self.house.post("/auth/token", **given)

    async def decide(
        self, code: str, decision: str = "approve", by: TokenSet | None = None, **more: object
    ) -> Answer:
        """Decide on the telephone."""
        said = {"user_code": code, "decision": decision, **more}
        return await self.house.as_user("POST", APPROVE, said, tokens=by or self.phone)

    async def show(self, code: str) -> Answer:
        """Look on the telephone at what asks."""
        path = f"/auth/device/verify?user_code={code}"
        return await self.house.as_user("GET", path, tokens=self.phone)


@pytest.fixture
def room(identity: House, monkeypatch: pytest.MonkeyPatch) -> Room:
    """The functions over an empty database."""
    return Room(identity, monkeypatch)


def error(answer: Answer) -> str:
    """Return the error of a token endpoint's refusal."""
    assert answer.status == 400, answer.body
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.json["error"])


@pytest.mark.behavior("attacks:device:trust")
@pytest.mark.behavior("oauth2:device:response")
@pytest.mark.behavior("oauth2:device:pending")
@pytest.mark.behavior("oauth2:device:tokens")
@pytest.mark.behavior("oauth2:device:single-use")
async def test_a_television_is_let_in_by_a_telephone_and_gets_its_tokens_once(room: Room) -> None:
    begun = await room.begin(device_name="Living room", scope="read:watchlist write:progress")
    assert (begun["expires_in"], begun["interval"]) == (900, 5)
    assert begun["verification_uri"] == f"{ISSUER}/auth/device/enter"
    assert begun["verification_uri_complete"].endswith(f"?user_code={begun['user_code']}")
    assert begun["verification_qr"] == qr.svg(begun["verification_uri_complete"])
    assert error(await room.poll(begun["device_code"])) == "authorization_pending"

    shown = (await room.show(begun["user_code"])).json
    assert (shown["client_name"], shown["device_name"]) == ("Television", "Living room")
    assert shown["network"] == "203.0.113.0/24"
    assert shown["scopes"] == ["read:watchlist", "write:progress"]
    assert (await room.decide(begun["user_code"])).status == 204

    answer = await room.poll(begun["device_code"])
    assert answer.json["scope"] == "read:watchlist write:progress"
    headers = {"authorization": f"Bearer {answer.json['access_token']}"}
    who = await authorize("user", ["write:progress"], headers)
    assert (who.sub, who.client_id, who.methods) == (ADA, "mg-tv", ("pwd",))
    assert error(await room.poll(begun["device_code"])) == "invalid_grant"
    kept = rows("SELECT device_name, network FROM token_family WHERE client_id = 'mg-tv'")
    assert kept == [("Living room", "203.0.113.0/24")]


@pytest.mark.behavior("oauth2:device:denied")
async def test_a_television_that_is_not_let_in_is_told_so(room: Room) -> None:
    begun = await room.begin()
    assert (await room.decide(begun["user_code"], "deny")).status == 204

    assert error(await room.poll(begun["device_code"])) == "access_denied"
    assert rows("SELECT 1 FROM token_family WHERE client_id = 'mg-tv'") == []


@pytest.mark.behavior("identity:5.2:pace")
@pytest.mark.behavior("oauth2:device:slow-down")
async def test_who_asks_too_soon_has_to_ask_five_seconds_more_seldom_from_then_on(
    room: Room,
) -> None:
    code = (await room.begin())["device_code"]
    said = []
    for rest in (0, 5, 4, 10, 9.9, 9, 15, 15):
        room.clock.advance(timedelta(seconds=rest))
        said.append(error(await room.poll(code)))

    pending, slow = "authorization_pending", "slow_down"
    assert said == [pending, pending, slow, pending, pending, slow, pending, pending]


@pytest.mark.behavior("identity:5.2:pace")
@pytest.mark.behavior("oauth2:device:twelve-polls-a-minute")
async def test_twelve_polls_a_minute_are_as_they_should_be(room: Room) -> None:
    code = (await room.begin())["device_code"]
    for _ in range(24):
        assert error(await room.poll(code)) == "authorization_pending"
        room.clock.advance(5 * SECOND)


@pytest.mark.behavior("attacks:device:phishing")
@pytest.mark.behavior("oauth2:device:expired")
async def test_a_code_is_good_for_fifteen_minutes_even_one_that_was_approved(room: Room) -> None:
    approved, waiting = await room.begin(), await room.begin()
    room.clock.advance(LIFE - SECOND)
    assert (await room.decide(approved["user_code"])).status == 204
    room.clock.advance(SECOND)

    for begun in (approved, waiting):
        assert error(await room.poll(begun["device_code"])) == "expired_token"
    late = await room.decide(waiting["user_code"])
    assert (late.status, late.json["code"]) == (410, "device-code-expired")
    assert (await room.show(waiting["user_code"])).status == 410


@pytest.mark.behavior("attacks:device:device-code-guessing")
@pytest.mark.behavior("attacks:device:spying")
@pytest.mark.behavior("oauth2:device:bound-to-client")
async def test_a_code_is_its_own_devices(room: Room) -> None:
    begun = await room.begin()
    await room.decide(begun["user_code"])

    assert error(await room.poll(begun["device_code"], "mg-web")) == "unauthorized_client"
    assert error(await room.poll("x" * 43)) == "invalid_grant"
    assert error(await room.poll("")) == "invalid_request"
    assert (await room.poll(begun["device_code"])).status == 200


@pytest.mark.behavior("attacks:device:client")
@pytest.mark.behavior("oauth2:device:refused-start")
async def test_who_may_not_ask_gets_no_code(room: Room) -> None:
    asked: list[dict[str, str]] = [
        {"client_id": "mg-web"},
        {"client_id": "nobody"},
        {},
        {"client_id": "mg-tv", "scope": "admin:full"},
        {"client_id": "mg-tv", "scope": "read:everything"},
    ]
    answers = [await room.house.post("/auth/device", **form) for form in asked]

    assert [(a.status, a.json["error"]) for a in answers] == [
        (400, "unauthorized_client"),
        (401, "invalid_client"),
        (401, "invalid_client"),
        (400, "invalid_scope"),
        (400, "invalid_scope"),
    ]


@pytest.mark.behavior("identity:5.2:codes")
async def test_a_code_is_found_however_it_is_typed(room: Room) -> None:
    code = (await room.begin())["user_code"]
    plain = normalized(code)

    for typed in (
        code.lower(),
        plain,
        f" {plain[:2]}-{plain[2:]} ",
        f"{plain[:4]}\u2013{plain[4:]}",
    ):
        answer = await room.show(quote(typed))
        assert answer.status == 200, typed


@pytest.mark.behavior("attacks:device:user-code-guessing")
@pytest.mark.behavior("oauth2:device:user-code-guesses")
async def test_after_five_wrong_codes_a_user_waits_and_others_do_not(room: Room) -> None:
    code = (await room.begin())["user_code"]
    wrong = [(await room.decide(guess)).status for guess in ("AAAA-AAAA", "short", "ÄÖÜ", "B" * 8)]
    assert wrong == [404] * 4
    assert (await room.show(code)).status == 200
    assert (await room.show("CCCC-CCCC")).status == 404

    refused = await room.show(code)
    assert (refused.status, (await room.decide(code)).status) == (429, 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 900
    issuing.reset()
    other = room.house.start(user=BEN)
    assert (await room.decide(code, by=other)).status == 204


@pytest.mark.behavior("identity:5.2:once")
@pytest.mark.behavior("oauth2:device:scopes-within-request")
async def test_a_user_grants_what_was_asked_for_or_less(room: Room) -> None:
    begun = await room.begin(scope="read:watchlist write:progress")
    more = await room.decide(begun["user_code"], scopes=["read:watchlist", "admin:full"])
    none: list[str] = []
    nothing = await room.decide(begun["user_code"], scopes=none)
    assert (more.status, nothing.status) == (422, 422)

    assert (await room.decide(begun["user_code"], scopes=["write:progress"])).status == 204
    assert (await room.poll(begun["device_code"])).json["scope"] == "write:progress"


async def test_a_decision_is_made_once_and_noted(room: Room) -> None:
    code = (await room.begin())["user_code"]
    statuses = [(await room.decide(code, d)).status for d in ("deny", "approve", "deny")]

    assert statuses == [204, 409, 409]
    assert (await room.show(code)).status == 409


@pytest.mark.behavior("identity:5.2:once")
@pytest.mark.behavior("oauth2:device:one-winner")
async def test_of_twenty_polls_of_an_approved_code_one_gets_tokens(room: Room) -> None:
    begun = await room.begin()
    await room.decide(begun["user_code"])
    answers = await asyncio.gather(*(room.poll(begun["device_code"]) for _ in range(20)))

    assert sorted(a.status for a in answers) == [200] + [400] * 19
    assert len(rows("SELECT 1 FROM token_family WHERE client_id = 'mg-tv'")) == 1


@pytest.mark.behavior("attacks:device:phishing")
async def test_nobody_decides_without_being_signed_in(room: Room) -> None:
    code = (await room.begin())["user_code"]
    for headers in ({}, {"authorization": "Bearer x"}):
        form = {"user_code": code, "decision": "approve"}
        answer = await room.house.post(APPROVE, headers, **form)
        assert answer.status == 401


@pytest.mark.behavior("attacks:device:device-code-guessing")
async def test_no_code_stands_in_redis_as_the_device_has_it(room: Room) -> None:
    begun = await room.begin()
    redis = connect.redis()
    kept = [key for key in redis.scan_iter("auth:*")]  # noqa: C416 - a list of them
    said = [redis.hgetall(key) for key in redis.scan_iter("auth:device:*")]

    assert begun["device_code"] not in str(kept) + str(said)
    assert all(redis.pttl(key) > 0 for key in kept)
