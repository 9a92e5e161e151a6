"""webhook.received → offers that end, or a title that is looked up; on schedule, tidying."""

from functools import cache, partial

from shared.adapters import connect, probes
from shared.adapters.providers.notified import NotifiedShows
from shared.adapters.providers.sources import Place
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.raw_pages import RawFolder
from shared.adapters.secrets import secret
from shared.adapters.sql.webhooks.worker import Worker
from shared.catalog.quota import limits
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events

clock = SystemClock()


@cache
def worker() -> Worker:
    """Return this process's worker."""
    at, engine, publisher = connect.addresses(), connect.engine(), PubSubPublisher()
    raw = RawFolder(at.raw_dir)
    key = partial(secret, at.provider_key)
    place = Place(at.provider_url, key, at.provider_key) if at.provider_key else None
    lookup = NotifiedShows(engine, publisher, raw, clock, place, limits(at.provider_plans))
    return Worker(engine, publisher, raw, clock, lookup)


@events.consumer(probes.database, probes.pubsub)
def handle(event: Event) -> None:
    """Process one notice; on schedule, forget old ones and tell once more of those that wait."""
    if event.event_type == events.TICK:
        worker().tidy()
    else:
        worker().process(event)
