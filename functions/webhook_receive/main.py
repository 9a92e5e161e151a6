"""POST /api/v1/webhooks/{platform}: signature first, then everything else."""

from functools import cache

from shared.adapters import probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.secrets import secret
from shared.adapters.sql.webhooks.intake import sql_receiver
from shared.catalog.webhooks.answers import WebhookTaken
from shared.catalog.webhooks.receiving import Receiver
from shared.catalog.webhooks.registration import Whose
from shared.catalog.webhooks.signing import SIGNED
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.webhook_tally import CountedTally

clock = SystemClock()


@cache
def receiver() -> Receiver:
    """Return this process's receiver."""
    return sql_receiver(PubSubPublisher(), secret, clock, CountedTally)


@http.describes(query=Whose, answer=WebhookTaken, headers=SIGNED)
def receive_webhook(request: http.Request) -> http.Reply:
    """Take one notice of a platform; the same one again is a duplicate."""
    platform = request.query(Whose).platform
    taken = receiver().receive(platform, request.headers, request.body)
    return http.reply(taken, headers={"cache-control": "no-store"})


handle = http.resource(__file__, receive_webhook, probes=[probes.database, probes.pubsub])
