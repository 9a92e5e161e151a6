"""What becomes of a request for access: on to a page of ours, or back to who asked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from shared.identity.authorization import (
    CONSENT_PAGE,
    OPENID,
    SIGN_IN_PAGE,
    AuthorizationRequest,
    Prompt,
    RequestGoneError,
    Step,
)
from shared.identity.authorization_code import CodeGrant
from shared.identity.consents import GRANTED
from shared.identity.tokens import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from shared.identity.authorization import Requests
    from shared.identity.authorization_code import Codes
    from shared.identity.browser import BrowserSession
    from shared.identity.consents import Consents
    from shared.kernel.audit import AuditEvent
    from shared.kernel.clock import Clock

    Act = Callable[[str, str, Mapping[str, Any]], AuditEvent]


class Directory(Protocol):
    """Applications that are known, and those that describe themselves."""

    def register(self, client_id: str) -> bool:
        """Make sure an application is registered; False where it is none, or was disabled."""


@dataclass(frozen=True)
class Authorizations:
    """Decides about requests; every address it returns is where the browser goes next.

    Attributes:
        issuer: Named in every answer (RFC 9207).
        act: Says for the audit log what a user does: an action, the user and details.
    """

    requests: Requests
    codes: Codes
    consents: Consents
    directory: Directory
    clock: Clock
    issuer: str
    act: Act

    def begin(self, request: AuthorizationRequest, session: BrowserSession | None) -> str:
        """Return where a new request leads: to its answer, or to a page where it waits."""
        step = self._step(request, session)
        if step is Step.GRANT and session is not None:
            return self._granted(request, session, request.api_scopes)
        if Prompt.NONE in request.prompt:
            return self.error(request, step.value)
        self.requests.keep(request)
        return _page(step, request)

    def proceed(self, request_id: str, session: BrowserSession | None) -> str:
        """Return where a request leads that waited, after its user did something about it.

        Raises:
            RequestGoneError: It was decided, or its time is over.
        """
        request = self.pending(request_id)
        step = self._step(request, session)
        if step is Step.GRANT and session is not None:
            return self._granted(self._taken(request_id), session, request.api_scopes)
        return _page(step, request)

    def pending(self, request_id: str) -> AuthorizationRequest:
        """Return a request that waits.

        Raises:
            RequestGoneError: As for `proceed`.
        """
        return _there(self.requests.find(request_id, self.clock.now()))

    def approve(self, request_id: str, session: BrowserSession, scopes: Iterable[str]) -> str:
        """Keep what a user allows, and answer the application with a code.

        Args:
            request_id: It waits.
            session: Of the user who decides.
            scopes: Allowed; what the application did not ask for is passed over, and where nothing
                is left it is refused.

        Raises:
            RequestGoneError: As for `proceed`.
        """
        request = self.pending(request_id)
        if self._step(request, session) is Step.SIGN_IN:
            return _page(Step.SIGN_IN, request)
        wanted = set(scopes)
        chosen = tuple(scope for scope in request.api_scopes if scope in wanted)
        request = self._taken(request_id)
        if not chosen:
            return self.error(request, "access_denied")
        if not self.directory.register(request.client_id):
            return self.error(request, "unauthorized_client")
        details = {"client": request.client_id, "scopes": chosen}
        event = self.act(GRANTED, session.user_id, details)
        self.consents.grant(
            session.user_id, request.client_id, chosen, now=self.clock.now(), event=event
        )
        return self._granted(request, session, chosen)

    def refuse(self, request_id: str) -> str:
        """Answer the application that its user does not want it.

        Raises:
            RequestGoneError: As for `proceed`.
        """
        return self.error(self._taken(request_id), "access_denied")

    def error(self, request: AuthorizationRequest, code: str, description: str = "") -> str:
        """Return where a browser brings an error (RFC 6749 §4.1.2.1)."""
        more = {"error_description": description} if description else {}
        return self._answer(request, error=code, **more)

    def _step(self, request: AuthorizationRequest, session: BrowserSession | None) -> Step:
        allowed: tuple[str, ...] = ()
        if session is not None and not request.first_party:
            allowed = self.consents.allowed(session.user_id, request.client_id)
        return request.next_step(session, allowed, self.clock.now())

    def _taken(self, request_id: str) -> AuthorizationRequest:
        return _there(self.requests.take(request_id, self.clock.now()))

    def _granted(
        self, request: AuthorizationRequest, session: BrowserSession, scopes: tuple[str, ...]
    ) -> str:
        code = secrets.token_urlsafe(32)
        asked = (OPENID,) if OPENID in request.scopes else ()
        grant = CodeGrant(
            client_id=request.client_id,
            redirect_uri=request.redirect_uri,
            challenge=request.challenge,
            user_id=session.user_id,
            version=session.version,
            scopes=(*asked, *scopes),
            methods=session.methods,
            authenticated_at=session.authenticated_at,
            nonce=request.nonce,
            audience=request.resource,
        )
        self.codes.keep(digest(code), grant, self.clock.now())
        return self._answer(request, code=code)

    def _answer(self, request: AuthorizationRequest, **said: str) -> str:
        return answered(request.redirect_uri, **said, state=request.state, iss=self.issuer)


def answered(redirect_uri: str, **said: str) -> str:
    """Return an address with further parameters, whatever parameters of its own it has."""
    given = urlencode({name: value for name, value in said.items() if value})
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{given}"


def _page(step: Step, request: AuthorizationRequest) -> str:
    page = SIGN_IN_PAGE if step is Step.SIGN_IN else CONSENT_PAGE
    return f"{page}?request={request.id}"


def _there(request: AuthorizationRequest | None) -> AuthorizationRequest:
    if request is None:
        raise RequestGoneError("nobody waits for this decision any more; start again")
    return request
