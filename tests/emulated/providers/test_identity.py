"""The fake accounts elsewhere behave as the real ones do, right and wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
import pytest_asyncio
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import ECKey, KeySet

from emulators.core.server import Endpoint
from emulators.providers.identity.routes import NAME, identity_routes
from emulators.providers.identity.state import CLIENT_ID, CLIENT_SECRET, KEY_ID, TEAM_ID, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emulators.core.context import Context
    from tests.emulated.conftest import Emulator, ServeEmulator

BACK = "https://api.example/auth/oauth/google/callback"
VERIFIER = "v" * 43
NONCE = "n-0S6_WzA2Mj"


@dataclass(frozen=True)
class Elsewhere:
    """The running fakes, and a session to ask them with."""

    emulator: Emulator
    session: aiohttp.ClientSession

    def url(self, path: str) -> str:
        """Return an address of theirs."""
        return f"http://{self.emulator.address}{path}"

    async def get(self, path: str, **headers: str) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON at a path."""
        async with self.session.get(self.url(path), headers=headers) as answer:
            return await answer.json(content_type=None)

    async def put(self, path: str, body: object) -> int:
        """Change something."""
        async with self.session.put(self.url(path), json=body) as answer:
            return answer.status

    async def authorized(self, provider: str, **more: str) -> tuple[int, dict[str, str], str]:
        """Go to the sign-in page; returns status, parameters of where it leads, and its text."""
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "openid email",
            "state": "s" * 32,
            "nonce": NONCE,
            "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
            **more,
        }
        url = self.url(f"/identity/{provider}/authorize?{urlencode(asked)}")
        async with self.session.get(url, allow_redirects=False) as answer:
            found = dict(parse_qsl(urlsplit(answer.headers.get("location", "")).query))
            return answer.status, found, await answer.text()

    async def redeemed(
        self, provider: str, code: str, **changes: str
    ) -> tuple[int, dict[str, Any]]:
        """Show a code to the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "code_verifier": VERIFIER,
            **changes,
        }
        name = "access_token" if provider == "github" else "token"
        json_please = {"accept": "application/json"}
        async with self.session.post(
            self.url(f"/identity/{provider}/{name}"), data=form, headers=json_please
        ) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest_asyncio.fixture
async def elsewhere(serve_emulator: ServeEmulator) -> AsyncIterator[Elsewhere]:
    """The fakes."""

    async def build(context: Context) -> Endpoint:
        routes = identity_routes(context, State(context.clock))
        return Endpoint(NAME, routes=lambda: routes)

    emulator = await serve_emulator(build)
    async with aiohttp.ClientSession() as session:
        yield Elsewhere(emulator, session)


async def test_an_issuer_says_where_everything_is_and_signs_what_its_keys_prove(
    elsewhere: Elsewhere,
) -> None:
    metadata = await elsewhere.get("/identity/google/.well-known/openid-configuration")
    _, answer, _ = await elsewhere.authorized("google")

    status, tokens = await elsewhere.redeemed("google", answer["code"])

    assert status == 200
    assert metadata["issuer"] == answer["iss"] == elsewhere.url("/identity/google")
    keys = KeySet.import_key_set(await elsewhere.get(urlsplit(metadata["jwks_uri"]).path))
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["aud"], claims["nonce"], claims["sub"]) == (CLIENT_ID, NONCE, "100001")
    assert claims["email_verified"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43},
        {"redirect_uri": "https://evil.example/callback"},
        {"code": "made-up"},
    ],
)
async def test_a_code_is_for_who_began_and_is_burnt_by_a_wrong_try(
    elsewhere: Elsewhere, wrong: dict[str, str]
) -> None:
    _, answer, _ = await elsewhere.authorized("google")

    status, refused = await elsewhere.redeemed("google", **{"code": answer["code"], **wrong})

    assert (status, refused["error"]) == (400, "invalid_grant")


async def test_a_code_works_once_and_a_minute(elsewhere: Elsewhere) -> None:
    _, first, _ = await elsewhere.authorized("oidc")
    _, second, _ = await elsewhere.authorized("oidc")

    assert (await elsewhere.redeemed("oidc", first["code"]))[0] == 200
    assert (await elsewhere.redeemed("oidc", first["code"]))[0] == 400
    elsewhere.emulator.clock.advance(61)
    assert (await elsewhere.redeemed("oidc", second["code"]))[0] == 400


async def test_a_client_that_proves_nothing_is_refused(elsewhere: Elsewhere) -> None:
    _, answer, _ = await elsewhere.authorized("google")

    status, refused = await elsewhere.redeemed("google", answer["code"], client_secret="no")  # noqa: S106 - of tests

    assert (status, refused["error"]) == (401, "invalid_client")


async def test_apple_takes_a_secret_that_its_key_signed_and_posts_its_answer(
    elsewhere: Elsewhere,
) -> None:
    key = ECKey.generate_key("P-256")
    await elsewhere.put("/_mg/identity/apple/key", key.as_dict(private=False))
    asked = {"response_mode": "form_post", "scope": "name email"}
    status, _, page = await elsewhere.authorized("apple", **asked)
    code = page.partition('name="code" value="')[2].partition('"')[0]
    now = int(elsewhere.emulator.clock.now())
    ours = {"iss": TEAM_ID, "sub": CLIENT_ID, "aud": elsewhere.url("/identity/apple"), "iat": now}

    def secret(signer: ECKey, life: int) -> str:
        return jwt.encode({"alg": "ES256", "kid": KEY_ID}, {**ours, "exp": now + life}, signer)

    assert (status, 'method="post"' in page) == (200, True)
    for signer, life in ((ECKey.generate_key("P-256"), 60), (key, 16_000_000), (key, -1)):
        refused = await elsewhere.redeemed("apple", code, client_secret=secret(signer, life))
        assert refused[0] == 401
    good = await elsewhere.redeemed("apple", code, client_secret=secret(key, 60))
    assert good[0] == 200, good


async def test_apple_shows_no_page_without_the_form_and_tells_a_name_once(
    elsewhere: Elsewhere,
) -> None:
    assert (await elsewhere.authorized("apple"))[0] == 400
    asked = {"response_mode": "form_post", "scope": "name email"}

    told = [(await elsewhere.authorized("apple", **asked))[2] for _ in range(2)]

    assert ["firstName" in page for page in told] == [True, False]


async def test_github_answers_as_a_form_unless_json_is_asked_for_and_refuses_with_200(
    elsewhere: Elsewhere,
) -> None:
    _, answer, _ = await elsewhere.authorized("github")
    status, tokens = await elsewhere.redeemed("github", answer["code"])
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}

    user = await elsewhere.get("/identity/github/api/user", **bearer)
    (address,) = await elsewhere.get("/identity/github/api/user/emails", **bearer)
    refused = await elsewhere.redeemed("github", answer["code"])

    assert (status, user["id"], user["email"]) == (200, 100001, None)
    assert (address["primary"], address["verified"]) == (True, True)
    assert refused == (200, {"error": "bad_verification_code"})
    form = {"client_id": CLIENT_ID, "client_secret": "no"}
    async with elsewhere.session.post(
        elsewhere.url("/identity/github/access_token"), data=form
    ) as plain:
        assert await plain.text() == "error=incorrect_client_credentials"


async def test_a_fake_does_wrong_what_it_is_told_to_and_nothing_else_may_be_asked_of_it(
    elsewhere: Elsewhere,
) -> None:
    assert await elsewhere.put("/_mg/identity/google", {"fault": "unknown_kid"}) == 200
    _, answer, _ = await elsewhere.authorized("google")
    _, tokens = await elsewhere.redeemed("google", answer["code"])

    keys = KeySet.import_key_set(await elsewhere.get("/identity/google/keys"))
    with pytest.raises(InvalidKeyIdError):
        jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
    assert await elsewhere.put("/_mg/identity/google", {"fault": "no such thing"}) == 400
    assert await elsewhere.put("/_mg/identity/facebook", {"fault": ""}) == 404
    shown = await elsewhere.get("/_mg/identity")
    assert shown["google"]["fault"] == "unknown_kid"
    assert shown["github"]["fault"] == ""


async def test_somebody_else_signs_in_once_chosen(elsewhere: Elsewhere) -> None:
    person = {"subject": 7, "email": "sam@example.com", "email_verified": False, "name": "Sam"}
    await elsewhere.put("/_mg/identity/oidc", {"person": person, "rotate_keys": True})
    _, answer, _ = await elsewhere.authorized("oidc")

    _, tokens = await elsewhere.redeemed("oidc", answer["code"])

    keys = KeySet.import_key_set(await elsewhere.get("/identity/oidc/keys"))
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["sub"], claims["email"], claims["email_verified"]) == (
        "7",
        "sam@example.com",
        False,
    )
