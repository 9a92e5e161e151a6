"""Codes at the token endpoint: good for one exchange, and what a second showing ends."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.adapters import connect
from shared.adapters.jwks import public_keys
from shared.adapters.redis.authorizations import CODE
from shared.adapters.sql.identity import clients
from shared.identity.protocol_id_token import at_hash
from shared.identity.tokens import digest
from shared.kernel.clock import SystemClock
from shared.runtime import issuing
from shared.runtime.audit_queue import queue
from shared.runtime.viewer import authorize
from tests.fakes.authorize_house import (
    APP,
    CALLBACK,
    NOTES,
    SCOPE,
    VERIFIER,
    AuthorizeHouse,
)
from tests.fakes.edge import ask
from tests.fakes.identity import ADA, BEN, SECRET
from tests.fakes.identity_house import ISSUER, rows, write
from tests.fakes.surroundings import change
from tests.functions.test_identity_token import refused

if TYPE_CHECKING:
    from tests.fakes.identity_house import House

WRONG = "w" * 64
SPENT = (400, "invalid_grant")
WRONGLY: list[tuple[dict[str, str], str]] = [
    ({"code_verifier": WRONG}, "invalid_grant"),
    ({"code_verifier": ""}, "invalid_request"),
    ({"code_verifier": "v" * 42}, "invalid_request"),
    ({"code_verifier": "v" * 129}, "invalid_request"),
    ({"code_verifier": VERIFIER + "\n"}, "invalid_grant"),
    ({"redirect_uri": "http://127.0.0.1:1/callback"}, "invalid_grant"),
    ({"redirect_uri": ""}, "invalid_grant"),
    ({"client_id": NOTES.client_id}, "invalid_grant"),
    ({"resource": "https://elsewhere.example/"}, "invalid_target"),
]


@pytest.fixture
def house(identity: House) -> AuthorizeHouse:
    """Two applications, and browsers."""
    return AuthorizeHouse(identity)


async def is_live(house: AuthorizeHouse, tokens: dict[str, Any]) -> bool:
    """Tell whether an access token is good."""
    return bool((await house.house.introspect(tokens["access_token"]))["active"])


@pytest.mark.behavior("identity:5.1:code")
@pytest.mark.behavior("oauth2:code:tokens")
async def test_a_code_gives_the_tokens_of_a_session(house: AuthorizeHouse) -> None:
    answer = await house.exchange(await house.code(house.sign_in()))

    tokens = answer.json
    assert answer.status == 200, answer.body
    assert tokens["scope"] == SCOPE
    assert "id_token" not in tokens
    found = await authorize("user", [], {"authorization": f"Bearer {tokens['access_token']}"})
    assert (found.sub, found.client_id, found.methods) == (ADA, APP.client_id, ("pwd", "otp"))
    again = await house.house.refresh(tokens["refresh_token"], APP.client_id)
    assert again.json["scope"] == SCOPE
    await queue().settle()
    begun = "SELECT actor_id, resource_id, details FROM audit.audit_log WHERE action = 'AUTH_LOGIN'"
    assert rows(begun) == [(ADA, found.session, {"client": APP.client_id})]


@pytest.mark.behavior("identity:5.1:code")
@pytest.mark.behavior("attacks:code:pkce-downgrade")
@pytest.mark.behavior("oauth2:code:bound")
@pytest.mark.behavior("oauth2:pkce:verifier-mismatch")
async def test_a_code_that_is_shown_wrongly_is_burned(house: AuthorizeHouse) -> None:
    cookie = house.sign_in()
    for changed, error in WRONGLY:
        code = await house.code(cookie)
        assert refused(await house.exchange(code, **changed)) == (400, error)
        assert refused(await house.exchange(code)) == SPENT
        connect.redis().flushall()  # wrong verifiers are counted
    assert rows("SELECT family_id FROM token_family") == []


async def test_what_is_no_code_gives_nothing(house: AuthorizeHouse) -> None:
    for code in ("x", "é", "x" * 5000, "mgr_" + "A" * 43):
        assert refused(await house.exchange(code)) == SPENT
    assert refused(await house.exchange("")) == (400, "invalid_request")
    assert refused(await house.exchange("x", client_id="mg-tv")) == (400, "unauthorized_client")


@pytest.mark.behavior("identity:5.1:code")
@pytest.mark.behavior("oauth2:code:expires")
async def test_a_code_is_good_for_300_seconds_by_the_clock(house: AuthorizeHouse) -> None:
    code = await house.code(house.sign_in())
    connect.redis().hincrby(CODE + digest(code).hex(), "expires_at", -300_000)

    assert refused(await house.exchange(code)) == SPENT


@pytest.mark.behavior("attacks:code:replay")
@pytest.mark.behavior("oauth2:code:second-showing-ends-the-session")
async def test_a_code_that_is_shown_again_ends_the_session_that_began_of_it(
    house: AuthorizeHouse,
) -> None:
    code = await house.code(house.sign_in())
    tokens = (await house.exchange(code)).json
    assert await is_live(house, tokens)

    stolen = await house.exchange(code, client_id=NOTES.client_id, code_verifier=WRONG)

    assert refused(stolen) == SPENT
    assert not await is_live(house, tokens)
    refreshed = await house.house.refresh(tokens["refresh_token"], APP.client_id)
    assert refused(refreshed) == SPENT
    assert rows("SELECT status, revoked_reason FROM token_family") == [("revoked", "code_reuse")]
    assert rows("SELECT count(*) FROM audit.audit_log WHERE action = 'CODE_REUSED'") == [(1,)]


@pytest.mark.behavior("attacks:code:referrer")
@pytest.mark.behavior("oauth2:code:one-winner")
async def test_of_many_who_show_one_code_at_once_one_gets_tokens_and_they_are_dead(
    house: AuthorizeHouse,
) -> None:
    code = await house.code(house.sign_in())

    answers = await asyncio.gather(*(house.exchange(code) for _ in range(12)))

    won = [answer.json for answer in answers if answer.status == 200]
    assert len(won) == 1
    assert {refused(answer) for answer in answers if answer.status != 200} == {SPENT}
    assert not await is_live(house, won[0])
    assert len(rows("SELECT family_id FROM token_family")) == 1


@pytest.mark.behavior("identity:5.1:lock")
@pytest.mark.behavior("oauth2:pkce:guesses")
async def test_three_wrong_verifiers_lock_a_user_and_an_application_for_15_minutes(
    house: AuthorizeHouse,
) -> None:
    cookie = house.sign_in()
    for _ in range(3):
        wrong = await house.exchange(await house.code(cookie), code_verifier=WRONG)
        assert refused(wrong) == SPENT

    locked = await house.exchange(await house.code(cookie))
    assert refused(locked) == (429, "temporarily_unavailable")
    assert 890 <= int(locked.headers["retry-after"]) <= 900
    other = await house.code(house.sign_in(BEN))
    assert (await house.exchange(other)).status == 200


async def test_a_right_verifier_forgets_the_wrong_ones(house: AuthorizeHouse) -> None:
    cookie = house.sign_in()
    found = []
    for verifier in (WRONG, WRONG, VERIFIER) * 2:
        answer = await house.exchange(await house.code(cookie), code_verifier=verifier)
        found.append(answer.status)
    assert found == [400, 400, 200] * 2


@pytest.mark.behavior("oauth2:code:ended-account")
@pytest.mark.parametrize(
    "happened",
    ["token_version = token_version + 1", "status = 'suspended'", "deleted_at = now()"],
)
async def test_what_happened_to_the_account_meanwhile_counts(
    house: AuthorizeHouse, happened: str
) -> None:
    code = await house.code(house.sign_in())
    write(f"UPDATE app_user SET {happened}")  # noqa: S608 - of this test

    assert refused(await house.exchange(code)) == SPENT


@pytest.mark.behavior("oauth2:resource:audience")
async def test_tokens_are_for_the_resource_that_was_asked_for(house: AuthorizeHouse) -> None:
    for name in ("media-gateway", ISSUER, f"{ISSUER}/"):
        code = await house.code(house.sign_in(), resource=name)
        tokens = (await house.exchange(code, resource=ISSUER)).json
        assert claims(tokens["access_token"])["aud"] == "media-gateway"


@pytest.mark.behavior("attacks:token:leak-at-resource")
@pytest.mark.behavior("oauth2:resource:audience")
async def test_a_session_for_one_resource_gives_no_tokens_for_another(
    house: AuthorizeHouse,
) -> None:
    tokens = (await house.exchange(await house.code(house.sign_in()))).json
    more = {"client_id": APP.client_id, "resource": "https://elsewhere.example/"}
    other = await house.house.refresh(tokens["refresh_token"], **more)
    assert refused(other) == (400, "invalid_target")
    assert (await house.house.refresh(tokens["refresh_token"], APP.client_id)).status == 200


@pytest.mark.behavior("oauth2:code:client-authenticates")
async def test_an_application_with_a_secret_shows_it_and_the_verifier(
    house: AuthorizeHouse,
) -> None:
    secret = replace(APP, client_id="server-app", secret_hash=digest(SECRET))
    clients.register(connect.engine(), [secret], now=SystemClock().now())
    cookie, named = house.sign_in(), {"client_id": secret.client_id}

    for shown, expected in (
        ({}, (401, "invalid_client")),
        ({"client_secret": "another"}, (401, "invalid_client")),
        ({"client_secret": SECRET, "code_verifier": ""}, (400, "invalid_request")),
    ):
        code = await house.code(cookie, **named)
        assert refused(await house.exchange(code, **named, **shown)) == expected
    code = await house.code(cookie, **named)
    assert (await house.exchange(code, **named, client_secret=SECRET)).status == 200


@pytest.mark.behavior("oauth2:openid:id-token")
async def test_who_asks_for_openid_learns_who_signed_in_and_how(house: AuthorizeHouse) -> None:
    cookie = house.sign_in()
    code = await house.code(cookie, scope=f"openid {SCOPE}", nonce="n-0S6_WzA2Mj")
    tokens = (await house.exchange(code)).json

    said, access = claims(tokens["id_token"]), claims(tokens["access_token"])
    assert tokens["scope"] == f"openid {SCOPE}"
    assert access["scope"] == SCOPE
    assert (said["iss"], said["sub"], said["aud"]) == (ISSUER, ADA, APP.client_id)
    assert (said["nonce"], said["amr"]) == ("n-0S6_WzA2Mj", ["pwd", "otp"])
    assert said["auth_time"] == int(house.session(cookie).authenticated_at.timestamp())
    assert said["at_hash"] == at_hash(tokens["access_token"], "EdDSA")
    assert said["sid"] == access["sid"]
    assert not {"email", "name"} & set(said)


@pytest.mark.behavior("oauth2:openid:id-token-is-no-access-token")
async def test_an_id_token_opens_nothing(house: AuthorizeHouse) -> None:
    code = await house.code(house.sign_in(), scope=f"openid {SCOPE}")
    tokens = (await house.exchange(code)).json

    headers = {"authorization": f"Bearer {tokens['id_token']}"}
    answer = await ask(house.function.handle, "GET", "/api/v1/auth/consents", headers=headers)

    assert (answer.status, answer.json["code"]) == (401, "token-invalid")
    assert await house.house.introspect(tokens["id_token"]) == {"active": False}


@pytest.mark.behavior("attacks:code:injection")
@pytest.mark.behavior("oauth2:code:injection")
async def test_a_stolen_code_is_worth_nothing_to_who_did_not_start_the_request(
    house: AuthorizeHouse,
) -> None:
    victims = await house.code(house.sign_in())
    thief = {"client_id": APP.client_id, "redirect_uri": CALLBACK, "code_verifier": WRONG}

    assert refused(await house.exchange(victims, **thief)) == SPENT


async def test_without_redis_nobody_is_let_in_and_hears_when_to_come_back(
    house: AuthorizeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = house.sign_in()
    code = await house.code(cookie)
    connect.redis().close()
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": "redis://127.0.0.1:1/0"})

    assert refused(await house.exchange(code)) == (503, "temporarily_unavailable")
    assert (await house.authorize(cookie)).status == 503
    assert rows("SELECT family_id FROM token_family") == []


def claims(token: str) -> dict[str, Any]:
    """Return what a token of ours says, its signature checked."""
    message, _, signature = token.rpartition(".")
    header, said = (orjson.loads(urlsafe_b64decode(f"{part}==")) for part in message.split("."))
    key = public_keys(issuing.keys().public)[header["kid"]]
    assert key.verify(message.encode(), urlsafe_b64decode(f"{signature}=="))
    return dict(said)
