"""Each minute: tell the gateway again which limits were changed, in case Redis has forgotten."""

from shared.adapters import probes
from shared.adapters.redis.limit_changes import tell
from shared.adapters.sql.limits.changes import SqlLimitChanges
from shared.kernel.events import Event
from shared.runtime import events


@events.consumer(probes.database, probes.redis)
def handle(_tick: Event) -> None:
    """Write the copy; again, it is the same."""
    SqlLimitChanges(tell).tell_again()
