"""Job: fill a new product with the catalog of three countries, ten viewers and applications."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import connect
from shared.adapters.password_hashing import Argon2Hasher
from shared.adapters.providers import sample_users
from shared.adapters.providers.fetching import Fetcher
from shared.adapters.providers.sources import Place
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.secrets import secret
from shared.adapters.sql.identity import clients
from shared.catalog.fetch import Fetch
from shared.catalog.item import Region
from shared.catalog.quota import limits
from shared.catalog.raw import ALL_PLATFORMS
from shared.catalog.streaming_availability import PROVIDER
from shared.identity.own_clients import SECRET, own_clients
from shared.kernel.clock import SystemClock
from shared.runtime import jobs
from shared.runtime.settings import settings


class Options(BaseModel):
    """What to fill in. The same `run_id` again brings in what is missing and changes nothing."""

    model_config = ConfigDict(extra="forbid")

    regions: tuple[Region, ...] = ("US", "GB", "DE")
    run_id: str = Field(default="seed", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Fetch every platform's catalog, one walk per country, and add the viewers."""
    at = connect.addresses()
    fetcher = Fetcher(
        connect.engine(),
        PubSubPublisher(),
        at.raw_dir,
        SystemClock(),
        {PROVIDER: Place(at.provider_url, partial(secret, at.provider_key), at.provider_key)},
        limits(at.provider_plans),
    )
    fetches = [Fetch(options.run_id, PROVIDER, ALL_PLATFORMS, r) for r in options.regions]
    done = {fetch.region: fetcher.fetch(fetch) for fetch in fetches}
    users, new_users = sample_users.add_sample_users(connect.engine())
    if settings().environment == "local":
        known = _secret(sample_users.SECRET)
        sample_users.let_in(connect.engine(), known, Argon2Hasher())
    clients.register(connect.engine(), own_clients(_secret(SECRET)), now=SystemClock().now())
    return {
        "run_id": options.run_id,
        "pages": sum(found.pages for found in done.values()),
        "new_pages": sum(found.new_pages for found in done.values()),
        "listings": {region: found.read for region, found in done.items()},
        "users": users,
        "new_users": new_users,
    }


def _secret(name: str) -> str:
    return secret(f"projects/{connect.addresses().project}/secrets/{name}/versions/latest")
