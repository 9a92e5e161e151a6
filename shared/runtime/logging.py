"""Structured logs in the form Cloud Logging parses from standard output.

An event is past tense with fields (``logger.info("title.merged", extra={"title": id})``). Nothing
personal is ever a field; what slips in by its name or its form is taken out here (`redacted`).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import sys
import traceback
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from functools import cache, lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import orjson

from shared.kernel import trace
from shared.kernel.clock import SystemClock
from shared.kernel.errors import UnavailableError
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request or event this thread works for; part of every line."""
user_id_hash: ContextVar[str] = ContextVar("user_id_hash", default="")
"""Whose request it is, as `hashed_user` says it."""

KEY_BYTES = 32
"""Least length of the key that stands between a hash and a list of users."""
KEY_RETRY_SECONDS = 60.0
_keys: dict[str, bytes] = {}
_not_before: dict[str, float] = {}

REDACTED = "[redacted]"
QUIET = ("uvicorn.access", "httpx2", "httpcore2")
LONGEST = 2000
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_SECRET = re.compile(
    r"(?:^|_)(?:authorization|cookie|cookies|credential|credentials|jwt|otp|passphrase|passwd|"
    r"password|pin|private_key|pwd|secret|session_id|signature|token|tokens|verifier)$"
    r"|(?:^|_)(?:api_?|access_|encryption_|secret_|signing_|idempotency_)keys?$"
    r"|(?:access|refresh|id|bearer)_?token|password|secret"
)
_PERSONAL = re.compile(r"(?:^|_)(?:e?mail|email_address|phone|ip|ip_address|user_?id|user_name)$")
_SEARCHED = re.compile(r"^(?:q|query|query_string|search|search_text|search_terms|terms)$")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-. ]+")

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_TOKENS = re.compile(
    r"eyJ[\w-]{5,}\.[\w-]*\.[\w-]*"  # a JWT: its first part is JSON that begins with {"
    r"|\b(?:bearer|basic)\s+[\w.~+/=-]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\bAIza[\w-]{35}\b"  # a key of Google's APIs
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",  # user and password of an address
    re.IGNORECASE | re.DOTALL,
)
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'#]+")


def hashed_user(user: str, key: bytes) -> str:
    """Return what stands for a user in logs: the same for each key, of no use without it.

    HMAC-SHA-256 (RFC 2104), the first 16 of its 32 bytes.
    """
    return hmac.digest(key, user.encode(), "sha256")[:16].hex()


_hash_of = lru_cache(4096)(hashed_user)


async def note_user(user: str) -> None:
    """Say whose request this is; its lines carry a hash, where there is a key to make one with.

    The key is read once. Where it cannot be, lines name nobody for a minute: no request waits on
    what only a log needs.
    """
    reference = settings().log_key
    key = _keys.get(reference)
    if key is None and reference and monotonic() >= _not_before.get(reference, 0.0):
        key = await asyncio.to_thread(_read_key, reference)
    user_id_hash.set(_hash_of(user, key) if key else "")


def _read_key(reference: str) -> bytes | None:
    from shared.adapters.secrets import secret  # noqa: PLC0415 - only where viewers are looked at

    try:
        key, problem = secret(reference).encode(), f"{reference} has fewer than {KEY_BYTES} bytes"
    except UnavailableError as error:
        key, problem = b"", error.message
    if len(key) >= KEY_BYTES:
        return _keys.setdefault(reference, key)
    _not_before[reference] = monotonic() + KEY_RETRY_SECONDS
    logging.getLogger(__name__).warning("users.not_told_apart", extra={"detail": problem})
    return None


def redacted(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever was logged
    """Return a field as it may be logged.

    Secrets and personal data go by the field's name or their own form; a search becomes its length
    and hash, so that equal ones can be counted; a query string in an address goes with it.
    """
    meaning = _meaning(name)
    if value is None or meaning is _Meaning.HIDDEN:
        return value if value is None else REDACTED
    if isinstance(value, bool | int | float):
        return value
    if meaning is _Meaning.SEARCHED:
        return measured(value if isinstance(value, str) else _written(value))
    if isinstance(value, dict):
        return {str(key): redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted("", inner) for inner in value]
    return cleaned(value if isinstance(value, str) else str(value))


class _Meaning(Enum):
    """What a field's name says of its value."""

    PLAIN = 0
    HIDDEN = 1
    SEARCHED = 2


@lru_cache(1024)
def _meaning(name: str) -> _Meaning:
    said = _WORDS.sub("_", name).lower()
    if _SECRET.search(said) or _PERSONAL.search(said):
        return _Meaning.HIDDEN
    return _Meaning.SEARCHED if _SEARCHED.match(said) else _Meaning.PLAIN


def measured(text: str) -> dict[str, Any]:
    """Return length and hash of what somebody searched for."""
    return {
        "length": len(text),
        "sha256": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16],
    }


def cleaned(text: str) -> str:
    """Return a text without what looks like a token, a key, a mail address or a query string."""
    found = _TOKENS.sub(REDACTED, text)
    found = _QUERY.sub("?" + REDACTED, found) if "?" in found else found
    return _MAIL.sub(REDACTED, found) if "@" in found else found


def _written(value: Any) -> str:  # noqa: ANN401 - whatever was logged
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # an integer over 64 bits, a lone surrogate: slower, but it takes all
        found = json.dumps(value, default=str, ensure_ascii=False)
        return found.encode("utf-8", "replace").decode()


class _Formatter(logging.Formatter):
    """What both forms of a line have in common."""

    @staticmethod
    def _fields(record: logging.LogRecord) -> dict[str, Any]:
        return {k: redacted(k, v) for k, v in vars(record).items() if k not in _PLAIN}

    @staticmethod
    def _error(record: logging.LogRecord) -> dict[str, Any]:
        """Return an exception by its type and where it happened."""
        kind, error, _ = record.exc_info or (None, None, None)
        if kind is None:
            return {}
        stack = cleaned("".join(traceback.format_exception(error)))
        code = getattr(error, "code", "internal")
        return {"error": {"type": kind.__name__, "code": str(code)}, "stack_trace": stack}


class JsonFormatter(_Formatter):
    """One JSON object a line, with the field names of Cloud Logging's agent."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        fields = {**self._fields(record), **self._error(record)}
        moment = datetime.fromtimestamp(record.created, UTC)
        head = (moment.isoformat(), record.levelname, cleaned(record.getMessage()), record.name)
        return _written(self.line(head, fields))

    @classmethod
    def line(
        cls, head: tuple[datetime | str, str, str, str], fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what one line says.

        Args:
            head: Time, severity, message and logger.
            fields: As they may be logged.
        """
        found = settings()
        return {
            "timestamp": head[0],
            "severity": head[1],
            "message": head[2],
            "logger": head[3],
            "service": found.service,
            "version": found.revision,
            **cls._place(found.project),
            **fields,
        }

    @staticmethod
    def _place(project: str) -> dict[str, Any]:
        """Return what a line belongs to: request, user and trace."""
        place: dict[str, Any] = {}
        if request := request_id.get():
            place["request_id"] = request
        if user := user_id_hash.get():
            place["user_id_hash"] = user
        context = trace.current.get()
        if context is None:
            return place
        place["trace_id"] = context.trace_id
        place["span_id"] = place["logging.googleapis.com/spanId"] = context.span_id
        place["logging.googleapis.com/trace_sampled"] = context.sampled
        if project:
            place["logging.googleapis.com/trace"] = f"projects/{project}/traces/{context.trace_id}"
        return place


class PrettyFormatter(_Formatter):
    """One line for eyes: time, severity, message, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and below it the trace of an exception."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        fields = [f"{name}={_short(value)}" for name, value in self._fields(record).items()]
        if request_id.get():
            fields.append(f"request_id={request_id.get()}")
        error = self._error(record)
        said = f"{at} {record.levelname:<7} {cleaned(record.getMessage())}"
        line = " ".join([said, *fields])
        return f"{line}\n{error['stack_trace'].rstrip()}" if error else line


def _short(value: Any) -> str:  # noqa: ANN401 - whatever was logged
    return value if isinstance(value, str) else _written(value)


def request_done(
    http: Mapping[str, Any], *, latency_ms: float, extra: Mapping[str, Any] | None = None
) -> None:
    """Log the one line of a request.

    Args:
        http: ``method``, ``route`` (a template), ``status``.
        latency_ms: Until the answer was ready.
        extra: What else there is to say, like ``cache``.
    """
    fields = {"http": http, "latency_ms": round(latency_ms, 2), **(extra or {})}
    outlet = _straight()
    if outlet is None or not _wrote(outlet, fields):
        _REQUESTS.info("request.done", extra=fields)


_REQUESTS = logging.getLogger("shared.request")
_CLOCK = SystemClock()
_ABOVE = (_REQUESTS, logging.getLogger("shared"), logging.getLogger())
_outlet: list[logging.StreamHandler[TextIO]] = []
"""The handler that `set_up_logging` made, where it writes JSON."""


def _straight() -> BinaryIO | None:
    """Return where the line of a request may go without a record being made for it.

    Half of what the way through `logging` costs, 50 us, is for handlers and filters that somebody
    might have put there; None where somebody has, and where such lines are not wanted.
    """
    if not (_outlet and _REQUESTS.isEnabledFor(logging.INFO)):
        return None
    whole, (requests, shared, root) = _outlet[0], _ABOVE
    if root.handlers != _outlet or whole.filters or whole.level > logging.INFO:
        return None
    if requests.filters or requests.handlers or shared.handlers:
        return None
    if not (requests.propagate and shared.propagate):
        return None
    return getattr(whole.stream, "buffer", None)


def _wrote(outlet: BinaryIO, fields: Mapping[str, Any]) -> bool:
    """Write the line of a request; False where it could not be written."""
    clean = {name: _clean(name, value) for name, value in fields.items()}
    line = JsonFormatter.line((_CLOCK.now(), "INFO", "request.done", _REQUESTS.name), clean)
    try:
        with _outlet[0].lock or nullcontext():
            outlet.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            outlet.flush()
    except (OSError, ValueError, TypeError):
        return False  # the handler says what it does about it
    return True


def _clean(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever is said of a request
    """Return a field as `redacted` does; texts of requests are of few values and known by heart."""
    if isinstance(value, str):
        return _clean_text(name, value)
    if name == "latency_ms":
        return value
    if name == "http":
        return {key: _clean_text(key, inner) for key, inner in value.items()}
    return redacted(name, value)


_clean_text = lru_cache(1024)(redacted)


@cache
def set_up_logging() -> None:
    """Send every log line of this process to standard output, in the form that is set."""
    found = settings()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(PrettyFormatter() if found.log_format == "pretty" else JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    _outlet[:] = [] if found.log_format == "pretty" else [handler]
    root.setLevel(found.log_level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name, level in levels(found.log_levels):
        logging.getLogger(name).setLevel(level)


def levels(given: str) -> Iterable[tuple[str, str]]:
    """Return the pairs of ``logger=LEVEL,logger=LEVEL``, shortest name first."""
    pairs = [pair.strip().partition("=") for pair in given.split(",") if pair.strip()]
    return sorted(((name, level) for name, _, level in pairs), key=lambda pair: len(pair[0]))
