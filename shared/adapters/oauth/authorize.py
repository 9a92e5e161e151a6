"""The authorization endpoint: what a request has to be before a user hears of it (RFC 6749 §4.1.1).

Where application or address are not known, nobody is sent anywhere; whatever else is wrong is told
to the application. What RFC 9700 and spec/auth §3.1 ask more strictly than Authlib is judged first,
the rest by Authlib.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from authlib.oauth2.rfc6749 import OAuth2Error, OAuth2Request  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]

from shared.adapters.oauth.code_grant import AuthorizationCode, Challenge
from shared.adapters.oauth.server import described
from shared.identity.authorization import AuthorizationRequest, Prompt
from shared.identity.scopes import parse
from shared.kernel.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from shared.adapters.oauth.server import Registered, Server

_STATE = re.compile(r"[\x20-\x7e]{32,512}")
_NONCE = re.compile(r"[\x20-\x7e]{1,512}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_WHERE = ("client_id", "redirect_uri")


class AuthorizationRefusedError(MalformedError):
    """Nobody is sent anywhere with this request: who asks, or where to, is not known."""

    code = "authorization-refused"


class TellsError(Exception):
    """What an application is told of its request, by way of the browser.

    Args:
        code: RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, RFC 8707 §2.
        description: In the characters that RFC 6749 allows.
    """

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.code, self.description = code, description


class Asked(NamedTuple):
    """A request whose application and address are known.

    Attributes:
        given: Its parameters; those without a value are left out (RFC 6749 §3.1).
        repeated: Names of those that it has more than once.
    """

    given: Mapping[str, str]
    repeated: frozenset[str]
    client: Registered

    @property
    def redirect_uri(self) -> str:
        """Where the answer goes."""
        return self.given["redirect_uri"]

    @property
    def state(self) -> str:
        """What the application knows its request by, empty where that is nothing to repeat."""
        said = self.given.get("state", "")
        return said if "state" not in self.repeated and said.isprintable() else ""


def asked(server: Server, pairs: Sequence[tuple[str, str]]) -> Asked:
    """Return a request of an application that is known, to be answered where it is known to be.

    Raises:
        AuthorizationRefusedError: It is not.
    """
    said = [(name, value) for name, value in pairs if value]
    repeated = frozenset(n for n, times in Counter(n for n, _ in said).items() if times > 1)
    given = dict(said)
    if repeated.intersection(_WHERE) or not all(name in given for name in _WHERE):
        raise AuthorizationRefusedError("client_id and redirect_uri are needed, each once")
    client = server.query_client(given["client_id"])
    if client is None:
        raise AuthorizationRefusedError("no such application is known here")
    if not client.check_redirect_uri(given["redirect_uri"]):
        raise AuthorizationRefusedError("the application is not known to be at this redirect_uri")
    return Asked(given, repeated, client)


def judged(
    server: Server, wish: Asked, *, request_id: str, now: datetime, resources: Mapping[str, str]
) -> AuthorizationRequest:
    """Return a request that a user may be asked about.

    Args:
        server: Knows the applications.
        wish: As `asked` found it.
        request_id: Its name while it waits.
        now: When it came.
        resources: Audience by name of a resource (RFC 8707); empty is our own.

    Raises:
        TellsError: It is none; the application is told why.
    """
    for wrong, code, description in _faults(wish, resources):
        if wrong:
            raise TellsError(code, description)
    scope = _by_authlib(server, wish)
    given, client = wish.given, wish.client.client
    return AuthorizationRequest(
        id=request_id,
        client_id=client.client_id,
        client_name=client.name,
        first_party=client.first_party,
        redirect_uri=wish.redirect_uri,
        scopes=parse(scope),
        state=given["state"],
        challenge=given["code_challenge"],
        asked_at=now,
        nonce=given.get("nonce", ""),
        resource=resources[given["resource"]] if "resource" in given else "",
        prompt=tuple(given.get("prompt", "").split()),
        max_age=int(given["max_age"]) if "max_age" in given else None,
    )


def _faults(wish: Asked, resources: Mapping[str, str]) -> Iterator[tuple[bool, str, str]]:
    """Give what may be wrong with a request, and how it is told; the first one counts."""
    given, bad = wish.given, "invalid_request"
    prompts = given.get("prompt", "").split()
    several = wish.repeated - {"resource"}
    yield bool(several), bad, "A parameter stands more than once."
    yield "response_type" not in given, bad, "Missing 'response_type' in request."
    yield not _is(_STATE, given, "state"), bad, "state has 32 to 512 printable characters."
    yield "request" in given, "request_not_supported", "Send the parameters themselves."
    yield "request_uri" in given, "request_uri_not_supported", "Send the parameters themselves."
    yield given.get("response_mode", "query") != "query", bad, "response_mode is query alone."
    yield given.get("code_challenge_method") != "S256", bad, "code_challenge_method is S256 alone."
    yield not _is(_CHALLENGE, given, "code_challenge"), bad, "code_challenge has 43 characters."
    yield "nonce" in given and not _is(_NONCE, given, "nonce"), bad, "nonce has up to 512."
    yield "max_age" in given and not _is(_SECONDS, given, "max_age"), bad, "max_age is seconds."
    yield not set(prompts) <= set(Prompt), bad, "prompt is none, login or consent."
    yield Prompt.NONE in prompts and len(prompts) > 1, bad, "prompt none stands alone."
    known = "resource" not in wish.repeated and given.get("resource") in (None, *resources)
    yield not known, "invalid_target", "No such resource is known here, or there are several."


def _is(pattern: re.Pattern[str], given: Mapping[str, str], name: str) -> bool:
    return pattern.fullmatch(given.get(name, "")) is not None


def _by_authlib(server: Server, wish: Asked) -> str:
    """Return the scopes of a request that Authlib finds good."""
    server.register_grant(AuthorizationCode, [Challenge()])
    request = OAuth2Request("GET", "https://localhost/")
    request.payload = BasicOAuth2Payload(dict(wish.given))
    try:
        grant = server.get_consent_grant(request)
    except OAuth2Error as error:
        raise TellsError(str(error.error), described(error.description or "")) from None
    except ValueError:  # a description of Authlib's would repeat what may not stand there
        raise TellsError("invalid_request", "The request cannot be read.") from None
    return str(grant.request.scope)
