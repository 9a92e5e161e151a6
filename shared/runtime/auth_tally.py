"""What happens at the doors of accounts, as metrics (spec/auth §10)."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.kernel.errors import (
    AppError,
    ExhaustedError,
    InvalidInputError,
    MalformedError,
    UnauthenticatedError,
    UnavailableError,
)
from shared.runtime import metrics
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.runtime.metrics import Metric

logger = logging.getLogger(__name__)

SIGN_IN = "sign_in"
"""How tokens come about that no grant was asked for: by a password, or a passkey."""
GRANTS = frozenset(
    {SIGN_IN, "authorization_code", "refresh_token", "device_code", "token_exchange"}
)
GOOD = 200
CLASSES = frozenset(
    {
        "authorize",
        "code_entry",
        "device",
        "forgot",
        "login",
        "register",
        "resend",
        "revoke",
        "token",
    }
)
"""Classes of limits that are identity's (shared/gateway/limits.toml)."""
_KINDS: tuple[tuple[type[AppError], str], ...] = (
    (ExhaustedError, "waits"),
    (UnauthenticatedError, "wrong"),
    (InvalidInputError, "malformed"),
    (MalformedError, "malformed"),
    (UnavailableError, "unavailable"),
    (AppError, "refused"),
)


@contextmanager
def logins() -> Iterator[None]:
    """Count one try to prove who somebody is, by how the block, or the function, ends.

    What was wrong, or had to wait after what was wrong, is a line of the log as well: a hundred of
    them in five minutes raise the alert ``sign-in-attack`` (spec/auth §5.6). It names nobody.
    """
    try:
        with _ended(metrics.LOGINS):
            yield
    except (UnauthenticatedError, ExhaustedError) as error:
        logger.warning("sign_in.failed", extra={"reason": error.code})
        raise


@contextmanager
def challenges() -> Iterator[None]:
    """Count one try to show a second factor, by how the block, or the function, ends."""
    with _ended(metrics.CHALLENGES):
        yield


def issued(grant: str, status: int = GOOD) -> None:
    """Count an access token.

    Args:
        grant: How it came about; of a URN its last part.
        status: Of the answer; another than 200 had none.
    """
    if status == GOOD:
        name = grant.rpartition(":")[2].replace("-", "_")
        metrics.count(metrics.TOKENS, grant=name if name in GRANTS else "other")


def reused() -> None:
    """Count a refresh token that was shown twice."""
    metrics.count(metrics.REUSED, service=settings().service)


def travelled() -> None:
    """Count a sign-in from too far away."""
    metrics.count(metrics.TRAVELS, service=settings().service)


def limited(rate_class: str) -> None:
    """Count a request over a limit, where the limit is of identity."""
    if rate_class in CLASSES:
        metrics.count(metrics.AUTH_LIMITED, route=rate_class)


@contextmanager
def _ended(metric: Metric) -> Iterator[None]:
    try:
        yield
    except AppError as error:
        metrics.count(metric, result=next(name for kind, name in _KINDS if isinstance(error, kind)))
        raise
    metrics.count(metric, result="proven")
