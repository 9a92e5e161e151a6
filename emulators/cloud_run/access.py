"""Who may call a function: the check that Cloud Run's IAM makes before a request reaches it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from emulators.core.errors import EmulatorError

SERVERLESS = b"x-serverless-authorization"
AUTHORIZATION = b"authorization"
REMOVED = b".SIGNATURE_REMOVED_BY_GOOGLE"
CACHED_TOKENS = 1024
RECHECK_SECONDS = 60.0


class Verifier(Protocol):
    """Checks identity tokens; `emulators.core.identity.Signer` is one."""

    def verify(self, token: str, audience: str) -> dict[str, Any]:
        """Return the claims of a token for ``audience``, or raise UNAUTHENTICATED."""


class Monotonic(Protocol):
    """Says how many seconds have passed since some moment."""

    def __call__(self) -> float:
        """Return the seconds."""


@dataclass(frozen=True)
class Refusal:
    """Why a request does not reach its function."""

    status: int
    message: str


class Access:
    """Checks the identity token of each request.

    The token is that of ``X-Serverless-Authorization`` where there is one, else the bearer of
    ``Authorization``; its audience is the address of the service. A token found good is not
    checked again for a minute: an RSA check costs more than the rest of the router.

    Args:
        verifier: Knows the signing key.
        template: Address of a service, with ``{service}`` in it.
        monotonic: Measures the minute.
    """

    def __init__(self, verifier: Verifier, template: str, monotonic: Monotonic) -> None:
        self._verifier = verifier
        self._template = template
        self._monotonic = monotonic
        self._good: dict[tuple[bytes, str], float] = {}

    def check(self, service: str, headers: Mapping[bytes, bytes]) -> Refusal | None:
        """Return why the call is refused, or None where it may pass."""
        token = bearer(headers.get(SERVERLESS) or headers.get(AUTHORIZATION, b""))
        if not token:
            return Refusal(403, f"{service} takes calls with an identity token only")
        now = self._monotonic()
        if self._good.get((token, service), 0.0) > now:
            return None
        return self._verify(token, service, now)

    def _verify(self, token: bytes, service: str, now: float) -> Refusal | None:
        audience = self._template.format(service=service)
        try:
            self._verifier.verify(token.decode("ascii", "replace"), audience)
        except EmulatorError as error:
            return Refusal(401, error.message)
        if len(self._good) >= CACHED_TOKENS:
            self._good.clear()
        self._good[token, service] = now + RECHECK_SECONDS
        return None


def bearer(value: bytes) -> bytes:
    """Return the token of a header ``Bearer TOKEN``, empty when it has another form."""
    scheme, _, token = value.strip().partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else b""


def without_signature(value: bytes) -> bytes:
    """Return a header value whose token can be read but not used again, as Cloud Run passes it."""
    head, dot, _ = value.rpartition(b".")
    return head + REMOVED if dot else value
