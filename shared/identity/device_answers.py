"""What users are shown of devices that ask to be let in, and what they say to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Typed = Annotated[str, StringConstraints(min_length=1, max_length=32)]
"""A code as somebody typed it."""


class WhichDevice(BaseModel):
    """The code on a device's screen."""

    model_config = ConfigDict(extra="forbid")

    user_code: Typed


class DeviceRequest(BaseModel):
    """Who asks to be let in, and to what: show it before anything is decided (RFC 8628 §5.4).

    Attributes:
        client_name: The application.
        device_name: As the device calls itself, or empty.
        network: It asks from, or empty.
        scopes: It would get at most.
        requested_at: When the code appeared on its screen.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "client_name": "Television",
                    "device_name": "Living room",
                    "network": "203.0.113.0/24",
                    "scopes": ["read:content", "read:watchlist", "write:progress"],
                    "requested_at": "2026-01-01T20:15:00Z",
                }
            ]
        },
    )

    client_name: str
    device_name: str
    network: str
    scopes: tuple[str, ...]
    requested_at: datetime


class Decision(BaseModel):
    """What a user says to a device.

    Attributes:
        scopes: Granted, of those requested; None grants all of them.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user_code": "WDJB-MJHT", "decision": "approve"}]},
    )

    user_code: Typed
    decision: Literal["approve", "deny"]
    scopes: Annotated[tuple[str, ...], Field(max_length=50)] | None = None
