"""Job: tell which titles leave soon; the workflow ``expiry`` runs it once an hour."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.outbox import publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.expiry.notices import SqlExpiry
from shared.catalog.expiry import USUAL_WINDOWS, windows
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

clock = SystemClock()


def _acceptable(days: list[int]) -> list[int]:
    windows(days)
    return days


class Options(BaseModel):
    """When it is told: `window` days before the end, as often as given, 7, 3 and 1 by default."""

    model_config = ConfigDict(extra="forbid")

    window: Annotated[list[int], AfterValidator(_acceptable)] = list(USUAL_WINDOWS)


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, int]:
    """Give what notices are due, each with its event, and forget those of long ago."""
    expiry, publisher, given = SqlExpiry(clock=clock), PubSubPublisher(), 0
    for rows in expiry.notify(windows(options.window)):
        publish_pending(connect.engine(), publisher, rows)
        given += len(rows)
    return {"notices": given, "forgotten": expiry.purge()}
