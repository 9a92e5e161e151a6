"""A platform that pushes notices, as it would over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import text

from shared.adapters import connect
from shared.catalog.webhooks.signing import sign
from shared.kernel.clock import FixedClock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

REF = "projects/p/secrets/webhook-signing/versions/1"
OLDER = "projects/p/secrets/webhook-signing/versions/2"
SECRETS = {REF: "the newer secret", OLDER: "the older secret"}
PATH = "/api/v1/webhooks/netflix"
START = SystemClock().now()
clock = FixedClock(START)


def turn_back() -> None:
    """Set the clock to where it was at first, whatever other tests made of it."""
    clock.at = START


def notice(kind: str = "content_added", listing: str = "70131314", **changes: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return the body of a notice; keyword arguments go into its payload."""
    return orjson.dumps(
        {
            "event_type": kind,
            "platform": "netflix",
            "timestamp": clock.now().isoformat(),
            "payload": {"content_id": listing, "title": "Heat", "regions": ["US"], **changes},
        }
    )


def signed(
    body: bytes, *, secret: str = SECRETS[REF], age: timedelta | None = None
) -> Mapping[str, str]:
    """Return the headers of a notice that was signed now, or `age` ago."""
    at = clock.now() - age if age is not None else clock.now()
    timestamp = str(int(at.timestamp()))
    return {
        "x-webhook-timestamp": timestamp,
        "x-webhook-signature": sign(secret, body, timestamp=timestamp),
    }


def register(platform: str = "netflix", **changes: Any) -> None:  # noqa: ANN401 - any column
    """Register a platform."""
    row = {
        "platform": platform,
        "secret_ref": REF,
        "previous_secret_ref": None,
        "event_types": [],
        "rate_per_minute": 100,
        "legacy": False,
        "at": clock.now(),
        **changes,
    }
    with connect.engine().begin() as connection:
        connection.execute(
            text(
                "INSERT INTO webhook_source VALUES (:platform, :secret_ref, :previous_secret_ref,"
                " :event_types, :rate_per_minute, :legacy, NULL, :at, :at)"
            ),
            row,
        )


def rows(sql: str) -> list[tuple[Any, ...]]:
    """Return what a statement finds."""
    with connect.reads().connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]
