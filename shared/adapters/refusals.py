"""What an answer of another service means here when it is no success."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.kernel.errors import (
    AppError,
    DeniedError,
    ExhaustedError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

_KINDS: Mapping[int, type[AppError]] = {
    HTTPStatus.BAD_REQUEST: InvalidInputError,
    HTTPStatus.UNAUTHORIZED: UnauthenticatedError,
    HTTPStatus.FORBIDDEN: DeniedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.UNPROCESSABLE_ENTITY: InvalidInputError,
}


def refusal(response: httpx2.Response, message: str) -> AppError:
    """Return the error that an answer's status stands for; its kind says whether repeating helps.

    Args:
        response: No success.
        message: Who answered what.
    """
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return ExhaustedError(message, retry_after_seconds=retry_after(response.headers))
    return _KINDS.get(response.status_code, UnavailableError)(message)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds asked for (RFC 9110 §10.2.3), None where nothing is.

    A date counts from the answer's own ``Date``, so that our clocks need not agree.
    """
    said = headers.get("retry-after", "")
    if said.isdecimal():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
        now = parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    seconds = (until.replace(tzinfo=UTC) - now.replace(tzinfo=UTC)).total_seconds()
    return max(0.0, seconds)
