"""An application, a browser and our authorization endpoint, over a real database and Redis."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from shared.adapters import connect
from shared.adapters.redis.authorizations import RedisCodes
from shared.adapters.sql.identity import clients
from shared.adapters.sql.identity.accounts import BY_ID, to_account
from shared.adapters.sql.identity.browser import SqlBrowserSessions
from shared.identity.clients import CODE_GRANT, REFRESH_GRANT, Client
from shared.identity.proof import Proof
from shared.identity.scopes import USER_SCOPES
from shared.kernel.clock import SystemClock
from shared.runtime import authorizing
from shared.runtime.browser import COOKIE
from shared.runtime.messages import Request
from tests.fakes.edge import ask, load
from tests.fakes.identity import ADA, DAY

if TYPE_CHECKING:
    from shared.identity.authorization_desk import Authorizations
    from shared.identity.browser import BrowserSession
    from tests.fakes.edge import Answer
    from tests.fakes.identity_house import House

GRANTS = (CODE_GRANT, REFRESH_GRANT)
CALLBACK = "https://app.example/callback"
APP = Client(
    "our-app",
    "Our app",
    GRANTS,
    USER_SCOPES,
    7 * DAY,
    30 * DAY,
    redirect_uris=(CALLBACK, "http://127.0.0.1/callback", "example.app:/callback"),
    first_party=True,
)
NOTES = replace(APP, client_id="film-notes", name="Film notes", first_party=False)
STATE = "s" * 43
VERIFIER = "v" * 64
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPE = "read:content write:ratings"


class AuthorizeHouse:
    """The authorization endpoint beside the token endpoint of a `House`."""

    def __init__(self, house: House) -> None:
        self.house, self.function = house, load("identity_authorize")
        clients.register(connect.engine(), [APP, NOTES], now=SystemClock().now())

    @staticmethod
    def wish(**changed: str | None) -> dict[str, str]:
        """Return the parameters of a good request, some changed; None leaves one out."""
        usual = {
            "response_type": "code",
            "client_id": APP.client_id,
            "redirect_uri": CALLBACK,
            "scope": SCOPE,
            "state": STATE,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    async def visit(self, path: str, cookie: str = "") -> Answer:
        """Let a browser visit an address of ours."""
        headers = {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
        return await ask(self.function.handle, "GET", path, headers=headers)

    async def authorize(self, cookie: str = "", **changed: str | None) -> Answer:
        """Let an application ask by way of a browser."""
        return await self.visit(f"/auth/authorize?{urlencode(self.wish(**changed))}", cookie)

    async def code(self, cookie: str, **changed: str | None) -> str:
        """Return the code that an application is given at once."""
        said = told(await self.authorize(cookie, **changed))
        assert "code" in said, said
        return said["code"]

    async def exchange(self, code: str, **changed: str) -> Answer:
        """Show a code at the token endpoint."""
        usual = {
            "grant_type": CODE_GRANT,
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": APP.client_id,
            "code_verifier": VERIFIER,
        }
        form = {name: value for name, value in {**usual, **changed}.items() if value}
        return await self.house.post("/auth/token", **form)

    @staticmethod
    def sign_in(user: str = ADA, *, ago: timedelta = timedelta(0)) -> str:
        """Return the cookie of a browser whose user has signed in."""
        with connect.engine().connect() as connection:
            account = to_account(connection.execute(BY_ID(), {"user_id": user}).one())
        proof = Proof(account, ("pwd", "otp"), SystemClock().now() - ago)
        return SqlBrowserSessions(SystemClock()).start(proof)

    @staticmethod
    def session(cookie: str) -> BrowserSession:
        """Return the session of a cookie."""
        found = SqlBrowserSessions(SystemClock()).find(cookie)
        assert found is not None
        return found

    @staticmethod
    def desk() -> Authorizations:
        """Return what the pages decide with."""
        return authorizing.authorizations(Request("POST", "/auth/consent"))

    @staticmethod
    def codes() -> RedisCodes:
        """Return the codes that wait."""
        return RedisCodes()


def told(answer: Answer) -> dict[str, str]:
    """Return what a browser brings an application."""
    assert answer.status == 302, answer.body
    return parameters(answer.headers["location"])


def parameters(address: str) -> dict[str, Any]:
    """Return the parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
