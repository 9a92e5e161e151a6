"""The authorization server between our requests and Authlib's machinery."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]

from shared.identity.authorization import OPENID
from shared.identity.clients import CODE_GRANT
from shared.identity.scopes import SCOPES, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.identity.clients import Client, Clients

_NOT_SAID = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
"""What an error's description may not have (RFC 6749 §5.2)."""


class Answer(NamedTuple):
    """What is answered: a status, a JSON object, and header fields by name."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]
    """No tokens are given for this resource (RFC 8707 §2)."""

    error = "invalid_target"


class FormRequest(OAuth2Request):  # type: ignore[misc]
    """A request with a form.

    Args:
        form: Its fields, each once.
        authorization: Value of the header field, or empty.
        network: Where it comes from, or empty.
        user_agent: What sent it, or empty.
    """

    def __init__(
        self,
        form: Mapping[str, str],
        authorization: str = "",
        network: str = "",
        user_agent: str = "",
    ) -> None:
        # TLS ends in front of every function, so Authlib's own check of the address has no object.
        headers = {"Authorization": authorization} if authorization else {}
        super().__init__("POST", "https://localhost/", headers=headers)
        self.payload = BasicOAuth2Payload(dict(form))
        self.network, self.user_agent = network, user_agent

    @property
    def form(self) -> Mapping[str, str]:
        """Its fields."""
        found: Mapping[str, str] = self.payload.data
        return found


class Registered:
    """A `Client` with the methods by which Authlib asks it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        """Return its name in tokens."""
        return self.client.client_id

    def check_client_secret(self, secret: str) -> bool:
        """Tell whether a secret is its own."""
        return self.client.knows(secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether it may show who it is in this way."""
        return self.client.may_prove_itself_by(method, endpoint)

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it may use a grant."""
        return grant_type in self.client.grant_types

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether a browser may bring it a code at an address."""
        return self.client.is_at(redirect_uri)

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether it may ask a user by way of a browser."""
        return response_type == "code" and CODE_GRANT in self.client.grant_types

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return what it may ask a user for, all it may have where it names nothing, else None.

        `OPENID` comes with another: tokens that cover nothing are given to nobody.
        """
        wanted = parse(scope or "") or self.client.scopes
        covered = set(wanted) - {OPENID}
        return " ".join(wanted) if covered and covered <= set(self.client.scopes) else None


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server on our clients; `FormRequest` in, `Answer` out."""

    def __init__(self, clients: Clients) -> None:
        super().__init__(scopes_supported=[OPENID, *SCOPES])
        self._clients = clients

    def query_client(self, client_id: str) -> Registered | None:
        """Return an application by its id."""
        found = self._clients.find(client_id)
        return None if found is None else Registered(found)

    def authenticate_client(
        self, request: FormRequest, methods: Sequence[str], endpoint: str = "token"
    ) -> Registered:
        """Return who asks, once they have shown it in exactly one way (RFC 6749 §2.3)."""
        basic = request.headers.get("Authorization", "")
        if basic and "client_secret" in request.form:
            raise InvalidRequestError("The client shows who it is in more than one way.")
        try:
            found: Registered = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise _unknown() from None
        except ValueError:  # the header field is no text
            raise _unknown() from None
        if request.form.get("client_id", found.get_client_id()) != found.get_client_id():
            raise InvalidRequestError("The client names itself in two ways.")
        request.client = found
        return found

    def scopes_for(self, client: Registered, asked: str | None) -> tuple[str, ...]:
        """Return the scopes that an application asks for, all it may have where it names none.

        Raises:
            InvalidScopeError: It may not ask for one of them.
        """
        self.validate_requested_scope(asked)
        wanted = (asked or "").split()
        if not set(wanted) <= set(client.client.scopes):
            raise InvalidScopeError
        return tuple(dict.fromkeys(wanted)) or client.client.scopes

    def run(
        self, endpoint: Callable[[FormRequest], tuple[int, Any, Any]], request: FormRequest
    ) -> Answer:
        """Return what an endpoint of one request answers."""
        try:
            return self.handle_response(*endpoint(request))
        except OAuth2Error as error:
            return self.handle_error_response(request, error)

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        """Return the request, which is one already."""
        return request

    def save_token(self, token: Mapping[str, Any], request: FormRequest) -> None:
        """Do nothing: a token is kept before it is made known."""

    def send_signal(self, name: str, *_given: object, **_named: object) -> None:
        """Tell nobody."""

    def handle_response(
        self, status: int, body: Mapping[str, Any], headers: Sequence[tuple[str, str]]
    ) -> Answer:
        """Return what is answered."""
        return Answer(status, body, {name.lower(): value for name, value in headers})

    def handle_error_response(self, request: FormRequest, error: Any) -> Answer:  # noqa: ANN401 - any error of Authlib's
        """Return an error with nothing in its description that may not be there."""
        found: Answer = super().handle_error_response(request, error)
        said = {name: described(str(value)) for name, value in found.body.items()}
        return found._replace(body=said)


def check_resource(request: FormRequest, resources: Mapping[str, str], audience: str) -> None:
    """Refuse to give tokens for another resource than what they come of (RFC 8707 §2.2).

    Args:
        request: May name one.
        resources: Audience by name of a resource; empty is our own.
        audience: Of what is shown.

    Raises:
        InvalidTargetError: It names another.
    """
    resource = request.form.get("resource")
    if resource is not None and resources.get(resource) != audience:
        raise InvalidTargetError("This is for another resource.")


def described(said: str) -> str:
    """Return a description without characters that it may not have (RFC 6749 §4.1.2.1, §5.2)."""
    return _NOT_SAID.sub("?", said)


def _unknown() -> InvalidClientError:
    """Return the one refusal of whoever has not shown who they are (RFC 6749 §5.2)."""
    return InvalidClientError(status_code=401, description="Client authentication failed.")
