"""What the protocol endpoints take and give, as the standards name it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ISSUER = "https://api.mediagateway.example"
TOKEN = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6IjEifQ.e30.c2lnbmF0dXJl"  # noqa: S105 - of nobody
REFRESH = "mgr_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
USER = "7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11"
OLDEST_PROOF = 999_999_999
"""Seconds; who lets a proof be as old as that asks for none."""
Text = Annotated[str, Field(min_length=1)]


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class TokenForm(BaseModel):
    """A grant (RFC 6749 §4.1.3, §6, RFC 8628 §3.4, RFC 8693 §2.1).

    Confidential clients add who they are.
    """

    model_config = _example(grant_type="refresh_token", refresh_token=REFRESH, client_id="mg-web")

    grant_type: Text
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    resource: str | None = None
    refresh_token: str | None = None
    device_code: str | None = None
    subject_token: str | None = None
    subject_token_type: str | None = None
    requested_token_type: str | None = None
    audience: str | None = None
    scope: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class AuthorizationQuery(BaseModel):
    """An application that asks for access (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core)."""

    model_config = _example(
        response_type="code",
        client_id="mg-mobile",
        redirect_uri="http://127.0.0.1:49152/callback",
        state="0123456789abcdef0123456789abcdef",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method="S256",
    )

    response_type: Literal["code"]
    client_id: Text
    redirect_uri: Text
    state: Annotated[str, Field(min_length=32, max_length=512)]
    code_challenge: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    code_challenge_method: Literal["S256"]
    scope: str | None = None
    resource: str | None = None
    nonce: Annotated[str, Field(max_length=512)] | None = None
    prompt: str | None = None
    max_age: Annotated[int, Field(ge=0, le=OLDEST_PROOF)] | None = None


class WaitingQuery(BaseModel):
    """A request for access that waits."""

    request: Text


class GivenToken(BaseModel):
    """A token to revoke, or to ask about (RFC 7009 §2.1, RFC 7662 §2.1)."""

    model_config = _example(token=REFRESH, client_id="mg-web")

    token: Text
    token_type_hint: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class DeviceForm(BaseModel):
    """A device that asks for codes (RFC 8628 §3.1); its name is shown to the user."""

    model_config = _example(client_id="mg-tv", device_name="Living room")

    client_id: Text
    scope: str | None = None
    device_name: str | None = None


class Tokens(BaseModel):
    """What a grant gives (RFC 6749 §5.1).

    Attributes:
        refresh_token: Not where a token was exchanged.
        issued_token_type: Only where one was (RFC 8693 §2.2.1).
    """

    model_config = _example(
        access_token=TOKEN,
        token_type="Bearer",  # noqa: S106 - a kind of token
        expires_in=900,
        refresh_token=REFRESH,
        scope="read:content read:watchlist",
    )

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str | None = None
    scope: str
    id_token: str | None = None
    issued_token_type: str | None = None


class WhatItIs(BaseModel):
    """What a token is (RFC 7662 §2.2); of one that is not good, only that."""

    model_config = _example(
        active=True,
        scope="read:content",
        client_id="mg-web",
        token_type="Bearer",  # noqa: S106 - a kind of token
        exp=1767268800,
        sub=USER,
        aud="media-gateway",
        iss=ISSUER,
        jti="019b76da-a800-7b31-8000-2f3c5a1d9e40",
        sid="019b76da-a800-7b31-8000-2f3c5a1d9e41",
    )

    active: bool
    scope: str | None = None
    client_id: str | None = None
    token_type: str | None = None
    exp: int | None = None
    sub: str | None = None
    aud: str | None = None
    iss: str | None = None
    jti: str | None = None
    sid: str | None = None


class DeviceAnswer(BaseModel):
    """Codes for a device and for its screen (RFC 8628 §3.2).

    Attributes:
        verification_qr: `verification_uri_complete` as a QR code, SVG without a size of its own.
    """

    model_config = _example(
        device_code="GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eSxA",
        user_code="WDJB-MJHT",
        verification_uri=f"{ISSUER}/auth/device/enter",
        verification_uri_complete=f"{ISSUER}/auth/device/enter?user_code=WDJB-MJHT",
        verification_qr='<svg viewBox="0 0 45 45" class="segno">…</svg>',
        expires_in=900,
        interval=5,
    )

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    verification_qr: str
    expires_in: int
    interval: int


class IssuerMetadata(BaseModel):
    """What is served here, and where (RFC 8414 §2)."""

    model_config = _example(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/auth/authorize",
        token_endpoint=f"{ISSUER}/auth/token",
        revocation_endpoint=f"{ISSUER}/auth/revoke",
        introspection_endpoint=f"{ISSUER}/auth/introspect",
        device_authorization_endpoint=f"{ISSUER}/auth/device",
        jwks_uri=f"{ISSUER}/.well-known/jwks.json",
        scopes_supported=["read:content", "write:watchlist"],
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "refresh_token"],
        code_challenge_methods_supported=["S256"],
        prompt_values_supported=["none", "login", "consent"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "none"],
        revocation_endpoint_auth_methods_supported=["client_secret_basic", "none"],
        introspection_endpoint_auth_methods_supported=["client_secret_basic"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["EdDSA"],
        claims_supported=["iss", "sub", "aud", "exp"],
        authorization_response_iss_parameter_supported=True,
        client_id_metadata_document_supported=True,
        claims_parameter_supported=False,
        request_parameter_supported=False,
        request_uri_parameter_supported=False,
    )

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    device_authorization_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    code_challenge_methods_supported: list[str]
    prompt_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    claims_supported: list[str]
    authorization_response_iss_parameter_supported: bool
    client_id_metadata_document_supported: bool
    claims_parameter_supported: bool
    request_parameter_supported: bool
    request_uri_parameter_supported: bool


class ResourceMetadata(BaseModel):
    """Who lets callers of this API in (RFC 9728 §2)."""

    model_config = _example(
        resource=ISSUER,
        authorization_servers=[ISSUER],
        scopes_supported=["read:content"],
        bearer_methods_supported=["header"],
        resource_name="Media Gateway",
    )

    resource: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
    resource_name: str


class KeySet(BaseModel):
    """The public keys of tokens (RFC 7517 §5)."""

    model_config = _example(
        keys=[
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                "use": "sig",
                "alg": "EdDSA",
            }
        ]
    )

    keys: list[dict[str, str]]
