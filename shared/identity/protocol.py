"""What the authorization server says of itself (RFC 8414): nothing that is not served."""

from __future__ import annotations

from typing import Any

from shared.identity.clients import (
    CONFIDENTIAL_METHODS,
    DEVICE_GRANT,
    PUBLIC_METHODS,
    REFRESH_GRANT,
)
from shared.identity.scopes import SCOPES

TOKEN = "/auth/token"  # noqa: S105 - a path
REVOKE = "/auth/revoke"
INTROSPECT = "/auth/introspect"
DEVICE = "/auth/device"
VERIFICATION = "/auth/device/verify"
KEYS = "/.well-known/jwks.json"


def metadata(issuer: str) -> dict[str, Any]:
    """Return the document of an issuer (RFC 8414 §2).

    Args:
        issuer: Its name in tokens; every endpoint is below it.
    """
    base, secret = issuer.rstrip("/"), sorted(CONFIDENTIAL_METHODS)
    everybody = [*secret, *PUBLIC_METHODS]
    return {
        "issuer": issuer,
        "token_endpoint": base + TOKEN,
        "revocation_endpoint": base + REVOKE,
        "introspection_endpoint": base + INTROSPECT,
        "device_authorization_endpoint": base + DEVICE,
        "jwks_uri": base + KEYS,
        "scopes_supported": list(SCOPES),
        "response_types_supported": [],
        "grant_types_supported": [REFRESH_GRANT, DEVICE_GRANT],
        "token_endpoint_auth_methods_supported": everybody,
        "revocation_endpoint_auth_methods_supported": everybody,
        "introspection_endpoint_auth_methods_supported": secret,
    }
