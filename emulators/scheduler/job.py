"""What a scheduled job is, free of any wire."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import orjson

State = Literal["ENABLED", "PAUSED"]
Method = Literal["POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]


@dataclass(frozen=True, slots=True)
class Token:
    """The identity an HTTP request carries as its bearer.

    Attributes:
        kind: ``oidc`` names an audience, ``oauth`` a scope.
        email: The service account.
        audience: Audience or scope; empty for the default.
    """

    kind: Literal["oidc", "oauth"]
    email: str
    audience: str = ""


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """An HTTP request to send."""

    uri: str
    method: Method = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    token: Token | None = None


@dataclass(frozen=True, slots=True)
class PubsubTarget:
    """A message to publish."""

    topic: str
    data: bytes = b""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """When a failed attempt is tried again; times in seconds, 0 duration means no limit."""

    count: int = 0
    max_duration: float = 0.0
    min_backoff: float = 5.0
    max_backoff: float = 3600.0
    max_doublings: int = 5

    def backoff(self, failures: int) -> float:
        """Return the wait after the ``failures``-th failure, from 1.

        It doubles ``max_doublings`` times, then grows by the last step, up to ``max_backoff``.
        """
        doubled = min(failures - 1, self.max_doublings)
        step = self.min_backoff * 2.0**doubled
        return min(self.max_backoff, step * (failures - doubled))

    def allows(self, failures: int, elapsed: float) -> bool:
        """Whether there is another attempt after this many failures and seconds since the first."""
        if self.count == 0:
            return False
        return failures <= self.count or (self.max_duration > 0 and elapsed < self.max_duration)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: a ``google.rpc.Code`` and what the target said."""

    code: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One job, what was asked and what has happened.

    Attributes:
        name: ``projects/P/locations/L/jobs/J``.
        schedule: Five unix-cron fields.
        time_zone: IANA name the schedule is read in.
        target: What an attempt does.
        deadline: Seconds an attempt may take.
        state: Whether the schedule is followed.
        updated: Unix seconds of the last change by a user.
        next_time: Unix seconds of the next attempt, a retry included; None when paused.
        last_attempt: Unix seconds when the last attempt began.
        outcome: How the last attempt ended.
        failures: Failed attempts of the execution under way.
        first_attempt: Unix seconds when the execution under way began; 0 when none is.
    """

    name: str
    schedule: str
    target: HttpTarget | PubsubTarget
    time_zone: str = "Etc/UTC"
    description: str = ""
    retry: Retry = field(default=Retry())
    deadline: float = 180.0
    state: State = "ENABLED"
    updated: float = 0.0
    next_time: float | None = None
    last_attempt: float | None = None
    outcome: Outcome | None = None
    failures: int = 0
    first_attempt: float = 0.0


def dump(job: Job) -> bytes:
    """Return a job as JSON; the inverse is `load`."""
    return orjson.dumps(asdict(job), default=lambda raw: base64.b64encode(raw).decode())


def load(raw: bytes) -> Job:
    """Return the job that `dump` wrote."""
    fields: dict[str, Any] = orjson.loads(raw)
    outcome = fields["outcome"]
    return Job(
        **fields
        | {
            "target": _load_target(fields["target"]),
            "retry": Retry(**fields["retry"]),
            "outcome": Outcome(**outcome) if outcome else None,
        }
    )


def _load_target(raw: dict[str, Any]) -> HttpTarget | PubsubTarget:
    if "topic" in raw:
        data, attributes = base64.b64decode(raw["data"]), _pairs(raw["attributes"])
        return PubsubTarget(raw["topic"], data, attributes)
    token = Token(**raw["token"]) if raw["token"] else None
    body = base64.b64decode(raw["body"])
    return HttpTarget(raw["uri"], raw["method"], _pairs(raw["headers"]), body, token)


def _pairs(raw: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in raw)
