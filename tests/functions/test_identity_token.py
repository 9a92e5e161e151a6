"""The token endpoint and what belongs to it, over a real database and a real Redis."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import orjson
import pytest

from shared.adapters import connect
from shared.adapters.jwks import public_keys
from shared.identity.protocol_answers import (
    DeviceAnswer,
    IssuerMetadata,
    KeySet,
    ResourceMetadata,
    Tokens,
    WhatItIs,
)
from shared.kernel.principal import principal_of
from shared.runtime.viewer import authorize
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity import ADA, SECRET
from tests.fakes.identity_house import BASIC, FORM, ISSUER, House, rows, write
from tests.fakes.surroundings import change

METADATA = "/.well-known/oauth-authorization-server"
KEYS = "/.well-known/jwks.json"


def refused(answer: Answer) -> tuple[int, str]:
    """Return status and error of an answer that has the form of one."""
    assert set(answer.json) <= {"error", "error_description"}, answer.body
    assert answer.headers["cache-control"] == "no-store"
    return answer.status, answer.json["error"]


@pytest.mark.behavior("oauth2:token:success-response")
@pytest.mark.behavior("oauth2:token:never-cached")
@pytest.mark.behavior("oauth2:refresh:rotation")
async def test_a_refresh_token_gives_another_and_an_access_token(identity: House) -> None:
    first = identity.start()
    answer = await identity.refresh(first.refresh_token)

    assert answer.status == 200, answer.body
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    said = answer.json
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 900, first.scope)
    assert said["refresh_token"] != first.refresh_token
    who = await authorize("user", ["read:watchlist"], bearer(said["access_token"]))
    assert (who.sub, who.client_id) == (ADA, "mg-web")


def bearer(token: str) -> dict[str, str]:
    """Return the header field of a token."""
    return {"authorization": f"Bearer {token}"}


@pytest.mark.behavior("identity:5.3:claims")
@pytest.mark.behavior("oauth2:access-token:header")
@pytest.mark.behavior("oauth2:access-token:claims")
async def test_an_access_token_has_the_header_and_claims_of_its_profile(identity: House) -> None:
    token = identity.start().access_token
    header, claims = (orjson.loads(urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])

    (kid,) = public_keys((await ask(identity.tokens.handle, "GET", KEYS)).body)
    assert header == {"alg": "EdDSA", "typ": "at+jwt", "kid": kid}
    needed = {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "nbf", "scope", "auth_time"}
    assert needed <= claims.keys()
    assert (claims["iss"], claims["aud"], claims["exp"] - claims["iat"]) == (
        ISSUER,
        "media-gateway",
        900,
    )
    assert principal_of(claims).sub == ADA
    assert not {"email", "name"} & claims.keys()


@pytest.mark.behavior("identity:5.5:limit")
@pytest.mark.behavior("oauth2:refresh:scope-may-shrink")
@pytest.mark.behavior("oauth2:refresh:scope-never-grows")
async def test_scopes_may_shrink_for_a_token_and_never_grow(identity: House) -> None:
    token = identity.start("mg-mcp").refresh_token
    less = await identity.refresh(token, "mg-mcp", client_secret="", scope="read:content")
    assert refused(less) == (401, "invalid_client")

    less = await identity.post(
        "/auth/token", BASIC, grant_type="refresh_token", refresh_token=token, scope="read:content"
    )
    assert (less.status, less.json["scope"]) == (200, "read:content")
    token = less.json["refresh_token"]
    more = await identity.post(
        "/auth/token", BASIC, grant_type="refresh_token", refresh_token=token, scope="admin:full"
    )
    assert refused(more) == (400, "invalid_scope")
    all_again = await identity.post(
        "/auth/token", BASIC, grant_type="refresh_token", refresh_token=token
    )
    assert all_again.json["scope"] == "read:content read:watchlist"


REFUSALS: list[tuple[dict[str, str], tuple[int, str]]] = [
    ({"grant_type": ""}, (400, "unsupported_grant_type")),
    ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    ({"grant_type": "client_credentials"}, (400, "unsupported_grant_type")),
    ({"refresh_token": ""}, (400, "invalid_request")),
    ({"refresh_token": "x"}, (400, "invalid_grant")),
    ({"refresh_token": "mgr_" + "A" * 43}, (400, "invalid_grant")),
    ({"client_id": ""}, (401, "invalid_client")),
    ({"client_id": "nobody"}, (401, "invalid_client")),
    ({"client_id": "mg\x00web"}, (401, "invalid_client")),
    ({"client_secret": "x"}, (401, "invalid_client")),
    ({"client_id": "mg-mcp"}, (401, "invalid_client")),
    ({"client_id": "mg-tv"}, (400, "invalid_grant")),
    ({"scope": "read:everything"}, (400, "invalid_scope")),
]


@pytest.mark.behavior("oauth2:token:error-response")
@pytest.mark.behavior("oauth2:token:no-password")
@pytest.mark.behavior("oauth2:token:unknown-client")
@pytest.mark.behavior("oauth2:refresh:bound-to-client")
async def test_what_is_not_granted_has_an_error_of_the_standard_and_uses_up_nothing(
    identity: House,
) -> None:
    token = identity.start().refresh_token
    given = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "mg-web"}

    for change_of, expected in REFUSALS:
        answer = await identity.post("/auth/token", **{**given, **change_of})
        assert (change_of, refused(answer)) == (change_of, expected)
        assert token.encode() not in answer.body

    assert (await identity.refresh(token)).status == 200


@pytest.mark.behavior("oauth2:token:unauthorized-grant")
async def test_a_grant_that_is_not_the_clients_is_refused(identity: House) -> None:
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    answer = await identity.post(
        "/auth/token", grant_type=grant, device_code="x", client_id="mg-web"
    )
    assert refused(answer) == (400, "unauthorized_client")


@pytest.mark.behavior("oauth2:client:basic-failure-is-401")
async def test_a_client_that_shows_the_wrong_secret_is_challenged(identity: House) -> None:
    for said in ("Basic bWctbWNwOndyb25n", "Basic !!", "Basic /////w==", "Basic", "Bearer x"):
        answer = await identity.post("/auth/introspect", {"authorization": said}, token="x")  # noqa: S106 - none
        assert refused(answer) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.behavior("oauth2:client:one-method")
async def test_a_client_that_shows_who_it_is_in_two_ways_is_refused(identity: House) -> None:
    twice = await identity.post("/auth/introspect", BASIC, token="x", client_secret="y")  # noqa: S106 - none
    other = await identity.post("/auth/introspect", BASIC, token="x", client_id="mg-web")  # noqa: S106 - none

    assert refused(twice) == refused(other) == (400, "invalid_request")


@pytest.mark.behavior("attacks:asvs:3.1.1")
@pytest.mark.behavior("oauth2:client:secret-never-in-the-address")
async def test_a_secret_in_the_address_proves_nothing(identity: House) -> None:
    path = f"/auth/introspect?client_id=mg-mcp&client_secret={SECRET}"
    answer = await ask(identity.tokens.handle, "POST", path, body=b"token=x", headers=FORM)
    assert refused(answer) == (401, "invalid_client")

    form = {"client_id": "mg-mcp", "client_secret": SECRET, "token": "x"}
    assert (await identity.post("/auth/introspect", **form)).json == {"active": False}


@pytest.mark.behavior("oauth2:request:empty-and-unknown-parameters")
async def test_an_empty_field_is_none_and_an_unknown_one_is_ignored(identity: House) -> None:
    answer = await identity.refresh(
        identity.start().refresh_token, scope="", client_secret="", another="field"
    )
    assert answer.status == 200, answer.body


@pytest.mark.behavior("oauth2:request:parameters-once")
@pytest.mark.behavior("oauth2:request:form")
async def test_what_is_no_form_is_no_request(identity: House) -> None:
    many = b"&".join(b"n%d=x" % n for n in range(60))
    forms = [b"token=x&token=y", b"token=%ff", b"\xff", many]
    others = [("application/json", b"{}"), ("", b"token=x")]
    for kind, body in [*others, *((FORM["content-type"], each) for each in forms)]:
        for path in ("/auth/token", "/auth/revoke", "/auth/introspect"):
            headers = {"content-type": kind, **BASIC}
            answer = await ask(identity.tokens.handle, "POST", path, body=body, headers=headers)
            assert refused(answer) == (400, "invalid_request")


@pytest.mark.behavior("oauth2:token:post-only")
@pytest.mark.behavior("oauth2:introspect:post-only")
async def test_tokens_are_asked_for_by_post_alone(identity: House) -> None:
    for path in ("/auth/introspect?token=x", "/auth/revoke?token=x"):
        other = await ask(identity.tokens.handle, "GET", path)
        assert (other.status, other.headers["allow"]) == (405, "POST")
    answer = await ask(identity.tokens.handle, "GET", "/auth/token?grant_type=refresh_token")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.behavior("oauth2:refresh:grace-is-idempotent")
async def test_a_retry_gets_the_same_refresh_token_and_an_access_token_that_works(
    identity: House,
) -> None:
    token = identity.start().refresh_token
    first, second = [(await identity.refresh(token)).json for _ in range(2)]

    assert first["refresh_token"] == second["refresh_token"]
    assert (await authorize("user", [], bearer(second["access_token"]))).sub == ADA


@pytest.mark.behavior("attacks:token:replay-of-refresh")
@pytest.mark.behavior("oauth2:refresh:reuse-ends-the-session")
async def test_a_token_shown_later_ends_the_session_at_once_for_its_successor_too(
    identity: House,
) -> None:
    token = identity.start().refresh_token
    tokens = (await identity.refresh(token)).json
    write("UPDATE refresh_token SET used_at = used_at - interval '11 s' WHERE seq = 1")

    assert refused(await identity.refresh(token)) == (400, "invalid_grant")
    assert refused(await identity.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert await identity.introspect(tokens["access_token"]) == {"active": False}
    ((details, request_id),) = rows("SELECT details, request_id FROM audit.audit_log")
    assert details == {"user": ADA, "client": "mg-web"}
    assert request_id


async def test_a_session_that_refreshes_too_often_is_told_when_to_come_back(
    identity: House,
) -> None:
    token = identity.start().refresh_token
    for _ in range(10):
        token = (await identity.refresh(token)).json["refresh_token"]

    answer = await identity.refresh(token)

    assert refused(answer) == (429, "temporarily_unavailable")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


@pytest.mark.behavior("oauth2:revoke:refresh-token-ends-the-session")
@pytest.mark.behavior("oauth2:revoke:answer")
async def test_a_revoked_refresh_token_ends_its_session_with_all_access_tokens(
    identity: House,
) -> None:
    tokens = identity.start()
    for _ in range(2):
        answer = await identity.post(
            "/auth/revoke",
            token=tokens.refresh_token,
            client_id="mg-web",
            token_type_hint="odd",  # noqa: S106 - none
        )
        assert (answer.status, answer.body) == (200, b"")

    assert refused(await identity.refresh(tokens.refresh_token)) == (400, "invalid_grant")
    assert await identity.introspect(tokens.access_token) == {"active": False}


@pytest.mark.behavior("oauth2:revoke:access-token")
async def test_a_revoked_access_token_is_dead_and_its_session_goes_on(identity: House) -> None:
    tokens = identity.start()
    answer = await identity.post("/auth/revoke", token=tokens.access_token, client_id="mg-web")

    assert answer.status == 200
    assert await identity.introspect(tokens.access_token) == {"active": False}
    assert (await identity.refresh(tokens.refresh_token)).status == 200


@pytest.mark.behavior("oauth2:revoke:unknown-token")
async def test_a_token_that_is_none_is_revoked_already(identity: House) -> None:
    for token in ("x", "mgr_" + "A" * 43, "a.b.c", "é"):
        answer = await identity.post("/auth/revoke", token=token, client_id="mg-web")
        assert (answer.status, answer.body) == (200, b"")


@pytest.mark.behavior("oauth2:revoke:bound-to-client")
@pytest.mark.behavior("oauth2:revoke:client-authenticates")
async def test_nobody_revokes_tokens_of_another_client(identity: House) -> None:
    tokens = identity.start()
    for token in (tokens.refresh_token, tokens.access_token):
        other = await identity.post("/auth/revoke", token=token, client_id="mg-tv")
        nobody = await identity.post("/auth/revoke", token=token)
        assert (refused(other), refused(nobody)) == (
            (400, "invalid_grant"),
            (401, "invalid_client"),
        )

    assert (await identity.introspect(tokens.access_token))["active"]


@pytest.mark.behavior("oauth2:introspect:answer")
async def test_a_confidential_client_learns_what_a_token_is(identity: House) -> None:
    tokens = identity.start()
    access = await identity.introspect(tokens.access_token)
    refresh = await identity.introspect(tokens.refresh_token)

    for said in (access, refresh):
        assert (said["active"], said["sub"], said["client_id"]) == (True, ADA, "mg-web")
        assert (said["iss"], said["aud"]) == (ISSUER, "media-gateway")
        assert set(said["scope"].split()) == set(tokens.scope.split())
    assert access["token_type"] == "Bearer"  # noqa: S105 - a kind of token
    assert refresh["exp"] > access["exp"]


@pytest.mark.behavior("oauth2:introspect:inactive-says-nothing")
async def test_of_a_token_that_is_not_good_nothing_is_said(identity: House) -> None:
    for token in ("x", "mgr_" + "A" * 43, "a.b.c", "e30.e30.e30"):
        assert await identity.introspect(token) == {"active": False}


@pytest.mark.behavior("oauth2:introspect:client-authenticates")
async def test_a_public_client_learns_nothing_of_tokens(identity: House) -> None:
    tokens = identity.start()
    answer = await identity.post("/auth/introspect", token=tokens.access_token, client_id="mg-web")
    assert refused(answer) == (401, "invalid_client")


@pytest.mark.behavior("oauth2:introspect:live-account")
async def test_tokens_of_an_account_that_was_closed_are_not_active(identity: House) -> None:
    tokens = identity.start()
    for closed, open_again in (
        ("status = 'suspended'", "status = 'active'"),
        ("deleted_at = now()", "deleted_at = NULL"),
        ("token_version = 2", "token_version = 1"),
    ):
        assert (await identity.introspect(tokens.access_token))["active"]
        write(f"UPDATE app_user SET {closed}")  # noqa: S608 - of this test
        assert await identity.introspect(tokens.access_token) == {"active": False}
        write(f"UPDATE app_user SET {open_again}")  # noqa: S608 - of this test


@pytest.mark.behavior("oauth2:metadata:document")
@pytest.mark.behavior("oauth2:metadata:says-iss-and-pkce")
@pytest.mark.behavior("oauth2:metadata:only-what-is-served")
async def test_the_issuer_names_what_is_served_and_nothing_else(identity: House) -> None:
    answer = await ask(identity.tokens.handle, "GET", METADATA)

    said = answer.json
    assert (said["issuer"], answer.headers["cache-control"]) == (ISSUER, "public, max-age=3600")
    places = {v.removeprefix(ISSUER) for n, v in said.items() if n.endswith(("_endpoint", "_uri"))}
    served = set()
    modules = {"/auth/device": identity.devices, "/auth/authorize": load("identity_authorize")}
    for path in places:
        module = modules.get(path, identity.tokens)
        method = "GET" if path.startswith(("/.well", "/auth/authorize")) else "POST"
        served |= {path} if (await ask(module.handle, method, path)).status != 404 else set()
    assert served == places
    assert len(places) == 6
    assert said["response_types_supported"] == ["code"]
    assert "password" not in said["grant_types_supported"]
    assert said["authorization_response_iss_parameter_supported"] is True
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert answer.headers["content-type"].startswith("application/json")
    for grant in said["grant_types_supported"]:
        answer = await identity.post("/auth/token", grant_type=grant, client_id="mg-tv")
        assert refused(answer)[1] in {"invalid_request", "unauthorized_client", "invalid_client"}


@pytest.mark.behavior("oauth2:metadata:openid")
async def test_who_looks_for_openid_finds_the_same(identity: House) -> None:
    plain = await ask(identity.tokens.handle, "GET", METADATA)
    found = await ask(identity.tokens.handle, "GET", "/.well-known/openid-configuration")

    assert found.json == plain.json
    assert found.json["id_token_signing_alg_values_supported"] == ["EdDSA"]
    assert found.json["subject_types_supported"] == ["public"]
    assert found.json["request_uri_parameter_supported"] is False


@pytest.mark.behavior("oauth2:metadata:resource")
async def test_the_api_says_who_lets_callers_in(identity: House) -> None:
    answer = await ask(identity.tokens.handle, "GET", "/.well-known/oauth-protected-resource")

    said = ResourceMetadata.model_validate_json(answer.body, strict=True)
    assert (said.resource, said.authorization_servers) == (ISSUER, [ISSUER])
    assert said.bearer_methods_supported == ["header"]


@pytest.mark.behavior("oauth2:keys:public-only")
async def test_keys_are_shown_without_their_secret_part(identity: House) -> None:
    answer = await ask(identity.tokens.handle, "GET", KEYS)

    (key,) = answer.json["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert answer.headers["cache-control"] == "public, max-age=300"


@pytest.mark.behavior("oauth2:revoke:unavailable")
async def test_without_redis_sessions_go_on_and_a_revocation_is_to_be_repeated(
    identity: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = identity.start()
    connect.redis().close()
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": "redis://127.0.0.1:1/0"})

    refreshed = await identity.refresh(tokens.refresh_token)
    assert refreshed.status == 200
    answer = await identity.post(
        "/auth/revoke", token=refreshed.json["refresh_token"], client_id="mg-web"
    )

    assert refused(answer) == (503, "temporarily_unavailable")
    assert answer.headers["retry-after"] == "1"
    assert refused(await identity.refresh(refreshed.json["refresh_token"])) == (
        400,
        "invalid_grant",
    )


async def test_answers_are_what_the_document_says(identity: House) -> None:
    tokens = await identity.refresh(identity.start().refresh_token)
    known = await identity.post("/auth/introspect", BASIC, token=tokens.json["access_token"])
    told = await ask(identity.tokens.handle, "GET", METADATA)
    keys = await ask(identity.tokens.handle, "GET", KEYS)
    begun = await identity.post("/auth/device", client_id="mg-tv")

    Tokens.model_validate_json(tokens.body, strict=True)
    WhatItIs.model_validate_json(known.body, strict=True)
    IssuerMetadata.model_validate_json(told.body, strict=True)
    KeySet.model_validate_json(keys.body, strict=True)
    DeviceAnswer.model_validate_json(begun.body, strict=True)


async def test_it_is_ready_where_keys_database_and_redis_are(identity: House) -> None:
    answer: Any = await ask(identity.tokens.handle, "GET", "/health/ready")
    assert answer.status == 200, answer.body
