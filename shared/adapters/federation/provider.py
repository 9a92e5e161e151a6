"""What every provider can do, and what all answers have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from shared.identity.accounts import normalized_email
from shared.identity.federation import (
    AssertionRefusedError,
    ProviderDownError,
    ProviderRefusedError,
)
from shared.kernel.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.federation import Flow, Person

LATER = frozenset({"server_error", "temporarily_unavailable"})
OURS = frozenset({"invalid_client", "unauthorized_client", "incorrect_client_credentials"})
"""Refusals of us, not of who signs in: `OURS` of the token endpoint (RFC 6749 §5.2, GitHub)."""
LONGEST_CODE = 4096


@dataclass(frozen=True)
class Begun:
    """A sign-in as its provider is told of it.

    Attributes:
        redirect_uri: Where the browser comes back, of this provider alone (RFC 9700 §4.4).
        state: Comes back with it.
        flow: What we keep.
    """

    redirect_uri: str
    state: str
    flow: Flow


class Provider(Protocol):
    """Somebody who vouches for people."""

    @property
    def id(self) -> str:
        """Its name here."""

    @property
    def name(self) -> str:
        """As people call it."""

    @property
    def posts(self) -> bool:
        """Whether the answer comes as a form that another site sends."""

    async def location(self, begun: Begun) -> str:
        """Return where the browser goes to sign in.

        Raises:
            ProviderDownError: Nobody knows, since it does not answer.
        """

    async def person(self, answer: Mapping[str, str], begun: Begun) -> Person:
        """Return who signed in there.

        Args:
            answer: What the browser brought back.
            begun: As `location` was told it.

        Raises:
            ProviderRefusedError: Nobody did, or the code is not good.
            AssertionRefusedError: What the provider says cannot be believed.
            ProviderDownError: It does not answer.
        """


def challenge(flow: Flow) -> dict[str, str]:
    """Return the parameters that tie a code to us (RFC 7636 §4.3)."""
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # noqa: PLC0415 - 30 ms, seldom

    made = create_s256_code_challenge(flow.verifier)
    return {"code_challenge": made, "code_challenge_method": "S256"}


def leading_to(endpoint: str, parameters: Mapping[str, str]) -> str:
    """Return an endpoint with parameters behind those that it has."""
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"


def code_of(answer: Mapping[str, str], provider: str) -> str:
    """Return the code that a browser brought back.

    Raises:
        ProviderRefusedError: It brought a refusal, or nothing.
        ProviderDownError: The provider asks to come again later.
    """
    error, code = answer.get("error", ""), answer.get("code", "")
    if error in LATER:
        raise ProviderDownError(f"{provider} cannot sign anybody in now")
    if error or not 0 < len(code) <= LONGEST_CODE:
        raise ProviderRefusedError(f"{provider} let nobody in; begin again")
    return code


def token_of(answered: tuple[int, Any], name: str, provider: str) -> str:
    """Return a token of the token endpoint's answer.

    Raises:
        ProviderRefusedError: The code is not good.
        ProviderDownError: It does not take us for who we are: that is our fault, and theirs never.
        AssertionRefusedError: The token is not there.
    """
    status, body = answered
    said = body if isinstance(body, dict) else {}
    if said.get("error") in OURS:
        raise ProviderDownError(f"{provider} does not know us: look at its client secret")
    if said.get("error") or status != 200:  # noqa: PLR2004 - GitHub refuses with 200 too
        raise ProviderRefusedError(f"{provider} does not take the code; begin again")
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise AssertionRefusedError(f"{provider} sent no {name}")
    return found


def address_of(said: object) -> str:
    """Return a mail address in its one form, empty where it is none."""
    return (normalized_email(said) or "") if isinstance(said, str) else ""


def name_of(said: object) -> str:
    """Return a name that can be shown, empty where there is none."""
    return clean(said)[:100] if isinstance(said, str) else ""
