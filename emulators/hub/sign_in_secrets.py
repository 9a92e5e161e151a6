"""Secrets of signing in elsewhere, made up for one machine: they open fakes and nothing else."""

from __future__ import annotations

import json
from typing import Any, Final

from joserfc.jwk import ECKey, RSAKey

from emulators.providers.identity.state import CLIENT_ID, CLIENT_SECRET, KEY_ID, KINDS, TEAM_ID

PROVIDERS: Final = "identity-providers"
FIREBASE: Final = "firebase-signing-key"
_NAMES: Final = {"google": "Google", "github": "GitHub", "apple": "Apple", "oidc": "Example ID"}


def providers(base_url: str, before: str | None) -> str:
    """Return the list of providers as the product reads it, every one of them a fake.

    Args:
        base_url: Where the fakes are.
        before: The list of another run, whose private key stays; None where there is none.
    """
    kept = next((one["private_key"] for one in json.loads(before or "[]") if "team_id" in one), "")
    private = kept or ECKey.generate_key("P-256").as_pem(private=True).decode()
    return json.dumps([_provider(kind, f"{base_url}/identity/{kind}", private) for kind in KINDS])


def apple_key(text: str) -> dict[str, Any]:
    """Return the public key of Apple's client in a list of providers, as JWK."""
    private = next(one["private_key"] for one in json.loads(text) if "team_id" in one)
    return dict(ECKey.import_key(private).as_dict(private=False))


def firebase_key(account: str) -> str:
    """Return a key file of a service account, as Google's console writes one."""
    key = RSAKey.generate_key(2048)
    said = {
        "type": "service_account",
        "private_key_id": key.thumbprint(),
        "private_key": key.as_pem(private=True).decode(),
        "client_email": account,
    }
    return json.dumps(said)


def _provider(kind: str, issuer: str, private_key: str) -> dict[str, str]:
    usual = {
        "id": "example" if kind == "oidc" else kind,
        "kind": kind,
        "name": _NAMES[kind],
        "issuer": issuer,
        "client_id": CLIENT_ID,
    }
    if kind == "apple":
        return {**usual, "team_id": TEAM_ID, "key_id": KEY_ID, "private_key": private_key}
    api = {"api_url": f"{issuer}/api"} if kind == "github" else {}
    return {**usual, **api, "client_secret": CLIENT_SECRET}
