"""Runs of ingestion that a person starts: which workflow serves them, and when one is the same."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.catalog.item import Region
from shared.catalog.life_create import KnownPlatform
from shared.kernel.errors import ConflictError, FieldIssue, InvalidInputError


class RunKind(StrEnum):
    """What a run brings up to date."""

    CATALOG = "catalog"
    AVAILABILITY = "availability"
    ENRICHMENT = "enrichment"
    QUALITY = "quality"
    TRENDING = "trending"


class RunWanted(BaseModel):
    """A run to start; a feed goes on where it was last read whole.

    Attributes:
        platforms: Those of the workflow where none is named.
        regions: Likewise.
        full: The whole catalog, and not only what changed in it; every title is asked for anew.
        since: From when on feeds are read again, as far back as the provider tells.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "availability", "platforms": ["netflix"], "regions": ["US"]}]
        },
    )

    kind: RunKind
    platforms: Annotated[list[KnownPlatform], Field(max_length=50)] = []
    regions: Annotated[list[Region], Field(max_length=60)] = []
    full: bool = False
    since: AwareDatetime | None = None


class RunStarted(BaseModel):
    """The run as `GET /api/v1/admin/ingestion/runs/{id}` knows it, once its first part is begun."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    run_id: str


class RunActiveError(ConflictError):
    """A run of the same kind brings one of the same parts up to date right now."""

    code = "run-active"

    def __init__(self, run: str) -> None:
        super().__init__(f"{run} brings some of it up to date right now")


@dataclass(frozen=True)
class Serving:
    """What serves a kind of run.

    Attributes:
        workflow: Its name.
        prefix: What its runs' ids begin with, before the execution's.
        family: Kinds of fetches that runs of the same kind make.
        usual: What it fetches where it is not told.
        kind: What it is told to fetch, where it has to be.
        anew: Providers' answers that are still kept are not used again.
        parted: It can be told of which platforms.
        placed: It can be told of which regions.
    """

    workflow: str
    prefix: str
    family: frozenset[str]
    usual: str
    kind: str | None = None
    anew: bool = False
    parted: bool = True
    placed: bool = True


FEEDS = frozenset({"availability", "changes"})
"""Kinds of fetches that can begin at a moment, as `shared.catalog.fetch` has them."""
_CATALOG = frozenset({"catalog", "changes"})
SERVED: Mapping[tuple[RunKind, bool], Serving] = {
    (RunKind.CATALOG, False): Serving(
        "catalog-refresh", "refresh-", _CATALOG, kind="changes", usual="changes"
    ),
    (RunKind.CATALOG, True): Serving(
        "catalog-refresh", "refresh-", _CATALOG, kind="catalog", anew=True, usual="changes"
    ),
    (RunKind.AVAILABILITY, False): Serving(
        "availability-refresh", "availability-", frozenset({"availability"}), usual="availability"
    ),
    (RunKind.ENRICHMENT, False): Serving(
        "enrichment", "enrichment-", frozenset({"enrichment"}), usual="enrichment", parted=False
    ),
    (RunKind.TRENDING, False): Serving(
        "trending", "trending-", frozenset({"trending"}), usual="trending", parted=False
    ),
    (RunKind.QUALITY, False): Serving(
        "quality", "quality-", frozenset({"quality"}), usual="quality", parted=False, placed=False
    ),
}
"""By kind, and whether everything is wanted."""


@dataclass(frozen=True)
class RunPlan:
    """How a run is started."""

    serving: Serving
    platforms: tuple[str, ...]
    regions: tuple[str, ...]
    since: datetime | None = None

    @property
    def argument(self) -> dict[str, Any]:
        """What its workflow is given; what nobody named is the workflow's to choose."""
        named = {"platforms": list(self.platforms), "regions": list(self.regions)}
        since = self.since and self.since.astimezone(UTC).isoformat()
        said = {"kind": self.serving.kind, **named, "since": since, "anew": self.serving.anew}
        return {name: value for name, value in said.items() if value}

    def run_id(self, execution: str) -> str:
        """Return the id of the run that an execution is."""
        return f"{self.serving.prefix}{execution}"

    def is_met_by(self, argument: Mapping[str, Any]) -> bool:
        """Tell whether an execution with that argument brings a part of the same up to date."""
        if argument.get("kind", self.serving.usual) not in self.serving.family:
            return False
        return _meet(self.platforms, argument.get("platforms") or ()) and _meet(
            self.regions, argument.get("regions") or ()
        )


def _meet(left: Collection[str], right: Collection[str]) -> bool:
    """Tell whether two choices have something in common; none named may be any."""
    return not left or not right or not set(left).isdisjoint(right)


def plan_run(asked: RunWanted, now: datetime) -> RunPlan:
    """Return how a run is started.

    Raises:
        InvalidInputError: A run of the kind is never full, is of every platform or region, or reads
            no feed; or ``since`` is still to come.
    """
    serving = SERVED.get((asked.kind, asked.full))
    if serving is None:
        raise _unfit("full", f"a run of kind {asked.kind} is never full")
    if asked.platforms and not serving.parted:
        raise _unfit("platforms", f"a run of kind {asked.kind} is of every platform")
    if asked.regions and not serving.placed:
        raise _unfit("regions", f"a run of kind {asked.kind} is of every region")
    if asked.since and (serving.kind or serving.usual) not in FEEDS:
        raise _unfit("since", f"such a run of kind {asked.kind} reads no feed")
    if asked.since and asked.since > now:
        raise _unfit("since", f"{asked.since.isoformat()} is still to come")
    platforms, regions = (tuple(dict.fromkeys(names)) for names in (asked.platforms, asked.regions))
    return RunPlan(serving, platforms, regions, asked.since)


def _unfit(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, issues=[FieldIssue(field, "served", message)])
