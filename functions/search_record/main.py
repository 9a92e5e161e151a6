"""A search was answered → one row of analytics, and a text that is nobody's in particular."""

from shared.adapters import probes
from shared.adapters.sql.analytics.events import SqlSearchEvents
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events, search_keys
from shared.search.analytics.published import search_of

clock = SystemClock()


@events.consumer(probes.database)
def handle(event: Event) -> None:
    """Keep the event's search; repeating it changes nothing."""
    search = search_of(event)
    if search.sealed_text:
        search_keys.sealer()  # read before the transaction: a secret may take seconds
    SqlSearchEvents(clock=clock).keep(search, search_keys.opened)
