"""Who is given a token, and who is not."""

from __future__ import annotations

import base64
import json
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from emulators.core.clock import VirtualClock
from emulators.core.identity import Signer
from emulators.core.metadata import metadata_routes
from emulators.core.server import Endpoint, serve
from emulators.tokens.credentials import TOKEN_URI, Credentials
from emulators.tokens.grants import JWT_BEARER, REFRESH, Grants
from emulators.tokens.impersonation import Impersonation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PROJECT = "local"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True)
class Desk:
    """The token endpoints of one local cloud, and a caller."""

    url: str
    http: aiohttp.ClientSession
    signer: Signer
    credentials: Credentials
    clock: VirtualClock

    async def ask(self, **form: str) -> tuple[int, dict[str, Any]]:
        """Return status and body of one grant."""
        async with self.http.post(f"{self.url}/token", data=form) as answer:
            assert answer.headers["Cache-Control"] == "no-store"
            return answer.status, await answer.json()

    async def redeem(self, key: RSAKey | None = None, **changed: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - claims
        """Redeem an assertion that is right but for what is changed."""
        return await self.ask(grant_type=JWT_BEARER, assertion=self.signed(key, **changed))

    def signed(self, key: RSAKey | None = None, **changed: Any) -> str:  # noqa: ANN401 - claims
        """Return a signed assertion."""
        now = int(self.clock.now())
        right = {
            "iss": self.credentials.email,
            "aud": TOKEN_URI,
            "scope": SCOPE,
            "iat": now,
            "exp": now + 3600,
        }
        claims = {name: value for name, value in (right | changed).items() if value is not None}
        return jwt.encode({"alg": "RS256"}, claims, key or self.credentials.key())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    made = Credentials(tmp_path_factory.mktemp("credentials"), PROJECT)
    made.service_account_file()
    return made


@pytest_asyncio.fixture
async def desk(credentials: Credentials) -> AsyncIterator[Desk]:
    clock = VirtualClock()
    signer = Signer(clock)
    grants = Grants(signer, credentials, clock)
    impersonation = Impersonation(signer, credentials, grants, clock)
    routes = [*grants.routes(), *impersonation.routes()]
    routes += metadata_routes(signer, PROJECT, "us-central1")
    running = await serve(Endpoint("console", routes=lambda: routes), 0)
    async with aiohttp.ClientSession() as http:
        yield Desk(f"http://{running.address}", http, signer, credentials, clock)
    await running.stop()


async def test_an_assertion_of_our_key_is_worth_a_token(desk: Desk) -> None:
    status, access = await desk.redeem()
    _, named = await desk.redeem(scope=None, target_audience="https://a.example")

    assert (status, access["token_type"]) == (200, "Bearer")
    assert desk.signer.verify(access["access_token"], SCOPE)["email"] == desk.credentials.email
    assert desk.signer.verify(named["id_token"], "https://a.example")["email_verified"] is True


@pytest.mark.parametrize(
    ("changed", "code", "says"),
    [
        ({"iat": 1, "exp": 3600}, "invalid_grant", "short-lived token"),
        ({"exp": 2**40}, "invalid_grant", "short-lived token"),
        ({"iat": 2**40, "exp": 2**40 + 60}, "invalid_grant", "short-lived token"),
        ({"exp": None}, "invalid_grant", "iat and exp"),
        ({"exp": "soon"}, "invalid_grant", ""),
        ({"aud": "https://a.example"}, "invalid_grant", "audience"),
        ({"iss": "somebody@else.example"}, "invalid_grant", "account not found"),
        ({"scope": None}, "invalid_scope", "scope"),
    ],
)
async def test_an_assertion_that_says_the_wrong_thing_is_refused(
    desk: Desk, changed: dict[str, Any], code: str, says: str
) -> None:
    status, answer = await desk.redeem(**changed)

    assert (status, answer["error"]) == (400, code)
    assert says in answer["error_description"]


async def test_a_forged_assertion_is_refused(desk: Desk) -> None:
    forged = await desk.redeem(RSAKey.generate_key(2048))
    head, claims, signature = desk.signed().split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    mixed_up = jwt.encode({"alg": "HS256"}, {"iss": "x"}, OctKey.import_key("public" * 8))
    tampered = [
        f"{head}.{claims[:-2]}AA.{signature}",
        "not.a.token",
        "",
        f"{none}.{claims}.",
        mixed_up,
    ]
    answers = [await desk.ask(grant_type=JWT_BEARER, assertion=each) for each in tampered]

    for status, answer in (forged, *answers):
        assert (status, answer["error"]) == (400, "invalid_grant")


async def test_only_the_login_of_the_file_is_renewed(desk: Desk, credentials: Credentials) -> None:
    login = json.loads(credentials.user_file().read_text())
    form = {name: login[name] for name in ("client_id", "client_secret", "refresh_token")}

    status, answer = await desk.ask(grant_type=REFRESH, **form)
    refused = [await desk.ask(grant_type=REFRESH, **form | {name: "other"}) for name in form]

    assert status == 200
    assert desk.signer.verify(answer["access_token"], SCOPE)["email"] == credentials.user
    assert [(code, body["error"]) for code, body in refused] == [(400, "invalid_grant")] * 3
    assert (await desk.ask(grant_type="password"))[1]["error"] == "unsupported_grant_type"


def test_files_of_credentials_are_for_us_alone(credentials: Credentials) -> None:
    for file in (credentials.service_account_file(), credentials.user_file()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_an_account_is_acted_for_with_a_token_of_ours_alone(desk: Desk) -> None:
    account = f"{desk.url}/v1/projects/-/serviceAccounts/{desk.credentials.email}"
    body = {"audience": "https://a.example"}

    async def ask(bearer: str, url: str = account, sent: object = body) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        async with desk.http.post(f"{url}:generateIdToken", json=sent, headers=headers) as answer:
            return answer.status, await answer.json()

    ours = desk.signer.access_token(desk.credentials.email)
    assert (await ask(ours))[0] == 200
    assert (await ask(desk.signed()))[0] == 200
    assert (await ask(""))[0] == 401
    assert (await ask(desk.signed(RSAKey.generate_key(2048))))[0] == 401
    assert (await ask(desk.signer.token("https://b.example", "a@b.example")))[0] == 401
    assert (await ask(ours, f"{desk.url}/v1/projects/-/serviceAccounts/other@x.example"))[0] == 404
    status, answer = await ask(ours, sent=body | {"includeName": True})
    assert (status, "includeName" in answer["error"]["message"]) == (400, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Metadata-Flavor": "Other"}, 403),
        ({"Metadata-Flavor": "Google", "X-Forwarded-For": "10.0.0.1"}, 403),
        ({"Metadata-Flavor": "Google"}, 200),
    ],
)
@pytest.mark.parametrize(
    "path", ["project/project-id", "instance/zone", "instance/service-accounts/default/token"]
)
async def test_the_metadata_server_wants_its_header_and_sends_it(
    desk: Desk, path: str, headers: dict[str, str], status: int
) -> None:
    url = f"{desk.url}/computeMetadata/v1/{path}"
    async with desk.http.get(url, headers=headers) as answer:
        assert answer.status == status
        assert answer.headers["Metadata-Flavor"] == "Google"
