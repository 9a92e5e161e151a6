"""POST /api/v1/auth/firebase-token: a token by which a client listens to its own documents."""

from shared.adapters.firebase import service_account
from shared.identity.firebase import CustomToken, custom_claims
from shared.identity.step_up import must_be_self
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.viewer import authorize

clock = SystemClock()
PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=CustomToken)
def create_firebase_token(request: http.Request) -> http.Reply:
    """Answer with a token of the caller and the profile that they are on.

    Who acts as somebody else gets none: Firebase would keep them signed in for longer than that.
    """
    must_be_self(request.principal)
    account = service_account()
    claims = custom_claims(request.principal, account=account.email, now=clock.now())
    return http.reply(CustomToken(custom_token=account.signed(claims)), headers=PRIVATE)


def secrets() -> None:
    """Make sure that tokens can be signed."""
    service_account()


handle = http.resource(__file__, create_firebase_token, authorize=authorize, probes=[secrets])
