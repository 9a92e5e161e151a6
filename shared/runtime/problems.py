"""Problem documents (RFC 9457) for every error an HTTP caller can meet."""

import math
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from shared.kernel.errors import (
    AppError,
    ConflictError,
    DeniedError,
    ExhaustedError,
    FieldIssue,
    GoneError,
    InvalidInputError,
    MalformedError,
    MethodNotAllowedError,
    NotFoundError,
    StaleError,
    TimedOutError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedTypeError,
)
from shared.kernel.principal import RESOURCE_METADATA as METADATA
from shared.runtime.settings import settings

_STATUS: dict[type[AppError], HTTPStatus] = {
    MalformedError: HTTPStatus.BAD_REQUEST,
    InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    DeniedError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    GoneError: HTTPStatus.GONE,
    StaleError: HTTPStatus.PRECONDITION_FAILED,
    TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ConflictError: HTTPStatus.CONFLICT,
    ExhaustedError: HTTPStatus.TOO_MANY_REQUESTS,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    TimedOutError: HTTPStatus.GATEWAY_TIMEOUT,
    MethodNotAllowedError: HTTPStatus.METHOD_NOT_ALLOWED,
}


def status_of(error: AppError) -> HTTPStatus:
    """Return the status that the kind of ``error`` is answered with."""
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(error: AppError, *, trace_id: str) -> dict[str, Any]:
    """Return the problem document of ``error``; `errors` names every bad field."""
    found = document(status_of(error), error.code, error.message, trace_id=trace_id)
    if error.issues:
        found["errors"] = [vars(issue) for issue in error.issues]
    return found


def headers_of(error: AppError) -> dict[str, str]:
    """Return what an answer must say in its head (RFC 9110 §15.5.2, §15.5.6 and §10.2.3)."""
    if isinstance(error, MethodNotAllowedError):
        implied = ["HEAD"] if "GET" in error.allowed else []
        return {"allow": ", ".join([*error.allowed, *implied])}
    challenge = getattr(error, "challenge", "Bearer" if _is_of_nobody(error) else "")
    if challenge:
        return {"www-authenticate": _with_metadata(challenge)}
    seconds = getattr(error, "retry_after_seconds", None)
    return {} if seconds is None else {"retry-after": str(max(1, math.ceil(seconds)))}


def _with_metadata(challenge: str) -> str:
    """Return a challenge that says where to learn who signs tokens (RFC 9728 §5.1)."""
    issuer = settings().issuer.rstrip("/")
    if not issuer:
        return challenge
    return f'{challenge}{"," if "=" in challenge else ""} resource_metadata="{issuer}{METADATA}"'


def _is_of_nobody(error: AppError) -> bool:
    """Tell whether an error is answered with 401, which always says how to sign in."""
    return isinstance(error, UnauthenticatedError)


def document(status: HTTPStatus, code: str, detail: str, *, trace_id: str) -> dict[str, Any]:
    """Return a problem document of type ``/problems/<code>``."""
    return {
        "type": f"/problems/{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "trace_id": trace_id,
    }


def invalid_input(error: ValidationError, where: str) -> InvalidInputError:
    """Return pydantic's findings as one error that names every field."""
    issues = [
        FieldIssue(
            field=".".join(map(str, found["loc"])) or where,
            rule=found["type"].replace("_", "-"),
            message=found["msg"],
        )
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    named = ", ".join(issue.field for issue in issues)
    return InvalidInputError(f"{where} is not acceptable: {named}", issues=issues)
