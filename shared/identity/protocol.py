"""What the authorization server says of itself (RFC 8414): nothing that is not served."""

from __future__ import annotations

from typing import Any

from shared.identity.authorization import OPENID, Prompt
from shared.identity.clients import (
    CODE_GRANT,
    CONFIDENTIAL_METHODS,
    DEVICE_GRANT,
    PUBLIC_METHODS,
    REFRESH_GRANT,
)
from shared.identity.exchange import EXCHANGE_GRANT
from shared.identity.scopes import SCOPES

AUTHORIZE = "/auth/authorize"
TOKEN = "/auth/token"  # noqa: S105 - a path
REVOKE = "/auth/revoke"
INTROSPECT = "/auth/introspect"
DEVICE = "/auth/device"
VERIFICATION = "/auth/device/enter"
KEYS = "/.well-known/jwks.json"
GRANTS = (CODE_GRANT, REFRESH_GRANT, DEVICE_GRANT, EXCHANGE_GRANT)
ID_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "amr", "at_hash", "nonce", "sid")


def metadata(issuer: str, algorithm: str) -> dict[str, Any]:
    """Return the document of an issuer (RFC 8414 §2, OpenID Connect Discovery §3).

    Args:
        issuer: Its name in tokens; every endpoint is below it.
        algorithm: It signs by.
    """
    base, secret = issuer.rstrip("/"), sorted(CONFIDENTIAL_METHODS)
    everybody = [*secret, *PUBLIC_METHODS]
    return {
        "issuer": issuer,
        "authorization_endpoint": base + AUTHORIZE,
        "token_endpoint": base + TOKEN,
        "revocation_endpoint": base + REVOKE,
        "introspection_endpoint": base + INTROSPECT,
        "device_authorization_endpoint": base + DEVICE,
        "jwks_uri": base + KEYS,
        "scopes_supported": [OPENID, *SCOPES],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": list(Prompt),
        "token_endpoint_auth_methods_supported": everybody,
        "revocation_endpoint_auth_methods_supported": everybody,
        "introspection_endpoint_auth_methods_supported": secret,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm],
        "claims_supported": list(ID_CLAIMS),
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def resource_metadata(issuer: str) -> dict[str, Any]:
    """Return the document of our API (RFC 9728 §2): who lets callers in, and how they show it."""
    return {
        "resource": issuer,
        "authorization_servers": [issuer],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Media Gateway",
    }


def resources(issuer: str, audience: str) -> dict[str, str]:
    """Return the audience of tokens by the names of a resource (RFC 8707); empty is our own.

    Args:
        issuer: Address of our API.
        audience: Its name in tokens.
    """
    base = issuer.rstrip("/")
    return {audience: "", base: "", f"{base}/": ""}
