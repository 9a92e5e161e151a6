"""The face of GitHub: OAuth 2.0 with answers of its own form, and two calls of its API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from emulators.core import errors
from emulators.providers.identity import proofs
from emulators.providers.identity.state import CLIENT_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.providers.identity.state import Person, State

NAME = "github"
SCOPES = "read:user,user:email"


class GitHub:
    """GitHub below ``/identity/github``, its API below ``…/api``."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def authorize(self, request: web.Request) -> web.Response:
        """Let the chosen person in at once, and send the browser back."""
        asked = request.query
        if asked.get("client_id") != CLIENT_ID or not asked.get("redirect_uri"):
            raise errors.invalid_argument("no such client, or no redirect URI")
        if asked.get("code_challenge_method", "S256") != "S256":
            raise errors.invalid_argument("of challenges S256 alone is taken")
        answer = {"state": asked.get("state", "")}
        if self._state.fake(NAME).fault == "denied":
            answer["error"] = "access_denied"
        else:
            where, challenge = asked["redirect_uri"], asked.get("code_challenge", "")
            answer["code"] = self._state.grant(NAME, redirect_uri=where, challenge=challenge)
        location = f"{asked['redirect_uri']}?{urlencode(answer)}"
        return web.Response(status=302, headers={"location": location})

    async def access_token(self, request: web.Request) -> web.Response:
        """Make a code into a token; refusals are answered with 200, as there."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not proofs.is_client(form, ""):
            return _said(request, {"error": "incorrect_client_credentials"})
        grant = self._state.take(form.get("code", ""), NAME)
        if grant is None or not proofs.began(grant, form):
            return _said(request, {"error": "bad_verification_code"})
        token = self._state.token(grant)
        return _said(request, {"access_token": token, "scope": SCOPES, "token_type": "bearer"})

    async def user(self, request: web.Request) -> web.Response:
        """Answer with who a token is of."""
        person = self._person(request)
        login = person.name.lower().replace(" ", "-") or f"user-{person.subject}"
        return web.json_response(
            {"id": person.subject, "login": login, "name": person.name or None, "email": None}
        )

    async def emails(self, request: web.Request) -> web.Response:
        """Answer with that person's addresses."""
        listed = self._person(request).listed()
        return web.json_response([{**one.model_dump(), "visibility": None} for one in listed])

    def _person(self, request: web.Request) -> Person:
        token = request.headers.get("authorization", "").partition(" ")[2]
        grant = self._state.look(token, NAME)
        if grant is None:
            raise errors.unauthenticated("Bad credentials")
        return grant.person


def _said(request: web.Request, answer: Mapping[str, str]) -> web.Response:
    """Answer as a form, unless JSON was asked for."""
    if "json" in request.headers.get("accept", ""):
        return web.json_response(dict(answer))
    return web.Response(text=urlencode(answer), content_type="application/x-www-form-urlencoded")
