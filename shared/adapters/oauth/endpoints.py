"""Endpoints beside the token endpoint: revocation, introspection, start of a device."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidRequestError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc7662 import IntrospectionEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc8628 import (  # type: ignore[import-untyped]
    DEVICE_CODE_GRANT_TYPE,
    DeviceAuthorizationEndpoint,
)

from shared.adapters.oauth.grants import METHODS
from shared.identity import device
from shared.identity.revocations import LEEWAY
from shared.identity.tokens import digest, is_refresh_token
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from shared.adapters.oauth.server import FormRequest, Registered, Server
    from shared.adapters.redis.revocations import RedisRevocations
    from shared.adapters.sql.identity.families import SqlFamilies
    from shared.adapters.sql.identity.sessions import SqlSessions
    from shared.identity.families import Shown
    from shared.kernel.clock import Clock
    from shared.kernel.principal import Principal


@dataclass(frozen=True)
class Held:
    """A token that somebody holds: one to refresh with, or one to show.

    Attributes:
        shown: What is kept of the first.
        principal: Whom the second speaks of.
    """

    shown: Shown | None = None
    principal: Principal | None = None

    @property
    def client_id(self) -> str:
        """Whom it was issued to."""
        if self.shown is not None:
            return self.shown.family.client_id
        return self.principal.client_id if self.principal is not None else ""

    def check_client(self, client: Registered) -> bool:
        """Tell whether it was issued to an application."""
        return self.client_id == client.get_client_id()


@dataclass(frozen=True)
class Desk:
    """What both endpoints look tokens up with.

    Attributes:
        read: Returns whom an access token of ours speaks of that is good as far as it says itself,
            else None.
        issuer: Value of ``iss``.
        audience: Value of ``aud``.
    """

    families: SqlFamilies
    sessions: SqlSessions
    revocations: RedisRevocations
    read: Callable[[str], Principal | None]
    clock: Clock
    issuer: str
    audience: str

    def held(self, token: str) -> Held | None:
        """Return what a token is; its form tells, so no hint is needed (RFC 7009 §2.1)."""
        if is_refresh_token(token):
            shown = self.families.show(digest(token))
            return None if shown is None else Held(shown=shown)
        principal = self.read(token)
        return None if principal is None else Held(principal=principal)


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Ends a session by its refresh token, or one access token (RFC 7009)."""

    CLIENT_AUTH_METHODS = METHODS
    desk: Desk

    def check_params(self, request: FormRequest, client: Registered) -> None:
        """Ask for a token; a hint is looked at by nobody."""
        del client
        _token_is_there(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Held | None:
        """Return what a token is."""
        del token_type_hint
        return self.desk.held(token_string)

    def revoke_token(self, token: Held, request: FormRequest) -> None:
        """End it, and say so everywhere.

        Raises:
            UnavailableError: It has ended, but not everybody could be told; do it again.
        """
        del request
        if token.shown is not None:
            told = self.desk.sessions.finish(token.shown.family.id, "revoked")
        else:
            told = self._deny(token.principal)
        if not told:
            raise UnavailableError("redis does not answer for revoked tokens")

    def _deny(self, principal: Principal | None) -> bool:
        if principal is None or principal.expires_at is None:
            return True
        left = principal.expires_at + LEEWAY - self.desk.clock.now()
        return self.desk.revocations.token(principal.token_id, left)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """Says what a token is, to applications that can keep a secret (RFC 7662)."""

    CLIENT_AUTH_METHODS = METHODS[:2]
    desk: Desk

    def check_params(self, request: FormRequest, client: Registered) -> None:
        """Ask for a token; a hint is looked at by nobody."""
        del client
        _token_is_there(request)

    def check_permission(self, token: Held, client: Registered, request: FormRequest) -> bool:
        """Let every application that came this far ask: all of them are ours."""
        del token, client, request
        return True

    def query_token(self, token_string: str, token_type_hint: str | None) -> Held | None:
        """Return what a token is, None where it is not good now."""
        del token_type_hint
        held = self.desk.held(token_string)
        if held is None:
            return None
        if held.shown is not None:
            return held if held.shown.is_usable(self.desk.clock.now()) else None
        return held if held.principal is not None and self._is_live(held.principal) else None

    def _is_live(self, principal: Principal) -> bool:
        """Ask SQL, which is the truth, and Redis for single tokens, which alone knows them."""
        live = self.desk.families.is_live(principal.session, principal.version)
        return live and not self.desk.revocations.is_dead(principal.token_id)

    def create_introspection_payload(self, token: Held | None) -> dict[str, Any]:
        """Return what is said of a token; of one that is not good, nothing else (§2.2)."""
        if token is None:
            return {"active": False}
        said = _of_refresh(token.shown) if token.shown else _of_access(token.principal)
        ours = {"iss": self.desk.issuer, "aud": self.desk.audience}
        return {"active": True, "client_id": token.client_id, **ours, **said}


class DeviceStart(DeviceAuthorizationEndpoint):  # type: ignore[misc]
    """Gives one device a code for itself and one for its screen (RFC 8628 §3.1).

    Args:
        server: Knows the applications.
        codes: Where both are kept.
        clock: Says when the device asked.
        verification_uri: Where a user enters the code.
        picture: Draws an address so that a telephone can read it, as SVG.
    """

    CLIENT_AUTH_METHODS = METHODS
    EXPIRES_IN = int(device.LIFE.total_seconds())
    INTERVAL = int(device.INTERVAL.total_seconds())

    def __init__(
        self,
        server: Server,
        codes: device.DeviceCodes,
        clock: Clock,
        verification_uri: str,
        *,
        picture: Callable[[str], str],
    ) -> None:
        super().__init__(server)
        self._picture = picture
        self._codes, self._clock, self._uri = codes, clock, verification_uri
        self._wish = device.Started("", (), clock.now())

    def create_endpoint_response(self, request: FormRequest) -> tuple[int, Any, Any]:
        """Return the answer, with a picture of the page that has the code (RFC 8628 §3.3.1)."""
        status, said, headers = super().create_endpoint_response(request)
        said["verification_qr"] = self._picture(said["verification_uri_complete"])
        return status, said, headers

    def authenticate_client(self, request: FormRequest) -> Registered:
        """Return who asks, where it may use the grant and ask for the scopes."""
        client: Registered = super().authenticate_client(request)
        if not client.check_grant_type(DEVICE_CODE_GRANT_TYPE):
            raise UnauthorizedClientError("The client may not use the device grant.")
        self._wish = device.Started(
            client_id=client.get_client_id(),
            scopes=self.server.scopes_for(client, request.payload.scope),
            requested_at=self._clock.now(),
            device_name=clean_name(request.form.get("device_name", "")),
            network=request.network,
        )
        return client

    def generate_device_code(self) -> str:
        """Return 256 random bits."""
        return secrets.token_urlsafe(32)

    def generate_user_code(self) -> str:
        """Return a code for the screen."""
        return device.shown(device.new_user_code())

    def get_verification_uri(self) -> str:
        """Return where a user enters the code."""
        return self._uri

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        """Keep both codes; of 2^40 one that is taken is drawn so seldom that it is an outage."""
        del client_id, scope  # they are in the wish
        key, user_code = digest(data["device_code"]), device.normalized(data["user_code"])
        if not self._codes.start(key, user_code, self._wish):
            raise UnavailableError("the code that was drawn is taken; ask again")


def clean_name(said: str) -> str:
    """Return what a device calls itself, in a line of at most 100 characters."""
    return "".join(c for c in said if c.isprintable()).strip()[:100]


def _token_is_there(request: FormRequest) -> None:
    if not request.form.get("token"):
        raise InvalidRequestError("Missing 'token' in request.")


def _of_refresh(shown: Shown) -> dict[str, Any]:
    ends: datetime = min(shown.expires_at, shown.ends_at)
    return {
        "sub": shown.family.subject.user_id,
        "scope": " ".join(shown.family.scopes),
        "exp": int(ends.timestamp()),
        "sid": shown.family.id,
    }


def _of_access(principal: Principal | None) -> dict[str, Any]:
    if principal is None or principal.expires_at is None:
        return {}
    return {
        "sub": principal.sub,
        "scope": " ".join(sorted(principal.scopes)),
        "exp": int(principal.expires_at.timestamp()),
        "jti": principal.token_id,
        "sid": principal.session,
        "token_type": "Bearer",
    }
