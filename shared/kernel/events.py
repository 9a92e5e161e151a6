"""The one envelope in which every event travels (a CloudEvent, CloudEvents 1.0 §3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1


class Event(BaseModel):
    """Something that happened.

    Attributes:
        event_id: Same id, same event: a consumer that has seen it does nothing.
        event_type: Topic it travels on, dotted, past tense (``content.updated``).
        occurred_at: Aware, UTC.
        correlation_id: Shared by everything one cause led to.
        schema_version: Version of ``data``.
        subject: What it is about; also the ordering key. Empty where order means nothing.
        data: What there is to say, JSON values only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: UUID
    event_type: str = Field(pattern=r"^[a-z]+(?:[.-][a-z]+)*$")
    occurred_at: datetime
    correlation_id: str = Field(min_length=1, max_length=200)
    schema_version: int = SCHEMA_VERSION
    subject: str = Field(default="", max_length=1024)
    data: Mapping[str, Any]
