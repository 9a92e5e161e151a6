"""What the endpoints of parental controls take and give."""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

if TYPE_CHECKING:
    from shared.identity.parental import Controls

MOST_GENRES = 50
_CLOCK = "%H:%M"
_SET: dict[str, Any] = {
    "enabled": True,
    "content_rating_limit": "PG",
    "viewing_start": "16:00",
    "viewing_end": "19:30",
    "timezone": "Europe/Madrid",
    "blocked_genres": ["Horror"],
}


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones that every machine knows as the same."""
    return frozenset(available_timezones()) - {"localtime"}


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("take a name of the IANA time zone database, like Europe/Madrid")
    return name


def _each_once(genres: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(genres)))


def _digits(pin: SecretStr) -> SecretStr:
    found = pin.get_secret_value()
    if not (PIN_LEAST <= len(found) <= PIN_MOST and found.isascii() and found.isdigit()):
        raise ValueError(f"a PIN has {PIN_LEAST} to {PIN_MOST} digits")
    return pin


PIN_LEAST, PIN_MOST = 4, 8
Rating = Literal["G", "PG", "PG-13", "R", "NC-17"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Zone = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$", max_length=64),
    AfterValidator(_zone),
]
Genres = Annotated[
    tuple[Annotated[str, Field(max_length=40)], ...],
    Field(max_length=MOST_GENRES),
    AfterValidator(_each_once),
]
Pin = Annotated[
    SecretStr,
    AfterValidator(_digits),
    Field(json_schema_extra={"pattern": rf"^[0-9]{{{PIN_LEAST},{PIN_MOST}}}$"}),
]


class ControlsChange(BaseModel):
    """What to change; what is left out stays, and null takes a limit away.

    Attributes:
        pin: New; null takes it away.
        content_rating_limit: Titles up to this.
        viewing_start: When watching may begin each day.
        viewing_end: When it has to end; before the start it is the next day's.
        timezone: Whose clocks say so.
        blocked_genres: All of them.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{**_SET, "pin": "4711"}]}
    )

    enabled: bool = False
    pin: Pin | None = None
    content_rating_limit: Rating | None = None
    viewing_start: Clock | None = None
    viewing_end: Clock | None = None
    timezone: Zone = "Etc/UTC"
    blocked_genres: Genres = ()

    @property
    def changes_pin(self) -> bool:
        """Whether the PIN is set, changed or taken away."""
        return "pin" in self.model_fields_set

    def values(self) -> dict[str, Any]:
        """Return what changes beside the PIN, as `Controls` names it."""
        whole = {
            "enabled": ("enabled", self.enabled),
            "content_rating_limit": ("max_rating", self.content_rating_limit or ""),
            "viewing_start": ("start", _time(self.viewing_start)),
            "viewing_end": ("end", _time(self.viewing_end)),
            "timezone": ("timezone", self.timezone),
            "blocked_genres": ("blocked_genres", self.blocked_genres),
        }
        return dict(pair for name, pair in whole.items() if name in self.model_fields_set)

    def fields(self) -> list[str]:
        """Return the names of what changes, for the log: never what it changes to."""
        return sorted(self.model_fields_set)


class ControlsShown(BaseModel):
    """What holds for an account; whether there is a PIN, never which."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{**_SET, "pin_set": True}]}
    )

    enabled: bool
    pin_set: bool
    content_rating_limit: Rating | None
    viewing_start: str | None
    viewing_end: str | None
    timezone: str
    blocked_genres: tuple[str, ...]


class PinTry(BaseModel):
    """A PIN that somebody says they know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"pin": "4711"}]}
    )

    pin: Pin


class PinToken(BaseModel):
    """What shows for a while that the PIN is known, in the header ``X-Pin-Token``."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"pin_token": "2c9qk0VY1hZ6a3Xr8uTnB5wEoGmLsPdJfKiQyHzNxA4", "expires_in": 300}
            ]
        },
    )

    pin_token: str
    expires_in: int


def shown(controls: Controls) -> ControlsShown:
    """Return controls as their owner sees them."""
    return ControlsShown.model_validate(
        {
            "enabled": controls.enabled,
            "pin_set": controls.pin_hash is not None,
            "content_rating_limit": controls.max_rating or None,
            "viewing_start": _text(controls.start),
            "viewing_end": _text(controls.end),
            "timezone": controls.timezone,
            "blocked_genres": controls.blocked_genres,
        }
    )


def _time(said: str | None) -> time | None:
    return None if said is None else time(int(said[:2]), int(said[3:]))


def _text(at: time | None) -> str | None:
    return None if at is None else at.strftime(_CLOCK)
