"""Structured logs in the form Cloud Logging parses from standard output.

An event is past tense with fields (``logger.info("title.merged", extra={"title": id})``). Nothing
personal is ever a field.
"""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from shared.runtime.settings import settings

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request or event this thread works for; part of every line."""

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "service": settings().service,
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {k: v for k, v in vars(record).items() if k not in _PLAIN}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


@cache
def set_up_logging() -> None:
    """Send every log line of this process to standard output, as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings().log_level)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
