"""Keys of users' programs: made, shown once, listed, rotated, revoked, and traded for tokens."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters import connect
from shared.adapters.redis.revocations import SESSION
from shared.identity.api_keys import SHOWN, TEST, has_api_key, is_api_key, new_key
from shared.identity.tokens import digest
from shared.kernel.clock import FixedClock, SystemClock
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity import ADA, BEN
from tests.fakes.identity_house import House, rows

if TYPE_CHECKING:
    from types import ModuleType

PATH = "/api/v1/auth/api-keys"
TRADE = "/api/v1/internal/identity/api-keys/trade"
WISH = {"name": "Home server", "scopes": ["read:watchlist", "write:ratings"]}


class Keys:
    """The function of API keys, and its users."""

    def __init__(self, house: House) -> None:
        self.house, self.clock = house, FixedClock(SystemClock().now())
        self.main: ModuleType = load("identity_api_keys")
        self.main.clock = self.clock  # type: ignore[attr-defined]

    async def ask(self, method: str, path: str, said: object = None, *, user: str = ADA) -> Answer:
        """Ask as a user who has just signed in."""
        token = self.house.start(user=user).access_token
        return await self.shown(method, path, said, token=token)

    async def shown(self, method: str, path: str, said: object, *, token: str) -> Answer:
        """Ask with a token."""
        body = b"" if said is None else orjson.dumps(said)
        headers = {"authorization": f"Bearer {token}"}
        return await ask(self.main.handle, method, path, body=body, headers=headers)

    async def made(self, **changes: object) -> dict[str, Any]:
        """Make a key of Ada's."""
        answer = await self.ask("POST", PATH, WISH | changes)
        assert answer.status == 201, answer.body
        found: dict[str, Any] = answer.json
        return found

    async def trade(self, key: str) -> Answer:
        """Ask as the gateway does."""
        body = orjson.dumps({"digest": digest(key).hex()})
        return await ask(self.main.handle, "POST", TRADE, body=body)


@pytest.fixture
def keys(identity: House) -> Keys:
    """The function, under a clock."""
    return Keys(identity)


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says."""
    payload = token.split(".")[1]
    found: dict[str, Any] = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


@given(st.integers(0, 56), st.sampled_from("0aZ_"))
@settings(max_examples=60)
def test_a_key_with_any_symbol_changed_is_no_key(place: int, symbol: str) -> None:
    key = new_key(TEST)
    changed = key[:place] + symbol + key[place + 1 :]

    assert is_api_key(key)
    assert is_api_key(changed) == (changed == key)


@pytest.mark.behavior("identity:5.10:keys")
@pytest.mark.behavior("attacks:asvs:6.3.1")
def test_a_key_has_256_bits_behind_its_prefix_and_is_found_in_a_text() -> None:
    made = {new_key() for _ in range(200)}

    assert len(made) == 200
    assert {len(key) for key in made} == {len("mg_live_") + 43 + 6}
    assert all(has_api_key(f"/api/v1/search?key={key}&page=2") for key in made)
    assert not has_api_key("/api/v1/search?q=mg_live_show")


@pytest.mark.behavior("identity:5.10:keys")
async def test_a_key_is_shown_once_and_kept_as_its_digest(keys: Keys) -> None:
    made = await keys.made()
    listed = (await keys.ask("GET", PATH)).json["items"]

    assert is_api_key(made["key"])
    assert made["prefix"] == made["key"][:SHOWN]
    assert listed == [{name: value for name, value in made.items() if name != "key"}]
    assert rows("SELECT key_hash FROM api_key") == [(digest(made["key"]),)]
    assert (await keys.ask("GET", f"{PATH}/{made['id']}")).json == listed[0]
    assert rows("SELECT action, actor_id FROM audit.audit_log WHERE action LIKE 'API_KEY%'") == [
        ("API_KEY_CREATE", ADA)
    ]


BAD: list[dict[str, object]] = [
    {"name": ""},
    {"scopes": []},
    {"scopes": ["admin:full"]},
    {"scopes": ["read:everything"]},
    {"expires_in_days": 0},
    {"expires_in_days": 366},
    {"rate_limit_per_minute": 0},
    {"rate_limit_per_minute": 201},
    {"user_id": BEN},
]


async def test_a_key_for_more_than_its_user_may_is_refused(keys: Keys) -> None:
    token = keys.house.start().access_token
    for wrong in BAD:
        answer = await keys.shown("POST", PATH, WISH | wrong, token=token)
        assert (answer.status, answer.json["code"]) == (422, "invalid-input"), wrong
        assert answer.json["errors"][0]["field"].split(".")[0] in wrong
    assert rows("SELECT id FROM api_key") == []


@pytest.mark.behavior("attacks:asvs:3.7.1")
async def test_a_key_is_made_only_by_who_just_proved_to_be_its_user(keys: Keys) -> None:
    made = await keys.made()
    token = keys.house.start().access_token
    keys.clock.advance(timedelta(minutes=6))
    late = [
        await keys.shown("POST", PATH, WISH, token=token),
        await keys.shown("POST", f"{PATH}/{made['id']}/rotate", None, token=token),
    ]

    assert [(one.status, one.json["code"]) for one in late] == [(401, "step-up-needed")] * 2
    assert "max_age=300" in late[0].headers["www-authenticate"]


async def test_a_key_is_made_in_an_application_of_ours_alone(keys: Keys) -> None:
    made = await keys.made()
    token = keys.house.start("mg-tv").access_token
    one = f"{PATH}/{made['id']}"
    for method, path in (("POST", PATH), ("POST", f"{one}/rotate"), ("DELETE", one)):
        answer = await keys.shown(method, path, WISH if path == PATH else None, token=token)
        assert (answer.status, answer.json["code"]) == (403, "application-denied")


async def test_a_user_has_at_most_25_keys_however_many_ask_at_once(keys: Keys) -> None:
    token = keys.house.start().access_token
    answers = await asyncio.gather(
        *(keys.shown("POST", PATH, WISH, token=token) for _ in range(28))
    )

    assert sorted(answer.status for answer in answers) == [201] * 25 + [409] * 3
    assert rows("SELECT count(*) FROM api_key") == [(25,)]


async def test_rotating_makes_no_room_for_more_keys_than_that(keys: Keys) -> None:
    made, token = await keys.made(), keys.house.start().access_token
    latest, statuses = made["id"], []
    for _ in range(25):
        answer = await keys.shown("POST", f"{PATH}/{latest}/rotate", None, token=token)
        statuses.append(answer.status)
        latest = answer.json.get("id", latest)
    at_once = {"overlap_days": 0}
    last = await keys.shown("POST", f"{PATH}/{latest}/rotate", at_once, token=token)

    assert statuses == [201] * 24 + [409]
    assert last.status == 201


async def test_nobody_sees_or_ends_the_key_of_somebody_else(keys: Keys) -> None:
    made = await keys.made()
    which = f"{PATH}/{made['id']}"

    assert (await keys.ask("GET", PATH, user=BEN)).json["items"] == []
    for method, path in (("GET", which), ("DELETE", which), ("POST", f"{which}/rotate")):
        assert (await keys.ask(method, path, user=BEN)).status == 404
    assert (await keys.trade(made["key"])).status == 200


@pytest.mark.behavior("attacks:asvs:3.5.2")
async def test_a_revoked_key_is_dead_and_the_gateway_is_told(keys: Keys) -> None:
    made = await keys.made()
    statuses = [(await keys.ask("DELETE", f"{PATH}/{made['id']}")).status for _ in range(2)]

    assert statuses == [204, 404]
    assert (await keys.trade(made["key"])).status == 404
    assert connect.redis().exists(SESSION + made["id"]) == 1
    assert (await keys.ask("GET", PATH)).json["items"] == []


@pytest.mark.behavior("attacks:asvs:3.5.2")
async def test_a_key_is_traded_for_a_short_token_of_its_user(keys: Keys) -> None:
    made = await keys.made(rate_limit_per_minute=90)
    traded = (await keys.trade(made["key"])).json
    said = claims_of(traded["access_token"])

    assert (traded["key_id"], traded["rate_limit_per_minute"]) == (made["id"], 90)
    assert said["exp"] - said["iat"] == traded["expires_in"] == 180
    assert (said["sub"], said["sid"], said["client_id"]) == (
        ADA, made["id"], f"api-key:{made['id']}",
    )  # fmt: skip
    assert said["scope"] == "read:watchlist write:ratings"
    assert not {"auth_time", "amr"} & said.keys()


async def test_no_key_does_what_is_its_users_own_to_do(keys: Keys) -> None:
    traded = (await keys.trade((await keys.made())["key"])).json["access_token"]
    made = await keys.shown("POST", PATH, WISH, token=traded)
    headers = {"authorization": f"Bearer {traded}"}
    body = orjson.dumps({"user_code": "ABCD2345", "decision": "approve"})
    device = await ask(
        keys.house.devices.handle, "POST", "/auth/device/approve", body=body, headers=headers
    )

    for answer in (made, device):
        assert (answer.status, answer.json["code"]) == (403, "not-covered")


CLOSED = ["status = 'suspended'", "status = 'pending_deletion'", "deleted_at = now()"]


@pytest.mark.parametrize("change", CLOSED)
async def test_a_key_of_a_closed_account_gives_nothing(keys: Keys, change: str) -> None:
    made = await keys.made()
    with connect.engine().begin() as connection:
        connection.exec_driver_sql(f"UPDATE app_user SET {change}")  # noqa: S608 - ours

    assert (await keys.trade(made["key"])).status == 404


async def test_a_key_ends_with_its_time_and_its_token_before_it(keys: Keys) -> None:
    made = await keys.made(expires_in_days=1)
    keys.clock.advance(timedelta(days=1, seconds=-30))
    assert (await keys.trade(made["key"])).json["expires_in"] == 30
    keys.clock.advance(timedelta(seconds=30))
    assert (await keys.trade(made["key"])).status == 404


@pytest.mark.behavior("identity:5.10:keys")
async def test_use_is_noted_once_a_minute(keys: Keys) -> None:
    key = (await keys.made())["key"]
    seen = []
    for seconds in (0, 59, 1):
        keys.clock.advance(timedelta(seconds=seconds))
        assert (await keys.trade(key)).status == 200
        seen += rows("SELECT last_used_at FROM api_key")

    assert seen[0] == seen[1]
    assert seen[2][0] - seen[0][0] == timedelta(minutes=1)


@pytest.mark.behavior("identity:5.10:keys")
async def test_a_replaced_key_goes_on_for_the_overlap(keys: Keys) -> None:
    made = await keys.made()
    answer = await keys.ask("POST", f"{PATH}/{made['id']}/rotate", {"overlap_days": 7})
    kept = ("name", "scopes", "rate_limit_per_minute")

    assert answer.status == 201
    assert [answer.json[name] for name in kept] == [made[name] for name in kept]
    keys.clock.advance(timedelta(days=7, seconds=-1))
    assert (await keys.trade(made["key"])).status == 200
    keys.clock.advance(timedelta(seconds=1))
    assert (await keys.trade(made["key"])).status == 404
    assert (await keys.trade(answer.json["key"])).status == 200


async def test_a_key_replaced_without_overlap_is_dead_at_once(keys: Keys) -> None:
    made = await keys.made()
    answer = await keys.ask("POST", f"{PATH}/{made['id']}/rotate", {"overlap_days": 0})

    assert answer.status == 201
    assert (await keys.trade(made["key"])).status == 404
    assert connect.redis().exists(SESSION + made["id"]) == 1


async def test_of_many_rotations_of_one_key_one_wins(keys: Keys) -> None:
    made = await keys.made()
    token = keys.house.start().access_token
    path = f"{PATH}/{made['id']}/rotate"
    answers = await asyncio.gather(*(keys.shown("POST", path, None, token=token) for _ in range(6)))

    assert sorted(answer.status for answer in answers) == [201] + [409] * 5
    assert rows("SELECT count(*) FROM api_key") == [(2,)]
