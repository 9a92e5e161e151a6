"""``retry`` and the retry predicates and policies of ``http``."""

from emulators.workflows.stdlib.registry import CONSTANTS, function
from emulators.workflows.values import Function, Value

TRANSIENT = frozenset({429, 502, 503, 504})
TRANSIENT_TAGS = frozenset({"ConnectionError", "ConnectionFailedError", "TimeoutError"})
UNPROCESSED = frozenset({429, 503})
MAX_RETRIES = 5


@function("retry.always", "e")
def always(_: Value) -> bool:
    """Retry every error."""
    return True


@function("retry.never", "e")
def never(_: Value) -> bool:
    """Retry no error."""
    return False


@function("http.default_retry_predicate", "e")
def default_retry_predicate(error: Value) -> bool:
    """Retry what may pass, for requests that may arrive twice."""
    return _code(error) in TRANSIENT or bool(TRANSIENT_TAGS & _tags(error))


@function("http.default_retry_predicate_non_idempotent", "e")
def default_retry_predicate_non_idempotent(error: Value) -> bool:
    """Retry only what was surely not processed."""
    return _code(error) in UNPROCESSED or "ConnectionFailedError" in _tags(error)


def _code(error: Value) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else 0


def _tags(error: Value) -> frozenset[str]:
    tags = error.get("tags") if isinstance(error, dict) else None
    return (
        frozenset(tag for tag in tags if isinstance(tag, str))
        if isinstance(tags, list)
        else frozenset()
    )


BACKOFF: Value = {"initial_delay": 1, "max_delay": 60, "multiplier": 1.25}
CONSTANTS["retry.default_backoff"] = BACKOFF
CONSTANTS["http.default_retry"] = {
    "predicate": Function("http.default_retry_predicate"),
    "max_retries": MAX_RETRIES,
    "backoff": BACKOFF,
}
CONSTANTS["http.default_retry_non_idempotent"] = {
    "predicate": Function("http.default_retry_predicate_non_idempotent"),
    "max_retries": MAX_RETRIES,
    "backoff": BACKOFF,
}
