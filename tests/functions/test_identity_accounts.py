"""Registering, verifying and signing in, over a real database, a real Redis and a mailbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.adapters import connect
from shared.runtime.viewer import authorize
from tests.fakes.accounts_house import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AccountsHouse,
    CountingHasher,
    code_of,
)
from tests.fakes.identity_house import rows
from tests.fakes.surroundings import change

NOBODY = "nobody@example.com"


async def test_who_registers_and_verifies_the_address_signs_in(accounts: AccountsHouse) -> None:
    assert (await accounts.register()).status == 202
    (mail,) = await accounts.delivered()
    assert (mail["To"], mail["Subject"]) == (EMAIL, "Verify your mail address")
    assert (await accounts.post("verify-email", token=code_of(mail))).status == 204
    tokens = await accounts.tokens()

    assert set(tokens) == {
        "access_token", "refresh_token", "token_type", "expires_in", "scope"
    }  # fmt: skip
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    who = await authorize("user", ["read:content"], headers)
    kept = rows("SELECT family_id, email, methods FROM token_family JOIN app_user ON id = user_id")
    assert [(str(family), *rest) for family, *rest in kept] == [(who.session, EMAIL, ["pwd"])]
    assert who.methods == ("pwd",)


@pytest.mark.behavior("attacks:account:enumeration-by-answer")
async def test_an_address_that_is_known_answers_as_one_that_is_not(accounts: AccountsHouse) -> None:
    await accounts.member()
    for name in ("register", "forgot", "resend"):
        known, unknown = [await _asked(accounts, name, email) for email in (EMAIL, NOBODY)]
        assert known == unknown
        assert known[0] == 202


async def _asked(accounts: AccountsHouse, name: str, email: str) -> tuple[int, bytes]:
    paths = {"forgot": "password/forgot", "resend": "resend-verification"}
    answer = (
        await accounts.register(email=email)
        if name == "register"
        else await accounts.post(paths[name], email=email)
    )
    return answer.status, answer.body


@pytest.mark.behavior("attacks:account:enumeration-by-answer")
async def test_a_wrong_password_and_an_unknown_address_are_one_answer(
    accounts: AccountsHouse,
) -> None:
    await accounts.member()
    answers = [
        await accounts.log_in(password=OTHER_PASSWORD),
        await accounts.log_in(email=NOBODY),
    ]

    told = [{k: v for k, v in a.json.items() if k != "trace_id"} for a in answers]
    assert told[0] == told[1]
    assert told[0]["code"] == "credentials-wrong"
    assert {a.status for a in answers} == {401}
    assert all(a.headers["www-authenticate"].startswith("Bearer") for a in answers)


@pytest.mark.behavior("identity:5.6:hash")
@pytest.mark.behavior("attacks:account:enumeration-by-time")
async def test_every_judged_log_in_compares_one_hash(accounts: AccountsHouse) -> None:
    await accounts.member()
    tries: list[tuple[dict[str, Any], bool]] = [
        ({}, True),
        ({"password": OTHER_PASSWORD}, True),
        ({"email": NOBODY}, False),
    ]
    for said, known in tries:
        accounts.hasher.verified.clear()
        await accounts.log_in(**said)
        assert accounts.hasher.verified == [known]


async def test_every_registration_makes_one_hash(accounts: AccountsHouse) -> None:
    for _ in range(2):
        accounts.hasher.hashed = 0
        await accounts.register()
        assert accounts.hasher.hashed == 1

    assert rows(f"SELECT count(*) FROM app_user WHERE email = '{EMAIL}'") == [(1,)]  # noqa: S608 - ours


async def test_an_unverified_address_gets_no_tokens_and_hears_why_with_the_password_alone(
    accounts: AccountsHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.register()
    right, wrong = await accounts.log_in(), await accounts.log_in(password=OTHER_PASSWORD)
    assert (right.status, right.json["code"]) == (403, "email-not-verified")
    assert (wrong.status, wrong.json["code"]) == (401, "credentials-wrong")
    assert rows("SELECT 1 FROM token_family") == []

    change(monkeypatch, {"MEDIA_GATEWAY_VERIFIED_MAIL_ONLY": "false"})
    accounts.use(accounts.hasher)
    assert (await accounts.log_in()).status == 200


async def test_a_suspended_account_is_told_so_by_its_password_alone(
    accounts: AccountsHouse,
) -> None:
    await accounts.member()
    with connect.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE app_user SET status = 'suspended'")

    assert (await accounts.log_in()).json["code"] == "account-suspended"
    assert (await accounts.log_in(password=OTHER_PASSWORD)).json["code"] == "credentials-wrong"


async def test_a_code_verifies_once_within_a_day(accounts: AccountsHouse) -> None:
    await accounts.register()
    code = await accounts.code()
    statuses = [(await accounts.post("verify-email", token=code)).status for _ in range(2)]
    assert statuses == [204, 410]

    await accounts.register(email="late@example.com")
    late = await accounts.code()
    accounts.clock.advance(timedelta(hours=24))
    assert (await accounts.post("verify-email", token=late)).status == 410
    assert (await accounts.post("verify-email", token="x" * 43)).status == 400


async def test_who_registers_a_known_address_gets_a_mail_and_nothing_else(
    accounts: AccountsHouse,
) -> None:
    await accounts.member()
    await accounts.register(password=OTHER_PASSWORD, display_name="Mallory")
    (mail,) = await accounts.delivered()

    assert mail["Subject"] == "You have an account already"
    assert (await accounts.log_in(password=OTHER_PASSWORD)).status == 401
    assert (await accounts.log_in()).status == 200


@pytest.mark.behavior("attacks:account:pre-hijacking")
async def test_a_stranger_who_registered_first_is_out_once_the_owner_reads_the_mail(
    accounts: AccountsHouse,
) -> None:
    await accounts.register(password=OTHER_PASSWORD)
    await accounts.delivered()
    await accounts.register()
    (mail,) = await accounts.delivered()
    assert mail["Subject"] == "Choose a new password"
    await accounts.post("password/reset", token=code_of(mail), new_password=PASSWORD)

    assert (await accounts.log_in()).status == 200
    assert (await accounts.log_in(password=OTHER_PASSWORD)).status == 401


@pytest.mark.behavior("identity:5.6:throttle")
@pytest.mark.behavior("attacks:password:brute-force")
async def test_the_sixth_try_of_an_address_waits_and_compares_nothing(
    accounts: AccountsHouse,
) -> None:
    await accounts.member()
    for email in (EMAIL, NOBODY):
        headers: list[str] = []
        for _ in range(5):
            assert (await accounts.log_in(email=email, password=OTHER_PASSWORD)).status == 401
            accounts.clock.advance(timedelta(seconds=301))
        accounts.clock.advance(timedelta(seconds=-301))
        accounts.hasher.verified.clear()
        for seconds in (1, 2):
            refused = await accounts.log_in(email=email)
            assert (refused.status, refused.json["code"]) == (429, "too-many-tries")
            headers.append(refused.headers["retry-after"])
            accounts.clock.advance(timedelta(seconds=seconds))
            assert (await accounts.log_in(email=email, password=OTHER_PASSWORD)).status == 401
        assert headers == ["1", "2"]
        assert len(accounts.hasher.verified) == 2


async def test_a_good_log_in_makes_earlier_failures_forgotten(accounts: AccountsHouse) -> None:
    await accounts.member()
    for _ in range(3):
        for _ in range(4):
            assert (await accounts.log_in(password=OTHER_PASSWORD)).status == 401
            accounts.clock.advance(timedelta(seconds=61))
        assert (await accounts.log_in()).status == 200


@pytest.mark.behavior("identity:5.6:throttle")
@pytest.mark.behavior("attacks:password:brute-force")
async def test_a_network_that_fails_with_many_addresses_waits_too(accounts: AccountsHouse) -> None:
    await accounts.member()
    statuses = [(await accounts.log_in(email=f"guess{n}@example.com")).status for n in range(6)]
    assert statuses == [401] * 5 + [429]

    assert (await accounts.log_in()).status == 429
    elsewhere = await accounts.ask(
        "POST", "/api/v1/auth/login", {"email": EMAIL, "password": PASSWORD},
        headers={"x-client-network": "198.51.100.9"},
    )  # fmt: skip
    assert elsewhere.status == 200


async def test_without_redis_tries_are_counted_here_and_half_as_many_are_free(
    accounts: AccountsHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.member()
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": "redis://127.0.0.1:1/0"})
    accounts.use(accounts.hasher)

    statuses = [(await accounts.log_in(password=OTHER_PASSWORD)).status for _ in range(3)]
    assert statuses == [401, 401, 429]
    accounts.clock.advance(timedelta(seconds=2))
    assert (await accounts.log_in()).status == 200


@pytest.mark.behavior("identity:5.6:hash")
@pytest.mark.behavior("attacks:asvs:2.4.1")
async def test_a_hash_of_lesser_parameters_is_made_anew_at_the_next_log_in(
    accounts: AccountsHouse,
) -> None:
    await accounts.member()
    accounts.use(CountingHasher(passes=2))
    await accounts.tokens()
    assert accounts.hasher.hashed == 1
    ((kept,),) = rows(f"SELECT password_hash FROM app_user WHERE email = '{EMAIL}'")  # noqa: S608 - ours
    assert ",t=2,p=1$" in kept

    await accounts.tokens()
    assert accounts.hasher.hashed == 1


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"email": "no address"}, "email"),
    ({"email": "a@b"}, "email"),
    ({"email": f"{'x' * 65}@example.com"}, "email"),
    ({"password": "eleven char"}, "password"),
    ({"password": "x" * 129}, "password"),
    ({"password": "password1234"}, "password"),
    ({"password": "my nora@ password"}, "password"),
    ({"display_name": " "}, "display_name"),
    ({"age_confirmed": False}, "age_confirmed"),
    ({"region": "Germany"}, "region"),
    ({"role": "admin"}, "role"),
    ({"email_verified": True}, "email_verified"),
]


@pytest.mark.behavior("attacks:account:mass-assignment")
async def test_a_wish_that_cannot_be_names_its_field_and_quotes_no_password(
    accounts: AccountsHouse,
) -> None:
    for said, field in IMPOSSIBLE:
        answer = await accounts.register(**said)
        assert (answer.status, [e["field"] for e in answer.json["errors"]]) == (422, [field])
        assert said.get("password", "\x00").encode() not in answer.body


@pytest.mark.behavior("attacks:asvs:2.5.1")
async def test_nothing_that_is_kept_or_logged_holds_a_password_a_code_or_an_address(
    accounts: AccountsHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await accounts.register()
    code = await accounts.code()
    await accounts.post("verify-email", token=code)
    await accounts.log_in(password=OTHER_PASSWORD)
    tokens = await accounts.tokens()
    kept = [
        *rows("SELECT payload FROM outbox"),
        *rows("SELECT l::text FROM audit.audit_log AS l"),
        *rows("SELECT t::text FROM one_time_token AS t"),
        *[(record.getMessage() + str(vars(record)),) for record in caplog.records],
    ]

    hidden = (PASSWORD, OTHER_PASSWORD, code, EMAIL, tokens["refresh_token"])
    assert not [secret for secret in hidden if any(secret in row[0] for row in kept)]


async def test_acts_are_audited_and_tell_no_address_apart(accounts: AccountsHouse) -> None:
    await accounts.member()
    await accounts.log_in(password=OTHER_PASSWORD)
    await accounts.log_in(email=NOBODY)
    await accounts.tokens()

    said = rows("SELECT action, outcome, resource_id <> '' FROM audit.audit_log ORDER BY number")
    assert said == [
        ("USER_REGISTER", "success", False),
        ("USER_EMAIL_VERIFIED", "success", True),
        ("AUTH_FAILED", "denied", False),
        ("AUTH_FAILED", "denied", False),
        ("AUTH_LOGIN", "success", True),
    ]
