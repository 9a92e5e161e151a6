"""Job: ask YouTube's hub for the topics that we want, each hour for those that are due."""

import logging
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import connect
from shared.adapters.providers.websub import HUB, WebSubHub
from shared.adapters.secrets import secret
from shared.adapters.sql.webhooks.hub import due
from shared.adapters.sql.webhooks.intake import SqlSources
from shared.catalog.webhooks.registration import HUB_PLATFORM
from shared.kernel.clock import SystemClock
from shared.runtime import jobs
from shared.runtime.settings import settings

logger = logging.getLogger(__name__)
clock = SystemClock()
CALLBACK = f"/api/v1/webhooks/{HUB_PLATFORM}"


class Options(BaseModel):
    """Which hub."""

    model_config = ConfigDict(extra="forbid")

    hub: str = Field(default=HUB, pattern="^https?://")


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, int]:
    """Ask for each topic that is due; the hub confirms it to `webhook_youtube`."""
    topics = due(connect.engine(), clock.now())
    source = SqlSources(connect.engine()).find(HUB_PLATFORM)
    if not topics or source is None:
        return {"due": 0}
    for late in (one.topic for one in topics if one.is_late):
        logger.warning("hub.lease_due", extra={"topic": late})
    callback = settings().issuer + CALLBACK
    with WebSubHub(options.hub, callback, secret(source.secret_refs[0])) as hub:
        hub.subscribe_all(one.topic for one in topics)
    return {"due": len(topics)}
