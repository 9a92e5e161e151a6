"""Streaming Availability API v4 over HTTP.

A call is tried five times, 1 s to 60 s apart, on timeouts, lost connections, 5xx and 429; what the
service asks for in ``Retry-After`` is kept (spec/ingestion §7).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Self

import httpx2
import stamina

from shared.catalog.platforms import service_code
from shared.catalog.ports import Delivery
from shared.catalog.raw import ALL_PLATFORMS
from shared.kernel.errors import (
    AppError,
    DeniedError,
    ExhaustedError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)

NAME = "streaming availability"
TIMEOUT_SECONDS = 10.0
TRIES = 5
LONGEST_ASKED_WAIT_SECONDS = 120.0
"""A service that asks for more is left for the next run: the quota is spent."""
CHANGE_TYPES = ("new", "updated", "removed")
ALL_SERVICES = (
    "netflix",
    "prime_video",
    "disney_plus",
    "hbo_max",
    "hulu",
    "apple_tv_plus",
    "paramount_plus",
    "peacock",
    "youtube",
)

_KINDS: Mapping[int, type[AppError]] = {
    HTTPStatus.BAD_REQUEST: InvalidInputError,
    HTTPStatus.UNAUTHORIZED: UnauthenticatedError,
    HTTPStatus.FORBIDDEN: DeniedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.UNPROCESSABLE_ENTITY: InvalidInputError,
}


@dataclass(frozen=True)
class Patience:
    """How long to wait between tries, in seconds."""

    first: float = 1.0
    longest: float = 60.0
    jitter: float = 0.2


class StreamingAvailability:
    """The service's calls; close it, or use it in a ``with``.

    Args:
        base_url: Where it is.
        key: Value of ``X-RapidAPI-Key``.
        patience: How long to wait between tries.
    """

    def __init__(self, base_url: str, key: str, *, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._client = httpx2.Client(
            base_url=base_url,
            headers={"X-RapidAPI-Key": key, "Accept": "application/json"},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the service's answer to one call.

        Raises:
            InvalidInputError: It does not accept a parameter; the message is its own.
            UnauthenticatedError: The key is missing or not known.
            ExhaustedError: The quota is spent for longer than a call can wait.
            UnavailableError: It did not answer properly, five times.
        """
        wait = self._patience
        for attempt in stamina.retry_context(
            on=_worth_another_try,
            attempts=TRIES,
            timeout=None,
            wait_initial=wait.first,
            wait_max=wait.longest,
            wait_jitter=wait.jitter,
        ):
            with attempt:
                return self._once(path, query)
        raise UnavailableError(f"{NAME} did not answer {path}")

    def _once(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        try:
            response = self._client.get(path, params=dict(query))
        except httpx2.TransportError as error:
            told = str(error) or type(error).__name__
            raise UnavailableError(f"{NAME} did not answer {path}: {told}") from error
        if response.status_code != HTTPStatus.OK:
            raise _refusal(path, response)
        try:
            found = response.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise UnavailableError(f"{NAME} answered {path} with something that is no JSON object")
        return found


def _worth_another_try(error: Exception) -> bool | float:
    """Tell whether to try again, or in how many seconds the service wants it."""
    if isinstance(error, ExhaustedError):
        asked = error.retry_after_seconds
        if asked is None:
            return True
        return asked if asked <= LONGEST_ASKED_WAIT_SECONDS else False
    return isinstance(error, UnavailableError)


def _refusal(path: str, response: httpx2.Response) -> AppError:
    status = response.status_code
    message = f"{NAME} answered {path} with {status}: {_message(response)}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ExhaustedError(message, retry_after_seconds=_retry_after(response))
    return _KINDS.get(status, UnavailableError)(message)


def _message(response: httpx2.Response) -> str:
    try:
        told = response.json()["message"]
    except (ValueError, KeyError, TypeError):
        told = response.text
    return str(told)[:300] or "no message"


def _retry_after(response: httpx2.Response) -> float | None:
    """Return the seconds asked for; the form with a date is not used by this service."""
    said = response.headers.get("retry-after", "")
    return float(said) if said.isdecimal() else None


class CatalogSource:
    """`shared.catalog.ports.PageSource`: everything that platforms offer in one country.

    Args:
        service: The API.
        platform: One of our platforms, or `ALL_PLATFORMS` for all nine in one walk.
        region: ISO 3166-1 α-2.
    """

    def __init__(self, service: StreamingAvailability, *, platform: str, region: str) -> None:
        self._service = service
        self._query = {"country": region.lower(), "catalogs": _catalogs(platform)}

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield the pages after ``cursor``, as they come over the wire."""
        while True:
            query = {**self._query, **({"cursor": cursor} if cursor else {})}
            answer = self._service.get("/shows/search/filters", query)
            cursor = _next_cursor(answer)
            yield Delivery(_records(answer, "shows"), next_cursor=cursor)
            if cursor is None:
                return


@dataclass(frozen=True)
class Window:
    """The moments between which changes are asked for, unix seconds, both included."""

    since: int
    until: int


class ChangeSource:
    """`shared.catalog.ports.PageSource`: what has changed on platforms between two moments.

    The kinds of change are walked one after the other. A cursor names its kind and window
    (``updated/1767225600/1767312000/…``), so that a walk goes on in the window it began in.

    Args:
        service: The API.
        platform: As for `CatalogSource`.
        region: ISO 3166-1 α-2.
        since: Earliest change; the service keeps 31 days.
        until: Latest change, at most now.
    """

    def __init__(
        self,
        service: StreamingAvailability,
        *,
        platform: str,
        region: str,
        since: datetime,
        until: datetime,
    ) -> None:
        self._service = service
        self._window = Window(int(since.timestamp()), int(until.timestamp()))
        self._query = {
            "country": region.lower(),
            "catalogs": _catalogs(platform),
            "item_type": "show",
        }
        self.walked_until: datetime | None = None
        """End of the window, once it was walked whole."""

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield the pages after ``cursor``, as they come over the wire."""
        kind, window, inner = self._place(cursor)
        within = {"from": str(window.since), "to": str(window.until)}
        while kind:
            query = {**self._query, **within, "change_type": kind}
            answer = self._service.get(
                "/changes", {**query, **({"cursor": inner} if inner else {})}
            )
            kind, inner = _following(kind, _next_cursor(answer))
            after = f"{kind}/{window.since}/{window.until}/{inner}" if kind else None
            yield Delivery(_records(answer, "changes"), answer.get("shows") or {}, after)
        self.walked_until = datetime.fromtimestamp(window.until, UTC)

    def _place(self, cursor: str | None) -> tuple[str, Window, str]:
        if cursor is None:
            return CHANGE_TYPES[0], self._window, ""
        kind, since, until, inner = (*cursor.split("/", 3), "", "", "")[:4]
        if kind not in CHANGE_TYPES or not (since.isdecimal() and until.isdecimal()):
            raise InvalidInputError(f"the cursor {cursor!r} is of no change feed")
        return kind, Window(int(since), int(until)), inner


def _following(kind: str, cursor: str | None) -> tuple[str, str]:
    """Return the kind and cursor of the next call; no kind when all are walked."""
    if cursor is not None:
        return kind, cursor
    left = CHANGE_TYPES[CHANGE_TYPES.index(kind) + 1 :]
    return (left[0] if left else ""), ""


def _catalogs(platform: str) -> str:
    wanted = ALL_SERVICES if platform == ALL_PLATFORMS else (platform,)
    return ",".join(service_code(name) for name in wanted)


def _records(answer: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise UnavailableError(f"{NAME} sent an answer without {name!r}")
    return found


def _next_cursor(answer: Mapping[str, Any]) -> str | None:
    if not answer.get("hasMore"):
        return None
    cursor = answer.get("nextCursor")
    if not isinstance(cursor, str) or not cursor:
        raise UnavailableError(f"{NAME} says that there is more, but not where")
    return cursor
