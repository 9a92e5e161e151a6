"""This process's access token for Google's APIs; nothing for an emulator's."""

from functools import cache
from typing import Any

from shared.kernel.errors import UnavailableError

CLOUD = "https://www.googleapis.com/auth/cloud-platform"


def access_token(scope: str = CLOUD) -> str:
    """Return a token that is still good, renewed where it is not.

    Raises:
        UnavailableError: Nobody says who this process is, or gives it a token.
    """
    import google.auth.exceptions  # noqa: PLC0415 - 100 ms, only in the cloud
    import google.auth.transport.requests  # noqa: PLC0415

    try:
        credentials = _credentials(scope)
        if not credentials.valid:
            credentials.refresh(google.auth.transport.requests.Request())
    except google.auth.exceptions.GoogleAuthError as error:
        raise UnavailableError(f"no access token for {scope}: {error}") from error
    return str(credentials.token)


def authorization(base: str) -> dict[str, str]:
    """Return the header for Google's own address, nothing for an emulator's, which has no TLS."""
    return {"authorization": f"Bearer {access_token()}"} if base.startswith("https://") else {}


@cache
def _credentials(scope: str) -> Any:  # noqa: ANN401 - google-auth is untyped
    import google.auth  # noqa: PLC0415 - only in the cloud

    found, _ = google.auth.default(scopes=[scope])
    return found
