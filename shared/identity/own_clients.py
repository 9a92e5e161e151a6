"""The applications that belong to the product, each with what it may ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.identity.clients import CODE_GRANT, DEVICE_GRANT, REFRESH_GRANT, Client
from shared.identity.exchange import EXCHANGE_GRANT
from shared.identity.scopes import SCOPES, USER_SCOPES
from shared.identity.tokens import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRET = "mg-mcp-secret"  # noqa: S105 - the name of one
"""Secret of the one application that can keep one."""
DAY = timedelta(days=1)
WEB_URIS = ("https://app.mediagateway.example/callback",)
MOBILE_URIS = (
    "https://app.mediagateway.example/mobile/callback",
    "example.mediagateway.app:/callback",
    "http://127.0.0.1/callback",
    "http://[::1]/callback",
)
"""Claimed by the application, its own scheme, and whatever port it is given on a computer."""
READ_SCOPES = tuple(scope for scope in USER_SCOPES if scope.startswith("read:"))


def own_clients(
    secret: str,
    *,
    web_uris: Sequence[str] = WEB_URIS,
    mobile_uris: Sequence[str] = MOBILE_URIS,
) -> tuple[Client, ...]:
    """Return a television, a browser, a telephone and the server for assistants.

    How long their sessions last is spec/auth §5.4's; a browser signs in again after a hundred
    rotations (§5.5).

    Args:
        secret: Of the server for assistants.
        web_uris: Where a browser is sent back to.
        mobile_uris: Where a telephone is.
    """
    plain, codes = (REFRESH_GRANT,), (CODE_GRANT, REFRESH_GRANT)
    servers = (EXCHANGE_GRANT, *plain)
    short = 7 * DAY, 30 * DAY
    web, mobile = tuple(web_uris), tuple(mobile_uris)
    found = (
        Client("mg-tv", "Television", (DEVICE_GRANT, *plain), USER_SCOPES, 90 * DAY, 365 * DAY),
        Client("mg-web", "Browser", codes, SCOPES, *short, rotation_limit=100, redirect_uris=web),
        Client("mg-mobile", "Telephone", codes, USER_SCOPES, *short, redirect_uris=mobile),
        Client("mg-mcp", "Assistants", servers, READ_SCOPES, *short, secret_hash=digest(secret)),
    )
    return tuple(replace(client, first_party=True) for client in found)
