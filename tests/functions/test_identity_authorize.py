"""The authorization endpoint: what applications may ask for, and what their users decide."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from shared.identity.authorization import RequestGoneError
from tests.fakes.authorize_house import (
    CALLBACK,
    NOTES,
    SCOPE,
    STATE,
    AuthorizeHouse,
    parameters,
    told,
)
from tests.fakes.edge import ask
from tests.fakes.identity import ADA, BEN
from tests.fakes.identity_house import ISSUER, rows, write

if TYPE_CHECKING:
    from tests.fakes.identity_house import House

NOTES_ID = NOTES.client_id
UNKNOWN: list[dict[str, str | None]] = [
    {"client_id": None}, {"client_id": "nobody"}, {"client_id": "x" * 3000},
    {"redirect_uri": None}, {"redirect_uri": "https://evil.example/callback"},
    {"redirect_uri": f"{CALLBACK}/"}, {"redirect_uri": f"{CALLBACK}?next=https://evil.example"},
    {"redirect_uri": f"{CALLBACK}#"}, {"redirect_uri": CALLBACK.upper()},
    {"redirect_uri": "https://app.example.evil.example/callback"},
    {"redirect_uri": "https://app.example@evil.example/callback"},
    {"redirect_uri": "https://app.example/callback/../other"},
    {"redirect_uri": "http://app.example/callback"}, {"redirect_uri": "//app.example/callback"},
    {"redirect_uri": "javascript:alert(1)"}, {"redirect_uri": "http://localhost:9/callback"},
    {"redirect_uri": "http://127.0.0.1:9/other"}, {"redirect_uri": "https://127.0.0.1/callback"},
    {"redirect_uri": "http://127.0.0.1:9@evil.example/callback"},
    {"redirect_uri": "http://127.0.0.1\\@evil.example/callback"},
]  # fmt: skip
WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": "s256"}, "invalid_request"),
    ({"code_challenge": "c" * 42}, "invalid_request"),
    ({"code_challenge": "c" * 44}, "invalid_request"),
    ({"code_challenge": "c" * 42 + "="}, "invalid_request"),
    ({"state": None}, "invalid_request"),
    ({"state": "s" * 31}, "invalid_request"),
    ({"state": "s" * 513}, "invalid_request"),
    ({"state": "s" * 40 + "\n"}, "invalid_request"),
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": 'c"ö'}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "form_post"}, "invalid_request"),
    ({"scope": "read:everything"}, "invalid_scope"),
    ({"scope": "admin:full"}, "invalid_scope"),
    ({"scope": "openid"}, "invalid_scope"),
    ({"nonce": "n" * 513}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "create"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "9" * 20}, "invalid_request"),
    ({"request": "e30.e30."}, "request_not_supported"),
    ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
    ({"resource": "https://elsewhere.example/"}, "invalid_target"),
]


@pytest.fixture
def house(identity: House) -> AuthorizeHouse:
    """Two applications, and browsers."""
    return AuthorizeHouse(identity)


@pytest.mark.behavior("oauth2:authorize:response")
@pytest.mark.behavior("oauth2:authorize:issuer-in-every-answer")
async def test_a_signed_in_user_of_our_application_comes_back_with_a_code(
    house: AuthorizeHouse,
) -> None:
    answer = await house.authorize(house.sign_in())

    said = told(answer)
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    assert (said["state"], said["iss"]) == (STATE, ISSUER)
    assert len(said["code"]) == 43
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.behavior("attacks:code:open-redirect")
@pytest.mark.behavior("oauth2:authorize:unknown-application-or-address")
async def test_nobody_is_sent_to_an_address_that_is_not_known(house: AuthorizeHouse) -> None:
    cookie = house.sign_in()
    for changed in UNKNOWN:
        answer = await house.authorize(cookie, **changed)
        assert (answer.status, "location" in answer.headers) == (400, False), changed
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert b"evil" not in answer.body


async def test_an_address_that_stands_twice_is_known_to_nobody(house: AuthorizeHouse) -> None:
    for more in ({"redirect_uri": "https://evil.example/"}, {"client_id": NOTES_ID}):
        path = f"/auth/authorize?{urlencode(house.wish())}&{urlencode(more)}"
        answer = await house.visit(path, house.sign_in())
        assert (answer.status, "location" in answer.headers) == (400, False)


@pytest.mark.behavior("oauth2:authorize:loopback-port")
async def test_a_program_on_the_users_machine_takes_the_port_it_is_given(
    house: AuthorizeHouse,
) -> None:
    address = "http://127.0.0.1:49152/callback"
    answer = await house.authorize(house.sign_in(), redirect_uri=address)

    assert answer.headers["location"].startswith(f"{address}?code=")
    tokens = await house.exchange(told(answer)["code"], redirect_uri=address)
    assert tokens.status == 200, tokens.body


@pytest.mark.behavior("attacks:code:pkce-downgrade")
@pytest.mark.behavior("oauth2:pkce:required")
@pytest.mark.behavior("oauth2:pkce:no-downgrade")
@pytest.mark.behavior("oauth2:authorize:error-response")
@pytest.mark.behavior("oauth2:authorize:no-implicit")
async def test_what_else_is_wrong_is_told_to_the_application(house: AuthorizeHouse) -> None:
    cookie = house.sign_in()
    for changed, error in WRONG:
        answer = await house.authorize(cookie, **changed)
        said = told(answer)
        assert answer.headers["location"].startswith(f"{CALLBACK}?error=")
        assert (said["error"], said["iss"], "code" in said) == (error, ISSUER, False), changed
        assert "state" in changed or said["state"] == STATE


@pytest.mark.behavior("oauth2:authorize:parameters-once")
@pytest.mark.parametrize("name", ["state", "scope", "code_challenge", "code_challenge_method"])
async def test_a_parameter_that_stands_twice_is_refused(house: AuthorizeHouse, name: str) -> None:
    path = f"/auth/authorize?{urlencode(house.wish())}&{name}={'c' * 43}"
    said = told(await house.visit(path, house.sign_in()))
    assert (said["error"], "code" in said) == ("invalid_request", False)


async def test_who_has_not_signed_in_is_sent_to_our_page_and_comes_back_with_a_code(
    house: AuthorizeHouse,
) -> None:
    away = await house.authorize()
    assert away.status == 303
    page, _, waits = away.headers["location"].partition("?request=")
    assert page == "/auth/sign-in"

    again = await house.visit(f"/auth/authorize/continue?request={waits}")
    assert again.headers["location"] == away.headers["location"]
    back = await house.visit(f"/auth/authorize/continue?request={waits}", house.sign_in())
    assert told(back)["state"] == STATE
    gone = await house.visit(f"/auth/authorize/continue?request={waits}", house.sign_in())
    assert (gone.status, "location" in gone.headers) == (410, False)


@pytest.mark.behavior("oauth2:authorize:prompt")
async def test_prompt_none_never_shows_a_page(house: AuthorizeHouse) -> None:
    nobody = told(await house.authorize(prompt="none"))
    asks = told(await house.authorize(house.sign_in(), prompt="none", client_id=NOTES_ID))
    good = told(await house.authorize(house.sign_in(), prompt="none"))

    assert (nobody["error"], asks["error"]) == ("login_required", "consent_required")
    assert "code" in good


@pytest.mark.behavior("oauth2:authorize:prompt")
@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "300"}, {"max_age": "0"}])
async def test_who_signed_in_too_long_ago_signs_in_again_and_once(
    house: AuthorizeHouse, asked: dict[str, str | None]
) -> None:
    away = await house.authorize(house.sign_in(ago=timedelta(seconds=301)), **asked)
    assert away.headers["location"].startswith("/auth/sign-in?request=")

    waits = away.headers["location"].partition("=")[2]
    back = await house.visit(f"/auth/authorize/continue?request={waits}", house.sign_in())
    assert "code" in told(back)


async def test_a_proof_that_is_young_enough_will_do(house: AuthorizeHouse) -> None:
    cookie = house.sign_in(ago=timedelta(seconds=200))
    assert "code" in told(await house.authorize(cookie, max_age="300"))


@pytest.mark.behavior("identity:5.1:consent")
@pytest.mark.behavior("oauth2:authorize:consent")
async def test_an_application_of_others_gets_what_its_user_allows_and_asks_once(
    house: AuthorizeHouse,
) -> None:
    cookie = house.sign_in()
    away = await house.authorize(cookie, client_id=NOTES_ID)
    page, _, waits = away.headers["location"].partition("?request=")
    assert (away.status, page) == (303, "/auth/consent")
    assert house.desk().pending(waits).client_name == NOTES.name

    back = house.desk().approve(waits, house.session(cookie), ["write:ratings", "admin:full"])
    tokens = await house.exchange(parameters(back)["code"], client_id=NOTES_ID)
    assert tokens.json["scope"] == "write:ratings"

    again = await house.authorize(cookie, client_id=NOTES_ID, scope="write:ratings")
    assert "code" in told(again)
    more = await house.authorize(cookie, client_id=NOTES_ID, scope=SCOPE)
    assert more.headers["location"].startswith("/auth/consent?")
    asks = await house.authorize(
        cookie, client_id=NOTES_ID, scope="write:ratings", prompt="consent"
    )
    assert asks.headers["location"].startswith("/auth/consent?")
    written = "SELECT actor_id, details FROM audit.audit_log WHERE action = 'USER_CONSENT'"
    assert rows(written) == [(ADA, {"client": NOTES_ID, "scopes": ["write:ratings"]})]


@pytest.mark.behavior("oauth2:authorize:denied")
async def test_who_is_refused_hears_so_and_a_request_is_decided_once(
    house: AuthorizeHouse,
) -> None:
    cookie = house.sign_in()
    waits = [
        (await house.authorize(cookie, client_id=NOTES_ID)).headers["location"].partition("=")[2]
        for _ in range(2)
    ]
    refused = parameters(house.desk().refuse(waits[0]))
    nothing = parameters(house.desk().approve(waits[1], house.session(cookie), ["openid"]))

    for said in (refused, nothing):
        assert (said["error"], said["state"], said["iss"]) == ("access_denied", STATE, ISSUER)
    for each in waits:
        with pytest.raises(RequestGoneError):
            house.desk().approve(each, house.session(cookie), [SCOPE])


async def test_a_consent_needs_a_proof_as_fresh_as_the_request_asks(house: AuthorizeHouse) -> None:
    stale = house.sign_in(ago=timedelta(seconds=60))
    away = await house.authorize(client_id=NOTES_ID, prompt="login")
    waits = away.headers["location"].partition("=")[2]

    back = house.desk().approve(waits, house.session(stale), ["read:content"])

    assert back == f"/auth/sign-in?request={waits}"
    assert house.desk().pending(waits).client_id == NOTES_ID


async def allowed(house: AuthorizeHouse, cookie: str) -> dict[str, str]:
    """Let the application of others in, and return its tokens."""
    away = await house.authorize(cookie, client_id=NOTES_ID)
    waits = away.headers["location"].partition("=")[2]
    back = house.desk().approve(waits, house.session(cookie), SCOPE.split())
    answer = await house.exchange(parameters(back)["code"], client_id=NOTES_ID)
    assert answer.status == 200, answer.body
    found: dict[str, str] = answer.json
    return found


@pytest.mark.behavior("attacks:asvs:3.5.1")
async def test_users_see_what_they_allow_and_take_it_back_with_the_sessions(
    house: AuthorizeHouse,
) -> None:
    cookie = house.sign_in()
    tokens, other = await allowed(house, cookie), await allowed(house, house.sign_in(BEN))
    waiting = await house.code(cookie, client_id=NOTES_ID)
    bearer = {"authorization": f"Bearer {house.house.start().access_token}"}

    async def asked(method: str, path: str) -> object:
        answer = await ask(house.function.handle, method, path, headers=bearer)
        return answer.json if answer.body else answer.status

    listed = await asked("GET", "/api/v1/auth/consents")
    assert isinstance(listed, dict)
    (line,) = listed["items"]
    assert (line["client_name"], set(line["scopes"])) == (NOTES.name, set(SCOPE.split()))
    assert await asked("DELETE", f"/api/v1/auth/consents/{line['id']}") == 204

    assert await asked("GET", "/api/v1/auth/consents") == {"items": []}
    again = await asked("DELETE", f"/api/v1/auth/consents/{line['id']}")
    assert isinstance(again, dict)
    assert again["code"] == "not-found"
    refreshed = await house.house.refresh(tokens["refresh_token"], NOTES_ID)
    assert refreshed.json["error"] == "invalid_grant"
    assert (await house.house.refresh(other["refresh_token"], NOTES_ID)).status == 200
    late = await house.exchange(waiting, client_id=NOTES_ID)
    assert (late.status, late.json["error"]) == (400, "invalid_grant")


async def test_an_application_that_was_disabled_is_known_to_nobody(house: AuthorizeHouse) -> None:
    cookie = house.sign_in()
    code = await house.code(cookie)
    write("UPDATE oauth_client SET disabled = true WHERE client_id = 'our-app'")

    assert (await house.authorize(cookie)).status == 400
    assert (await house.exchange(code)).json["error"] == "invalid_client"
