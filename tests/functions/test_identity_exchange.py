"""Token exchange (RFC 8693): a server of ours acts for the user whose token it was shown."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.adapters import connect
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.exchange import live_session
from shared.identity.exchange import ACCESS_TOKEN, EXCHANGE_GRANT, derived_token
from shared.identity.tokens import ACCESS_LIFE
from shared.runtime import issuing
from tests.fakes.edge import ask, load
from tests.fakes.identity import ADA, AUDIENCE
from tests.fakes.identity_house import BASIC, ISSUER, House

if TYPE_CHECKING:
    from shared.identity.families import Family
    from tests.fakes.edge import Answer

JWT = "urn:ietf:params:oauth:token-type:jwt"
NOT_EXCHANGED: list[dict[str, str]] = [
    {"subject_token": ""},
    {"subject_token_type": ""},
    {"subject_token_type": JWT},
    {"requested_token_type": JWT},
    {"actor_token": "a.b.c", "actor_token_type": ACCESS_TOKEN},
    {"actor_token_type": ACCESS_TOKEN},
]


async def exchange(house: House, token: str, *headers: dict[str, str], **more: str) -> Answer:
    """Show a user's token as the server for assistants; what is empty is left out."""
    usual = {"grant_type": EXCHANGE_GRANT, "subject_token_type": ACCESS_TOKEN}
    given = {**usual, "subject_token": token, **more}
    form = {name: value for name, value in given.items() if value}
    return await house.post("/auth/token", *(headers or (BASIC,)), **form)


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says."""
    payload = token.split(".")[1]
    found: dict[str, Any] = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


def family_of(token: str) -> Family:
    """Return the session of a token."""
    found = live_session(claims_of(token)["sid"], 1)
    assert found is not None
    return found


@pytest.mark.behavior("oauth2:exchange:response")
async def test_an_exchanged_token_is_answered_with_its_type_and_without_refresh_token(
    identity: House,
) -> None:
    answer = await exchange(identity, identity.start().access_token)

    assert answer.status == 200, answer.body
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json.keys() == {
        "access_token", "issued_token_type", "token_type", "expires_in", "scope",
    }  # fmt: skip
    assert answer.json["issued_token_type"] == ACCESS_TOKEN
    assert answer.json["token_type"] == "Bearer"  # noqa: S105 - a kind of token


@pytest.mark.behavior("oauth2:exchange:actor")
async def test_an_exchanged_token_says_whose_it_is_and_who_acts(identity: House) -> None:
    token = identity.start().access_token
    before = claims_of(token)
    said = claims_of((await exchange(identity, token)).json["access_token"])

    assert said["act"] == {"sub": "mg-mcp"}
    assert (said["client_id"], said["aud"]) == ("mg-mcp", AUDIENCE)
    for name in ("sub", "sid", "ver", "tier", "roles"):
        assert said[name] == before[name]
    assert said["jti"] != before["jti"]
    assert not {"amr", "auth_time"} & said.keys()


async def test_an_exchanged_token_does_nothing_that_no_scope_covers(identity: House) -> None:
    token = (await exchange(identity, identity.start().access_token)).json["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    profile = load("identity_profile")
    answer = await ask(profile.handle, "GET", "/api/v1/users/me", headers=headers)

    assert (answer.status, answer.json["code"]) == (403, "not-covered")


@pytest.mark.behavior("oauth2:exchange:narrower")
async def test_an_exchanged_token_covers_no_more_than_user_and_application_may(
    identity: House,
) -> None:
    token = identity.start().access_token
    whole, part = [
        (await exchange(identity, token, scope=scope)).json["scope"]
        for scope in ("", "read:content")
    ]
    more = await exchange(identity, token, scope="read:content write:ratings")

    assert (whole, part) == ("read:content read:watchlist", "read:content")
    assert (more.status, more.json["error"]) == (400, "invalid_scope")


@pytest.mark.behavior("oauth2:exchange:life")
async def test_an_exchanged_token_ends_with_the_one_that_was_shown(identity: House) -> None:
    token = identity.start().access_token
    short = derived_token(
        issuing.issuer(), family_of(token), ["read:content"], life=timedelta(seconds=120)
    )
    said = claims_of((await exchange(identity, short)).json["access_token"])

    assert said["exp"] <= claims_of(short)["exp"]


@pytest.mark.behavior("oauth2:exchange:required")
async def test_what_is_missing_or_not_exchanged_here_is_an_invalid_request(
    identity: House,
) -> None:
    token = identity.start().access_token
    for changed in NOT_EXCHANGED:
        answer = await exchange(identity, token, **changed)
        assert (answer.status, answer.json["error"]) == (400, "invalid_request"), changed


@pytest.mark.behavior("attacks:token:leak-at-resource")
@pytest.mark.behavior("oauth2:exchange:target")
async def test_a_token_is_for_a_place_that_is_known(identity: House) -> None:
    token = identity.start().access_token
    for named in ({"resource": ISSUER}, {"audience": AUDIENCE, "resource": f"{ISSUER}/"}):
        assert (
            claims_of((await exchange(identity, token, **named)).json["access_token"])["aud"]
            == AUDIENCE
        )
    for named in ({"resource": "https://elsewhere.example"}, {"audience": "elsewhere"}):
        answer = await exchange(identity, token, **named)
        assert (answer.status, answer.json["error"]) == (400, "invalid_target")


@pytest.mark.behavior("oauth2:exchange:confidential")
async def test_only_an_application_with_a_secret_may_exchange(identity: House) -> None:
    token = identity.start().access_token
    public = await exchange(identity, token, {"accept": "*/*"}, client_id="mg-web")
    nobody = await exchange(identity, token, {"accept": "*/*"})
    with connect.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE oauth_client SET grant_types = '{refresh_token}'")
    barred = await exchange(identity, token)

    assert [(one.status, one.json["error"]) for one in (public, nobody)] == [
        (401, "invalid_client")
    ] * 2
    assert (barred.status, barred.json["error"]) == (400, "unauthorized_client")


@pytest.mark.behavior("oauth2:exchange:subject")
async def test_a_token_that_is_not_good_or_not_a_users_own_is_refused(identity: House) -> None:
    token = identity.start().access_token
    made, family = issuing.issuer(), family_of(token)
    acted = derived_token(made, family, ["read:content"], life=ACCESS_LIFE, actor="an admin")
    again = (await exchange(identity, token)).json["access_token"]
    foreign = derived_token(made, family, ["read:content"], life=ACCESS_LIFE, audience="else")
    late = derived_token(made, family, ["read:content"], life=timedelta(seconds=0))
    refresh = identity.start().refresh_token
    for shown in (acted, again, foreign, late, refresh, token[:-8] + "AAAAAAAA", "x"):
        answer = await exchange(identity, shown)
        assert (answer.status, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.behavior("oauth2:exchange:revoked")
async def test_the_token_of_an_ended_session_or_one_that_was_revoked_is_refused(
    identity: House,
) -> None:
    ended, denied, outdated = (identity.start().access_token for _ in range(3))
    issuing.sessions().end(claims_of(ended)["sid"], "logout")
    RedisRevocations().token(claims_of(denied)["jti"], ACCESS_LIFE)
    good = await exchange(identity, outdated)
    issuing.sessions().end_all(ADA, reason="logout")

    assert good.status == 200
    for shown in (ended, denied, outdated):
        assert (await exchange(identity, shown)).json["error"] == "invalid_request"
