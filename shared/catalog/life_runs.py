"""What administrators are told of ingestion: runs and quotas, as the API documents it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.pages import CursorQuery


class RunState(StrEnum):
    """How far a run has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RunsQuery(CursorQuery):
    """Which runs, the newest first."""

    kind: str | None = Field(default=None, pattern=r"^[a-z]{1,40}$")


class RunOnly(BaseModel):
    """Which run."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")


class NothingAsked(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(extra="forbid")


class Run(BaseModel):
    """One run; ``read == stored + set_aside + pending``.

    Attributes:
        status: ``failed`` where a part could not be fetched whole, though the rest is in.
        fetched_at: When the last part was in, None before.
        parts: Of how many platforms and regions it brings the catalog or its changes.
        read: Records in its pages.
        stored: Records that became, or joined, a title.
        set_aside: Records that could not be taken in.
    """

    model_config = ConfigDict(extra="forbid")

    run_id: str
    kind: str
    status: RunState
    providers: list[str]
    started_at: datetime
    fetched_at: datetime | None
    parts: int
    parts_fetched: int
    parts_failed: int
    pages: int
    read: int
    normalized: int
    stored: int
    set_aside: int
    pending: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the run that a row says."""
        return cls.model_validate({**row, "status": state(row)})


def state(run: Mapping[str, Any]) -> RunState:
    """Return how far a run has come, of its parts and records."""
    if run["parts_fetched"] < run["parts"] or run["pending"] > 0:
        return RunState.RUNNING
    return RunState.FAILED if run["parts_failed"] else RunState.DONE


class RunPart(BaseModel):
    """One platform and region of a run.

    Attributes:
        error: Why the rest of it did not come, None where it did.
        watermark: Up to when its feed has been read whole.
        last_full_at: When its catalog was last compared with a full run.
    """

    model_config = ConfigDict(extra="forbid")

    provider: str
    platform: str
    region: str
    started_at: datetime
    fetched_at: datetime | None
    error: str | None
    watermark: datetime | None
    last_full_at: datetime | None


class RunError(BaseModel):
    """A record that was set aside, with where it lies."""

    model_config = ConfigDict(extra="forbid")

    stage: str
    raw_uri: str
    field: str
    error: str
    created_at: datetime


class RunDetails(Run):
    """One run with its parts, and the latest of the records that were set aside."""

    by_part: list[RunPart]
    errors: list[RunError]


class Quota(BaseModel):
    """What one key of a provider may be used for, in the provider's units.

    Attributes:
        key_ref: Reference of the key, never the key.
        period: ``day`` or ``month`` of the provider's own calendar.
        resets_at: When the period ends, None where none has begun.
        share: Of the limit that is used, 0 to 1 and above.
    """

    model_config = ConfigDict(extra="forbid")

    provider: str
    key_ref: str
    period: str
    used: int
    limit: int
    share: float
    period_start: datetime | None
    resets_at: datetime | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the quota that a row says."""
        used, limit = row["used"], row["allowed"]
        share = used / limit if limit else float(bool(used))
        said = {name: value for name, value in row.items() if name != "allowed"}
        return cls.model_validate({**said, "limit": limit, "share": round(share, 4)})


class Quotas(BaseModel):
    """Every provider's keys."""

    model_config = ConfigDict(extra="forbid")

    items: list[Quota]
