"""Token exchange (RFC 8693): a server of ours acts for the user whose token it was shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    BaseGrant,
    TokenEndpointMixin,
)

from shared.adapters.oauth.grants import METHODS
from shared.adapters.oauth.server import InvalidTargetError
from shared.identity.exchange import ACCESS_TOKEN, EXCHANGE_GRANT, derived_token, exchanged_scopes
from shared.identity.tokens import ACCESS_LIFE
from shared.kernel.principal import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.identity.families import Family
    from shared.identity.tokens import Issuer
    from shared.kernel.principal import Principal


class TokenExchange(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """A user's access token for one of the application's own, narrower and no longer good.

    Attributes:
        read: Returns whom an access token of ours speaks of, None where it is not good.
        is_dead: Tells whether one access token was revoked, by its id.
        session: Returns a session that lives, by its id and the version of a token.
        issuer: Signs.
        resources: Audiences by the names of a resource.
    """

    GRANT_TYPE = EXCHANGE_GRANT
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS[:2]
    read: Callable[[str], Principal | None]
    is_dead: Callable[[str], bool]
    session: Callable[[str, int], Family | None]
    issuer: Issuer
    resources: Mapping[str, str]
    _subject: Principal
    _family: Family

    def validate_token_request(self) -> None:
        """Ask who the application is, and for whom it may act."""
        client = self.authenticate_token_endpoint_client()
        if not client.client.is_confidential or not client.check_grant_type(EXCHANGE_GRANT):
            raise UnauthorizedClientError("The client may not exchange tokens.")
        form = self.request.form
        for name in ("subject_token", "subject_token_type"):
            if not form.get(name):
                raise InvalidRequestError(f"Missing '{name}' in request.")
        asked = {form["subject_token_type"], form.get("requested_token_type", ACCESS_TOKEN)}
        if asked != {ACCESS_TOKEN} or "actor_token" in form or "actor_token_type" in form:
            raise InvalidRequestError("Only access tokens are exchanged, for the client itself.")
        self._subject, self._family = self._shown(form["subject_token"])

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Return a token that says whose it is, and who acts."""
        client, subject, now = self.request.client.client, self._subject, self.issuer.clock.now()
        scopes = exchanged_scopes(self.request.form.get("scope", ""), subject, client.scopes)
        if not scopes:
            raise InvalidScopeError
        left = subject.expires_at - now if subject.expires_at else ACCESS_LIFE
        token = derived_token(
            self.issuer,
            replace(self._family, client_id=client.client_id),
            scopes,
            life=min(ACCESS_LIFE, left),
            actor=client.client_id,
            audience=self._audience(),
        )
        answer = {
            "access_token": token,
            "issued_token_type": ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": int(min(ACCESS_LIFE, left).total_seconds()),
            "scope": " ".join(scopes),
        }
        return 200, answer, self.TOKEN_RESPONSE_HEADER

    def _shown(self, token: str) -> tuple[Principal, Family]:
        """Return whose token it is and its session; RFC 8693 §2.2.2 names the one error."""
        found = self.read(token)
        if found is None or found.kind is not Kind.USER or found.actor:
            raise InvalidRequestError("The subject token is not a user's own, or not good.")
        family = (
            None if self.is_dead(found.token_id) else self.session(found.session, found.version)
        )
        left = found.expires_at and found.expires_at > self.issuer.clock.now()
        if family is None or not left:
            raise InvalidRequestError("The subject token is no longer good.")
        return found, family

    def _audience(self) -> str:
        """Return for whom the token is to be: one place, named in one way or both."""
        form = self.request.form
        named = {form[name] for name in ("audience", "resource") if name in form}
        if not named <= self.resources.keys():
            raise InvalidTargetError("Tokens for that place are not given here.")
        found = {self.resources[name] for name in named}
        if len(found) > 1:
            raise InvalidTargetError("A token is for one place.")
        return next(iter(found), "")
