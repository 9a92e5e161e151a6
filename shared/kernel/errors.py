"""Errors of the product, by kind.

An area names a situation by subclassing one of the kinds; the kind alone decides what each edge
answers, so no area knows a status code::

    AppError
    ├── MalformedError        400  reject      the request cannot be read
    ├── InvalidInputError     422  reject      a field is not acceptable
    ├── UnauthenticatedError  401  reject
    ├── DeniedError           403  reject
    ├── NotFoundError         404  reject
    ├── GoneError             410  reject
    ├── StaleError            412  reject      the version that was read is no longer current
    ├── TooLargeError         413  reject
    ├── UnsupportedTypeError  415  reject      the body is of another kind than is taken
    ├── ConflictError         409  retry
    ├── ExhaustedError        429  retry
    ├── UnavailableError      503  retry       a dependency did not answer
    ├── TimedOutError         504  retry       the gateway waited long enough for a service
    └── MethodNotAllowedError 405  reject      the path exists, the method does not
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldIssue:
    """One field that is not acceptable.

    Attributes:
        field: Path of the field, dots between levels (``filters.year_from``).
        rule: What was asked of it, kebab case (``greater-than-equal``).
        message: What to do about it, one sentence.
    """

    field: str
    rule: str
    message: str


class AppError(Exception):
    """A situation the product knows; never raised itself."""

    code = "internal"

    def __init__(self, message: str, *, issues: Sequence[FieldIssue] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.issues = tuple(issues)


class MalformedError(AppError):
    """The request cannot be read at all."""

    code = "malformed"


class InvalidInputError(AppError):
    """One or more fields are not acceptable; `issues` names them."""

    code = "invalid-input"


class UnauthenticatedError(AppError):
    """The caller did not show who they are."""

    code = "unauthenticated"


class DeniedError(AppError):
    """The caller may not do this."""

    code = "denied"


class NotFoundError(AppError):
    """There is nothing by that name."""

    code = "not-found"


class GoneError(AppError):
    """It existed once and does not come back."""

    code = "gone"


class StaleError(AppError):
    """What the caller read has changed since."""

    code = "stale"


class TooLargeError(AppError):
    """More was sent than is taken."""

    code = "too-large"


class UnsupportedTypeError(AppError):
    """What was sent is of another kind than is taken."""

    code = "unsupported-type"


class ConflictError(AppError):
    """The present state does not allow it; trying again may."""

    code = "conflict"


class ExhaustedError(AppError):
    """A limit is spent.

    Attributes:
        retry_after_seconds: When to try again, where that is known.
    """

    code = "exhausted"

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class UnavailableError(AppError):
    """A dependency did not answer; the message names it."""

    code = "unavailable"


class TimedOutError(AppError):
    """A service did not answer within its time."""

    code = "timeout"


class MethodNotAllowedError(AppError):
    """The path exists, the method does not.

    Attributes:
        allowed: Methods it takes, sorted.
    """

    code = "method-not-allowed"

    def __init__(self, path: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{path} takes {', '.join(allowed)}")
        self.allowed = tuple(allowed)


REJECTED = (
    MalformedError,
    InvalidInputError,
    UnauthenticatedError,
    DeniedError,
    NotFoundError,
    GoneError,
    StaleError,
    TooLargeError,
    UnsupportedTypeError,
    MethodNotAllowedError,
)
"""Kinds that no repetition can mend: an event that meets one is set aside, not retried."""
