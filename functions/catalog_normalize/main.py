"""catalog.fetched → canonical items, set-aside records → title.normalized."""

from functools import cache

from shared.adapters import connect, probes
from shared.adapters.providers.normalizing import Normalizer
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.raw_pages import RawFolder
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events


@cache
def normalizer() -> Normalizer:
    """Return this process's normalizer."""
    raw = RawFolder(connect.addresses().raw_dir)
    return Normalizer(connect.engine(), PubSubPublisher(), raw, SystemClock())


@events.consumer(probes.database, probes.pubsub)
def handle(event: Event) -> None:
    """Normalize one page; what was normalized already stays as it is."""
    normalizer().normalize(event)
