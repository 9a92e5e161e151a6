"""A test authority: keys of its own, tokens signed with them, its key set on loopback."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey, RSAKey

from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import viewer
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pytest

    from shared.kernel.clock import Clock

AUDIENCE = "media-gateway"
SESSIONS = TimeOrderedIds(SystemClock())
USER = "7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11"
ADMIN_SCOPES = "admin:full read:content"
USER_SCOPES = (
    "read:content write:watchlist write:preferences write:ratings write:devices write:progress "
    "read:recommendations read:history playback:control"
)


@dataclass
class Authority:
    """Signs what it is told to.

    Attributes:
        issuer: Its name in tokens.
        keys: By name; the first one signs.
        answer: What the key source answers: status, headers and body, by default its key set.
        asked: How often it was asked.
        address: Of its key set, while that is served.
    """

    clock: Clock = field(default_factory=SystemClock)
    issuer: str = "https://issuer.example"
    keys: dict[str, Any] = field(default_factory=dict)
    answer: tuple[int, Mapping[str, str], bytes] | None = None
    asked: int = 0
    address: str = ""

    def __post_init__(self) -> None:
        if not self.keys:
            self.add("first", "EdDSA")

    def add(self, kid: str, alg: str) -> None:
        """Make one more key, ``EdDSA`` or ``RS256``."""
        self.keys[kid] = (
            OKPKey.generate_key("Ed25519") if alg == "EdDSA" else RSAKey.generate_key(2048)
        )

    def key_set(self) -> dict[str, Any]:
        """Return the public keys."""
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": algorithm(key)}
                for kid, key in self.keys.items()
            ]
        }

    def claims(self, **changed: object) -> dict[str, Any]:
        """Return what the token of a new session says, some claims changed; None leaves one out."""
        now = int(self.clock.now().timestamp())
        usual = {
            "iss": self.issuer,
            "sub": USER,
            "aud": AUDIENCE,
            "client_id": "web",
            "exp": now + 900,
            "iat": now,
            "nbf": now,
            "jti": "0d6c7a0e-1111-4a52-9c0b-5b1f0a4c9f11",
            "scope": USER_SCOPES,
            "roles": ["user"],
            "tier": "free",
            "sid": str(SESSIONS.new()),
            "device_id": "0d6c7a0e-3333-4a52-9c0b-5b1f0a4c9f11",
            "amr": ["pwd"],
            "auth_time": now,
            "ver": 1,
            "region": "DE",
        }
        return {name: v for name, v in {**usual, **changed}.items() if v is not None}

    def token(self, *, header: Mapping[str, object] | None = None, **changed: object) -> str:
        """Return a viewer's token with some claims, or header fields, changed."""
        return self.signed(self.claims(**changed), header or {})

    def admin(self, **changed: object) -> str:
        """Return an administrator's token."""
        usual = {"roles": ["user", "admin"], "scope": ADMIN_SCOPES}
        return self.signed(self.claims(**{**usual, **changed}), {})

    def signed(self, claims: object, header: Mapping[str, object], *, key: Any = None) -> str:  # noqa: ANN401 - any of joserfc's keys
        """Return ``claims``, whatever they are, under a header with some fields changed."""
        kid = str(header.get("kid", next(iter(self.keys))))
        key = key or self.keys[kid if kid in self.keys else next(iter(self.keys))]
        full = {"alg": algorithm(key), "typ": "at+jwt", "kid": kid, **header}
        message = ".".join(segment(orjson.dumps(part)) for part in (full, claims))
        return f"{message}.{segment(signature(key, message.encode()))}"


@contextmanager
def serving(authority: Authority) -> Iterator[str]:
    """Serve the key set on loopback; gives its address."""
    handler = type("_KeySets", (_KeySetHandler,), {"authority": authority})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            authority.address = f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"
            yield authority.address
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def trusted(patch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Let this process take the tokens of an issuer of a test's own."""
    authority = Authority()
    with serving(authority) as url:
        given = {"ISSUER": authority.issuer, "AUDIENCE": AUDIENCE, "JWKS_URL": url}
        change(patch, {f"MEDIA_GATEWAY_{name}": value for name, value in given.items()})
        viewer.reset()
        yield authority
        viewer.reset()


class _KeySetHandler(BaseHTTPRequestHandler):
    authority: ClassVar[Authority]

    def do_GET(self) -> None:
        """Answer with the key set, or with what the authority was told to answer."""
        self.authority.asked += 1
        usual = (200, {"cache-control": "max-age=300"}, orjson.dumps(self.authority.key_set()))
        status, headers, body = self.authority.answer or usual
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Keep silent."""


def algorithm(key: Any) -> str:  # noqa: ANN401 - any of joserfc's keys
    """Return what a key signs with."""
    return {"OKP": "EdDSA", "RSA": "RS256", "oct": "HS256"}[key.key_type]


def signature(key: OKPKey | RSAKey | OctKey, message: bytes) -> bytes:
    """Return the signature of a message."""
    return bytes(jws.JWSRegistry.algorithms[algorithm(key)].sign(message, key))


def segment(content: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()
