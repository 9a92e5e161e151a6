"""``user.deleted`` → the webhooks of the account are forgotten, with what waits for them."""

import logging

from shared.adapters import connect, probes
from shared.adapters.sql.webhooks import outbound
from shared.kernel.errors import InvalidInputError
from shared.kernel.events import Event
from shared.runtime import events

logger = logging.getLogger(__name__)


@events.consumer(probes.database)
def handle(event: Event) -> None:
    """Forget them; again, there are none."""
    owner = str(event.data.get("user_id", ""))
    if not owner:
        raise InvalidInputError("the event names no user")
    logger.info("webhooks.forgotten", extra={"number": outbound.forget(connect.engine(), owner)})
