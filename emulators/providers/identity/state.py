"""Who signs in at the fakes, what goes wrong there, and codes that wait to be redeemed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from joserfc.jwk import RSAKey
from pydantic import BaseModel, ConfigDict, Field

from emulators.core import errors

if TYPE_CHECKING:
    from emulators.core.clock import Clock

KINDS = ("google", "github", "apple", "oidc")
CLIENT_ID = "media-gateway-local"
CLIENT_SECRET = "local-secret"  # noqa: S105 - opens the fakes and nothing else
TEAM_ID = "LOCALTEAM1"
KEY_ID = "LOCALKEY01"
CODE_SECONDS = 60.0

Fault = Literal[
    "",
    "wrong_nonce",
    "wrong_aud",
    "wrong_iss",
    "expired",
    "alg_none",
    "alg_confusion",
    "unknown_kid",
    "wrong_answer_iss",
    "no_answer_iss",
    "denied",
]


class Address(BaseModel):
    """A mail address as GitHub lists it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: str
    primary: bool = True
    verified: bool = True


class Person(BaseModel):
    """Somebody with an account at every fake.

    Attributes:
        subject: A number, since GitHub's are; the others write it as text.
        addresses: What GitHub lists; empty lists `email`, primary and as verified as that is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: int = Field(gt=0)
    email: str = ""
    email_verified: bool = True
    name: str = ""
    addresses: tuple[Address, ...] = ()

    def listed(self) -> tuple[Address, ...]:
        """Return the addresses that GitHub lists."""
        if self.addresses or not self.email:
            return self.addresses
        return (Address(email=self.email, verified=self.email_verified),)


class Change(BaseModel):
    """The body of ``PUT /_mg/identity/{provider}``; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: Fault | None = None
    person: Person | None = None
    rotate_keys: bool = False


SAMPLE = Person(subject=100001, email="robin@example.com", name="Robin Sample")
"""Who signs in until somebody else is chosen."""


@dataclass(frozen=True)
class Grant:
    """What a code or a token stands for."""

    provider: str
    person: Person
    redirect_uri: str
    nonce: str
    challenge: str
    ends_at: float


@dataclass
class Fake:
    """One provider.

    Attributes:
        fault: What goes wrong.
        person: Who signs in.
        named: Subjects whose name was told: Apple tells it once.
        keys: It signs with the last and shows all.
    """

    fault: Fault = ""
    person: Person = SAMPLE
    named: set[int] = field(default_factory=set)
    keys: list[RSAKey] = field(default_factory=list)

    def key(self) -> RSAKey:
        """Return the key that signs, made when first needed."""
        if not self.keys:
            self.keys.append(RSAKey.generate_key(2048))
        return self.keys[-1]

    def rotate(self) -> None:
        """Forget every key; the next one is new."""
        self.keys.clear()


class State:
    """All fakes; nothing of it outlives the process.

    Attributes:
        apple_key: Public key of Apple's client, as JWK.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._fakes = {name: Fake() for name in KINDS}
        self._grants: dict[str, Grant] = {}
        self.apple_key: dict[str, str | list[str]] = {}

    def fake(self, provider: str) -> Fake:
        """Return a provider.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        if provider not in self._fakes:
            raise errors.not_found(f"no provider {provider!r}; there are {', '.join(KINDS)}")
        return self._fakes[provider]

    def change(self, provider: str, change: Change) -> None:
        """Change who signs in and what goes wrong."""
        fake = self.fake(provider)
        fake.fault = fake.fault if change.fault is None else change.fault
        fake.person = change.person or fake.person
        if change.rotate_keys:
            fake.rotate()

    def grant(
        self, provider: str, *, redirect_uri: str, nonce: str = "", challenge: str = ""
    ) -> str:
        """Return a code for whoever signs in at a provider."""
        ends_at = self._clock.now() + CODE_SECONDS
        return self._keep(
            Grant(provider, self.fake(provider).person, redirect_uri, nonce, challenge, ends_at)
        )

    def token(self, grant: Grant) -> str:
        """Return an access token of a grant."""
        return self._keep(grant)

    def take(self, code: str, provider: str) -> Grant | None:
        """Return what a code stands for, once; None where it is none or its time is over."""
        return self._good(self._grants.pop(code, None), provider)

    def look(self, token: str, provider: str) -> Grant | None:
        """Return what an access token stands for."""
        return self._good(self._grants.get(token), provider)

    def _good(self, grant: Grant | None, provider: str) -> Grant | None:
        live = grant is not None and self._clock.now() < grant.ends_at
        return grant if grant and live and grant.provider == provider else None

    def _keep(self, grant: Grant) -> str:
        made = secrets.token_urlsafe(24)
        self._grants[made] = grant
        return made
