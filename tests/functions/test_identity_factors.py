"""Authenticator apps, backup codes and step-up, over a real database and a real Redis."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from shared.adapters import sealing
from shared.identity.sessions import Device, Subject
from shared.kernel.errors import UnavailableError
from shared.runtime import issuing
from shared.runtime.viewer import authorize
from tests.fakes.accounts_house import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AccountsHouse,
    CountingHasher,
)
from tests.fakes.factors_house import FactorsHouse
from tests.fakes.identity_house import rows
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from shared.kernel.principal import Principal

STEP = timedelta(seconds=30)
WRONG = "000000"


@pytest.fixture
async def house(accounts: AccountsHouse) -> FactorsHouse:
    """The functions, with one member who has a password."""
    await accounts.member()
    return FactorsHouse(accounts)


async def who(token: str) -> Principal:
    """Return whom an access token speaks of."""
    return await authorize("user", [], {"authorization": f"Bearer {token}"})


@pytest.mark.behavior("identity:5.7:first")
async def test_who_has_an_app_gets_no_tokens_before_its_code(house: FactorsHouse) -> None:
    codes = await house.enrolled(await house.signed_in())
    assert len(set(codes)) == 10
    answer = await house.accounts.log_in()
    assert set(answer.json) == {"mfa_required", "mfa_token", "methods"}
    assert answer.json["methods"] == ["otp"]
    assert rows("SELECT count(*) FROM token_family") == [(1,)]

    passed = await house.post(
        "mfa/challenge", mfa_token=answer.json["mfa_token"], code=house.code()
    )
    assert passed.status == 200
    assert (await who(passed.json["access_token"])).methods == ("pwd", "otp", "mfa")


@pytest.mark.behavior("identity:5.7:totp")
async def test_an_app_counts_from_its_first_good_code_on(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    await house.post("mfa/enroll", bearer=bearer)
    assert (await house.post("mfa/verify", bearer=bearer, code=WRONG)).status == 401
    assert "access_token" in (await house.accounts.log_in()).json

    assert rows("SELECT status FROM mfa_enrollment") == [("pending",)]
    assert rows("SELECT 1 FROM mfa_backup_code") == []
    await house.enrolled(await house.signed_in())
    assert rows("SELECT status FROM mfa_enrollment") == [("active",)]
    assert rows("SELECT count(*) FROM mfa_backup_code") == [(10,)]


async def test_an_app_is_shown_to_phones_as_a_picture_and_to_people_as_text(
    house: FactorsHouse,
) -> None:
    answer = await house.post("mfa/enroll", bearer=await house.signed_in())
    kind, _, content = answer.json["qr_png"].partition(",")

    assert kind == "data:image/png;base64"
    assert b64decode(content).startswith(b"\x89PNG\r\n\x1a\n")
    assert answer.json["secret"] in answer.json["otpauth_uri"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.behavior("identity:5.7:totp")
@pytest.mark.behavior("attacks:asvs:2.8.1")
async def test_codes_of_one_step_around_now_are_taken(house: FactorsHouse) -> None:
    await house.enrolled(await house.signed_in())
    house.accounts.clock.advance(10 * STEP)
    found = {}
    for drift in (-2, 2, -1, 0, 1):
        token = await house.waiting()
        answer = await house.post("mfa/challenge", mfa_token=token, code=house.code(drift))
        found[drift] = answer.status

    assert found == {-2: 401, 2: 401, -1: 200, 0: 200, 1: 200}


@pytest.mark.behavior("identity:5.7:totp")
@pytest.mark.behavior("attacks:asvs:2.8.4")
async def test_a_code_is_taken_once_and_no_earlier_one_after_it(house: FactorsHouse) -> None:
    await house.enrolled(await house.signed_in())
    house.accounts.clock.advance(10 * STEP)
    used = house.code()
    first, second = await house.waiting(), await house.waiting()

    assert (await house.post("mfa/challenge", mfa_token=first, code=used)).status == 200
    for code in (used, house.code(-1)):
        answer = await house.post("mfa/challenge", mfa_token=second, code=code)
        assert (answer.status, answer.json["code"]) == (401, "factor-wrong")
    assert (await house.post("mfa/challenge", mfa_token=second, code=house.code(1))).status == 200


async def test_a_token_of_the_first_step_survives_wrong_codes_and_is_used_once(
    house: FactorsHouse,
) -> None:
    codes = await house.enrolled(await house.signed_in())
    token = await house.waiting()
    assert (await house.post("mfa/challenge", mfa_token=token, code=WRONG)).status == 401
    assert (await house.post("mfa/challenge", mfa_token=token, backup_code=codes[0])).status == 200

    again = await house.post("mfa/challenge", mfa_token=token, backup_code=codes[1])
    assert (again.status, again.json["code"]) == (401, "mfa-token-invalid")
    assert rows("SELECT count(*) FROM mfa_backup_code") == [(9,)]


@pytest.mark.behavior("identity:5.4:lifetimes")
async def test_a_token_of_the_first_step_ends_after_five_minutes_and_opens_nothing_itself(
    house: FactorsHouse,
) -> None:
    await house.enrolled(await house.signed_in())
    token = await house.waiting()
    assert (await house.ask("GET", "passkeys", bearer=token)).status == 401

    house.accounts.clock.advance(timedelta(seconds=300))
    answer = await house.post("mfa/challenge", mfa_token=token, code=house.code())
    assert (answer.status, answer.json["code"]) == (401, "mfa-token-invalid")


async def test_a_new_password_voids_the_first_step_of_the_old_one(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    await house.enrolled(bearer)
    token = await house.waiting()
    changed = await house.accounts.post(
        "password/change", bearer=bearer, current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    assert changed.status == 200

    answer = await house.post("mfa/challenge", mfa_token=token, code=house.code())
    assert (answer.status, answer.json["code"]) == (401, "mfa-token-invalid")


@pytest.mark.behavior("attacks:asvs:2.2.2")
@pytest.mark.behavior("attacks:asvs:2.5.7")
async def test_a_reset_by_mail_does_not_pass_by_the_second_factor(house: FactorsHouse) -> None:
    await house.enrolled(await house.signed_in())
    await house.accounts.delivered()
    await house.accounts.post("password/forgot", email=EMAIL)
    reset = await house.accounts.post(
        "password/reset", token=await house.accounts.code(), new_password=OTHER_PASSWORD
    )
    assert (reset.status, list(reset.json)) == (200, ["sessions_revoked"])

    answer = await house.accounts.log_in(password=OTHER_PASSWORD)
    assert (answer.json["mfa_required"], answer.json["methods"]) == (True, ["otp"])


@pytest.mark.behavior("attacks:mfa:brute-force")
async def test_the_sixth_try_within_a_minute_waits_and_others_do_not(house: FactorsHouse) -> None:
    codes = await house.enrolled(await house.signed_in())
    tokens = [await house.waiting() for _ in range(2)]
    statuses = [
        (await house.post("mfa/challenge", mfa_token=tokens[n % 2], code=WRONG)).status
        for n in range(5)
    ]
    refused = await house.post("mfa/challenge", mfa_token=tokens[0], backup_code=codes[0])

    assert statuses == [401] * 5
    assert (refused.status, refused.json["code"]) == (429, "too-many-tries")
    assert refused.headers["retry-after"] == "60"
    house.accounts.clock.advance(timedelta(seconds=60))
    assert (
        await house.post("mfa/challenge", mfa_token=tokens[0], backup_code=codes[0])
    ).status == 200


@pytest.mark.behavior("attacks:asvs:2.2.3")
async def test_a_backup_code_works_once_however_it_is_typed_and_its_user_hears_of_it(
    house: FactorsHouse,
) -> None:
    codes = await house.enrolled(await house.signed_in())
    await house.accounts.delivered()
    typed = f" {codes[3].lower().replace('-', ' ')} "
    statuses = [
        (
            await house.post("mfa/challenge", mfa_token=await house.waiting(), backup_code=code)
        ).status
        for code in (typed, codes[3])
    ]

    assert statuses == [200, 401]
    (mail,) = await house.accounts.delivered()
    assert mail["Subject"] == "A backup code of yours was used"


@pytest.mark.behavior("identity:5.7:backup")
@pytest.mark.behavior("attacks:asvs:2.6.1")
async def test_two_who_show_one_backup_code_at_once_are_one_who_gets_in(
    house: FactorsHouse,
) -> None:
    codes = await house.enrolled(await house.signed_in())
    tokens = [await house.waiting() for _ in range(4)]
    answers = await asyncio.gather(
        *(house.post("mfa/challenge", mfa_token=token, backup_code=codes[0]) for token in tokens)
    )
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_two_who_show_one_code_at_once_are_one_who_gets_in(house: FactorsHouse) -> None:
    await house.enrolled(await house.signed_in())
    tokens = [await house.waiting() for _ in range(4)]
    answers = await asyncio.gather(
        *(house.post("mfa/challenge", mfa_token=token, code=house.code()) for token in tokens)
    )
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_two_who_finish_one_sign_in_at_once_are_one_who_gets_in(
    house: FactorsHouse,
) -> None:
    codes = await house.enrolled(await house.signed_in())
    token = await house.waiting()
    answers = await asyncio.gather(
        *(house.post("mfa/challenge", mfa_token=token, backup_code=code) for code in codes[:4])
    )
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_two_who_put_one_app_to_use_at_once_are_one_who_sees_the_backup_codes(
    house: FactorsHouse,
) -> None:
    bearer = await house.signed_in()
    house.secret = (await house.post("mfa/enroll", bearer=bearer)).json["secret"]
    answers = await asyncio.gather(
        *(house.post("mfa/verify", bearer=bearer, code=house.code()) for _ in range(4))
    )

    assert sorted(answer.status for answer in answers) == [200, 404, 404, 404]
    (good,) = [answer for answer in answers if answer.status == 200]
    passed = await house.post(
        "mfa/challenge",
        mfa_token=await house.waiting(),
        backup_code=good.json["backup_codes"][0],
    )
    assert passed.status == 200


async def test_an_app_is_replaced_by_who_shows_its_code_and_works_until_the_new_one_does(
    house: FactorsHouse,
) -> None:
    await house.enrolled(await house.signed_in())
    old = house.secret
    passed = await house.post("mfa/challenge", mfa_token=await house.waiting(), code=house.code())
    bearer = passed.json["access_token"]
    refused = await house.post("mfa/enroll", bearer=bearer)
    assert (refused.status, refused.json["code"]) == (409, "factor-active")

    made = await house.post("mfa/enroll", bearer=bearer, code=house.code(1))
    assert made.status == 200
    assert rows("SELECT status FROM mfa_enrollment ORDER BY status") == [("active",), ("pending",)]
    house.secret = made.json["secret"]
    assert (await house.post("mfa/verify", bearer=bearer, code=house.code())).status == 200
    house.accounts.clock.advance(3 * STEP)
    token, new, house.secret = await house.waiting(), house.code(), old
    assert (await house.post("mfa/challenge", mfa_token=token, code=house.code())).status == 401
    assert (await house.post("mfa/challenge", mfa_token=token, code=new)).status == 200


async def test_factors_are_changed_by_who_proved_lately_who_they_are(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    house.accounts.clock.advance(timedelta(seconds=301))
    late = await house.post("mfa/enroll", bearer=bearer)
    assert (late.status, late.json["code"]) == (401, "step-up-needed")
    assert "max_age=300" in late.headers["www-authenticate"]

    fresh = await house.stepped_up(bearer)
    await house.enrolled(fresh)
    for method, path in (("DELETE", "mfa"), ("POST", "mfa/backup-codes")):
        weak = await house.ask(method, path, {}, bearer=fresh)
        assert (weak.status, weak.json["code"]) == (401, "step-up-needed")
        assert (await house.ask(method, path, {"code": WRONG}, bearer=fresh)).status == 401


@pytest.mark.behavior("attacks:asvs:2.8.6")
async def test_an_app_is_taken_off_with_its_code_and_backup_codes_go_with_the_last_factor(
    house: FactorsHouse,
) -> None:
    bearer = await house.signed_in()
    await house.enrolled(bearer)
    await house.accounts.delivered()
    assert (await house.ask("DELETE", "mfa", {"code": house.code()}, bearer=bearer)).status == 204

    assert rows("SELECT 1 FROM mfa_enrollment UNION ALL SELECT 1 FROM mfa_backup_code") == []
    assert "access_token" in (await house.accounts.log_in()).json
    (mail,) = await house.accounts.delivered()
    assert mail["Subject"] == "A second factor was removed from your account"
    gone = await house.ask("DELETE", "mfa", {}, bearer=bearer)
    assert (gone.status, gone.json["code"]) == (404, "factor-unknown")


async def test_new_backup_codes_make_the_old_ones_none(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    old = await house.enrolled(bearer)
    made = await house.post("mfa/backup-codes", bearer=bearer, code=house.code())
    new = made.json["backup_codes"]
    token = await house.waiting()

    assert not set(old) & set(new)
    assert (await house.post("mfa/challenge", mfa_token=token, backup_code=old[0])).status == 401
    assert (await house.post("mfa/challenge", mfa_token=token, backup_code=new[0])).status == 200


async def test_step_up_gives_a_token_of_the_same_session_that_says_how_and_when(
    house: FactorsHouse,
) -> None:
    bearer = await house.signed_in()
    before = await who(bearer)
    await house.enrolled(bearer)
    house.accounts.clock.advance(timedelta(seconds=400))
    after = await who(await house.stepped_up(bearer, code=house.code()))

    assert (after.session, after.scopes) == (before.session, before.scopes)
    assert after.methods == ("pwd", "otp", "mfa")
    assert before.authenticated_at is not None
    assert after.authenticated_at == before.authenticated_at + timedelta(seconds=400)
    assert rows("SELECT methods FROM token_family") == [(["pwd", "otp", "mfa"],)]


async def test_who_has_a_second_factor_does_not_step_up_by_a_password(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    wrong = await house.post("step-up", bearer=bearer, password=OTHER_PASSWORD)
    assert (wrong.status, wrong.json["code"]) == (401, "credentials-wrong")
    await house.enrolled(bearer)

    weak = await house.post("step-up", bearer=bearer, password=PASSWORD)
    assert (weak.status, weak.json["code"]) == (401, "step-up-needed")


async def test_a_session_that_ended_does_not_step_up(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    with house.accounts.functions["identity_accounts"].rules().accounts._engine().begin() as db:
        db.exec_driver_sql("UPDATE token_family SET status = 'revoked', revoked_at = now()")
    refused = await house.post("step-up", bearer=bearer, password=PASSWORD)
    assert (refused.status, refused.json["code"]) == (403, "session-refused")


@pytest.mark.behavior("identity:5.7:first")
async def test_without_the_key_or_redis_nobody_passes_by_the_second_factor(
    house: FactorsHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.enrolled(await house.signed_in())
    token = await house.waiting()

    def gone(_reference: str) -> str:
        raise UnavailableError("the secret cannot be read")

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "secret", gone)
        sealing.sealer.cache_clear()
        blind = FactorsHouse(house.accounts)
        assert (await blind.post("mfa/challenge", mfa_token=token, code=WRONG)).status == 503
    sealing.sealer.cache_clear()
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": "redis://127.0.0.1:1/0"})
    house.accounts.use(CountingHasher())
    assert (await house.accounts.log_in()).status == 503


@pytest.mark.behavior("attacks:asvs:2.6.2")
@pytest.mark.behavior("attacks:asvs:2.8.2")
async def test_what_is_kept_and_logged_holds_no_secret_and_no_code(
    house: FactorsHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    codes = await house.enrolled(await house.signed_in())
    token = await house.waiting()
    await house.post("mfa/challenge", mfa_token=token, backup_code=codes[0])
    kept = [
        *rows("SELECT payload FROM outbox"),
        *rows("SELECT l::text FROM audit.audit_log AS l"),
        *rows("SELECT e::text FROM mfa_enrollment AS e"),
        *[(record.getMessage() + str(vars(record)),) for record in caplog.records],
    ]

    hidden = (house.secret, token, codes[0], codes[0].replace("-", ""), house.code())
    assert not [secret for secret in hidden if any(secret in row[0] for row in kept)]


async def test_acts_are_audited(house: FactorsHouse) -> None:
    bearer = await house.signed_in()
    codes = await house.enrolled(bearer)
    token = await house.waiting()
    await house.post("mfa/challenge", mfa_token=token, code=WRONG)
    await house.post("mfa/challenge", mfa_token=token, backup_code=codes[0])
    fresh = await house.stepped_up(bearer, code=house.code())
    await house.ask("DELETE", "mfa", bearer=fresh)

    said = rows("SELECT action, outcome FROM audit.audit_log ORDER BY number OFFSET 3")
    assert said == [
        ("MFA_ENROLL", "success"),
        ("MFA_ACTIVATE", "success"),
        ("MFA_FAILED", "denied"),
        ("MFA_BACKUP_CODE_USE", "success"),
        ("AUTH_LOGIN", "success"),
        ("USER_STEP_UP", "success"),
        ("MFA_REMOVE", "success"),
    ]


ROUTES: list[tuple[str, str, dict[str, object] | None]] = [
    ("POST", "mfa/enroll", None),
    ("POST", "mfa/verify", {"code": WRONG}),
    ("DELETE", "mfa", None),
    ("POST", "mfa/backup-codes", None),
    ("POST", "step-up", {"password": PASSWORD}),
    ("POST", "passkeys/register/begin", None),
    ("POST", "passkeys/register/finish", {"credential": {}}),
    ("POST", "passkeys/authenticate/begin", None),
    ("GET", "passkeys", None),
    ("PATCH", f"passkeys/{UUID(int=1)}", {"name": "Mine"}),
    ("DELETE", f"passkeys/{UUID(int=1)}", None),
]


@pytest.mark.behavior("attacks:account:take-over-by-a-fresh-token")
async def test_what_opens_an_account_is_not_changed_by_way_of_a_television(
    house: FactorsHouse,
) -> None:
    user = await who(await house.signed_in())
    fresh = house.accounts.clock.now()
    tokens = issuing.sessions().start(
        Subject(user.sub), Device("mg-tv"), scopes=(), methods=["pwd"], authenticated_at=fresh
    )
    for method, path, said in ROUTES:
        answer = await house.ask(method, path, said, bearer=tokens.access_token)
        assert (path, answer.status, answer.json["code"]) == (path, 403, "application-denied")
