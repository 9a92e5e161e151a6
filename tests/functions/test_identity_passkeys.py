"""Passkeys of devices with real keys, some of which answer as they should not."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from shared.adapters import connect
from shared.identity.factors_challenges import LIFE
from shared.identity.passkeys import MOST
from shared.runtime.viewer import authorize
from tests.fakes.authenticator import Authenticator
from tests.fakes.factors_house import FactorsHouse
from tests.fakes.identity_house import ISSUER, rows

if TYPE_CHECKING:
    from tests.fakes.accounts_house import AccountsHouse
    from tests.fakes.edge import Answer

OTTO = "otto@example.com"


@pytest.fixture
async def house(accounts: AccountsHouse) -> FactorsHouse:
    """The functions, with one member who has a password."""
    await accounts.member()
    return FactorsHouse(accounts)


async def methods_of(answer: Answer) -> tuple[str, ...]:
    """Return how the user of a new session proved who they are."""
    assert answer.status == 200, answer.body
    headers = {"authorization": f"Bearer {answer.json['access_token']}"}
    return (await authorize("user", [], headers)).methods


async def refused(house: FactorsHouse, shown: dict[str, Any]) -> None:
    """Sign in with what a device gave; nobody is let in, whatever is wrong with it."""
    answer = await house.post("passkeys/authenticate/finish", credential=shown)
    assert (answer.status, answer.json["code"]) == (401, "factor-wrong")
    assert rows("SELECT count(*) FROM token_family WHERE methods <> '{pwd}'") == [(0,)]


async def otto(house: FactorsHouse) -> str:
    """Return an access token of another member."""
    await house.accounts.delivered()
    await house.accounts.register(email=OTTO)
    await house.accounts.post("verify-email", token=await house.accounts.code())
    return await house.signed_in(email=OTTO)


@pytest.mark.behavior("attacks:asvs:2.3.2")
async def test_a_passkey_alone_opens_a_session_without_a_name_or_a_password(
    house: FactorsHouse,
) -> None:
    device = await house.registered(await house.signed_in())
    options = await house.asked("authenticate")
    assert (options["allowCredentials"], options["userVerification"]) == ([], "required")
    assert options["rpId"] == "issuer.example"

    shown = device.get(options)
    answer = await house.post("passkeys/authenticate/finish", credential=shown)
    assert await methods_of(answer) == ("hwk", "user", "mfa")
    assert set(answer.json) == {
        "access_token", "refresh_token", "token_type", "expires_in", "scope"
    }  # fmt: skip


async def test_a_key_that_devices_share_is_not_called_hardware(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in(), Authenticator(ISSUER, synced=True))
    assert await methods_of(await house.shown(device)) == ("swk", "user", "mfa")


async def test_a_passkey_is_asked_for_after_a_password(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in())
    token = await house.waiting()
    device.verifies = False

    answer = await house.shown(device, mfa_token=token)
    assert await methods_of(answer) == ("pwd", "hwk", "user", "mfa")
    again = await house.post("passkeys/authenticate/begin", mfa_token=token)
    assert (again.status, again.json["code"]) == (401, "mfa-token-invalid")


async def test_a_token_of_the_first_step_is_shown_ten_times(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in())
    token = await house.waiting()
    found = [await house.asked("authenticate", mfa_token=token) for _ in range(10)]
    shown = device.get(found[-1])

    answer = await house.post("passkeys/authenticate/finish", mfa_token=token, credential=shown)
    assert (answer.status, answer.json["code"]) == (401, "mfa-token-invalid")


async def test_a_second_step_takes_no_passkey_of_somebody_else(house: FactorsHouse) -> None:
    await house.registered(await house.signed_in())
    theirs = await house.registered(await otto(house))
    token = await house.waiting()

    answer = await house.shown(theirs, mfa_token=token)
    assert (answer.status, answer.json["code"]) == (401, "factor-wrong")


async def test_the_first_passkey_comes_with_backup_codes_and_the_second_with_none(
    house: FactorsHouse,
) -> None:
    bearer = await house.signed_in()
    told = []
    for _ in range(2):
        options = await house.asked("register", bearer=bearer)
        device = Authenticator(ISSUER)
        shown = device.create(options)
        answer = await house.post("passkeys/register/finish", bearer=bearer, credential=shown)
        told.append((answer.status, len(answer.json["backup_codes"])))
        bearer = await house.stepped_up(
            bearer, passkey=device.get(await house.asked("authenticate", bearer=bearer))
        )

    assert told == [(201, 10), (201, 0)]
    assert rows("SELECT count(*) FROM mfa_backup_code") == [(10,)]


ODD: list[tuple[str, Any]] = [
    ("origin", "https://issuer.example.evil"),
    ("origin", "https://elsewhere.issuer.example"),
    ("host", "elsewhere.example"),
    ("framed", True),
    ("verifies", False),
]


async def test_a_device_that_answers_for_another_place_or_knows_no_user_is_refused(
    house: FactorsHouse,
) -> None:
    bearer = await house.signed_in()
    for name, value in ODD:
        odd = replace(Authenticator(ISSUER), **{name: value})
        shown = odd.create(await house.asked("register", bearer=bearer))
        answer = await house.post("passkeys/register/finish", bearer=bearer, credential=shown)
        assert (answer.status, answer.json["code"]) == (401, "factor-wrong")

    device = await house.registered(bearer)
    for name, value in ODD:
        odd = replace(device, **{name: value})
        await refused(house, odd.get(await house.asked("authenticate")))


@pytest.mark.behavior("attacks:asvs:2.9.2")
async def test_a_challenge_is_answered_once_and_in_time(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in())
    options = await house.asked("authenticate")
    assert (
        await house.post("passkeys/authenticate/finish", credential=device.get(options))
    ).status == 200
    again = await house.post("passkeys/authenticate/finish", credential=device.get(options))
    assert again.status == 401

    late = await house.asked("authenticate")
    house.accounts.clock.advance(LIFE)
    answer = await house.post("passkeys/authenticate/finish", credential=device.get(late))
    assert answer.status == 401


async def test_a_challenge_is_good_for_what_it_was_made_for(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    device = await house.registered(bearer)
    own = await house.asked("authenticate", bearer=bearer)
    await refused(house, device.get(own))
    other = await house.asked("register", bearer=await otto(house))
    await refused(house, device.get(await house.asked("authenticate"), other["challenge"]))
    await refused(house, device.get(await house.asked("authenticate"), "bm9ib2R5J3M"))


async def test_a_key_that_signs_for_another_key_or_another_user_is_refused(
    house: FactorsHouse,
) -> None:
    device = await house.registered(await house.signed_in())
    thief = Authenticator(ISSUER, credential_id=device.credential_id, count=7)
    thief.user_handle = device.user_handle
    await refused(house, thief.get(await house.asked("authenticate")))
    for handle in (b"", bytes(16)):
        await refused(house, device.get(await house.asked("authenticate"), handle=handle))
    stranger = Authenticator(ISSUER, user_handle=device.user_handle)
    await refused(house, stranger.get(await house.asked("authenticate")))


async def test_a_count_that_does_not_rise_is_refused_and_told_of(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in(), Authenticator(ISSUER, count=5))
    for count in (4, 3):
        device.count = count
        await refused(house, device.get(await house.asked("authenticate")))

    said = rows("SELECT DISTINCT action FROM audit.audit_log WHERE outcome = 'denied'")
    assert said == [("MFA_PASSKEY_CLONED",)]
    device.count = 5
    assert (await house.shown(device)).status == 200


async def test_two_copies_that_tell_one_count_at_once_are_one_that_gets_in(
    house: FactorsHouse,
) -> None:
    device = await house.registered(await house.signed_in())
    shown = []
    for _ in range(4):
        device.count = 8
        shown.append(device.get(await house.asked("authenticate")))

    answers = await asyncio.gather(
        *(house.post("passkeys/authenticate/finish", credential=each) for each in shown)
    )
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_a_device_that_counts_nothing_gets_in_each_time(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in(), Authenticator(ISSUER, count=None))
    assert [(await house.shown(device)).status for _ in range(2)] == [200, 200]


async def test_a_user_has_twenty_passkeys_at_most_and_none_twice(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    device = await house.registered(bearer)
    bearer = await house.stepped_up(
        bearer, passkey=device.get(await house.asked("authenticate", bearer=bearer))
    )
    options = await house.asked("register", bearer=bearer)
    assert len(options["excludeCredentials"]) == 1
    twice = await house.post(
        "passkeys/register/finish", bearer=bearer, credential=device.create(options)
    )
    assert (twice.status, twice.json["code"]) == (409, "passkey-exists")
    options = await house.asked("register", bearer=bearer)
    for _ in range(MOST - 1):
        await house.registered(bearer)

    assert (await house.post("passkeys/register/begin", bearer=bearer)).json["code"] == (
        "passkey-limit"
    )
    shown = Authenticator(ISSUER).create(options)
    late = await house.post("passkeys/register/finish", bearer=bearer, credential=shown)
    assert (late.status, late.json["code"]) == (409, "passkey-limit")


async def test_a_passkey_is_named_shown_and_taken_off_by_its_own_user(house: FactorsHouse) -> None:
    bearer, other = await house.signed_in(), await otto(house)
    device = await house.registered(bearer)
    (kept,) = (await house.ask("GET", "passkeys", bearer=bearer)).json["items"]
    assert (kept["name"], kept["transports"]) == ("Passkey", ["hybrid", "internal"])
    path = f"passkeys/{kept['id']}"
    for method, said in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert (await house.ask(method, path, said, bearer=other)).status == 404

    named = await house.ask("PATCH", path, {"name": " Kitchen  laptop "}, bearer=bearer)
    assert named.json["name"] == "Kitchen laptop"
    weak = await house.ask("DELETE", path, bearer=bearer)
    assert (weak.status, weak.json["code"]) == (401, "step-up-needed")
    fresh = await house.stepped_up(
        bearer, passkey=device.get(await house.asked("authenticate", bearer=bearer))
    )
    assert (await house.ask("DELETE", path, bearer=fresh)).status == 204
    assert rows("SELECT 1 FROM passkey UNION ALL SELECT 1 FROM mfa_backup_code") == []
    assert (await house.shown(device)).status == 401


async def test_a_suspended_account_is_not_opened_by_a_passkey(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in())
    with connect.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE app_user SET status = 'suspended'")
    assert (await house.shown(device)).json["code"] == "account-suspended"


BROKEN: list[dict[str, Any]] = [
    {},
    {"id": "x", "rawId": "x", "type": "public-key", "response": []},
    {"id": "x", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "e30"}},
    {"id": 1, "rawId": 2, "type": 3, "response": {"clientDataJSON": "bnVsbA"}},
    {"id": "AA", "rawId": "AA", "response": {"clientDataJSON": "//", "userHandle": 7}},
]


async def test_what_cannot_be_read_is_refused(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    for shown in BROKEN:
        for path, token in (("authenticate/finish", ""), ("register/finish", bearer)):
            answer = await house.post(f"passkeys/{path}", bearer=token, credential=shown)
            assert (answer.status, answer.json["code"]) == (401, "factor-wrong")


async def test_a_device_whose_answer_was_cut_or_changed_is_refused(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in())
    for name in ("authenticatorData", "signature"):
        for change in (lambda text: text[:-8], lambda text: "AAAA" + text[4:], lambda _text: ""):
            shown = device.get(await house.asked("authenticate"))
            shown["response"][name] = change(shown["response"][name])
            await refused(house, shown)


async def test_no_attestation_of_a_stranger_is_a_fault_of_ours(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    statements: list[tuple[str, dict[str, Any]]] = [
        ("packed", {"alg": -7, "sig": b"no signature"}),
        ("packed", {"alg": -7, "sig": b"none", "x5c": [b"no certificate"]}),
        ("fido-u2f", {"sig": b"none", "x5c": [b"no certificate"]}),
        ("tpm", {"ver": "2.0"}),
        ("none", {"sig": b"one all the same"}),
        ("of nobody", {}),
    ]
    for kind, said in statements:
        device = Authenticator(ISSUER, attestation=(kind, said))
        shown = device.create(await house.asked("register", bearer=bearer))
        answer = await house.post("passkeys/register/finish", bearer=bearer, credential=shown)
        assert (kind, answer.status, answer.json["code"]) == (kind, 401, "factor-wrong")
    assert rows("SELECT 1 FROM passkey") == []


async def test_what_is_nested_too_deep_is_refused(house: FactorsHouse) -> None:
    device = await house.registered(await house.signed_in())
    shown = device.get(options := await house.asked("authenticate"))
    deep = '{"x":' * 1000 + "0" + "}" * 1000
    client = f'{{"challenge":"{options["challenge"]}","type":"webauthn.get","x":{deep}}}'
    shown["response"]["clientDataJSON"] = urlsafe_b64encode(client.encode()).decode()
    await refused(house, shown)
