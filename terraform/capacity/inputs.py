"""What the model of capacity reads: traffic.toml and prices.toml, checked."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FOLDER = Path(__file__).parent

Part = Literal["search", "recommend", "playback", "auth", "sync"]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]
Above = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class CapacityError(Exception):
    """An input cannot be used; the message names the file and every key."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


_T = TypeVar("_T", bound=_Table)


class Load(_Table):
    """How often a viewer asks, and how much of it comes at once."""

    daily_active_share: Share
    requests_per_active_day: Amount
    peak_to_mean: Annotated[float, Field(ge=1)]
    utilization: Annotated[float, Field(gt=0, le=1)]
    cache_hit_share: Share
    cpus: Above
    threads_per_cpu: Count


class Planned(_Table):
    """What a function's manifest would say, where there is none yet."""

    memory: Annotated[str, Field(pattern=r"^\d+(?:Mi|Gi)$")]
    concurrency: Count
    min: Annotated[int, Field(ge=0)]
    max: Count
    sql: bool


class Function(_Table):
    """One function that viewers reach; units as in traffic.toml."""

    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    share: Share = 1.0
    latency_ms: Above
    statements: Amount = 0
    vector_queries: Amount = 0
    cached: bool = True
    waits: bool = False
    planned: Planned | None = None


class Catalog(_Table):
    """How much there is to ingest."""

    titles: Count
    page: Count
    passes_per_day: Amount
    window_hours: Annotated[float, Field(gt=0, le=24)]
    dimension: Count

    @property
    def pages_per_day(self) -> float:
        """Pages of raw records in a day."""
        return self.titles / self.page * self.passes_per_day


class Topic(_Table):
    """Messages of one topic: by page of a pass, or by request of a part."""

    bytes: Count
    per_page: Amount = 0
    part: Part | None = None
    per_request: Amount = 0
    subscriptions: Annotated[int, Field(ge=0)] | None = None


class Firestore(_Table):
    """Documents that a request writes, and who reads them."""

    writes_per_sync: Amount
    writes_per_playback: Amount
    listening_devices: Amount
    kib_per_user: Amount
    seconds_between_progress: Above


class Sql(_Table):
    """Work and room of the database."""

    cpu_ms_per_statement: Amount
    step_cpu_share: Share
    base_gb: Amount
    kib_per_user: Amount
    backup_copies: Amount
    tiers: Annotated[tuple[tuple[Count, Above], ...], Field(min_length=1)]


class Redis(_Table):
    """Room of the cache."""

    base_gb: Amount
    kib_per_active_user: Amount
    sizes_gb: Annotated[tuple[Count, ...], Field(min_length=1)]


class Vectors(_Table):
    """Size of a vector, and what a node takes."""

    bytes_per_number: Count
    overhead: Annotated[float, Field(ge=1)]
    node_gb: Above
    node_qps: Above


class Edge(_Table):
    """What passes the load balancer."""

    request_kib: Amount
    response_kib: Amount
    policies: Amount
    rules: Amount


class Observability(_Table):
    """What is written down about a request and an instance."""

    log_bytes_per_request: Amount
    trace_share: Share
    spans_per_request: Amount
    series_per_instance: Amount
    samples_per_minute: Amount


class Storage(_Table):
    """Room in buckets."""

    base_gb: Amount
    kib_per_user: Amount


class Shipped(_Table):
    """What stands before anyone has come."""

    pool: Count
    max_connections: Count
    connection_share: Annotated[float, Field(gt=0, le=1)]
    sql_vcpus: Count
    sql_gb: Above
    sql_most_gb: Above
    sql_replicas: tuple[Above, ...]
    redis_gb: Count
    redis_nodes: Count
    vector_nodes: Count
    vector_most_nodes: Count


class Limits(_Table):
    """What the platform allows without asking."""

    run_vcpus: Above
    pubsub_mb_per_second: Above
    firestore_document_writes: Above
    firestore_collection_writes: Above


class Budget(_Table):
    """Most that so many viewers may cost in a month."""

    users: Count
    usd: Above


class Traffic(_Table):
    """traffic.toml."""

    load: Load
    mix: dict[Part, Share]
    functions: dict[str, Function]
    steps: dict[str, Above]
    catalog: Catalog
    topics: dict[str, Topic]
    firestore: Firestore
    sql: Sql
    redis: Redis
    vectors: Vectors
    edge: Edge
    observability: Observability
    storage: Storage
    shipped: Shipped
    limits: Limits
    budget: Budget

    @model_validator(mode="after")
    def _has_a_default_step(self) -> "Traffic":
        if "default" not in self.steps:
            raise ValueError("steps.default is not there")
        return self

    @model_validator(mode="after")
    def _adds_up(self) -> "Traffic":
        total = sum(self.mix.values())
        if abs(total - 1) > 1e-9:  # noqa: PLR2004 - nothing but rounding
            raise ValueError(f"mix adds up to {total:g}, not 1")
        return self


class Price(_Table):
    """What one unit costs; `free` units of a month cost nothing."""

    usd: Amount
    unit: str
    source: str
    looked_up: date | None = None
    free: Amount = 0

    def of(self, amount: float) -> float:
        """Return what `amount` units of a month cost."""
        return max(0.0, amount - self.free) * self.usd


class Prices(_Table):
    """prices.toml."""

    region: str
    dated: date
    prices: dict[str, Price]

    def of(self, name: str, amount: float) -> float:
        """Return what `amount` units of a month cost.

        Raises:
            CapacityError: There is no such price.
        """
        if name not in self.prices:
            raise CapacityError(f"prices.toml: prices.{name}: is not there")
        return self.prices[name].of(amount)


def read_traffic(file: Path = FOLDER / "traffic.toml") -> Traffic:
    """Return traffic, sizes and limits.

    Raises:
        CapacityError: Naming the file and every key that is not acceptable.
    """
    return _read(file, Traffic)


def read_prices(file: Path = FOLDER / "prices.toml") -> Prices:
    """Return list prices.

    Raises:
        CapacityError: Naming the file and every key that is not acceptable.
    """
    return _read(file, Prices)


def _read(file: Path, kind: type[_T]) -> _T:
    try:
        return kind.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        issues = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise CapacityError(f"{file.name}: " + "; ".join(issues)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CapacityError(f"{file.name}: {error}") from None
