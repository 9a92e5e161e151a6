"""Scopes: what a token may cover, by role and by application (spec/auth §5.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.kernel.principal import ADMIN_SCOPE, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

USER_SCOPES = (
    "read:content",
    "read:watchlist",
    "read:preferences",
    "read:recommendations",
    "read:devices",
    "read:history",
    "write:watchlist",
    "write:preferences",
    "write:ratings",
    "write:devices",
    "write:progress",
    "playback:control",
)
SCOPES = (*USER_SCOPES, ADMIN_SCOPE)
"""Every scope there is, in the order in which answers name them."""


def roles_of(role: str) -> tuple[str, ...]:
    """Return the roles of an account, as tokens name them: everybody's, and its own."""
    return (Role.USER.value,) if role == Role.USER else (Role.USER.value, role)


def permitted(roles: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes that any of some roles may have; unknown roles may have none."""
    held = set(roles)
    users = USER_SCOPES if held & {Role.USER, Role.PREMIUM, Role.FAMILY_ADMIN} else ()
    return (*users, *((ADMIN_SCOPE,) if Role.ADMIN in held else ()))


def granted(asked: Iterable[str], *, allowed: Iterable[str]) -> tuple[str, ...]:
    """Return those asked for that are allowed, in the order of `SCOPES`; none asked asks for all.

    Args:
        asked: By the application.
        allowed: To the application, or to it and the user.
    """
    wanted, may = set(asked), set(allowed)
    return tuple(s for s in SCOPES if s in may and (not wanted or s in wanted))


def parse(value: str) -> tuple[str, ...]:
    """Return the scopes of a list with blanks between (RFC 6749 §3.3), each once."""
    return tuple(dict.fromkeys(value.split()))
