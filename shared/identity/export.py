"""A copy of what is kept of a user: asked for once a day, built behind it (GDPR Art. 15, 20)."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.kernel.errors import ExhaustedError, InvalidInputError, NotFoundError
from shared.kernel.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TOPIC = "export.requested"
KEPT = timedelta(days=7)
"""How long a copy can be downloaded; spec/auth §3.2 allows thirty days."""
PAUSE = timedelta(days=1)
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first time that an archive can name: when a file was written tells nobody anything."""


class ExportLimitError(ExhaustedError):
    """A copy was asked for within a day."""

    code = "export-limit"


class ExportMissingError(NotFoundError):
    """There is no copy, or none any more."""

    code = "export-missing"


def asked(export_id: UUID, user_id: str, now: datetime) -> Event:
    """Return the event that has a copy built."""
    return Event(
        event_id=export_id,
        event_type=TOPIC,
        occurred_at=now,
        correlation_id=str(export_id),
        data={"export_id": str(export_id), "user_id": user_id},
    )


def export_of(event: Event) -> UUID:
    """Return which copy an event asks for.

    Raises:
        InvalidInputError: None.
    """
    try:
        return UUID(event.data["export_id"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise InvalidInputError("the event asks for no copy") from None


def place(export_id: str) -> str:
    """Return the place that a copy is sealed for."""
    return f"export:{export_id}"


def archived(parts: Mapping[str, Any]) -> bytes:
    """Return a ZIP archive with one JSON file for each part; equal parts give equal bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):
            written = orjson.dumps(parts[name], option=orjson.OPT_INDENT_2, default=str)
            archive.writestr(zipfile.ZipInfo(f"{name}.json", _BEGINNING), written)
    return whole.getvalue()
