"""Keys that sign access tokens, from Secret Manager, and what the world is shown of them.

The secret ``token-signing-keys`` holds one private JWK a line (RFC 7517). The first that serves the
algorithm signs; all are shown, so that a key can be shown before it signs and after it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.secrets import secret
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "token-signing-keys"
ALGORITHMS = ("EdDSA", "RS256")
_TYPES = {"OKP": "EdDSA", "RSA": "RS256"}


@dataclass(frozen=True)
class Keys:
    """`shared.identity.tokens.Signer`, and the set of all public keys.

    Attributes:
        kid: Thumbprint of the key that signs (RFC 7638).
        algorithm: It serves.
        compact: Returns claims with a value of ``typ`` as a JWS (RFC 7515 §7.1).
        public: The key set, as JSON (RFC 7517 §5).
    """

    kid: str
    algorithm: str
    compact: Callable[[bytes, str], str]
    public: bytes


def read_keys(lines: str, algorithm: str) -> Keys:
    """Return the keys of a secret.

    Raises:
        ValueError: A line is no private key of a kind that signs, or none serves the algorithm.
            The message names the line, never what it says.
    """
    keys = [_key(number, line) for number, line in enumerate(lines.split("\n"), 1) if line.strip()]
    signing = next((key for key in keys if _TYPES[key.key_type] == algorithm), None)
    if signing is None:
        raise ValueError(f"no key serves {algorithm}")
    public = orjson.dumps({"keys": [_shown(key) for key in keys]})
    return Keys(signing.thumbprint(), algorithm, _compacting(signing, algorithm), public)


@cache
def keys(algorithm: str) -> Keys:
    """Return this process's keys.

    Raises:
        UnavailableError: They cannot be read, or are none.
    """
    reference = f"projects/{connect.addresses().project}/secrets/{NAME}/versions/latest"
    try:
        return read_keys(secret(reference), algorithm)
    except ValueError as error:
        raise UnavailableError(f"secret {NAME}: {error}") from None


def _key(number: int, line: str) -> Any:  # noqa: ANN401 - a key of joserfc, imported here
    # 60 ms, only where tokens are signed
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import OKPKey, RSAKey  # noqa: PLC0415

    try:
        said = orjson.loads(line)
        kind = {"OKP": OKPKey, "RSA": RSAKey}[said["kty"]]
        key = kind.import_key(said)  # type: ignore[attr-defined]
    except (JoseError, ValueError, LookupError, TypeError):
        raise ValueError(f"line {number} is no key of type OKP or RSA") from None
    if not key.is_private or (said["kty"] == "OKP" and said.get("crv") != "Ed25519"):
        raise ValueError(f"line {number} is no private key that signs")
    return key


def _shown(key: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    facts = {**key.as_dict(private=False), "kid": key.thumbprint()}
    return {**facts, "use": "sig", "alg": _TYPES[key.key_type]}


def _compacting(key: Any, algorithm: str) -> Callable[[bytes, str], str]:  # noqa: ANN401 - as above
    from joserfc.jws import JWSRegistry, serialize_compact  # noqa: PLC0415 - see `_key`

    class Registry(JWSRegistry):
        """One algorithm, by the name that RFC 9068's readers know: RFC 9864 has renamed EdDSA."""

        def get_alg(self, name: str) -> Any:  # noqa: ANN401 - as joserfc
            """Return it without the warning of its new name."""
            return self.algorithms[name]

    registry, named = Registry(), {"alg": algorithm, "kid": key.thumbprint()}
    return lambda claims, kind: serialize_compact(
        {**named, "typ": kind}, claims, key, None, registry
    )
