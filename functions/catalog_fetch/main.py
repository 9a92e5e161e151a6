"""Job: bring a provider's catalog, its changes, or a file in as raw pages."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from shared.adapters import connect
from shared.adapters.providers.fetching import Fetcher
from shared.adapters.providers.file_source import run_of
from shared.adapters.providers.guarding import own_breakers, shared_breakers
from shared.adapters.providers.mapping_file import read_mapping
from shared.adapters.providers.places import all_places
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.secrets import secret
from shared.catalog.fetch import KINDS, Fetch, Kind, plan
from shared.catalog.item import Region
from shared.catalog.quota import limits
from shared.catalog.texts import country
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import jobs

clock = SystemClock()


@cache
def fetcher() -> Fetcher:
    """Return this process's fetcher."""
    at = connect.addresses()
    return Fetcher(
        connect.engine(),
        PubSubPublisher(),
        at.raw_dir,
        clock,
        all_places(at, secret),
        limits(at.provider_plans),
        (shared_breakers if at.redis_url else own_breakers)(clock, KINDS),
    )


class Options(BaseModel):
    """What to fetch; a `run_id` given again goes on, `since` re-reads, `anew` uses nothing kept."""

    model_config = ConfigDict(extra="forbid")

    provider: str = "streaming_availability"
    platform: str = Field(default="", pattern="^([a-z][a-z0-9_]{1,39})?$")
    region: Annotated[Region, BeforeValidator(lambda code: country(code) or code)] = "US"
    preset: str = ""
    mapping: Path | None = None
    path: Path | None = None
    kind: Kind = "catalog"
    since: Annotated[AwareDatetime | None, BeforeValidator(lambda said: said or None)] = None
    anew: bool = False
    run_id: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,99})?$")


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Fetch until the source has no more, and say how much came, or why nothing may come now."""
    given = options.model_dump(exclude={"mapping", "path", "run_id"})
    again = options.model_dump_json(exclude={"path", "run_id", "anew"})
    run_id = options.run_id or (
        run_of(options.path, again) if options.path else str(TimeOrderedIds(clock).new())
    )
    mapping = read_mapping(options.mapping) if options.mapping else None
    fetch = plan(Fetch(run_id, mapping=mapping, **given), from_file=options.path is not None)
    done = fetcher().attempt(fetch, path=options.path)
    return {"run_id": run_id, "platform": fetch.platform, **done}
