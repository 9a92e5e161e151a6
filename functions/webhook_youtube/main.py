"""GET and POST /api/v1/webhooks/youtube: the subscriber's side of WebSub."""

import logging
from functools import cache

from shared.adapters import connect, probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.secrets import secret
from shared.adapters.sql.webhooks import hub
from shared.adapters.sql.webhooks.intake import sql_receiver
from shared.catalog.webhooks.hub import HUB_SIGNED, Challenge, receive_feed
from shared.catalog.webhooks.receiving import Receiver
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.webhook_tally import CountedTally

logger = logging.getLogger(__name__)
clock = SystemClock()
PLAIN = "text/plain"


@cache
def receiver() -> Receiver:
    """Return this process's receiver."""
    return sql_receiver(PubSubPublisher(), secret, clock, CountedTally)


@http.describes(query=Challenge, media_type=PLAIN)
def confirm_youtube(request: http.Request) -> http.Reply:
    """Tell the hub that we want a topic, by the word that it gave."""
    asked = request.query(Challenge)
    said = hub.answer(connect.engine(), asked, clock.now())
    logger.info("hub.asked", extra={"mode": asked.mode, "topic": asked.topic})
    return http.Reply(said.encode(), headers={"cache-control": "no-store"}, media_type=PLAIN)


@http.describes(status=204, media_type="", headers=HUB_SIGNED)
def receive_youtube(request: http.Request) -> http.Reply:
    """Take a feed of the hub, each entry once."""
    taken = receive_feed(receiver(), request.headers, request.body)
    logger.info("hub.pushed", extra={"entries": len(taken)})
    return http.Reply(status=204, media_type="")


handle = http.resource(
    __file__, confirm_youtube, receive_youtube, probes=[probes.database, probes.pubsub]
)
