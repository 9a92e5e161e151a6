"""The grants of the token endpoint (RFC 6749 §6, RFC 8628 §3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AccessDeniedError,
    InvalidGrantError,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    RefreshTokenGrant,
)
from authlib.oauth2.rfc8628 import DeviceCodeGrant  # type: ignore[import-untyped]

from shared.adapters.oauth.server import check_resource
from shared.adapters.sql.identity.sessions import token_set
from shared.identity.device import Stage
from shared.identity.refreshing import TokenSpentError, scopes_of
from shared.identity.sessions import Device
from shared.identity.tokens import digest, is_refresh_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.adapters.oauth.server import Registered
    from shared.adapters.sql.identity.families import SqlFamilies
    from shared.identity.device import DeviceCodes, Polled
    from shared.identity.families import Shown
    from shared.identity.refreshing import Refresher
    from shared.identity.sessions import Sessions, TokenSet
    from shared.kernel.clock import Clock

METHODS = ["client_secret_basic", "client_secret_post", "none"]


class Refreshed:
    """A refresh token that was shown, with the methods by which Authlib asks it."""

    def __init__(self, token: str, shown: Shown) -> None:
        self.token, self.shown = token, shown

    def check_client(self, client: Registered) -> bool:
        """Tell whether it was issued to an application."""
        return self.shown.family.client_id == client.get_client_id()

    def get_scope(self) -> str:
        """Return what its session covers."""
        return " ".join(self.shown.family.scopes)


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    """One refresh token for the next, and an access token beside it."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    refresher: Refresher
    resources: Mapping[str, str]

    def authenticate_refresh_token(self, refresh_token: str) -> Refreshed | None:
        """Return what is known of a token; whether it is good shows when it is used."""
        if not is_refresh_token(refresh_token):
            return None
        shown = self.refresher.families.show(digest(refresh_token))
        return None if shown is None else Refreshed(refresh_token, shown)

    def authenticate_user(self, refresh_token: Refreshed) -> object:
        """Return whose session it is of."""
        return refresh_token.shown.family.subject

    def issue_token(self, user: object, refresh_token: Refreshed) -> dict[str, Any]:
        """Use the token and return what takes its place."""
        del user  # it is the session's
        client, shown = self.request.client.client, refresh_token.shown
        check_resource(self.request, self.resources, shown.family.audience)
        try:
            successor = self.refresher.refresh(refresh_token.token, shown, client)
        except TokenSpentError as error:
            raise InvalidGrantError(error.message) from None
        covered = scopes_of(shown, (self.request.payload.scope or "").split())
        return answer_of(token_set(self.refresher.issuer, shown.family, covered, successor))

    def revoke_old_credential(self, refresh_token: Refreshed) -> None:
        """Do nothing: it was used up before its successor was made known."""


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    """A device's code for a session, once somebody has approved it."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    codes: DeviceCodes
    families: SqlFamilies
    sessions: Sessions
    clock: Clock
    _polled: Polled

    def query_device_credential(self, device_code: str) -> DeviceGrant:
        """Ask for the code once, which uses it up where it was approved.

        Raises:
            InvalidGrantError: There is no such code of this application, or it was used.
        """
        client_id = self.request.client.get_client_id()
        self._polled = self.codes.poll(digest(device_code), client_id, self.clock.now())
        if self._polled.stage is Stage.UNKNOWN:
            raise InvalidGrantError("The device code is unknown or was used.")
        return self

    def get_client_id(self) -> str:
        """Return whose code it is: that of who asks, or it would not have been found."""
        return str(self.request.client.get_client_id())

    def get_user_code(self) -> str:
        """Return nothing: what the user said came with the code."""
        return ""

    def get_scope(self) -> str:
        """Return what was approved."""
        approval = self._polled.approval
        return " ".join(approval.scopes) if approval else ""

    def is_expired(self) -> bool:
        """Tell whether the code's time is over."""
        return self._polled.stage is Stage.EXPIRED

    def query_user_grant(self, user_code: str) -> tuple[object, bool] | None:
        """Return whether it was approved, None where nobody has decided."""
        del user_code
        decided = {Stage.APPROVED: True, Stage.DENIED: False}.get(self._polled.stage)
        return None if decided is None else (self._polled, decided)

    def should_slow_down(self, credential: object) -> bool:
        """Tell whether the device asks too often."""
        del credential
        return self._polled.stage is Stage.TOO_SOON

    def generate_token(self, **_given: object) -> dict[str, Any]:
        """Begin the session of whoever approved it."""
        approval = self._polled.approval
        found = approval and self.families.subject(approval.user_id, approval.profile_id)
        if approval is None or not found:
            raise AccessDeniedError
        where = Device(
            self._polled.client_id,
            name=self._polled.device_name,
            user_agent=self.request.user_agent,
            network=self._polled.network,
        )
        return answer_of(
            self.sessions.start(
                found,
                where,
                scopes=approval.scopes,
                methods=approval.methods,
                authenticated_at=approval.authenticated_at,
            )
        )


def answer_of(tokens: TokenSet) -> dict[str, Any]:
    """Return tokens as the endpoint answers them (RFC 6749 §5.1)."""
    return {
        "access_token": tokens.access_token,
        "token_type": tokens.token_type,
        "expires_in": tokens.expires_in,
        "refresh_token": tokens.refresh_token,
        "scope": tokens.scope,
    }
