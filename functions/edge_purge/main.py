"""Titles came, changed, became one or play elsewhere → kept answers about them go."""

import logging

from shared.adapters import probes
from shared.adapters.redis.cache import purge_tags
from shared.gateway.purging import tags_of_event
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events

logger = logging.getLogger(__name__)


@events.consumer(probes.redis, probes.database)
def handle(event: Event) -> None:
    """Forget every answer that depends on the event's titles; repeating it changes nothing."""
    tags = tags_of_event(event)
    gone = purge_tags(tags, SystemClock())
    logger.info("cache.purged", extra={"titles": len(tags), "entries": gone})
