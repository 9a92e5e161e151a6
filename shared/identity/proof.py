"""What somebody has shown of who they are, before anything is opened for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from shared.identity.step_up import FRESH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shared.identity.accounts import Account

PASSWORD = "pwd"  # noqa: S105 - RFC 8176 §2, as the others
OTP = "otp"
HARDWARE_KEY = "hwk"
SOFTWARE_KEY = "swk"
PRESENCE = "user"
MULTIPLE = "mfa"
"""Stands beside methods that are of two kinds (RFC 8176 §2)."""
_KINDS = {PASSWORD: "known", "fed": "known", OTP: "had", HARDWARE_KEY: "had", SOFTWARE_KEY: "had"}
"""Something the user knows, or something they have (NIST SP 800-63B-4, §2.2.1); an account
elsewhere (``fed``, no registered value) is taken for what is known."""


@dataclass(frozen=True)
class Proof:
    """That somebody is whose account it is.

    Attributes:
        account: As it was when they proved it; where its sessions have all ended since, it opens
            nothing (`shared.identity.sessions.Subject`).
        methods: How (RFC 8176).
        at: When.
    """

    account: Account
    methods: tuple[str, ...]
    at: datetime

    def aged(self) -> Self:
        """Return this proof as if it were too old for anything that asks for a fresh one."""
        return replace(self, at=self.at - FRESH - timedelta(seconds=1))

    def joined(self, methods: Iterable[str], at: datetime) -> Self:
        """Return this proof with a second one."""
        return replace(self, methods=joined(self.methods, methods), at=at)


def joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Return the methods of two proofs, with `MULTIPLE` where they are of two kinds."""
    both = dict.fromkeys((*first, *second))
    kinds = {_KINDS[method] for method in both if method in _KINDS}
    if len(kinds) > 1:
        both[MULTIPLE] = None
    return tuple(both)


def mark(account: Account) -> str:
    """Return what changes with an account's password, status or version, and tells none of them."""
    said = f"{account.version}\x1f{account.status}\x1f{account.password_hash or ''}"
    return sha256(said.encode()).hexdigest()[:32]
