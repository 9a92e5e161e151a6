"""A user's sessions and profile, as they see and change them."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from tests.fakes.accounts_house import EMAIL, OTHER_PASSWORD, AccountsHouse
from tests.fakes.edge import ask, load
from tests.fakes.identity_house import rows

SESSIONS = "/api/v1/auth/sessions"
ME = "/api/v1/users/me"


@pytest.fixture
async def house(accounts: AccountsHouse) -> AccountsHouse:
    """The functions, with one member."""
    await accounts.member()
    return accounts


async def bearer(house: AccountsHouse, **said: Any) -> str:  # noqa: ANN401 - any field
    """Sign in and return the access token."""
    return str((await house.tokens(**said))["access_token"])


async def stranger(house: AccountsHouse) -> str:
    """Return the access token of somebody else."""
    await house.register(email="otto@example.com", password=OTHER_PASSWORD)
    await house.post("verify-email", token=await house.code())
    return await bearer(house, email="otto@example.com", password=OTHER_PASSWORD)


@pytest.mark.behavior("attacks:asvs:3.3.4")
async def test_a_user_sees_where_they_are_signed_in(house: AccountsHouse) -> None:
    await house.tokens(device_id="tv", device_name="Living room")
    phone = await bearer(house, device_id="phone", client_id="mg-web")
    answer = await house.ask("GET", SESSIONS, bearer=phone)

    seen = [(one["device_id"], one["device_name"], one["current"]) for one in answer.json["items"]]
    assert sorted(seen) == [("phone", "", True), ("tv", "Living room", False)]
    assert {one["network"] for one in answer.json["items"]} == {"203.0.113.0/24"}
    assert answer.headers["cache-control"] == "no-store"


async def test_a_user_looks_at_one_session_and_at_no_one_elses(house: AccountsHouse) -> None:
    token = (await house.tokens())["access_token"]
    (line,) = (await house.ask("GET", "/api/v1/auth/sessions", bearer=token)).json["items"]

    one = await house.ask("GET", f"/api/v1/auth/sessions/{line['id']}", bearer=token)
    other = await house.ask(
        "GET", "/api/v1/auth/sessions/00000000-0000-0000-0000-000000000001", bearer=token
    )

    assert (one.status, one.json, one.json["current"]) == (200, line, True)
    assert other.status == 404


@pytest.mark.behavior("oauth2:metadata:challenge")
@pytest.mark.usefixtures("accounts")
async def test_who_shows_no_token_learns_where_to_get_one() -> None:
    for headers in ({}, {"authorization": "Bearer nonsense"}):
        answer = await ask(load("identity_sessions").handle, "GET", SESSIONS, headers=headers)
        assert answer.status == 401
        assert re.search(
            r' resource_metadata="https://[^"]+/.well-known/oauth-protected-resource"$',
            answer.headers["www-authenticate"],
        )


@pytest.mark.behavior("attacks:asvs:3.3.4")
async def test_a_user_ends_a_session_and_no_one_elses(house: AccountsHouse) -> None:
    tv, phone = [await bearer(house, device_id=device) for device in ("tv", "phone")]
    items = (await house.ask("GET", SESSIONS, bearer=phone)).json["items"]
    (which,) = [one["id"] for one in items if not one["current"]]
    other = await stranger(house)

    assert (await house.ask("DELETE", f"{SESSIONS}/{which}", bearer=other)).status == 404
    assert (await house.ask("DELETE", f"{SESSIONS}/{which}", bearer=phone)).status == 204
    assert (await house.ask("DELETE", f"{SESSIONS}/{which}", bearer=phone)).status == 404
    assert rows(f"SELECT status FROM token_family WHERE family_id = '{which}'") == [("revoked",)]  # noqa: S608 - ours
    assert (await house.ask("GET", SESSIONS, bearer=phone)).status == 200
    assert tv != phone


@pytest.mark.behavior("attacks:asvs:3.3.1")
async def test_logging_out_ends_this_session_or_all_of_them(house: AccountsHouse) -> None:
    tokens = [await bearer(house, device_id=f"device-{n}") for n in range(3)]
    other = await stranger(house)
    for said, left in ((None, 3), ({"all_devices": True}, 1)):
        answer = await house.ask("POST", "/auth/logout", said, bearer=tokens.pop())
        assert answer.status == 204
        assert rows("SELECT count(*) FROM token_family WHERE status = 'active'") == [(left,)]

    assert (await house.ask("GET", ME, bearer=other)).status == 200


async def test_a_user_sees_their_account_and_none_of_its_secrets(house: AccountsHouse) -> None:
    answer = await house.ask("GET", ME, bearer=await bearer(house))

    assert answer.status == 200
    assert set(answer.json) == {
        "id", "email", "email_verified", "display_name", "region", "role", "tier", "preferences",
        "avatar_url", "created_at",
    }  # fmt: skip
    assert (answer.json["email"], answer.json["email_verified"]) == (EMAIL, True)


async def test_a_change_is_refused_where_somebody_changed_it_before(house: AccountsHouse) -> None:
    token = await bearer(house)
    first = await house.ask("GET", ME, bearer=token)
    seen = {"if-match": first.headers["etag"]}
    said = {"display_name": "Nora B.", "region": "DE", "preferences": {"subtitles": "en", "a": 1}}
    changed = await house.ask("PATCH", ME, said, bearer=token, headers=seen)
    again = await house.ask("PATCH", ME, {"region": "FR"}, bearer=token, headers=seen)

    assert (changed.status, again.status) == (200, 412)
    assert changed.headers["etag"] != first.headers["etag"]
    assert changed.json == {**first.json, **said}
    new = {"if-match": changed.headers["etag"]}
    more = {"preferences": {"a": None, "b": [2]}}
    last = await house.ask("PATCH", ME, more, bearer=token, headers=new)
    assert last.json["preferences"] == {"subtitles": "en", "b": [2]}


async def test_of_many_changes_of_what_was_read_once_one_is_written(house: AccountsHouse) -> None:
    token = await bearer(house)
    seen = {"if-match": (await house.ask("GET", ME, bearer=token)).headers["etag"]}
    said: list[dict[str, Any]] = [{"display_name": f"Nora {n}"} for n in range(6)]
    answers = await asyncio.gather(
        *(house.ask("PATCH", ME, one, bearer=token, headers=seen) for one in said)
    )

    assert sorted(answer.status for answer in answers) == [200] + [412] * 5


MATCHES = [("*", 200), ("W/", 412), ('"other"', 412), ('"other", ', 200), ("nonsense", 412)]


async def test_a_condition_is_met_by_the_strong_tag_alone(house: AccountsHouse) -> None:
    token, said = await bearer(house), {"region": "FR"}
    for condition, status in MATCHES:
        tag = (await house.ask("GET", ME, bearer=token)).headers["etag"]
        whole = condition + tag if condition in {"W/", '"other", '} else condition
        answer = await house.ask("PATCH", ME, said, bearer=token, headers={"if-match": whole})
        assert (condition, answer.status) == (condition, status)


@pytest.mark.behavior("attacks:account:mass-assignment")
async def test_what_is_not_a_users_to_change_is_refused(house: AccountsHouse) -> None:
    token = await bearer(house)
    for said in (
        {"role": "admin"}, {"tier": "premium"}, {"email": "x@example.com"}, {"id": "1"},
        {"email_verified": True}, {"preferences": {"": 1}}, {"preferences": {"a": ["x", "a\x00b"]}},
        {"preferences": {"\x00": 1}}, {"preferences": {"big": "x" * 9000}},
    ):  # fmt: skip
        assert (await house.ask("PATCH", ME, said, bearer=token)).status == 422
    assert (await house.ask("PATCH", ME, {"region": "FR"})).status == 401
    assert rows("SELECT details FROM audit.audit_log WHERE action = 'PREFERENCE_CHANGE'") == []
