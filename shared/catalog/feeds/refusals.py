"""Answers that are no titles: refusals of providers, and lists of something else."""

from collections.abc import Mapping
from typing import Any

from shared.catalog.feeds.fields import Json, at
from shared.catalog.raw import FieldError, shown

_MESSAGES = (
    "status_message",
    "statusMessage",
    "message",
    "messages",
    "error_description",
    "detail",
)
_CODES = ("status_code", "statusCode", "code", "status")
_TITLES = ("title", "name", "id", "content", "results", "items")


def refused(record: Json) -> FieldError | None:
    """Return what a provider refuses and why, None where the record is no refusal."""
    if isinstance(record.get("error"), Mapping | str):
        return FieldError("error", _said(record["error"]))
    if isinstance(record.get("errors"), list) and record["errors"] and not record.get("data"):
        return FieldError("errors", _said(record["errors"][0]))
    if any(name in record for name in _TITLES):
        return None
    if record.get("success") is False or any(name in record for name in _MESSAGES):
        return FieldError("error", _said(record))
    return None


def _said(error: object) -> str:
    if not isinstance(error, Mapping):
        return f"the provider refuses: {shown(error)}"
    code = next((error[name] for name in _CODES if error.get(name) is not None), None)
    reason = _reason(error)
    message = next((str(error[name]) for name in _MESSAGES if error.get(name)), "without a word")
    told = " ".join(str(part) for part in (code, reason) if part is not None)
    return f"the provider refuses{f' ({told})' if told else ''}: {message[:500]}"


def _reason(error: Json) -> Any:  # noqa: ANN401 - a text, or nothing
    """Return the machine's word for a refusal (``quotaExceeded``)."""
    inner = error.get("errors")
    if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
        return inner[0].get("reason")
    return at(error, "extensions.code")
