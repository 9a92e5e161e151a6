"""The authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636), on our own rules."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidGrantError  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    AuthorizationCodeGrant,
)
from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]
    CodeChallenge,
    create_s256_code_challenge,
)

from shared.adapters.oauth.grants import METHODS, answer_of
from shared.adapters.oauth.server import check_resource
from shared.identity.authorization import OPENID
from shared.identity.authorization_exchange import CodeSpentError
from shared.identity.protocol_id_token import id_token
from shared.identity.sessions import Device

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.adapters.oauth.server import Registered
    from shared.identity.authorization_code import CodeGrant
    from shared.identity.authorization_exchange import Exchange
    from shared.identity.tokens import Issuer


class Presented:
    """A code that was shown, with the methods by which Authlib asks it."""

    def __init__(self, code: str, grant: CodeGrant) -> None:
        self.code, self.grant = code, grant
        self.code_challenge, self.code_challenge_method = grant.challenge, "S256"

    def get_redirect_uri(self) -> str:
        """Return the address that the code was brought to."""
        return self.grant.redirect_uri

    def get_scope(self) -> str:
        """Return what the user allowed."""
        return " ".join(self.grant.scopes)


class AuthorizationCode(AuthorizationCodeGrant):  # type: ignore[misc]
    """A code for tokens."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    exchange: Exchange
    issuer: Issuer
    resources: Mapping[str, str]

    def query_authorization_code(self, code: str, client: Registered) -> Presented:
        """Take a code, which uses it up whatever else is wrong with the request.

        Raises:
            InvalidGrantError: It is nothing to this application.
            InvalidTargetError: The tokens are asked for another resource (RFC 8707 §2.2).
        """
        try:
            grant = self.exchange.take(code, client.client)
        except CodeSpentError as error:
            raise InvalidGrantError(error.message) from None
        check_resource(self.request, self.resources, grant.audience)
        return Presented(code, grant)

    def authenticate_user(self, authorization_code: Presented) -> str:
        """Return whose code it is; whether they may have a session shows when it begins."""
        return authorization_code.grant.user_id

    def generate_token(self, **_given: object) -> dict[str, Any]:
        """Begin the session."""
        presented: Presented = self.request.authorization_code
        where = Device(
            presented.grant.client_id,
            user_agent=self.request.user_agent,
            network=self.request.network,
        )
        try:
            tokens, family = self.exchange.start(presented.code, presented.grant, where)
        except CodeSpentError as error:
            raise InvalidGrantError(error.message) from None
        answer = answer_of(tokens)
        if OPENID not in presented.grant.scopes:
            return answer
        made = id_token(self.issuer, family, tokens.access_token, presented.grant.nonce)
        return answer | {"id_token": made, "scope": f"{OPENID} {tokens.scope}"}

    def delete_authorization_code(self, authorization_code: Presented) -> None:
        """Do nothing: it was used up when it was shown."""


class Challenge(CodeChallenge):  # type: ignore[misc]
    """PKCE for everybody, S256 alone; who shows wrong verifiers has to wait (spec/auth §5.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    @staticmethod
    def _matches(verifier: str, challenge: str) -> bool:
        return hmac.compare_digest(create_s256_code_challenge(verifier), challenge)

    CODE_CHALLENGE_METHODS = {"S256": _matches}  # noqa: RUF012 - as Authlib reads it

    def validate_code_verifier(self, grant: AuthorizationCode, result: object) -> None:
        """Compare the verifier with the challenge; a try counts before it is judged."""
        presented: Presented = grant.request.authorization_code
        grant.exchange.count(presented.grant)
        super().validate_code_verifier(grant, result)
        grant.exchange.was_right(presented.grant)
