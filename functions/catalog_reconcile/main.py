"""Job: end the offers that a full run did not see; the workflow ``reconcile`` runs it."""

import logging
from collections.abc import Mapping
from fractions import Fraction
from time import monotonic, sleep
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.adapters import connect
from shared.adapters.outbox import publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.expiry.reconcile import Reconciled, Scope, reconcile
from shared.catalog.item import Region
from shared.catalog.lifecycle_reconcile import MassDisappearanceError, RunUnfinishedError
from shared.catalog.texts import country
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

logger = logging.getLogger(__name__)
clock = SystemClock()
LOOK_EVERY_SECONDS = 10


class Options(BaseModel):
    """Which run; it may be waited for while its pages are still being stored."""

    model_config = ConfigDict(extra="forbid")

    run_id: str = Field(min_length=1, max_length=100)
    provider: str = "streaming_availability"
    platform: str = Field(pattern="^[a-z][a-z0-9_]{1,39}$")
    region: Annotated[Region, BeforeValidator(lambda code: country(code) or code)]
    most_percent: int = Field(default=20, ge=0, le=100)
    wait_seconds: int = Field(default=0, ge=0, le=840)


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, int]:
    """Compare, and end what is gone: all of it, or nothing where that would be too much."""
    try:
        done = _when_whole(options, monotonic() + options.wait_seconds)
    except MassDisappearanceError as error:
        logger.error("reconcile.refused", extra={"detail": error.message})  # noqa: TRY400 - an alert
        raise
    publish_pending(connect.engine(), PubSubPublisher(), done.outbox)
    return {"live": done.live, "ended": done.ended}


def _when_whole(options: Options, until: float) -> Reconciled:
    scope = Scope(options.run_id, options.provider, options.platform, options.region)
    while True:
        try:
            return reconcile(scope, most=Fraction(options.most_percent, 100), clock=clock)
        except RunUnfinishedError:
            if monotonic() + LOOK_EVERY_SECONDS > until:
                raise
            sleep(LOOK_EVERY_SECONDS)
