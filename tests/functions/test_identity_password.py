"""Passwords that are forgotten or changed, and the sessions that end with them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.fakes.accounts_house import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AccountsHouse,
    code_of,
)
from tests.fakes.identity_house import rows

THIRD = "nine copper kettles"


@pytest.fixture
async def house(accounts: AccountsHouse) -> AccountsHouse:
    """The functions, with one member."""
    await accounts.member()
    return accounts


async def forgotten(house: AccountsHouse) -> str:
    """Return the code of a mail that was asked for."""
    assert (await house.post("password/forgot", email=EMAIL)).status == 202
    return await house.code()


async def reset(house: AccountsHouse, code: str, password: str = OTHER_PASSWORD) -> tuple[int, str]:
    """Choose a password; returns the status and what else is of interest."""
    answer = await house.post("password/reset", token=code, new_password=password)
    said = answer.json
    return answer.status, said.get("code", str(said.get("sessions_revoked")))


@pytest.mark.behavior("attacks:asvs:2.2.3")
@pytest.mark.behavior("attacks:asvs:3.3.3")
async def test_a_reset_ends_every_session_and_tells_the_mailbox(house: AccountsHouse) -> None:
    for device in ("tv", "phone"):
        await house.tokens(device_id=device)
    assert await reset(house, await forgotten(house)) == (200, "2")
    (notice,) = await house.delivered()

    assert notice["Subject"] == "Your password was changed"
    assert rows("SELECT DISTINCT status, revoked_reason FROM token_family") == [
        ("revoked", "password_reset")
    ]
    assert (await house.log_in()).status == 401
    assert (await house.log_in(password=OTHER_PASSWORD)).status == 200


@pytest.mark.behavior("attacks:asvs:2.5.6")
async def test_a_code_is_used_once_and_the_other_codes_with_it(house: AccountsHouse) -> None:
    codes = [await forgotten(house) for _ in range(2)]
    assert await reset(house, codes[1]) == (200, "0")
    for code in codes:
        assert await reset(house, code, THIRD) == (410, "mail-token-spent")


async def test_of_many_who_show_one_code_at_once_one_chooses_the_password(
    house: AccountsHouse,
) -> None:
    code = await forgotten(house)
    words = [f"{n} copper kettles boil" for n in range(8)]
    found = await asyncio.gather(*(reset(house, code, word) for word in words))

    assert sorted(status for status, _ in found) == [200] + [410] * 7
    winner = words[[status for status, _ in found].index(200)]
    assert (await house.log_in(password=winner)).status == 200


@pytest.mark.behavior("attacks:asvs:2.5.6")
async def test_a_code_lasts_an_hour_and_is_no_other_kind_of_code(house: AccountsHouse) -> None:
    code = await forgotten(house)
    assert (await house.post("verify-email", token=code)).status == 400
    house.clock.advance(timedelta(hours=1))
    assert await reset(house, code) == (410, "mail-token-spent")
    assert await reset(house, "x" * 43) == (400, "mail-token-unknown")


async def test_a_password_that_is_not_acceptable_leaves_the_code_good(
    house: AccountsHouse,
) -> None:
    code = await forgotten(house)
    assert await reset(house, code, "password1234") == (422, "invalid-input")
    assert await reset(house, code, "nora@example.com!") == (422, "invalid-input")
    assert await reset(house, code) == (200, "0")


async def test_a_reset_may_keep_the_session_that_asks_if_it_is_the_same_users(
    house: AccountsHouse,
) -> None:
    kept = await house.tokens(device_id="tv")
    await house.tokens(device_id="phone")
    said = {"new_password": OTHER_PASSWORD, "keep_current": True}
    bearer = kept["access_token"]
    answer = await house.post("password/reset", token=await forgotten(house), bearer=bearer, **said)

    assert answer.json == {"sessions_revoked": 1}
    assert rows("SELECT device_id FROM token_family WHERE status = 'active'") == [("tv",)]


async def test_nobody_is_mailed_more_than_three_times_an_hour(house: AccountsHouse) -> None:
    for email in (EMAIL, "nobody@example.com"):
        statuses = [(await house.post("password/forgot", email=email)).status for _ in range(4)]
        assert statuses == [202, 202, 202, 429]
    house.clock.advance(timedelta(hours=1, seconds=1))
    assert (await house.post("password/forgot", email=EMAIL)).status == 202


async def test_an_address_without_an_account_is_mailed_nothing(house: AccountsHouse) -> None:
    await house.post("password/forgot", email="nobody@example.com")
    assert len(house.outgoing.events) == 1
    assert await house.delivered() == []


@pytest.mark.behavior("attacks:asvs:2.1.5")
async def test_who_knows_the_password_changes_it_and_keeps_this_session(
    house: AccountsHouse,
) -> None:
    tv = await house.tokens(device_id="tv")
    await house.tokens(device_id="phone")
    said = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    answer = await house.post("password/change", bearer=tv["access_token"], **said)
    (notice,) = await house.delivered()

    assert (answer.status, answer.json) == (200, {"sessions_revoked": 1})
    assert notice["Subject"] == "Your password was changed"
    assert rows("SELECT device_id FROM token_family WHERE status = 'active'") == [("tv",)]
    assert (await house.log_in(password=OTHER_PASSWORD)).status == 200


@pytest.mark.behavior("attacks:asvs:3.3.3")
async def test_a_change_that_keeps_nothing_ends_its_own_session_too(house: AccountsHouse) -> None:
    tokens = await house.tokens()
    said = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD, "keep_current": False}
    answer = await house.post("password/change", bearer=tokens["access_token"], **said)

    assert answer.json == {"sessions_revoked": 1}
    assert rows("SELECT token_version FROM app_user WHERE password_hash IS NOT NULL") == [(2,)]


@pytest.mark.behavior("attacks:asvs:2.1.6")
async def test_a_stolen_token_does_not_guess_the_password(house: AccountsHouse) -> None:
    bearer = (await house.tokens())["access_token"]
    said = {"current_password": "a wrong password", "new_password": OTHER_PASSWORD}
    answers = [await house.post("password/change", bearer=bearer, **said) for _ in range(6)]

    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert (await house.post("password/change", **said)).status == 401


@pytest.mark.behavior("attacks:asvs:2.5.1")
@pytest.mark.behavior("attacks:asvs:6.1.1")
async def test_the_event_that_asks_for_a_mail_holds_neither_address_nor_code(
    house: AccountsHouse,
) -> None:
    await house.post("password/forgot", email=EMAIL)
    (event,) = house.outgoing.events
    (mail,) = await house.delivered()

    said = event.model_dump_json()
    assert EMAIL not in said
    assert code_of(mail) not in said
    assert rows("SELECT count(*) FROM one_time_token WHERE used_at IS NULL") == [(1,)]
